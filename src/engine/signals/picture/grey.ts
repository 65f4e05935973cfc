/** Grey planes, and the second derivative measures taken from them. */
import type { RgbImage } from '../../types.ts';

/** A plane of 8-bit grey values, rows from the top. */
export interface GreyPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Rec. 601 luma in 15-bit fixed point, rounded: the same integers as OpenCV's 8-bit conversion. */
export function greyOf(image: RgbImage): GreyPlane {
  const { width, height, data } = image;
  const out = new Uint8Array(width * height);
  for (let i = 0, o = 0; o < out.length; i += 3, o++) {
    out[o] = (data[i] * 9798 + data[i + 1] * 19235 + data[i + 2] * 3735 + 16384) >> 15;
  }
  return { width, height, data: out };
}

/**
 * Variance of the 4-neighbour Laplacian, borders mirrored without repetition (Pech-Pacheco et al., ICPR 2000, as a
 * measure of sharpness). Unit: squared grey levels.
 */
export function laplacianVariance(grey: GreyPlane): number {
  const { width, height, data } = grey;
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height; y++) {
    const up = (height === 1 ? 0 : y === 0 ? 1 : y - 1) * width;
    const down = (height === 1 ? 0 : y === height - 1 ? y - 1 : y + 1) * width;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const left = width === 1 ? 0 : x === 0 ? 1 : x - 1;
      const right = width === 1 ? 0 : x === width - 1 ? x - 1 : x + 1;
      const v = data[up + x] + data[down + x] + data[row + left] + data[row + right] - 4 * data[row + x];
      sum += v;
      squares += v * v;
    }
  }
  // Both sums are integers far below 2^53, so this is exact up to the last division.
  const n = width * height;
  return squares / n - (sum / n) * (sum / n);
}

/**
 * Blocking measure B of Wang, Sheikh and Bovik (ICIP 2002), mean of rows and columns: mean absolute difference
 * across the edges of 8 x 8 blocks counted from the upper left corner, cut to 0..20 grey levels. `null` where a
 * side is shorter than 9 pixels and there is no edge.
 */
export function blockingScore(grey: GreyPlane): number | null {
  const { width, height, data } = grey;
  if (width < 9 || height < 9) return null;
  let across = 0;
  let acrossCount = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 7; x < width - 1; x += 8) {
      across += Math.abs(data[y * width + x + 1] - data[y * width + x]);
      acrossCount++;
    }
  }
  let down = 0;
  let downCount = 0;
  for (let y = 7; y < height - 1; y += 8) {
    for (let i = y * width, end = i + width; i < end; i++) {
      down += Math.abs(data[i + width] - data[i]);
      downCount++;
    }
  }
  return Math.min(20, (across / acrossCount + down / downCount) / 2);
}
