/**
 * Copy-move: parts of a picture that appear twice, shifted but neither turned nor scaled.
 *
 * Candidate shifts come from sorting overlapping blocks by a coarse descriptor (Fridrich, Soukal and Lukas, DFRWS
 * 2003); each is then verified densely by the correlation of picture and shifted picture where the picture has
 * structure in both directions, so that sky, straight edges and flat walls do not count.
 */
import type { GreyPlane } from './grey.ts';
import { type BlockMap, type CellRegion, largestRegion } from './stats.ts';

interface CopyMove {
  /** Pixels (of the given plane) in the largest verified region; 0 where none was found. */
  readonly area: number;
  /** Shift from one copy to the other. */
  readonly dx: number;
  readonly dy: number;
  /** The two copies; null where none was found. */
  readonly first: CellRegion | null;
  readonly second: CellRegion | null;
  /** 1 where a cell matches under the shift (both copies), else 0. */
  readonly map: BlockMap;
  /** Shifts that were verified. */
  readonly candidates: number;
}

const BLOCK = 16;
const SUB = 4;
const CELL = 8;
/** Copies nearer than this are neighbours of one texture, not copies. */
const LEAST_SHIFT = 40;
const CANDIDATES = 8;
const LEAST_VOTES = 40;
/** Mean squared difference over local variance: 0.1 is a correlation of 0.95. */
const MISMATCH = 0.1;
/** Smaller eigenvalue of the mean structure tensor, squared grey levels per pixel. */
const STRUCTURE = 12;

/** @param grey at most about two million pixels; callers reduce larger pictures first */
export function copyMove(grey: GreyPlane): CopyMove {
  const columns = Math.floor(grey.width / CELL);
  const rows = Math.floor(grey.height / CELL);
  const none: BlockMap = { columns, rows, cell: CELL, values: new Float64Array(columns * rows) };
  if (grey.width < 64 || grey.height < 64) {
    return { area: 0, dx: 0, dy: 0, first: null, second: null, map: none, candidates: 0 };
  }
  const structured = structure(grey, columns, rows);
  const shifts = candidateShifts(grey);
  let best: CopyMove = { area: 0, dx: 0, dy: 0, first: null, second: null, map: none, candidates: shifts.length };
  for (const [dx, dy] of shifts) {
    const map = verify(grey, dx, dy, structured, columns, rows);
    const region = largestRegion(map, (v) => v > 0);
    if (region === null || region.cells * CELL * CELL <= best.area) continue;
    const both = map.values.slice();
    const sx = Math.round(dx / CELL);
    const sy = Math.round(dy / CELL);
    map.values.forEach((v, i) => {
      const x = (i % columns) + sx;
      const y = Math.floor(i / columns) + sy;
      if (v > 0 && x >= 0 && x < columns && y >= 0 && y < rows) both[y * columns + x] = 1;
    });
    best = {
      area: region.cells * CELL * CELL,
      dx,
      dy,
      first: region,
      second: { ...region, x: region.x + dx, y: region.y + dy },
      map: { ...map, values: both },
      candidates: shifts.length,
    };
  }
  return best;
}

/** Cells whose 24-pixel neighbourhood has gradients in two directions. */
function structure(grey: GreyPlane, columns: number, rows: number): Uint8Array {
  const { data, width, height } = grey;
  const xx = new Float64Array(columns * rows);
  const yy = new Float64Array(columns * rows);
  const xy = new Float64Array(columns * rows);
  for (let y = 1; y < Math.min(height - 1, rows * CELL); y++) {
    const line = Math.floor(y / CELL) * columns;
    for (let x = 1; x < Math.min(width - 1, columns * CELL); x++) {
      const i = y * width + x;
      const gx = (data[i + 1] - data[i - 1]) / 2;
      const gy = (data[i + width] - data[i - width]) / 2;
      const c = line + (x >> 3);
      xx[c] += gx * gx;
      yy[c] += gy * gy;
      xy[c] += gx * gy;
    }
  }
  const out = new Uint8Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let a = 0;
      let b = 0;
      let d = 0;
      let n = 0;
      for (let y = Math.max(0, r - 1); y <= Math.min(rows - 1, r + 1); y++) {
        for (let x = Math.max(0, c - 1); x <= Math.min(columns - 1, c + 1); x++, n += CELL * CELL) {
          a += xx[y * columns + x];
          b += yy[y * columns + x];
          d += xy[y * columns + x];
        }
      }
      const smaller = (a + b - Math.hypot(a - b, 2 * d)) / 2 / n;
      out[r * columns + c] = smaller >= STRUCTURE ? 1 : 0;
    }
  }
  return out;
}

