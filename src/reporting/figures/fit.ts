/** Sizes and scales of figures, shared by page and screen. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest size of the same shape inside a frame; pixels are never drawn larger than 1.5 points. */
export function fitted(width: number, height: number, mostWidth: number, mostHeight: number): Size {
  const scale = Math.min(mostWidth / width, mostHeight / height, 1.5);
  return { width: width * scale, height: height * scale };
}

/** Round numbers that divide a range into about `count` steps, each inside the range. */
export function ticks(from: number, to: number, count = 5): number[] {
  const span = to - from;
  if (!(span > 0)) return [from];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const out: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to + step * 1e-9; i += 1)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** Lowest and highest number, widened where they are equal. */
export function rangeOf(values: readonly (number | null)[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high >= low)) return [0, 1];
  // What differs by rounding only is one value.
  if (high - low > Math.max(Math.abs(high), Math.abs(low)) * 1e-6) return [low, high];
  const margin = Math.abs(high) * 0.05 || 1;
  return [low - margin, high + margin];
}

export interface Plot {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  /** Unbroken runs of points, in shares of the plot's width and height from its lower left corner. */
  readonly runs: readonly (readonly (readonly [number, number])[])[];
  /** Height of the threshold as a share; null where there is none. */
  readonly threshold: number | null;
}

/** Geometry of a chart. The threshold is always inside; scores have the whole scale from 0 to 1. */
export function plotOf(chart: {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly unit: string;
  readonly threshold: number | null;
}): Plot {
  const x = rangeOf(chart.x);
  const y = chart.unit === 'score' ? ([0, 1] as const) : rangeOf([...chart.y, chart.threshold]);
  const share = (value: number, [low, high]: readonly [number, number]): number => (value - low) / (high - low);
  const runs: (readonly [number, number])[][] = [];
  let open = false;
  chart.y.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    if (!open) runs.push([]);
    open = true;
    runs.at(-1)?.push([share(chart.x[i] ?? 0, x), share(value, y)]);
  });
  return {
    x,
    y,
    xTicks: ticks(x[0], x[1], 8),
    yTicks: ticks(y[0], y[1], 4),
    runs,
    threshold: chart.threshold === null ? null : share(chart.threshold, y),
  };
}
