/**
 * Error level analysis and JPEG ghosts: how much a picture changes when it is compressed again.
 *
 * References: Krawetz, "A picture's worth", Black Hat 2007 (error levels); Farid, "Exposing digital forgeries from
 * JPEG ghosts", IEEE TIFS 4 (2009).
 */
import type { RgbImage } from '../../types.ts';
import { type BlockMap, type CellRegion, largestRegion, median } from './stats.ts';

/**
 * Mean squared (`square`) or absolute difference of two pictures of one size over the three channels, per block of
 * `cell` pixels. Incomplete blocks at the right and lower edge are left out.
 */
export function blockDifference(a: RgbImage, b: RgbImage, cell: number, square: boolean): BlockMap {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('the pictures differ in size');
  const columns = Math.floor(a.width / cell);
  const rows = Math.floor(a.height / cell);
  const values = new Float64Array(columns * rows);
  for (let y = 0; y < rows * cell; y++) {
    const line = Math.floor(y / cell) * columns;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      const from = (y * a.width + column * cell) * 3;
      for (let i = from; i < from + 3 * cell; i++) {
        const d = a.data[i] - b.data[i];
        sum += square ? d * d : d < 0 ? -d : d;
      }
      values[line + column] += sum;
    }
  }
  const scale = 1 / (3 * cell * cell);
  for (let i = 0; i < values.length; i++) values[i] *= scale;
  return { columns, rows, cell, values };
}

interface Ghosts {
  /** Position in the stack where the picture as a whole has a dip: its own earlier compression; -1 = none. */
  readonly globalMinimum: number;
  /** Position of the quality whose dips form the largest connected region; -1 = none. */
  readonly ghost: number;
  /** Cells of that region over all cells, 0..1. */
  readonly share: number;
  readonly region: CellRegion | null;
  /** Depth of the dip per cell (0..1 of the cell's own range), 0 where there is none. */
  readonly map: BlockMap;
}

/** A dip must be this share of the cell's range below both sides: noise of re-encoding makes smaller ones. */
const DEPTH = 0.1;

/**
 * Finds JPEG ghosts in a stack of difference maps (mean squared, one per re-encoding quality, rising). A region that
 * was once compressed at a lower quality than the picture changes little at that quality: its curve has a dip there.
 * A dip of the picture as a whole is not a ghost. Curves are averaged over 3 x 3 cells first, because the curve of
 * one cell is mostly noise; a ghost smaller than that is lost.
 *
 * @param below only the first `below` maps can hold a ghost: at and above the quality the picture itself was stored
 *   with, every part of it changes little
 */
export function findGhosts(stack: readonly BlockMap[], below = stack.length): Ghosts {
  const first = stack[0];
  const n = first.values.length;
  const smooth = stack.map(averaged);
  const wholeDepth = dips(stack.map((m) => median(m.values)));
  let globalMinimum = -1;
  wholeDepth.forEach((d, q) => {
    if (d >= DEPTH && (globalMinimum < 0 || d > wholeDepth[globalMinimum])) globalMinimum = q;
  });
  const depth = stack.map(() => new Float64Array(n));
  const curve = new Array<number>(stack.length);
  for (let i = 0; i < n; i++) {
    for (let q = 0; q < stack.length; q++) curve[q] = smooth[q][i];
    dips(curve).forEach((d, q) => {
      depth[q][i] = d;
    });
  }
  let ghost = -1;
  let region: CellRegion | null = null;
  for (let q = 0; q < below; q++) {
    if (globalMinimum >= 0 && Math.abs(q - globalMinimum) <= 1) continue;
    const found = largestRegion({ ...first, values: depth[q] }, (v) => v >= DEPTH);
    if (found !== null && (region === null || found.cells > region.cells)) {
      region = found;
      ghost = q;
    }
  }
  const values = ghost < 0 ? new Float64Array(n) : depth[ghost];
  return { globalMinimum, ghost, share: region === null ? 0 : region.cells / n, region, map: { ...first, values } };
}

function averaged({ columns, rows, values }: BlockMap): Float64Array {
  const out = new Float64Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      let count = 0;
      for (let y = Math.max(0, r - 1); y <= Math.min(rows - 1, r + 1); y++) {
        for (let x = Math.max(0, c - 1); x <= Math.min(columns - 1, c + 1); x++, count++)
          sum += values[y * columns + x];
      }
      out[r * columns + c] = sum / count;
    }
  }
  return out;
}

/** How far each point lies below the lower of the highest points to its left and right, over the curve's range. */
function dips(curve: readonly number[]): number[] {
  const top = Math.max(...curve);
  const range = top - Math.min(...curve);
  if (range <= 0.5) return curve.map(() => 0);
  return curve.map((v, q) => {
    if (q === 0 || q === curve.length - 1) return 0;
    const left = Math.max(...curve.slice(0, q));
    const right = Math.max(...curve.slice(q + 1));
    const lowest = v <= curve[q - 1] && v <= curve[q + 1];
    return lowest ? Math.max(0, Math.min(left, right) - v) / range : 0;
  });
}
