/** Small grey pictures of large frames, cheap enough to take of every frame. */
import type { RgbImage } from '../../types.ts';

/** Luma of ITU-R BT.601 in 1/256: sums of these stay whole numbers. */
const RED = 77;
const GREEN = 150;
const BLUE = 29;

/**
 * Averages up to `points` x `points` pixels of every cell of a coarse grid. Tables are made once per frame size and
 * nothing is allocated per frame. Sampling a few points of a cell lets some aliasing through, which means nothing to
 * differences between frames taken the same way.
 */
export class GreySampler {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
  /** Unrounded sums behind `grey`; frames that differ anywhere a point is taken have, but for chance, other sums. */
  readonly sums: Uint32Array;
  private readonly points: number;
  private readonly columns: Int32Array;
  private readonly rows: Int32Array;
  private readonly source: { readonly width: number; readonly height: number };

  /** Grid with at most `longest` cells along the longer side; a smaller frame is taken pixel by pixel. */
  constructor(source: { readonly width: number; readonly height: number }, longest: number, points = 4) {
    const scale = Math.max(1, Math.max(source.width, source.height) / longest);
    this.source = { width: source.width, height: source.height };
    this.width = Math.max(1, Math.round(source.width / scale));
    this.height = Math.max(1, Math.round(source.height / scale));
    this.points = Math.min(points, Math.max(1, Math.round(scale)));
    this.columns = positions(source.width, this.width * this.points, 3);
    this.rows = positions(source.height, this.height * this.points, 3 * source.width);
    this.grey = new Uint8Array(this.width * this.height);
    this.sums = new Uint32Array(this.width * this.height);
  }

  fits(frame: RgbImage): boolean {
    return frame.width === this.source.width && frame.height === this.source.height;
  }

  /** Fills {@link grey} and {@link sums}. The frame must have the size the sampler was made for. */
  sample(frame: RgbImage): void {
    for (let y = 0; y < this.height; y++) this.row(frame.data, y);
  }

  /** One row of cells; V8 optimises by calls more than by loops, and this one is called for every row of every frame. */
  private row(data: Uint8Array, y: number): void {
    const { columns, rows, points, width, sums, grey } = this;
    const scale = 1 / (256 * points * points);
    for (let x = 0, o = y * width; x < width; x++, o++) {
      let sum = 0;
      for (let r = y * points; r < (y + 1) * points; r++) {
        const row = rows[r];
        for (let c = x * points; c < (x + 1) * points; c++) {
          const p = row + columns[c];
          sum = (sum + RED * data[p] + GREEN * data[p + 1] + BLUE * data[p + 2]) | 0;
        }
      }
      sums[o] = sum;
      grey[o] = sum * scale + 0.5;
    }
  }
}

function positions(size: number, count: number, step: number): Int32Array {
  return Int32Array.from(
    { length: count },
    (_, i) => step * Math.min(size - 1, Math.floor(((i + 0.5) * size) / count)),
  );
}

/** Whether two frames of one sampler gave the same sums. */
export function sameSums(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Mean absolute difference of two grey pictures of one size, in grey levels. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
  return sum / a.length;
}

/** Pearson correlation of two grey pictures; 1 where either is flat and they are equal up to brightness. */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  let ma = 0;
  let mb = 0;
  for (let i = 0; i < a.length; i++) {
    ma += a[i];
    mb += b[i];
  }
  ma /= a.length;
  mb /= a.length;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] - ma;
    const y = b[i] - mb;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  // Less than one grey level of texture in both: nothing to tell apart.
  if (aa < a.length && bb < a.length) return 1;
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}
