/** `CARD.md`: what an examiner reads about a pack before relying on it. */
import type { ManifestDraft } from './install.ts';

const list = (items: readonly string[]): string =>
  items.length === 0 ? '- none\n' : items.map((item) => `- ${item}\n`).join('');

/** Text of the card; `facts` are lines about how the pack was made. */
export function packCard(draft: ManifestDraft, facts: readonly string[], unused: readonly string[]): string {
  const { source } = draft;
  const origin = [
    `Network: ${draft.architecture}`,
    `Weights: ${source.name}${source.url === '' ? '' : `, ${source.url}`}`,
    `Licence of the weights: ${draft.licence}`,
    ...(source.checkpointSha256 === undefined
      ? []
      : [`Checkpoint: ${source.checkpointName ?? 'file'}, SHA-256 ${source.checkpointSha256}`]),
    ...(source.checkpoints ?? []).map((file) => `Checkpoint ${file.role}: ${file.name}, SHA-256 ${file.sha256}`),
    ...(source.derivedFrom === undefined ? [] : [`Derived from: ${source.derivedFrom}`]),
  ];
  const claims = draft.published.map((claim) => `${claim.metric} ${claim.value} on ${claim.set} (${claim.reference})`);
  return [
    `# ${draft.name}`,
    '',
    `Pack ${draft.id}, version ${draft.version}. Task: ${draft.task}. Family: ${draft.family}.`,
    '',
    '## Origin',
    '',
    list(origin),
    '## How it was made',
    '',
    list(facts),
    '## Validation',
    '',
    'Not validated on this installation. The figures below are the authors’ claims.',
    '',
    list(claims),
    '## Limits',
    '',
    list(draft.envelope.notes ?? []),
    '## Keys of the checkpoint that the network does not use',
    '',
    list(unused),
  ].join('\n');
}
