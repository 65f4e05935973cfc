/** Order statistics on short lists; none of them changes its argument. */

/** Value below which the share `p` (0..1) lies, linear between ranks; NaN for an empty list. */
export function percentile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export const median = (values: ArrayLike<number>): number => percentile(values, 0.5);

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length === 0 ? Number.NaN : sum / values.length;
}

/** Offset and slope of the least-squares line through (x, y), `from` to `to` (exclusive), and its RMS residual. */
export function line(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  from = 0,
  to = x.length,
): { offset: number; slope: number; residual: number } {
  const n = to - from;
  let mx = 0;
  let my = 0;
  for (let i = from; i < to; i++) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  let xx = 0;
  let xy = 0;
  for (let i = from; i < to; i++) {
    xx += (x[i] - mx) ** 2;
    xy += (x[i] - mx) * (y[i] - my);
  }
  const slope = xx === 0 ? 0 : xy / xx;
  const offset = my - slope * mx;
  let rest = 0;
  for (let i = from; i < to; i++) rest += (y[i] - offset - slope * x[i]) ** 2;
  return { offset, slope, residual: Math.sqrt(rest / n) };
}
