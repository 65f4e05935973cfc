/** Axes: which part is in view, where its ticks lie, and how positions become pixels. Pure. */

/** A part of an axis, `from` < `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Pixels (0 at the left) of a position. */
export const toPixel = (value: number, { from, to }: Range, width: number): number =>
  ((value - from) / (to - from)) * width;

/** Position under a pixel. */
export const fromPixel = (pixel: number, { from, to }: Range, width: number): number =>
  from + (pixel / width) * (to - from);

/** Moves and, where it is too long, shortens a range until it lies within the whole. */
export function clampRange({ from, to }: Range, whole: Range, shortest = 0): Range {
  const length = Math.min(whole.to - whole.from, Math.max(to - from, shortest));
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** Makes the range `factor` times as long (below 1: zooms in) and leaves `anchor` where it is on the screen. */
export function zoomRange(range: Range, factor: number, anchor: number, whole: Range, shortest: number): Range {
  const length = Math.max(shortest, (range.to - range.from) * factor);
  const share = (anchor - range.from) / (range.to - range.from);
  const from = anchor - share * length;
  return clampRange({ from, to: from + length }, whole, shortest);
}

/** Moves the range by a number of its own units and keeps its length. */
export const panRange = (range: Range, by: number, whole: Range): Range =>
  clampRange({ from: range.from + by, to: range.to + by }, whole);

/** The distance of ticks: 1, 2 or 5 times a power of ten, so that at most about `count` fit. */
export function niceStep(length: number, count: number): number {
  if (!(length > 0) || !(count > 0)) return 1;
  const rough = length / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

/** Distances in seconds that read well on a clock. */
const CLOCK_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** Like `niceStep`, but in whole minutes and hours from one minute on. */
export function niceTimeStep(length: number, count: number): number {
  const rough = length / count;
  if (rough <= 30) return niceStep(length, count);
  return CLOCK_STEPS.find((step) => step >= rough) ?? 86_400;
}

/** All multiples of `step` within the range. */
export function ticks({ from, to }: Range, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  if (last - first > 10_000) return [];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** A time on the clock, `h:mm:ss.mmm`; hours only where there are any. `decimals` of the second, cut and not rounded. */
export function clock(seconds: number, decimals = 3): string {
  const sign = seconds < 0 ? '-' : '';
  const unit = 10 ** decimals;
  // Half a nanosecond: 0.3 is stored as 0.299…, and must not be cut to 0.299.
  const whole = Math.floor(Math.abs(seconds) * unit + 5e-10 * unit);
  const two = (n: number): string => String(n).padStart(2, '0');
  const s = Math.floor(whole / unit);
  const part = decimals === 0 ? '' : `.${String(whole % unit).padStart(decimals, '0')}`;
  const hours = Math.floor(s / 3600);
  return `${sign}${hours > 0 ? `${hours}:` : ''}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}${part}`;
}

/** Decimals of the second that tell neighbouring ticks apart. */
export const clockDecimals = (step: number): number =>
  step >= 1 ? 0 : Math.min(6, Math.max(1, Math.ceil(-Math.log10(step) - 1e-9)));
