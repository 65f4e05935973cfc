/**
 * Traces of interpolation: the colour filter array and resampling.
 *
 * References: Gallagher and Chen, CVPR 2008 (CFA as a peak of the diagonal variance); Gallagher, CRV 2005 (second
 * derivative); Kirchner, MM&Sec 2008 (fixed linear predictor instead of expectation maximisation); Popescu and
 * Farid, IEEE TSP 53 (2005).
 */
import type { RgbImage } from '../../types.ts';
import { realFft2d } from '../dsp/fft2d.ts';
import type { GreyPlane } from './grey.ts';
import { type BlockMap, median } from './stats.ts';

interface CfaTrace {
  /** Peak of the spectrum of diagonal means at half the sampling rate, over the median of the spectrum. */
  readonly peak: number;
  /** ln of mean |residual| on even over odd pixels of the chessboard, per cell; the sign is the pattern's phase. */
  readonly map: BlockMap;
}

/**
 * Looks for the chessboard that interpolation of the green channel leaves: interpolated pixels are predicted better
 * by their four neighbours than measured ones. `null` below 64 x 64 pixels.
 */
export function cfaTrace(image: RgbImage, cell = 32): CfaTrace | null {
  const { width, height, data } = image;
  if (width < 64 || height < 64) return null;
  const columns = Math.floor(width / cell);
  const rows = Math.floor(height / cell);
  const sums = [new Float64Array(columns * rows), new Float64Array(columns * rows)];
  const diagonal = new Float64Array(width + height);
  const count = new Float64Array(width + height);
  const stride = width * 3;
  for (let y = 1; y < height - 1; y++) {
    const row = Math.floor(y / cell);
    for (let x = 1; x < width - 1; x++) {
      const i = y * stride + x * 3 + 1;
      const d = Math.abs(4 * data[i] - data[i - 3] - data[i + 3] - data[i - stride] - data[i + stride]);
      // Edges say nothing of the pattern and would drown it.
      const bounded = d > 64 ? 64 : d;
      diagonal[x + y] += bounded;
      count[x + y]++;
      const column = Math.floor(x / cell);
      if (row < rows && column < columns) sums[(x + y) & 1][row * columns + column] += bounded;
    }
  }
  const length = (width + height - 64) & ~1;
  const signal = new Float64Array(length);
  let mean = 0;
  for (let i = 0; i < length; i++) {
    const k = i + 32;
    signal[i] = count[k] > 0 ? diagonal[k] / count[k] : 0;
    mean += signal[i] / length;
  }
  for (let i = 0; i < length; i++) signal[i] -= mean;
  const { re, im, bins } = realFft2d(signal, length, 1);
  const magnitude = Float64Array.from({ length: bins }, (_, k) => Math.hypot(re[k], im[k]));
  const background = median(magnitude.subarray(Math.floor(bins / 2), bins - 1));
  const values = sums[0].map((even, i) => Math.log((even + 1) / (sums[1][i] + 1)));
  return { peak: background > 0 ? magnitude[bins - 1] / background : 0, map: { columns, rows, cell, values } };
}

interface ResamplingTrace {
  /** Strongest periodic component of the predictability map over its local background. */
  readonly strength: number;
  /** Its frequency in cycles per pixel, -0.5..0.5 each. */
  readonly fx: number;
  readonly fy: number;
  /** Side of the analysed square. */
  readonly side: number;
  /** Magnitudes of the map's spectrum, zero frequency in the middle, side x side. */
  readonly spectrum: Float64Array;
}

/** Kirchner's fixed predictor for a pixel from its eight neighbours: edges 1/2, corners -1/4. */
const EDGE = 0.5;
const CORNER = -0.25;
/** Variance of the predictability map (values 0..1) below which there is nothing to look at. */
const FLAT = 1e-3;

