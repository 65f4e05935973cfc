/**
 * Ways to combine detector scores into one (Kittler et al., "On Combining Classifiers", IEEE TPAMI 20(3), 1998).
 * All scores are on the common scale of voices.ts; all results lie in 0..1 and keep the direction.
 */
import type { FusionMethod } from '../../contract/words.ts';
import type { Voice } from './voices.ts';

export interface Combined {
  readonly score: number;
  /** Weight each voice had, summing to 1, in the order of the voices. */
  readonly weights: readonly number[];
}

/** Weights that were asked for, per detector name; 1 where nothing was said. */
export type Weights = Readonly<Record<string, number>>;

const normalised = (raw: readonly number[]): number[] => {
  const sum = raw.reduce((a, b) => a + b, 0);
  return sum > 0 ? raw.map((w) => w / sum) : raw.map(() => 1 / raw.length);
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);

/**
 * Combines at least one voice.
 * - weighted-average, soft-vote: mean by weight; soft-vote takes every detector as one vote of equal weight.
 * - majority-vote: share of detectors above their own threshold.
 * - attention: weights grow with each detector's own certainty, softmax(4·|2s − 1|), times the asked weights.
 * - max, min: the most and the least suspicious detector.
 * - calibrated: logistic of the sum of natural log LRs, averaged inside a family first because detectors of one
 *   family are not independent; voices without an LR have weight 0.
 */
export function combine(voices: readonly Voice[], method: FusionMethod, weights: Weights = {}): Combined {
  if (voices.length === 0) throw new RangeError('nothing to combine');
  const scores = voices.map((v) => v.score);
  const asked = voices.map((v) => Math.max(0, weights[v.detector] ?? 1));
  const only = (index: number): Combined => ({
    score: scores[index] ?? 0,
    weights: scores.map((_, i) => (i === index ? 1 : 0)),
  });
  const by = (raw: readonly number[], values: readonly number[] = scores): Combined => {
    const w = normalised(raw);
    return { score: Math.min(1, Math.max(0, dot(w, values))), weights: w };
  };
  switch (method) {
    case 'weighted-average':
      return by(asked);
    case 'soft-vote':
      return by(scores.map(() => 1));
    case 'majority-vote':
      return by(
        scores.map(() => 1),
        scores.map((s) => (s > 0.5 ? 1 : s === 0.5 ? 0.5 : 0)),
      );
    case 'attention':
      return by(scores.map((s, i) => (asked[i] ?? 0) * Math.exp(4 * Math.abs(2 * s - 1))));
    case 'max':
      return only(scores.indexOf(Math.max(...scores)));
    case 'min':
      return only(scores.indexOf(Math.min(...scores)));
    case 'calibrated':
      return calibrated(voices);
  }
}

/** log10 LR of all calibrated voices together: sum over families of the mean inside the family; null without any. */
export function combinedLog10Lr(voices: readonly Voice[]): number | null {
  const families = new Map<string, number[]>();
  for (const v of voices)
    if (v.log10Lr !== null) families.set(v.family, [...(families.get(v.family) ?? []), v.log10Lr]);
  if (families.size === 0) return null;
  let sum = 0;
  for (const list of families.values()) sum += list.reduce((a, b) => a + b, 0) / list.length;
  return sum;
}

function calibrated(voices: readonly Voice[]): Combined {
  const total = combinedLog10Lr(voices);
  if (total === null) throw new RangeError('no detector is calibrated');
  const has = voices.map((v) => (v.log10Lr === null ? 0 : 1));
  return { score: 1 / (1 + 10 ** -total), weights: normalised(has) };
}
