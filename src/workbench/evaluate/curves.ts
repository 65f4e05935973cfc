/** Curves of a judge as plain rows of numbers, thinned to what a screen can show. */
import type { Curves } from '../../contract/evaluation.ts';
import { eceOf, pavOf, type ReliabilityBin, tippettOf } from './likelihood.ts';
import { detOf, rocOf } from './roc.ts';
import type { Tally } from './tally.ts';

/** Log10 LRs beyond this are drawn at it; infinite ones of PAV above all. */
const EDGE = 9;
const MOST_POINTS = 400;

const drawn = (log10Lr: number): number => Math.min(EDGE, Math.max(-EDGE, log10Lr));

/** Every k-th row, with the first and the last. */
function thin<T>(rows: readonly T[]): T[] {
  if (rows.length <= MOST_POINTS) return [...rows];
  const step = (rows.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => rows[Math.round(i * step)]).filter((row) => row !== undefined);
}

/** The Tippett curve with its end: above the highest ratio there is no file. */
function tippettRows(ratios: Tally): number[][] {
  const points = thin(tippettOf(ratios)).map((p) => [drawn(p.log10Lr), p.real, p.fake]);
  const end = points.at(-1)?.[0] ?? 0;
  return [...points, [end, 0, 0]];
}

/**
 * All curves.
 * @param tally scores
 * @param ratios natural log LRs of the same files; null where there are none
 */
export function curvesOf(tally: Tally, ratios: Tally | null, bins: readonly ReliabilityBin[]): Curves {
  const roc = rocOf(tally);
  const highest = roc[1]?.threshold ?? 1;
  return {
    // The first point calls nothing manipulated; JSON knows no infinity, so it stands just above the highest score.
    roc: thin(roc).map((p) => [p.fpr, p.tpr, Number.isFinite(p.threshold) ? p.threshold : highest + 1]),
    det: thin(detOf(roc)).map((p) => [p.fpr, p.fnr]),
    pav: thin(
      pavOf(tally).flatMap(({ from, to, logLr }) => {
        const y = drawn(logLr / Math.LN10);
        return from === to
          ? [[from, y]]
          : [
              [from, y],
              [to, y],
            ];
      }),
    ),
    tippett: ratios === null ? [] : tippettRows(ratios),
    ece: ratios === null ? [] : eceOf(ratios).map((p) => [p.log10Odds, p.system, p.calibrated, p.neutral]),
    reliability: bins.map((b) => [b.score, b.share, b.n]),
  };
}