/**
 * Looks for periodic predictability in the central square of up to 1024 pixels. Interpolated pixels are predicted
 * well at regular distances; a factor s leaves components at frequency 1/s (folded to 0..1/2) on an axis.
 * Frequencies near multiples of 1/8 are left out, where JPEG blocks show; a resampling by 8/7, 4/3, 8/5 or 2
 * therefore is not found in this way. `null` below 128 pixels and for
 * pictures without texture.
 */
export function resamplingTrace(grey: GreyPlane): ResamplingTrace | null {
  let side = 1024;
  while (side > Math.min(grey.width, grey.height)) side /= 2;
  if (side < 128) return null;
  const x0 = Math.floor((grey.width - side) / 2);
  const y0 = Math.floor((grey.height - side) / 2);
  const { data, width } = grey;
  const map = new Float64Array(side * side);
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const i = (y0 + y) * width + x0 + x;
      const edges = data[i - 1] + data[i + 1] + data[i - width] + data[i + width];
      const corners = data[i - width - 1] + data[i - width + 1] + data[i + width - 1] + data[i + width + 1];
      const e = data[i] - EDGE * edges - CORNER * corners;
      map[y * side + x] = Math.exp(-Math.abs(e) / 2);
    }
  }
  const inside = (side - 2) * (side - 2);
  const mean = map.reduce((s, v) => s + v, 0) / inside;
  for (let i = 0; i < side; i++) {
    map[i] = mean;
    map[(side - 1) * side + i] = mean;
    map[i * side] = mean;
    map[i * side + side - 1] = mean;
  }
  // Without texture every pixel is predicted alike, and what is left is rounding.
  if (map.reduce((s, v) => s + (v - mean) * (v - mean), 0) / inside < FLAT) return null;
  // A Hann window keeps the edges of the square from drawing a cross through the spectrum.
  const hann = Float64Array.from({ length: side }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / side));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) map[y * side + x] = (map[y * side + x] - mean) * hann[x] * hann[y];
  const { re, im, bins } = realFft2d(map, side, side);
  const spectrum = map;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < bins; x++) {
      const m = Math.hypot(re[y * bins + x], im[y * bins + x]);
      spectrum[((y + side / 2) % side) * side + ((x + side / 2) % side)] = m;
      if (x > 0 && x < side / 2) spectrum[((side - y + side / 2) % side) * side + (side / 2 - x)] = m;
    }
  }
  let best = { strength: 0, fx: 0, fy: 0 };
  // Three bins: what the window spreads a line over.
  const reach = Math.max(0.06, 24 / side);
  const near = (f: number): boolean => Math.abs(f * 8 - Math.round(f * 8)) < reach;
  const half = side / 2;
  // Components of a resampling lie on the axes or, for both axes together, on the diagonals of equal frequency.
  for (let k = Math.ceil(0.04 * side); k < half - 2; k++) {
    if (near(k / side)) continue;
    for (const [dx, dy] of [
      [k, 0],
      [0, k],
      [k, k],
      [k, -k],
    ]) {
      const strength = contrast(spectrum, side, half + dx, half + dy);
      if (strength > best.strength) best = { strength, fx: dx / side, fy: dy / side };
    }
  }
  return { ...best, side, spectrum };
}

/** Largest of the 3 x 3 bins around a place over the median of a 17 x 17 neighbourhood without the inner 5 x 5. */
function contrast(spectrum: Float64Array, side: number, cx: number, cy: number): number {
  const around: number[] = [];
  const centre = spectrum[cy * side + cx];
  for (let y = cy - 8; y <= cy + 8; y++) {
    for (let x = cx - 8; x <= cx + 8; x++) {
      if (Math.abs(x - cx) <= 2 && Math.abs(y - cy) <= 2) continue;
      // The axes carry the picture's own straight edges and are not part of the background of a place off them.
      around.push(spectrum[((y + side) % side) * side + ((x + side) % side)]);
    }
  }
  const background = median(around);
  return background > 0 ? centre / background : 0;
}
