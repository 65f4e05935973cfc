/** Stored series made drawable. */
import type { ReportChart } from '../../contract/report.ts';
import { type Observation, SCENE_CUT, type Series } from '../../contract/result.ts';

/** More points than this cannot be told apart across a page. */
const MOST_POINTS = 600;

interface Points {
  readonly x: number[];
  readonly y: (number | null)[];
}

/**
 * At most `most` points: of each stretch the lowest and the highest stay, in their order, so that no peak is lost and
 * every point drawn is one that was stored. A stretch that holds a gap keeps one.
 */
export function thinned(x: readonly number[], y: readonly (number | null)[], most = MOST_POINTS): Points {
  if (x.length <= most) return { x: [...x], y: [...y] };
  const out: Points = { x: [], y: [] };
  const stretches = Math.floor(most / 3);
  for (let s = 0; s < stretches; s += 1) {
    const from = Math.floor((s * x.length) / stretches);
    const to = Math.floor(((s + 1) * x.length) / stretches);
    for (const i of telling(y, from, to)) {
      out.x.push(x[i] ?? 0);
      out.y.push(y[i] ?? null);
    }
  }
  return out;
}

/** Positions of the lowest value, the highest, and the first gap between `from` and `to`, rising. */
function telling(y: readonly (number | null)[], from: number, to: number): number[] {
  let low = -1;
  let high = -1;
  let gap = -1;
  for (let i = from; i < to; i += 1) {
    const value = y[i];
    if (value === null || value === undefined) {
      if (gap < 0) gap = i;
      continue;
    }
    if (low < 0 || value < (y[low] ?? value)) low = i;
    if (high < 0 || value > (y[high] ?? value)) high = i;
  }
  return [...new Set([low, high, gap])].filter((i) => i >= 0).sort((a, b) => a - b);
}

/** A series can be drawn where two of its points are numbers; moments are no curve. */
export const isDrawable = (series: Series): boolean =>
  series.quantity !== SCENE_CUT && series.y.filter((value) => value !== null).length >= 2;

/** The series as a chart, with the working threshold that the same detector states for the same quantity. */
export function chartOf(series: Series, observations: readonly Observation[]): ReportChart {
  const same = observations.find(
    (o) => o.detector === series.detector && o.quantity === series.quantity && o.threshold !== undefined,
  );
  const { x, y } = thinned(series.x, series.y);
  const track = series.track === undefined ? '' : `, track ${series.track}`;
  return {
    ...series,
    x,
    y,
    title: `${series.detector}: ${series.quantity}${track}`,
    stored: series.x.length,
    threshold: same?.threshold ?? null,
  };
}
