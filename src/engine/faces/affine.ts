/**
 * Maps from an output picture to a source picture, and the sampler that follows them.
 *
 * Coordinates are continuous: pixel i covers i..i+1 and its centre is i + 0.5, so a box of whole numbers at its own
 * size gives back the same bytes.
 */
import type { RgbImage } from '../types.ts';

/** (x, y) -> (a·x + b·y + c, d·x + e·y + f). */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export const apply = (m: Affine, [x, y]: readonly [number, number]): [number, number] => [
  m.a * x + m.b * y + m.c,
  m.d * x + m.e * y + m.f,
];

/** The map back. The map must not be flat (a·e = b·d), which a rotation with a size above zero never is. */
export function inverse({ a, b, c, d, e, f }: Affine): Affine {
  const det = a * e - b * d;
  return {
    a: e / det,
    b: -b / det,
    c: (b * f - c * e) / det,
    d: -d / det,
    e: a / det,
    f: (c * d - a * f) / det,
  };
}

/**
 * The map of a `width` x `height` picture onto a rectangle of the source: centre (`x`, `y`), size `across` x `down`,
 * turned by `angle` radians (clockwise as seen, y pointing down).
 */
export function rectangleMap(
  rectangle: {
    readonly x: number;
    readonly y: number;
    readonly across: number;
    readonly down: number;
    readonly angle: number;
  },
  width: number,
  height: number,
): Affine {
  const { x, y, across, down, angle } = rectangle;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const a = (cos * across) / width;
  const b = (-sin * down) / height;
  const d = (sin * across) / width;
  const e = (cos * down) / height;
  return { a, b, c: x - (a * width + b * height) / 2, d, e, f: y - (d * width + e * height) / 2 };
}

/** What lies beyond the picture's edge: black, or the nearest edge pixel. */
export type Border = 'zero' | 'replicate';

/** Samples per output pixel and side so that no source pixel is skipped: shrinking then averages instead of aliasing. */
const samplesFor = (x: number, y: number): number => Math.max(1, Math.ceil(Math.hypot(x, y) - 1e-6));

/**
 * Draws a `width` x `height` picture whose pixels are fetched through `map` (output to source coordinates).
 *
 * Kernel: the mean of a regular grid of bilinear samples inside each output pixel, one sample where the picture is
 * not shrunk, ceil(shrink) per side where it is (close to an area average). Results are rounded to the nearest byte.
 */
export function warp(image: RgbImage, map: Affine, width: number, height: number, border: Border): RgbImage {
  const { data: source, width: sw, height: sh } = image;
  const acrossSamples = samplesFor(map.a, map.d);
  const downSamples = samplesFor(map.b, map.e);
  const data = new Uint8Array(width * height * 3);
  const perPixel = acrossSamples * downSamples;
  const row = sw * 3;
  let out = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let j = 0; j < downSamples; j++) {
        const oy = y + (j + 0.5) / downSamples;
        for (let i = 0; i < acrossSamples; i++) {
          const ox = x + (i + 0.5) / acrossSamples;
          const sx = map.a * ox + map.b * oy + map.c - 0.5;
          const sy = map.d * ox + map.e * oy + map.f - 0.5;
          const x0 = Math.floor(sx);
          const y0 = Math.floor(sy);
          const fx = sx - x0;
          const fy = sy - y0;
          if (x0 >= 0 && y0 >= 0 && x0 < sw - 1 && y0 < sh - 1) {
            const at = y0 * row + x0 * 3;
            const w00 = (1 - fx) * (1 - fy);
            const w10 = fx * (1 - fy);
            const w01 = (1 - fx) * fy;
            const w11 = fx * fy;
            r += source[at] * w00 + source[at + 3] * w10 + source[at + row] * w01 + source[at + row + 3] * w11;
            g += source[at + 1] * w00 + source[at + 4] * w10 + source[at + row + 1] * w01 + source[at + row + 4] * w11;
            b += source[at + 2] * w00 + source[at + 5] * w10 + source[at + row + 2] * w01 + source[at + row + 5] * w11;
            continue;
          }
          if (border === 'zero' && (x0 < -1 || y0 < -1 || x0 >= sw || y0 >= sh)) continue;
          // At or beyond the edge: each of the four neighbours on its own.
          for (let k = 0; k < 4; k++) {
            let nx = x0 + (k & 1);
            let ny = y0 + (k >> 1);
            if (border === 'replicate') {
              nx = nx < 0 ? 0 : nx >= sw ? sw - 1 : nx;
              ny = ny < 0 ? 0 : ny >= sh ? sh - 1 : ny;
            } else if (nx < 0 || ny < 0 || nx >= sw || ny >= sh) continue;
            const weight = ((k & 1) === 0 ? 1 - fx : fx) * (k >> 1 === 0 ? 1 - fy : fy);
            const at = ny * row + nx * 3;
            r += source[at] * weight;
            g += source[at + 1] * weight;
            b += source[at + 2] * weight;
          }
        }
      }
      data[out] = r / perPixel + 0.5;
      data[out + 1] = g / perPixel + 0.5;
      data[out + 2] = b / perPixel + 0.5;
    }
  }
  return { width, height, data };
}
