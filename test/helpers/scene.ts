/** Moving pictures made by rule: a textured background that pans, and a face whose mouth can open. */
import type { FacePoints } from '../../src/contract/result.ts';
import type { AnalysedFrame, RgbImage } from '../../src/engine/types.ts';
import { random } from './sound.ts';

/** Smooth random texture: value noise of three octaves, 0..255, that can be read at any position. */
export function texture(seed: number): (x: number, y: number) => number {
  const size = 64;
  const r = random(seed);
  const grid = Float64Array.from({ length: size * size }, r);
  const at = (x: number, y: number): number => {
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const fx = x - ix;
    const fy = y - iy;
    const g = (i: number, j: number): number =>
      grid[(((j % size) + size) % size) * size + (((i % size) + size) % size)];
    return (
      (g(ix, iy) * (1 - fx) + g(ix + 1, iy) * fx) * (1 - fy) + (g(ix, iy + 1) * (1 - fx) + g(ix + 1, iy + 1) * fx) * fy
    );
  };
  return (x, y) => 255 * (0.5 * at(x / 32, y / 32) + 0.3 * at(x / 12, y / 12) + 0.2 * at(x / 5, y / 5));
}

/** A picture of a texture seen from (`dx`, `dy`). */
export function view(
  look: (x: number, y: number) => number,
  width: number,
  height: number,
  dx: number,
  dy: number,
): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p += 3) {
      const v = look(x + dx, y + dy);
      data[p] = v;
      data[p + 1] = v * 0.9;
      data[p + 2] = v * 0.8;
    }
  }
  return { width, height, data };
}

/** Frames of 25 per second with running numbers; `cuts` says which follow a scene cut. */
export function* frames(
  images: Iterable<RgbImage>,
  { rate = 25, cuts = [] as readonly number[] } = {},
): Generator<AnalysedFrame> {
  let index = 0;
  for (const image of images) {
    yield {
      frame: { ...image, index, time: index / rate, key: index === 0 },
      faces: [],
      sceneCut: cuts.includes(index),
    };
    index++;
  }
}

/** Points of a face whose eyes are `eyes` pixels apart, around (`x`, `y`). */
export function facePoints(x: number, y: number, eyes: number): FacePoints {
  return [
    [x - eyes / 2, y - eyes / 2],
    [x + eyes / 2, y - eyes / 2],
    [x, y],
    [x - 0.4 * eyes, y + eyes / 2],
    [x + 0.4 * eyes, y + eyes / 2],
  ];
}
