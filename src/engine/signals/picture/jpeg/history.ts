/**
 * What a JPEG's coefficients tell of its past: quality of its tables, known table families, a first compression on
 * the same grid (double quantisation) and on a shifted grid.
 *
 * References: ITU-T T.81 annex K; Lukas and Fridrich, DFRWS 2003 (double quantisation); Popescu and Farid, IH 2004;
 * Bianchi and Piva, IEEE TIFS 7 (2012) (non-aligned double compression).
 */
import { dct8, idct8 } from '../../dsp/dct.ts';
import { ZIGZAG } from '../../quantisation.ts';
import type { JpegComponent } from './decode.ts';

/** T.81 table K.1 (luminance), natural order. */
const ANNEX_K_LUMA: readonly number[] = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
/** The default table of mozjpeg, natural order. */
const MOZJPEG: readonly number[] = [
  16, 16, 16, 18, 25, 37, 56, 85, 16, 17, 20, 27, 34, 40, 53, 75, 16, 20, 24, 31, 43, 62, 91, 135, 18, 27, 31, 40, 53,
  74, 106, 156, 25, 34, 43, 53, 69, 94, 131, 189, 37, 40, 62, 74, 94, 124, 169, 238, 56, 53, 91, 106, 131, 169, 226,
  311, 85, 75, 135, 156, 189, 238, 311, 418,
];

/** Table of a base and a quality 1..100 by the Independent JPEG Group's rule, 8-bit range. */
export function scaledTable(base: readonly number[], quality: number): Uint16Array {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return Uint16Array.from(base, (v) => Math.min(255, Math.max(1, Math.floor((v * scale + 50) / 100))));
}

const FAMILIES = [
  { name: 'Annex K tables scaled by the IJG rule (libjpeg and most software)', base: ANNEX_K_LUMA },
  { name: 'mozjpeg default tables scaled by the IJG rule', base: MOZJPEG },
] as const;

interface QualityEstimate {
  /** 1..100 on the IJG scale of the nearest family. */
  readonly quality: number;
  /** Family whose table equals the file's at this quality, or null: a camera's or editor's own table. */
  readonly family: string | null;
  /** Mean absolute difference of the table entries from the nearest family's, relative to the entries. */
  readonly distance: number;
}

/** Quality of a luminance table (natural order). */
export function estimateQuality(table: Uint16Array): QualityEstimate {
  let best: QualityEstimate = { quality: 1, family: null, distance: Number.POSITIVE_INFINITY };
  for (const { name, base } of FAMILIES) {
    for (let quality = 1; quality <= 100; quality++) {
      const candidate = scaledTable(base, quality);
      let distance = 0;
      for (let i = 0; i < 64; i++) distance += Math.abs(candidate[i] - table[i]) / Math.max(candidate[i], table[i]);
      distance /= 64;
      if (distance < best.distance) best = { quality, family: distance === 0 ? name : null, distance };
    }
  }
  return best;
}

/** Quantised values beyond this are too rare to be modelled. */
const MOST = 24;
/** AC frequencies of the zigzag that are used: the ones that hold enough non-zero values. */
const FREQUENCIES = 12;

/** Histogram of |quantised value| 0..MOST of one frequency (natural index), values beyond are dropped. */
export function coefficientHistogram(component: JpegComponent, index: number): Float64Array {
  const histogram = new Float64Array(MOST + 1);
  const { coefficients } = component;
  for (let i = index; i < coefficients.length; i += 64) {
    const v = Math.abs(coefficients[i]);
    if (v <= MOST) histogram[v]++;
  }
  return histogram;
}

interface DoubleQuantisation {
  /** Mean log-likelihood gain (nats per non-zero coefficient) of the best first quality over a single compression. */
  readonly gain: number;
  /** IJG quality of that first compression. */
  readonly quality: number;
  /** Non-zero coefficients the gain was computed from. */
  readonly count: number;
}