/** Shifts that many blocks with like descriptors share, the most frequent first. */
function candidateShifts(grey: GreyPlane): [number, number][] {
  const { width, height, data } = grey;
  const w1 = width + 1;
  const sum = new Float64Array(w1 * (height + 1));
  const square = new Float64Array(w1 * (height + 1));
  for (let y = 0; y < height; y++) {
    let s = 0;
    let q = 0;
    for (let x = 0; x < width; x++) {
      const v = data[y * width + x];
      s += v;
      q += v * v;
      sum[(y + 1) * w1 + x + 1] = sum[y * w1 + x + 1] + s;
      square[(y + 1) * w1 + x + 1] = square[y * w1 + x + 1] + q;
    }
  }
  const box = (t: Float64Array, x: number, y: number, w: number, h: number): number =>
    t[(y + h) * w1 + x + w] - t[y * w1 + x + w] - t[(y + h) * w1 + x] + t[y * w1 + x];
  const half = BLOCK / 2;
  const area = BLOCK * BLOCK;
  const scale = 2 ** 22;
  const keys = new Float64Array((width - BLOCK + 1) * (height - BLOCK + 1));
  let n = 0;
  const level = (v: number, step: number, most: number): number =>
    Math.max(0, Math.min(most, Math.floor(v / step + most / 2)));
  for (let y = 0; y + BLOCK <= height; y++) {
    for (let x = 0; x + BLOCK <= width; x++) {
      const all = box(sum, x, y, BLOCK, BLOCK);
      const variance = box(square, x, y, BLOCK, BLOCK) / area - (all / area) ** 2;
      if (variance < 40) continue;
      const tl = box(sum, x, y, half, half);
      const tr = box(sum, x + half, y, half, half);
      const bl = box(sum, x, y + half, half, half);
      const br = all - tl - tr - bl;
      const middle = box(sum, x + SUB, y + SUB, half, half) * 4;
      const unit = area / 2;
      const key =
        (((level(all / area - 128, 8, 31) * 64 + level((tl + bl - tr - br) / unit, 4, 63)) * 64 +
          level((tl + tr - bl - br) / unit, 4, 63)) *
          64 +
          level((tl + br - tr - bl) / unit, 4, 63)) *
          64 +
        level((middle - all) / area, 4, 63);
      keys[n++] = key * scale + (y * width + x);
    }
  }
  const sorted = keys.subarray(0, n).sort();
  const votes = new Map<number, number>();
  const cellSum = (x: number, y: number, k: number): number =>
    box(sum, x + (k & 3) * SUB, y + (k >> 2) * SUB, SUB, SUB);
  for (let i = 0; i < n; i++) {
    const key = Math.floor(sorted[i] / scale);
    const p = sorted[i] - key * scale;
    const px = p % width;
    const py = (p - px) / width;
    for (let j = i + 1; j < Math.min(n, i + 7); j++) {
      if (Math.floor(sorted[j] / scale) !== key) break;
      const q = sorted[j] - key * scale;
      const dx = (q % width) - px;
      const dy = Math.floor(q / width) - py;
      if (dx * dx + dy * dy < LEAST_SHIFT * LEAST_SHIFT) continue;
      let distance = 0;
      for (let k = 0; k < 16 && distance < 24 * 16; k++) {
        distance += Math.abs(cellSum(px, py, k) - cellSum(px + dx, py + dy, k));
      }
      // On average 1.5 grey levels per 4 x 4 cell.
      if (distance >= 24 * 16) continue;
      const vote = dy * 65536 + dx;
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
  }
  return [...votes.entries()]
    .filter(([, count]) => count >= LEAST_VOTES)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, CANDIDATES)
    .map(([vote]) => {
      const dy = Math.round(vote / 65536);
      return [vote - dy * 65536, dy];
    });
}

/** Cells that equal the picture at the shift: mean squared difference small against the variance of the cell. */
function verify(
  grey: GreyPlane,
  dx: number,
  dy: number,
  structured: Uint8Array,
  columns: number,
  rows: number,
): BlockMap {
  const { data, width, height } = grey;
  const values = new Float64Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const i = r * columns + c;
      if (structured[i] === 0) continue;
      const x0 = Math.max(0, c * CELL - 4);
      const y0 = Math.max(0, r * CELL - 4);
      const x1 = Math.min(width, c * CELL + CELL + 4);
      const y1 = Math.min(height, r * CELL + CELL + 4);
      if (x0 + dx < 0 || y0 + dy < 0 || x1 + dx > width || y1 + dy > height) continue;
      let sum = 0;
      let squares = 0;
      let differences = 0;
      for (let y = y0; y < y1; y++) {
        const other = (y + dy) * width + dx;
        for (let x = x0; x < x1; x++) {
          const v = data[y * width + x];
          const d = v - data[other + x];
          sum += v;
          squares += v * v;
          differences += d * d;
        }
      }
      const n = (x1 - x0) * (y1 - y0);
      const variance = squares / n - (sum / n) ** 2;
      if (differences / n < MISMATCH * variance) values[i] = 1;
    }
  }
  return { columns, rows, cell: CELL, values };
}

/** Mean of k x k pixels; k = 1 returns the plane itself. */
export function reduced(grey: GreyPlane, k: number): GreyPlane {
  if (k === 1) return grey;
  const width = Math.floor(grey.width / k);
  const height = Math.floor(grey.height / k);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let s = 0;
      for (let v = 0; v < k; v++) for (let h = 0; h < k; h++) s += grey.data[(y * k + v) * grey.width + x * k + h];
      data[y * width + x] = Math.round(s / (k * k));
    }
  }
  return { width, height, data };
}
