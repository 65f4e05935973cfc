/** What all detectors around a network share: identity, the score observation, calibration, pooling. */
import type { PackManifest } from '../../../contract/pack.ts';
import type { Observation, Series, Where } from '../../../contract/result.ts';
import type { Parameters } from '../../../contract/words.ts';
import { cropFace } from '../../faces/crop.ts';
import { faceFacts, outsideEnvelope } from '../../faces/gates.ts';
import { clampLogit, temperScore } from '../../fusion/temper.ts';
import type { Pack } from '../../inference/pack.ts';
import type { Face, Frame, RgbImage } from '../../types.ts';

/** Identity of the detector around a pack. */
export const identity = ({ manifest }: Pack) => ({
  id: `${manifest.task}/${manifest.id}`,
  version: manifest.version,
  family: manifest.family,
});

/**
 * log10 likelihood ratio of a score under the pack's calibration, or null without one. `temperature` divides the logit
 * (Guo et al. 2017) and gives no LR; `logistic-llr` is a·logit + b in natural units (Brümmer and du Preez 2006), kept
 * inside the bounds that the size of the calibration set allows (Vergeer 2016).
 */
export function log10LrOf(score: number, calibration: PackManifest['calibration']): number | null {
  if (calibration?.kind !== 'logistic-llr') return null;
  const [a = 1, b = 0] = calibration.params;
  const value = (a * clampLogit(score) + b) / Math.LN10;
  const [low, high] = calibration.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(high, Math.max(low, value));
}

/** The score after the pack's temperature, where it has one. */
export function temper(score: number, calibration: PackManifest['calibration']): number {
  if (calibration?.kind !== 'temperature') return score;
  return temperScore(score, calibration.params[0] ?? 1);
}

/** A score of the exhibit (no `where`) or of a part of it. */
export function scoreObservation(pack: Pack, value: number, parameters: Parameters, where?: Where): Observation {
  const { manifest } = pack;
  const whole = where === undefined;
  return {
    detector: identity(pack).id,
    version: manifest.version,
    family: manifest.family,
    kind: 'score',
    quantity: 'score',
    status: 'ok',
    value,
    unit: '1',
    direction: 'higher-more-manipulated',
    threshold: manifest.thresholds.decision,
    uncertainBand: manifest.thresholds.uncertainBand,
    log10Lr: whole ? log10LrOf(value, manifest.calibration) : null,
    pack: `${manifest.id}@${manifest.version}`,
    ...(where === undefined ? {} : { where }),
    parameters,
  };
}

/** Why nothing was scored. */
export function notAssessed(pack: Pack, reason: string, parameters: Parameters = {}): Observation {
  const { manifest } = pack;
  return {
    detector: identity(pack).id,
    version: manifest.version,
    family: manifest.family,
    kind: 'score',
    quantity: 'score',
    status: 'not-assessed',
    value: null,
    unit: '1',
    direction: 'higher-more-manipulated',
    reason,
    pack: `${manifest.id}@${manifest.version}`,
    parameters,
  };
}

/** Mean of the middle half of the values: one bad frame or window moves it little, a steady change fully. */
export function midmean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const kept = sorted.slice(cut, sorted.length - cut);
  return kept.reduce((a, b) => a + b, 0) / kept.length;
}

/** The most frequent of the reasons, with how often it was given. */
export function mainReason(reasons: ReadonlyMap<string, number>, fallback: string): string {
  const [first] = [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return first === undefined ? fallback : `${first[0]} (${first[1]} time${first[1] === 1 ? '' : 's'})`;
}

/** How faces are cut where a pack does not say. */
const DEFAULT_CROP = { margin: 0.3, square: true, align: 'none' } as const;

/** The margin by which a pack's faces are cut, in sizes of the box. */
export const marginOf = ({ manifest }: Pack): number => (manifest.input.crop ?? DEFAULT_CROP).margin;

/**
 * A face cut out as its pack asks, at the network's size. Without a picture, `reason` says which limit of the envelope
 * it breaks; null where it lies inside but could not be cut.
 */
export function faceInput(
  { manifest: { input, envelope } }: Pack,
  frame: Frame,
  face: Face,
): { readonly image: RgbImage | null; readonly reason: string | null } {
  const [reason] = outsideEnvelope(faceFacts(frame, face), envelope);
  if (reason !== undefined) return { image: null, reason };
  const { width, height } = input;
  const size = width === undefined || height === undefined ? undefined : { width, height };
  return { image: cropFace(frame, face, input.crop ?? DEFAULT_CROP, size)?.image ?? null, reason: null };
}

/** Counts a reason by its kind: "the face is 31.4 px, below 40 px" and "… 30.2 px …" are one. */
export function countReason(reasons: Map<string, number>, reason: string): void {
  const kind = reason.replace(/-?\d+(\.\d+)?(?=[^,]*,)/, '…');
  reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
}

/** Scores of one track over the frames they belong to; those of clips over the first frame of each. */
export function trackSeries(
  pack: Pack,
  track: number,
  list: readonly { readonly frame: number; readonly score: number }[],
): Series {
  const { id } = identity(pack);
  return {
    id: `${id}:score:${track}`,
    detector: id,
    quantity: 'score',
    unit: '1',
    direction: 'higher-more-manipulated',
    axis: 'frame',
    track,
    x: list.map((s) => s.frame),
    y: list.map((s) => s.score),
  };
}