/**
 * Looks for the comb that an earlier, coarser quantisation on the same grid leaves in the histograms: for every
 * IJG quality the histogram expected from a Laplacian source quantised twice is compared with the one expected from
 * a single quantisation. `null` where too few coefficients are non-zero (fewer than 500).
 */
export function doubleQuantisation(component: JpegComponent): DoubleQuantisation | null {
  const parts: { index: number; q2: number; histogram: Float64Array; count: number; scale: number }[] = [];
  for (let k = 1; k <= FREQUENCIES; k++) {
    const index = ZIGZAG[k];
    const histogram = coefficientHistogram(component, index);
    let count = 0;
    let sum = 0;
    for (let v = 1; v <= MOST; v++) {
      count += histogram[v];
      sum += histogram[v] * (v - 0.5);
    }
    if (count >= 50) parts.push({ index, q2: component.quantisation[index], histogram, count, scale: sum / count });
  }
  const total = parts.reduce((s, p) => s + p.count, 0);
  if (total < 500) return null;
  let best = { gain: 0, quality: 100 };
  for (let quality = 30; quality <= 99; quality++) {
    const first = scaledTable(ANNEX_K_LUMA, quality);
    let gain = 0;
    for (const p of parts) {
      const q1 = first[p.index];
      if (p.q2 % q1 === 0) continue;
      const b = p.scale * p.q2;
      const single = new Float64Array(MOST + 1);
      const twice = new Float64Array(MOST + 1);
      for (let v = 1; v <= MOST; v++) {
        single[v] = Math.exp((-(v - 0.5) * p.q2) / b) - Math.exp((-(v + 0.5) * p.q2) / b);
      }
      for (let m = 1; (m - 1) * q1 < (MOST + 1) * p.q2; m++) {
        const mass = Math.exp((-(m - 0.5) * q1) / b) - Math.exp((-(m + 0.5) * q1) / b);
        // Rounding to pixels between the compressions blurs the multiple by about 0.4.
        for (const [offset, weight] of BLUR) {
          const v = Math.round((m * q1 + offset) / p.q2);
          if (v >= 1 && v <= MOST) twice[v] += mass * weight;
        }
      }
      const singleSum = single.reduce((s, v) => s + v, 0);
      const twiceSum = twice.reduce((s, v) => s + v, 0);
      if (twiceSum <= 0) continue;
      for (let v = 1; v <= MOST; v++) {
        // A twentieth of the single model absorbs what the blur does not.
        const p0 = single[v] / singleSum;
        const p1 = 0.95 * (twice[v] / twiceSum) + 0.05 * p0;
        if (p0 > 0 && p.histogram[v] > 0) gain += p.histogram[v] * Math.log(p1 / p0);
      }
    }
    if (gain / total > best.gain) best = { gain: gain / total, quality };
  }
  return { ...best, count: total };
}

const BLUR: readonly (readonly [number, number])[] = [
  [-0.8, 0.06],
  [-0.4, 0.24],
  [0, 0.4],
  [0.4, 0.24],
  [0.8, 0.06],
];

/** Luminance as a decoder would show it: 8-bit range, rounded, in the file's own orientation. */
export function decodeLuma(
  component: JpegComponent,
  width: number,
  height: number,
): { width: number; height: number; data: Uint8Array } {
  const data = new Uint8Array(width * height);
  const input = new Float64Array(64);
  const output = new Float64Array(64);
  for (let by = 0; by < component.blocksHigh; by++) {
    for (let bx = 0; bx < component.blocksWide; bx++) {
      const at = (by * component.blocksWide + bx) * 64;
      for (let i = 0; i < 64; i++) input[i] = component.coefficients[at + i] * component.quantisation[i];
      idct8(input, output);
      for (let y = 0; y < 8 && by * 8 + y < height; y++) {
        for (let x = 0; x < 8 && bx * 8 + x < width; x++) {
          const v = Math.round(output[y * 8 + x] + 128);
          data[(by * 8 + y) * width + bx * 8 + x] = v < 0 ? 0 : v > 255 ? 255 : v;
        }
      }
    }
  }
  return { width, height, data };
}

