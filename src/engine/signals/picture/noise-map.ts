/**
 * Local noise level and sharpness.
 *
 * The level of a cell is the median absolute diagonal Haar detail over 0.6745 (Donoho and Johnstone, Biometrika 81,
 * 1994), which texture hardly moves. Inconsistency is measured against the level expected at the cell's brightness,
 * because sensor noise depends on it (Liu et al., CVPR 2006; Mahdian and Saic, Image and Vision Computing 27, 2009).
 */
import type { GreyPlane } from './grey.ts';
import { type BlockMap, median } from './stats.ts';

/** Noise standard deviation of a rectangle of a grey plane, in grey levels; NaN where it holds under 16 quads. */
function noiseLevel(grey: GreyPlane, x0: number, y0: number, width: number, height: number): number {
  const { data, width: stride } = grey;
  const across = Math.floor(width / 2);
  const down = Math.floor(height / 2);
  if (across * down < 16) return Number.NaN;
  // |a - b - c + d| is an integer up to 510, so a histogram gives the median without sorting.
  const histogram = new Uint32Array(511);
  for (let v = 0; v < down; v++) {
    for (let h = 0, i = (y0 + 2 * v) * stride + x0; h < across; h++, i += 2) {
      const d = data[i] - data[i + 1] - data[i + stride] + data[i + stride + 1];
      histogram[d < 0 ? -d : d]++;
    }
  }
  return histogramMedian(histogram, across * down) / 2 / 0.6745;
}

/** Median with interpolation inside the bin, so that small levels are not all 0 or 1. */
function histogramMedian(histogram: Uint32Array, total: number): number {
  let below = 0;
  for (let v = 0; v < histogram.length; v++) {
    if (below + histogram[v] >= total / 2) {
      const inside = (total / 2 - below) / histogram[v];
      return v === 0 ? inside * 0.5 : v - 0.5 + inside;
    }
    below += histogram[v];
  }
  return 0;
}

interface NoiseMap {
  /** log2 of a cell's noise level over the level expected at its brightness; NaN in clipped cells. */
  readonly ratio: BlockMap;
  /** Median noise level of the picture, grey levels. */
  readonly level: number;
  /** Cells that were usable. */
  readonly cells: number;
}

/** Noise map in cells of `cell` pixels (even). Cells with over a tenth of clipped pixels are left out. */
export function noiseMap(grey: GreyPlane, cell = 32): NoiseMap {
  const columns = Math.floor(grey.width / cell);
  const rows = Math.floor(grey.height / cell);
  const level = new Float64Array(columns * rows).fill(Number.NaN);
  const bright = new Float64Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      let clipped = 0;
      for (let y = r * cell; y < (r + 1) * cell; y++) {
        for (let i = y * grey.width + c * cell, end = i + cell; i < end; i++) {
          const v = grey.data[i];
          sum += v;
          if (v <= 2 || v >= 253) clipped++;
        }
      }
      const i = r * columns + c;
      bright[i] = sum / (cell * cell);
      if (clipped <= 0.1 * cell * cell) level[i] = noiseLevel(grey, c * cell, r * cell, cell, cell);
    }
  }
  const usable = [...level.keys()].filter((i) => Number.isFinite(level[i]));
  const overall = median(usable.map((i) => level[i]));
  const values = new Float64Array(level.length).fill(Number.NaN);
  for (const i of usable) {
    // Expected level: median of cells of similar brightness, widened until there are enough of them.
    let reach = 16;
    let near: number[] = [];
    while (near.length < Math.min(12, usable.length) && reach <= 256) {
      near = usable.filter((j) => Math.abs(bright[j] - bright[i]) <= reach);
      reach *= 2;
    }
    // A floor of a quarter grey level keeps rounding from making ratios out of nothing.
    values[i] = Math.log2(Math.max(0.25, level[i]) / Math.max(0.25, median(near.map((j) => level[j]))));
  }
  return { ratio: { columns, rows, cell, values }, level: overall, cells: usable.length };
}

interface FaceMismatch {
  /** log2 of noise level in the face over noise level around it; 0 = equal. */
  readonly noise: number;
  /** log2 of Laplacian energy in the face over the energy around it. */
  readonly sharpness: number;
}

/**
 * Noise and sharpness of a face against a ring around it (the box grown by `grow`, minus the box grown by a tenth).
 * The inner part of the box, four fifths of it, stands for the face. Boxes are in pixels and may reach over the edge.
 * `null` where the face or the ring holds too few pixels.
 */
export function faceMismatch(
  grey: GreyPlane,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  grow = 0.6,
): FaceMismatch | null {
  const scaled = (factor: number): [number, number, number, number] => {
    const w = box.width * factor;
    const h = box.height * factor;
    const x0 = Math.max(0, Math.round(box.x + (box.width - w) / 2));
    const y0 = Math.max(0, Math.round(box.y + (box.height - h) / 2));
    return [x0, y0, Math.min(grey.width, Math.round(x0 + w)), Math.min(grey.height, Math.round(y0 + h))];
  };
  const inside = measure(grey, scaled(0.8), null);
  const outside = measure(grey, scaled(1 + 2 * grow), scaled(1.1));
  if (inside === null || outside === null) return null;
  return {
    noise: Math.log2(Math.max(0.25, inside.noise) / Math.max(0.25, outside.noise)),
    sharpness: Math.log2(Math.max(0.25, inside.sharpness) / Math.max(0.25, outside.sharpness)),
  };
}

type Edges = readonly [number, number, number, number];

function measure(
  grey: GreyPlane,
  [x0, y0, x1, y1]: Edges,
  hole: Edges | null,
): { noise: number; sharpness: number } | null {
  const { data, width } = grey;
  const histogram = new Uint32Array(511);
  let quads = 0;
  let energy = 0;
  for (let y = Math.max(1, y0); y + 1 < Math.min(y1, grey.height - 1); y += 2) {
    for (let x = Math.max(1, x0); x + 1 < Math.min(x1, width - 1); x += 2) {
      if (hole !== null && x >= hole[0] && x < hole[2] && y >= hole[1] && y < hole[3]) continue;
      const i = y * width + x;
      const d = data[i] - data[i + 1] - data[i + width] + data[i + width + 1];
      histogram[d < 0 ? -d : d]++;
      const l = data[i - 1] + data[i + 1] + data[i - width] + data[i + width] - 4 * data[i];
      energy += l * l;
      quads++;
    }
  }
  return quads < 200 ? null : { noise: histogramMedian(histogram, quads) / 2 / 0.6745, sharpness: energy / quads };
}
