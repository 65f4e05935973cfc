/** Summary, request and propositions, exhibits. */
import type { ReportAnalysis, ReportExhibit, ReportModel } from '../../../contract/report.ts';
import type { Stream } from '../../../contract/result.ts';
import { isolated, numberText, visible } from '../../figures/text.ts';
import { utcText } from '../../model/moment.ts';
import type { Block } from '../blocks.ts';
import type { Words } from '../words/en.ts';
import { body, filled, heading, notice, perExhibit, type Section, timeText } from './tools.ts';

/** What the methods of one analysis found, never a label alone. */
function findingText({ opinion }: ReportAnalysis, words: Words): string {
  if (opinion.score === null) return words.found.noScore;
  const numbers = words.scoreText(numberText(opinion.score), numberText(opinion.threshold ?? 0.5));
  return `${words.found[opinion.label]} (${numbers})`;
}

const supportText = ({ opinion }: ReportAnalysis, words: Words): string =>
  opinion.support
    ? `${opinion.support.words}${opinion.support.favours === 'neither' ? '' : `, ${opinion.support.favours.toUpperCase()}`}`
    : words.noRatio;

const opinionsText = ({ opinions }: ReportExhibit, words: Words): string =>
  opinions.length === 0 ? words.none : opinions.map(({ text }) => shortened(visible(text), 300)).join(' — ');

const shortened = (text: string, most: number): string => {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
};

export const summary: Section = (model, words) => {
  const w = words.summary;
  const rows = model.exhibits.flatMap((one) => {
    const name = `${visible(one.exhibit.itemNumber)}: ${isolated(shortened(one.exhibit.originalName, 80))}`;
    const last = one.analyses.at(-1);
    if (!last) return [[name, words.found.notAnalysed, '', opinionsText(one, words)]];
    return [[name, findingText(last, words), supportText(last, words), opinionsText(one, words)]];
  });
  return [
    body(w.intro),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.exhibit, share: 22, look: 'text' },
        { title: w.finding, share: 34, look: 'text' },
        { title: w.support, share: 20, look: 'text' },
        { title: w.opinion, share: 24, look: 'text' },
      ],
      rows,
    },
  ];
};

export const request: Section = (model, words) => {
  const w = words.request;
  const { matter, description } = model.case;
  return [
    {
      kind: 'fields',
      rows: filled([
        [w.matter, matter ?? words.notStated],
        [w.description, description ?? words.notStated],
      ]),
    },
    ...people(model, words),
    body(w.intro),
    ...perExhibit(model, words, ({ propositions }) => {
      const last = propositions.at(-1);
      if (!last) return [body(w.notFixed)];
      return [
        {
          kind: 'fields',
          rows: filled([
            [w.h1, last.h1],
            [w.h2, last.h2],
            [w.fixed, `${timeText(last.utc, model)} ${w.by} ${last.byExaminer}, ${w.before(last.analysesBefore)}`],
          ]),
        },
      ];
    }),
  ];
};

function people(model: ReportModel, words: Words): Block[] {
  const w = words.people;
  if (model.examiners.length === 0) return [heading(3, w.heading), body(w.none)];
  const rows = model.examiners.map((one) => [
    visible(one.name),
    w.roles[one.role],
    visible(one.qualification ?? words.notStated),
    visible(one.organisation ?? words.notStated),
    one.certificateSha256 ?? words.none,
  ]);
  return [
    heading(3, w.heading),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.name, share: 18, look: 'text' },
        { title: w.role, share: 17, look: 'text' },
        { title: w.qualification, share: 23, look: 'text' },
        { title: w.organisation, share: 18, look: 'text' },
        { title: w.certificate, share: 24, look: 'mono' },
      ],
      rows,
    },
  ];
}

function streamText(stream: Stream): string {
  const parts =
    stream.kind === 'image'
      ? [`${stream.width} × ${stream.height} px`, stream.bitDepth, `${stream.channels} channels`]
      : stream.kind === 'video'
        ? [
            `${stream.width} × ${stream.height} px`,
            stream.frameRate === null ? '' : `${numberText(stream.frameRate)} frames/s`,
            stream.pixelFormat ?? '',
          ]
        : [`${stream.sampleRate} Hz`, `${stream.channels} channels`];
  return [`${stream.kind} ${stream.codec}`, ...parts.filter((part) => part !== '')].join(', ');
}

export const exhibits: Section = (model, words) => {
  const w = words.ex;
  return [
    {
      kind: 'table',
      caption: w.overview,
      columns: [
        { title: w.item, share: 8, look: 'text' },
        { title: w.name, share: 28, look: 'text' },
        { title: w.bytes, share: 14, look: 'number' },
        { title: w.sha256, share: 50, look: 'mono' },
      ],
      rows: model.exhibits.map(({ exhibit: e }) => [
        visible(e.itemNumber),
        visible(e.originalName),
        String(e.bytes),
        e.sha256,
      ]),
    },
    ...perExhibit(model, words, (one) => exhibitBlocks(one, model, words)),
  ];
};

function exhibitBlocks(one: ReportExhibit, model: ReportModel, words: Words): Block[] {
  const w = words.ex;
  const { exhibit: e, verification } = one;
  const join = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(', ');
  const collected = [e.collectedBy, e.collectedUtc === null ? null : timeText(e.collectedUtc, model), e.collectedPlace];
  const evidence = one.analyses.at(-1)?.evidence;
  const blocks: Block[] = [
    {
      kind: 'fields',
      rows: filled([
        [w.description, e.description],
        [w.device, join([e.maker, e.model, e.serial])],
        [w.source, e.source],
        [w.authority, e.authority],
        [w.acquisition, join([e.acquisitionMethod, e.acquisitionTool, e.acquisitionToolVersion])],
        [w.writeBlocker, e.writeBlocker],
        [w.collected, join(collected)],
        [w.seal, e.sealNumber],
        [w.storage, e.storagePlace],
        [w.path, e.originalPath],
        [w.bytes, String(e.bytes)],
        [w.modified, utcText(e.fileModifiedUtc)],
        [w.mediaType, e.mediaType === null ? null : w.media[e.mediaType]],
        [w.container, evidence ? `${evidence.container} (${evidence.mime})` : null],
        [w.streams, evidence ? evidence.streams.map(streamText).join('\n') : null],
        [w.sha256, e.sha256, true],
        [w.sha512, e.sha512, true],
        [w.md5, e.md5, true],
        [w.added, `${timeText(e.addedUtc, model)}, ${e.addedBy}; ${w.kept[e.storage]}`],
        [
          w.verified,
          verification ? `${w.outcomes[verification.outcome]}, ${timeText(verification.utc, model)}` : w.neverVerified,
        ],
      ]),
    },
  ];
  if (evidence && evidence.warnings.length > 0)
    blocks.push(heading(3, w.warnings), { kind: 'list', items: evidence.warnings.map((s) => visible(s)), lang: 'en' });
  if (one.findings.length > 0) blocks.push(heading(3, w.findings));
  for (const finding of one.findings)
    blocks.push(
      notice(
        `${visible(finding.message)} (${timeText(finding.utc, model)}${finding.effect === 'blocks-signing' ? `, ${w.blocks}` : ''})`,
      ),
    );
  for (const problem of one.problems) blocks.push(notice(visible(problem)));
  return blocks;
}
