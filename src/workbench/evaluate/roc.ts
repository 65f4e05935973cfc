/** The receiver operating characteristic and the numbers read from it (Fawcett, Pattern Recognition Letters 27, 2006). */
import type { Tally } from './tally.ts';

/** Rates when files scoring at least `threshold` are called manipulated; the first point calls none. */
export interface RocPoint {
  readonly threshold: number;
  /** Share of real files called manipulated. */
  readonly fpr: number;
  /** Share of manipulated files called manipulated. */
  readonly tpr: number;
}

/** All points from (0, 0) to (1, 1), one per distinct score, thresholds falling from +Infinity. */
export function rocOf(tally: Tally): RocPoint[] {
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, fpr: 0, tpr: 0 }];
  let real = 0;
  let fake = 0;
  for (const step of [...tally.steps].reverse()) {
    real += step.real;
    fake += step.fake;
    points.push({ threshold: step.score, fpr: real / tally.real, tpr: fake / tally.fake });
  }
  return points;
}

/** Area under the curve: chance that a manipulated file scores above a real one, ties counting half (Mann-Whitney). */
export function aucOf(tally: Tally): number {
  let below = 0;
  let sum = 0;
  for (const { real, fake } of tally.steps) {
    sum += fake * (below + real / 2);
    below += real;
  }
  return sum / (tally.real * tally.fake);
}

/** Equal error rate, on the straight line between the two ROC points where FPR and FNR cross. */
export function eerOf(tally: Tally): number {
  let before: RocPoint | undefined;
  for (const point of rocOf(tally)) {
    const gap = 1 - point.tpr - point.fpr;
    if (gap <= 0) {
      if (before === undefined) return point.fpr;
      const gapBefore = 1 - before.tpr - before.fpr;
      const share = gapBefore === gap ? 0 : gapBefore / (gapBefore - gap);
      return before.fpr + share * (point.fpr - before.fpr);
    }
    before = point;
  }
  return 1;
}

/** Highest true positive rate among thresholds whose false positive rate is at most `fpr` (0..1). */
export function tprAtFpr(tally: Tally, fpr: number): number {
  let best = 0;
  for (const point of rocOf(tally)) if (point.fpr <= fpr) best = Math.max(best, point.tpr);
  return best;
}

/** One point of a DET plot: error rates on the normal deviate scale (Martin et al., Eurospeech 1997). */
export interface DetPoint {
  readonly fpr: number;
  readonly fnr: number;
  readonly x: number;
  readonly y: number;
}

/** Points of the ROC where both errors lie strictly between 0 and 1; elsewhere the normal deviate is infinite. */
export function detOf(roc: readonly RocPoint[]): DetPoint[] {
  const points: DetPoint[] = [];
  for (const { fpr, tpr } of roc) {
    const fnr = 1 - tpr;
    if (fpr > 0 && fpr < 1 && fnr > 0 && fnr < 1) points.push({ fpr, fnr, x: probit(fpr), y: probit(fnr) });
  }
  return points;
}

/**
 * Inverse of the standard normal distribution for 0 < p < 1: Acklam's rational approximation (relative error below
 * 1.2e-9), which a plot needs no more than.
 */
export function probit(p: number): number {
  const ratio = (top: readonly number[], bottom: readonly number[], x: number): number =>
    top.reduce((sum, c) => sum * x + c, 0) / bottom.reduce((sum, c) => sum * x + c, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return ratio(TAIL_TOP, TAIL_BOTTOM, q);
  }
  if (p > 1 - 0.02425) return -probit(1 - p);
  const q = p - 0.5;
  return q * ratio(MIDDLE_TOP, MIDDLE_BOTTOM, q * q);
}

const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BOTTOM = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
const MIDDLE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const MIDDLE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
