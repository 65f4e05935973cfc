/** Order statistics shared by the picture methods. */

/** Value at quantile q (0..1) of unsorted numbers, by nearest rank; 0 for none. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(q * (sorted.length - 1))))];
}

/** {@link quantile} of at most 32768 evenly spaced values: enough for the ends of a colour scale. */
export function sampledQuantile(values: Float64Array, q: number): number {
  const step = Math.max(1, Math.ceil(values.length / 32768));
  return quantile(step === 1 ? values : values.filter((_, i) => i % step === 0), q);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** A value per cell of a grid over the picture; cells are `cell` pixels wide and high, NaN where nothing is known. */
export interface BlockMap {
  readonly columns: number;
  readonly rows: number;
  readonly cell: number;
  readonly values: Float64Array;
}

/** Box of cells, in pixels of the analysed region. */
export interface CellRegion {
  readonly cells: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The largest 4-connected group of cells that satisfy `test`; null where there is none. */
export function largestRegion(map: BlockMap, test: (value: number) => boolean): CellRegion | null {
  const { columns, rows, values, cell } = map;
  const seen = new Uint8Array(values.length);
  const stack = new Int32Array(values.length);
  let best: CellRegion | null = null;
  for (let start = 0; start < values.length; start++) {
    if (seen[start] === 1 || !test(values[start])) continue;
    let depth = 0;
    let cells = 0;
    let x0 = columns;
    let x1 = 0;
    let y0 = rows;
    let y1 = 0;
    seen[start] = 1;
    stack[depth++] = start;
    while (depth > 0) {
      const i = stack[--depth];
      const x = i % columns;
      const y = (i - x) / columns;
      cells++;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
      const visit = (j: number): void => {
        if (seen[j] === 0 && test(values[j])) {
          seen[j] = 1;
          stack[depth++] = j;
        }
      };
      if (x > 0) visit(i - 1);
      if (x < columns - 1) visit(i + 1);
      if (y > 0) visit(i - columns);
      if (y < rows - 1) visit(i + columns);
    }
    if (best === null || cells > best.cells) {
      best = { cells, x: x0 * cell, y: y0 * cell, width: (x1 - x0 + 1) * cell, height: (y1 - y0 + 1) * cell };
    }
  }
  return best;
}