interface GridShift {
  /** Offset of the strongest second grid from the upper left corner, 0..7. */
  readonly x: number;
  readonly y: number;
  /** How far it stands out, in robust standard deviations of all offsets looked at (64, or 49 for a JPEG). */
  readonly strength: number;
  /** The interaction residual of every offset, rows of y; larger = more like a block grid. */
  readonly residual: Float64Array;
}

/** Blocks per offset: enough for a stable mean, few enough for a fraction of a second. */
const MOST_BLOCKS = 6000;
/** Coefficients beyond this are the picture's own; only how small the small ones are tells of a grid. */
const LARGE = 6;

/**
 * Looks for the grid of an earlier compression at each of the 64 offsets. On the right offset the block transform
 * has more small values. What belongs to rows or columns alone is removed by a median polish, so only a full
 * two-dimensional grid stands out.
 *
 * @param ignoreOwn for a JPEG: leave out all offsets that share a coordinate with its own grid, into which that grid
 *   leaks; an earlier grid shifted along one axis only is then not found
 * @returns null for pictures smaller than 64 x 64
 */
export function gridShift(
  plane: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  ignoreOwn: boolean,
): GridShift | null {
  const { width, height, data } = plane;
  if (width < 64 || height < 64) return null;
  const across = Math.floor((width - 7) / 8);
  const down = Math.floor((height - 7) / 8);
  const step = Math.max(1, Math.floor((across * down) / MOST_BLOCKS));
  const input = new Float64Array(64);
  const output = new Float64Array(64);
  const score = new Float64Array(64);
  for (let offset = 0; offset < 64; offset++) {
    const ox = offset & 7;
    const oy = offset >> 3;
    if (ignoreOwn && (ox === 0 || oy === 0)) continue;
    let sum = 0;
    let count = 0;
    for (let b = 0; b < across * down; b += step) {
      const x = (b % across) * 8 + ox;
      const y = Math.floor(b / across) * 8 + oy;
      if (x + 8 > width || y + 8 > height) continue;
      let least = 255;
      let most = 0;
      for (let i = 0; i < 64; i++) {
        const v = data[(y + (i >> 3)) * width + x + (i & 7)];
        input[i] = v;
        if (v < least) least = v;
        if (v > most) most = v;
      }
      // Flat and clipped blocks look the same on every grid.
      if (most - least < 4 || most === 255 || least === 0) continue;
      dct8(input, output);
      for (let i = 1; i < 64; i++) {
        if ((i >> 3) + (i & 7) < 3) continue;
        const magnitude = Math.abs(output[i]);
        sum -= magnitude < LARGE ? magnitude : LARGE;
      }
      count++;
    }
    score[offset] = count === 0 ? 0 : sum / count;
  }
  const kept = [...score.keys()].filter((i) => !ignoreOwn || ((i & 7) > 0 && i >> 3 > 0));
  const residual = polish(score, kept);
  const spread = median(kept.map((i) => Math.abs(residual[i]))) * 1.4826;
  let best = kept[0];
  for (const i of kept) if (residual[i] > residual[best]) best = i;
  return { x: best & 7, y: best >> 3, strength: spread > 0 ? residual[best] / spread : 0, residual };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const m = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[m] : (sorted[m - 1] + sorted[m]) / 2;
}

/** Tukey's median polish of the kept cells of an 8 x 8 table; the others are returned as 0. */
function polish(table: Float64Array, kept: readonly number[]): Float64Array {
  const r = new Float64Array(64);
  for (const i of kept) r[i] = table[i];
  for (let pass = 0; pass < 4; pass++) {
    for (let line = 0; line < 16; line++) {
      const cells = kept.filter((i) => (line < 8 ? i >> 3 === line : (i & 7) === line - 8));
      const m = median(cells.map((i) => r[i]));
      for (const i of cells) r[i] -= m;
    }
  }
  return r;
}
