/** Chooses detectors: the signal detectors for the medium, and one neural detector per enabled pack of a fitting task. */
import { VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import type { Opinion, Plan } from '../../contract/result.ts';
import { type Family, type MediaType, TASK_MEDIA, type Task } from '../../contract/words.ts';
import { neuralDetector } from '../detectors/neural.ts';
import { signalDetectors } from '../detectors/signals.ts';
import { packKey } from '../inference/pack.ts';
import { findPack, listPacks, type ModelRoots, packsForTask } from '../inference/registry.ts';
import type { SessionOptions } from '../inference/session.ts';
import type { Detector } from '../types.ts';

/** Tasks that judge, and the family they speak for when no pack is there. */
const TASKS: readonly { readonly task: Task; readonly family: Family }[] = [
  { task: 'face-forgery', family: 'spatial-neural' },
  { task: 'image-forgery', family: 'spatial-neural' },
  { task: 'feature-forgery', family: 'frequency' },
  { task: 'clip-consistency', family: 'temporal' },
  { task: 'mouth-clip', family: 'temporal' },
  { task: 'speech-spoof', family: 'acoustic-neural' },
];

export interface Chosen {
  readonly detectors: readonly Detector[];
  /** Tasks without a pack; printed as not assessed. */
  readonly missing: Opinion['notAssessed'];
}

/**
 * The packs of one task for one medium, the default first, or why there is none. A pack that was asked for with its
 * version runs even if it is switched off or not the newest: naming it is the stronger word.
 */
async function packsOf(
  roots: ModelRoots,
  task: Task,
  mediaType: MediaType,
  asked: ReadonlySet<string> | null,
): Promise<{ readonly keys: readonly string[]; readonly reason: string }> {
  const keyed = (packs: readonly { readonly manifest: PackManifest }[]) =>
    packs.map(({ manifest }) => ({ id: manifest.id, key: packKey(manifest) }));
  const usable = keyed(await packsForTask(roots, task, mediaType));
  const installed = keyed((await listPacks(roots)).packs.filter(({ manifest }) => manifest.task === task));
  const off = `switched off for ${mediaType}`;
  if (asked === null) return { keys: usable.map(({ key }) => key), reason: installed.length === 0 ? 'no pack' : off };
  const wanted = usable.filter(({ id, key }) => asked.has(id) || asked.has(key)).map(({ key }) => key);
  const exact = installed.map(({ key }) => key).filter((key) => asked.has(key) && !wanted.includes(key));
  const reason =
    installed.length === 0
      ? 'no pack'
      : installed.some(({ id }) => asked.has(id))
        ? off
        : 'its packs are not among those asked for';
  return { keys: [...wanted, ...exact], reason };
}

/**
 * The detectors for one exhibit, in a fixed order. `plan.packs` restricts packs by id (or `id@version`),
 * `plan.detectors` detectors by id.
 * @throws VidimusError pack.missing for a pack that was asked for and is not there; usage.invalid for an unknown
 * detector; pack.damaged
 */
export async function chooseDetectors(
  plan: Plan,
  mediaType: MediaType,
  has: { readonly video: boolean; readonly sound: boolean },
  roots: ModelRoots,
  tap: Pick<SessionOptions, 'onBatch'> = {},
): Promise<Chosen> {
  const detectors: Detector[] = signalDetectors.filter(
    (d) => d.mediaTypes.includes(mediaType) && (!d.needs.pcm || has.sound) && (!d.needs.frames || has.video),
  );
  const missing: Opinion['notAssessed'] = [];
  const asked = plan.packs === null ? null : new Set(plan.packs);
  if (asked) for (const id of asked) await findPack(roots, id);
  for (const { task, family } of TASKS) {
    if (!TASK_MEDIA[task].includes(mediaType)) continue;
    if (task === 'speech-spoof' && !has.sound) continue;
    const { keys, reason } = await packsOf(roots, task, mediaType, asked);
    if (keys.length === 0) missing.push({ detector: task, family, reason });
    for (const key of keys) {
      const pack = await findPack(roots, key);
      const { manifest } = pack;
      const detector = neuralDetector(pack, { provider: plan.provider, ...tap });
      if (detector === null)
        missing.push({
          detector: `${task}/${manifest.id}`,
          family,
          reason: `no detector for an input of kind ${manifest.input.kind}`,
        });
      else detectors.push(detector);
    }
  }
  if (plan.detectors === null) return { detectors, missing };
  const wanted = new Set(plan.detectors);
  const chosen = detectors.filter((d) => wanted.has(d.id));
  for (const id of wanted) {
    if (!chosen.some((d) => d.id === id))
      throw new VidimusError('usage.invalid', `There is no detector "${id}" for this medium.`);
  }
  return { detectors: chosen, missing: missing.filter((m) => wanted.has(m.detector)) };
}
