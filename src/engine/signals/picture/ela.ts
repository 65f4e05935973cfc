/**
 * Error level analysis and JPEG ghosts: how much a picture changes when it is compressed again.
 *
 * References: Krawetz, "A picture's worth", Black Hat 2007 (error levels); Farid, "Exposing digital forgeries from
 * JPEG ghosts", IEEE TIFS 4 (2009).
 */
import type { RgbImage } from '../../types.ts';
import { type BlockMap, median } from './stats.ts';

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

export interface Ghosts {
  /** Position in `qualities` where the picture as a whole changes least, relative to its neighbours; -1 = none. */
  readonly globalMinimum: number;
  /** Position of the quality at which the most blocks have an early minimum of their own; -1 = none. */
  readonly ghost: number;
  /** Share of blocks with that early minimum, 0..1. */
  readonly share: number;
  /** Depth of the early minimum per block (0..1 of the block's own range), 0 where there is none. */
  readonly map: BlockMap;
}

/** A dip must be this share of the block's range below both sides: noise of re-encoding makes smaller ones. */
const DEPTH = 0.08;

/**
 * Finds JPEG ghosts in a stack of difference maps (mean squared, one per re-encoding quality, rising). A block that
 * was once compressed at a lower quality than the picture changes little at that quality: its curve has a dip there.
 * The dip of the picture as a whole is not a ghost.
 */
export function findGhosts(stack: readonly BlockMap[]): Ghosts {
  const first = stack[0];
  const n = first.values.length;
  const whole = stack.map((m) => median(m.values));
  const wholeDepth = dips(whole);
  let globalMinimum = -1;
  wholeDepth.forEach((d, q) => {
    if (d >= DEPTH && (globalMinimum < 0 || d > wholeDepth[globalMinimum])) globalMinimum = q;
  });
  const depth = stack.map(() => new Float64Array(n));
  const curve = new Array<number>(stack.length);
  const counts = new Array<number>(stack.length).fill(0);
  for (let i = 0; i < n; i++) {
    for (let q = 0; q < stack.length; q++) curve[q] = stack[q].values[i];
    const d = dips(curve);
    for (let q = 0; q < stack.length; q++) {
      depth[q][i] = d[q];
      if (d[q] >= DEPTH) counts[q]++;
    }
  }
  let ghost = -1;
  for (let q = 0; q < stack.length; q++) {
    if (Math.abs(q - globalMinimum) <= 1 && globalMinimum >= 0) continue;
    if (counts[q] > 0 && (ghost < 0 || counts[q] > counts[ghost])) ghost = q;
  }
  const values = ghost < 0 ? new Float64Array(n) : depth[ghost];
  return { globalMinimum, ghost, share: ghost < 0 ? 0 : counts[ghost] / n, map: { ...first, values } };
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
