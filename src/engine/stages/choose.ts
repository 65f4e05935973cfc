/** Chooses detectors: the signal detectors for the medium, and one neural detector per enabled pack of a fitting task. */
import { VidimusError } from '../../contract/errors.ts';
import type { Opinion, Plan } from '../../contract/result.ts';
import type { Family, MediaType, Task } from '../../contract/words.ts';
import { neuralDetector } from '../detectors/neural.ts';
import { signalDetectors } from '../detectors/signals.ts';
import { packKey } from '../inference/pack.ts';
import { findPack, type ModelRoots, packsForTask } from '../inference/registry.ts';
import type { SessionOptions } from '../inference/session.ts';
import type { Detector } from '../types.ts';

/** Tasks that judge, the media they judge, and the family they speak for when no pack is there. */
const TASKS: readonly { readonly task: Task; readonly media: readonly MediaType[]; readonly family: Family }[] = [
  { task: 'face-forgery', media: ['image', 'video'], family: 'spatial-neural' },
  { task: 'image-forgery', media: ['image', 'video'], family: 'spatial-neural' },
  { task: 'feature-forgery', media: ['image'], family: 'frequency' },
  { task: 'clip-consistency', media: ['video'], family: 'temporal' },
  { task: 'mouth-clip', media: ['video'], family: 'temporal' },
  { task: 'speech-spoof', media: ['audio', 'video'], family: 'acoustic-neural' },
];

export interface Chosen {
  readonly detectors: readonly Detector[];
  /** Tasks without a pack; printed as not assessed. */
  readonly missing: Opinion['notAssessed'];
}

/**
 * The detectors for one exhibit, in a fixed order. `plan.packs` restricts packs by id, `plan.detectors` detectors by id.
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
  for (const { task, media, family } of TASKS) {
    if (!media.includes(mediaType)) continue;
    if (task === 'speech-spoof' && !has.sound) continue;
    const packs = (await packsForTask(roots, task)).filter(
      ({ manifest }) => asked === null || asked.has(manifest.id) || asked.has(packKey(manifest)),
    );
    if (packs.length === 0) missing.push({ detector: task, family, reason: 'no pack' });
    for (const { manifest } of packs) {
      const detector = neuralDetector(await findPack(roots, `${manifest.id}@${manifest.version}`), {
        provider: plan.provider,
        ...tap,
      });
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
