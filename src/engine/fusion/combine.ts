/**
 * Ways to combine detector scores into one (Kittler et al., "On Combining Classifiers", IEEE TPAMI 20(3), 1998).
 * All scores are on the common scale of voices.ts; all results lie in 0..1 and keep the direction.
 */
import type { EnsembleProfile } from '../../contract/evaluation.ts';
import type { Family, FusionMethod } from '../../contract/words.ts';
import type { Voice } from './voices.ts';

export interface Combined {
  readonly score: number;
  /** Weight each voice had, summing to 1, in the order of the voices. */
  readonly weights: readonly number[];
}

/** Weights that were asked for, per detector with or without its pack; 1 where nothing was said. */
export type Weights = Readonly<Record<string, number>>;

/** Weights fitted on the laboratory's own files; null where none were. */
export type Learned = Pick<EnsembleProfile, 'attention' | 'families' | 'bounds'> | null;

/** The weight asked for a voice: by its full name, else by its detector's. */
export const weightOf = (voice: Voice, weights: Weights): number =>
  weights[voice.detector] ?? weights[voice.detector.replace(/\/[^/]*@[^/]*$/, '')] ?? 1;

const normalised = (raw: readonly number[]): number[] => {
  const sum = raw.reduce((a, b) => a + b, 0);
  return sum > 0 ? raw.map((w) => w / sum) : raw.map(() => 1 / raw.length);
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);

/**
 * Combines at least one voice.
 * - weighted-average, soft-vote: mean by weight; soft-vote takes every detector as one vote of equal weight.
 * - majority-vote: share of detectors above their own threshold.
 * - attention: weights grow with each detector's own certainty, softmax(4·|2s − 1|), times the asked weights and, where
 *   fitted, the learned ones.
 * - max, min: the most and the least suspicious detector.
 * - calibrated: logistic of the sum of natural log LRs, averaged inside a family first because detectors of one
 *   family are not independent, and multiplied by the learned weight of the family; voices without an LR have weight 0.
 */
export function combine(
  voices: readonly Voice[],
  method: FusionMethod,
  weights: Weights = {},
  learned: Learned = null,
): Combined {
  if (voices.length === 0) throw new RangeError('nothing to combine');
  const scores = voices.map((v) => v.score);
  const asked = voices.map((v) => Math.max(0, weightOf(v, weights)));
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
      return by(
        voices.map((v, i) => {
          const fitted = learned?.attention[v.detector] ?? 1;
          return (asked[i] ?? 0) * fitted * Math.exp(4 * Math.abs(2 * v.score - 1));
        }),
      );
    case 'max':
      return only(scores.indexOf(Math.max(...scores)));
    case 'min':
      return only(scores.indexOf(Math.min(...scores)));
    case 'calibrated':
      return calibrated(voices, learned);
  }
}

/**
 * log10 LR of all calibrated voices together: sum over families of the mean inside the family, each times the learned
 * weight of its family and the sum inside the learned bounds; null without any. A family that is missing adds nothing.
 */
export function combinedLog10Lr(voices: readonly Voice[], learned: Learned = null): number | null {
  const families = meanLog10Lrs(voices);
  if (families.size === 0) return null;
  let sum = 0;
  for (const [family, mean] of families) sum += (learned?.families[family] ?? 1) * mean;
  const [low, high] = learned?.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(high, Math.max(low, sum));
}

/** Mean log10 LR of the calibrated voices of each family. */
export function meanLog10Lrs(voices: readonly Voice[]): Map<Family, number> {
  const lists = new Map<Family, number[]>();
  for (const v of voices) if (v.log10Lr !== null) lists.set(v.family, [...(lists.get(v.family) ?? []), v.log10Lr]);
  return new Map([...lists].map(([family, list]) => [family, list.reduce((a, b) => a + b, 0) / list.length]));
}

/** Score 0..1 at even prior odds of a log10 LR. */
export const scoreOfLog10Lr = (log10Lr: number): number => 1 / (1 + 10 ** -log10Lr);

function calibrated(voices: readonly Voice[], learned: Learned): Combined {
  const total = combinedLog10Lr(voices, learned);
  if (total === null) throw new RangeError('no detector is calibrated');
  const members = new Map<Family, number>();
  for (const v of voices) if (v.log10Lr !== null) members.set(v.family, (members.get(v.family) ?? 0) + 1);
  const raw = voices.map((v) =>
    v.log10Lr === null ? 0 : (learned?.families[v.family] ?? 1) / (members.get(v.family) ?? 1),
  );
  return { score: scoreOfLog10Lr(total), weights: normalised(raw) };
}
