/**
 * Detector scores on one scale. Detectors decide at different working thresholds, so a mean of raw scores has no
 * threshold of its own. Each score is mapped piecewise linearly so that its own threshold lands on 0.5.
 */
import type { Observation } from '../../contract/result.ts';
import type { Family, Label } from '../../contract/words.ts';
import { temperScore } from './temper.ts';

/** One detector's say on the whole exhibit. `score` is on the common scale: 0.5 is the working threshold. */
export interface Voice {
  readonly detector: string;
  readonly family: Family;
  readonly score: number;
  /** The uncertain band on the common scale, around 0.5. */
  readonly band: readonly [number, number];
  readonly log10Lr: number | null;
  /** Octaves by which the exhibit lies outside the files a lab profile of this detector was fitted on; 0 inside. */
  readonly octaves?: number;
}

/** Maps a score (0..1) with working threshold t (0 < t < 1) to the scale where t becomes 0.5; monotone, 0→0, 1→1. */
export function toCommonScale(score: number, threshold: number): number {
  if (threshold <= 0 || threshold >= 1)
    throw new RangeError(`a working threshold lies between 0 and 1, not at ${threshold}`);
  return score < threshold ? (0.5 * score) / threshold : 0.5 + (0.5 * (score - threshold)) / (1 - threshold);
}

/**
 * The voices among observations: scores with status `ok` that speak of the whole exhibit (no `where`) and carry a
 * working threshold. A score without a threshold is shown but decides nothing. A detector's fitted temperature and the
 * `temperature` asked for are applied to score, threshold and band alike, so they change certainty and never the side.
 */
export function voicesOf(observations: readonly Observation[], temperature = 1): Voice[] {
  const voices: Voice[] = [];
  for (const o of observations) {
    if (o.kind !== 'score' || o.status !== 'ok' || o.value === null || o.threshold === undefined || o.where) continue;
    const { threshold } = o;
    const [low, high] = o.uncertainBand ?? [threshold, threshold];
    const fitted = o.profile?.applied === true ? (o.profile.temperature ?? 1) : 1;
    const at = (p: number): number => temperScore(p, fitted * temperature);
    const scaled = (p: number): number => toCommonScale(at(p), at(threshold));
    voices.push({
      detector: o.pack ? `${o.detector}/${o.pack}` : o.detector,
      family: o.family,
      score: scaled(o.value),
      band: [scaled(low), scaled(high)],
      log10Lr: o.log10Lr ?? null,
      octaves: o.profile?.octaves ?? 0,
    });
  }
  return voices;
}

/** Label of a score on the common scale; inside the band (edges included) it is uncertain. */
export function leaningOf(score: number, band: readonly [number, number]): Label {
  if (score >= band[0] && score <= band[1]) return 'uncertain';
  return score > 0.5 ? 'fake' : 'real';
}
