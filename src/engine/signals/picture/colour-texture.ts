/**
 * Colour statistics, edge density and texture. Plain description of the picture: input for comparison with pictures
 * of the same source (Haralick, Proc. IEEE 67, 1979; Li, Li, Tan and Huang, Signal Processing 174, 2020).
 */
import type { RgbImage } from '../../types.ts';
import { type GreyPlane, greyOf } from './grey.ts';
import type { BlockMap } from './stats.ts';

interface ColourTexture {
  /** Means and standard deviations of R, G, B in grey levels. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Pearson correlations of R-G, G-B, R-B; 0 where a channel is constant. */
  readonly correlation: readonly [number, number, number];
  /** Mean of (max - min) / max, 0..1 (HSV saturation). */
  readonly saturation: number;
  /** Shannon entropy of the grey histogram in bits, 0..8. */
  readonly entropy: number;
  /** Share of pixels whose Sobel gradient magnitude exceeds 100 (of at most 1442), 0..1. */
  readonly edgeDensity: number;
  /** Median and mean variance of 8 x 8 cells, squared grey levels. */
  readonly textureMean: number;
  readonly texture: BlockMap;
}

const EDGE = 100;

export function colourTexture(image: RgbImage): ColourTexture {
  const { data } = image;
  const n = data.length / 3;
  const s = new Float64Array(3);
  const q = new Float64Array(6);
  let saturation = 0;
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i];
    const g = data[i + 1];
    const b = data[i + 2];
    s[0] += r;
    s[1] += g;
    s[2] += b;
    q[0] += r * r;
    q[1] += g * g;
    q[2] += b * b;
    q[3] += r * g;
    q[4] += g * b;
    q[5] += r * b;
    const most = r > g ? (r > b ? r : b) : g > b ? g : b;
    const least = r < g ? (r < b ? r : b) : g < b ? g : b;
    if (most > 0) saturation += (most - least) / most;
  }
  const mean = [s[0] / n, s[1] / n, s[2] / n] as const;
  const deviation = [0, 1, 2].map((c) => Math.sqrt(Math.max(0, q[c] / n - mean[c] ** 2)));
  const correlation = (k: number, a: number, b: number): number =>
    deviation[a] > 0 && deviation[b] > 0
      ? Math.max(-1, Math.min(1, (q[k] / n - mean[a] * mean[b]) / (deviation[a] * deviation[b])))
      : 0;
  const grey = greyOf(image);
  const texture = localVariance(grey, 8);
  return {
    mean,
    deviation: [deviation[0], deviation[1], deviation[2]],
    correlation: [correlation(3, 0, 1), correlation(4, 1, 2), correlation(5, 0, 2)],
    saturation: saturation / n,
    entropy: greyEntropy(grey),
    edgeDensity: edgeDensity(grey),
    textureMean: texture.values.length === 0 ? 0 : texture.values.reduce((a, b) => a + b, 0) / texture.values.length,
    texture,
  };
}

function greyEntropy(grey: GreyPlane): number {
  const histogram = new Float64Array(256);
  for (const v of grey.data) histogram[v]++;
  return histogram.reduce((h, c) => (c > 0 ? h - (c / grey.data.length) * Math.log2(c / grey.data.length) : h), 0);
}

function edgeDensity(grey: GreyPlane): number {
  const { data, width, height } = grey;
  let edges = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const a = data[i - width - 1];
      const c = data[i - width + 1];
      const g = data[i + width - 1];
      const k = data[i + width + 1];
      const gx = c + 2 * data[i + 1] + k - a - 2 * data[i - 1] - g;
      const gy = g + 2 * data[i + width] + k - a - 2 * data[i - width] - c;
      if (gx * gx + gy * gy > EDGE * EDGE) edges++;
    }
  }
  const inside = Math.max(0, width - 2) * Math.max(0, height - 2);
  return inside === 0 ? 0 : edges / inside;
}

function localVariance(grey: GreyPlane, cell: number): BlockMap {
  const columns = Math.floor(grey.width / cell);
  const rows = Math.floor(grey.height / cell);
  const values = new Float64Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      let squares = 0;
      for (let y = r * cell; y < (r + 1) * cell; y++) {
        for (let i = y * grey.width + c * cell, end = i + cell; i < end; i++) {
          sum += grey.data[i];
          squares += grey.data[i] * grey.data[i];
        }
      }
      const n = cell * cell;
      values[r * columns + c] = squares / n - (sum / n) ** 2;
    }
  }
  return { columns, rows, cell, values };
}
