import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SummedArea, shrinkByArea } from '../../src/engine/faces/area.ts';
import type { RgbImage } from '../../src/engine/types.ts';

/** A picture whose bytes follow from its size and a seed. */
function picture(width: number, height: number, seed: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, data };
}

/** The definition: adaptive average pooling, window by window. */
function mean(
  image: RgbImage,
  x: number,
  y: number,
  c: number,
  w: number,
  h: number,
  at = [0, 0, image.width, image.height],
): number {
  const [x1, y1, x2, y2] = at;
  const left = x1 + Math.floor((x * (x2 - x1)) / w);
  const right = x1 + Math.ceil(((x + 1) * (x2 - x1)) / w);
  const top = y1 + Math.floor((y * (y2 - y1)) / h);
  const bottom = y1 + Math.ceil(((y + 1) * (y2 - y1)) / h);
  let sum = 0;
  for (let j = top; j < bottom; j++)
    for (let i = left; i < right; i++) sum += image.data[(j * image.width + i) * 3 + c];
  return sum / ((right - left) * (bottom - top));
}

const size = fc.integer({ min: 1, max: 30 });

describe('summed-area table', () => {
  it('gives the adaptive mean of any region at any size, larger or smaller', () => {
    fc.assert(
      fc.property(size, size, size, size, fc.nat(), fc.nat(), (width, height, w, h, seed, cut) => {
        const image = picture(width, height, seed);
        const x1 = cut % width;
        const y1 = cut % height;
        const target = new Float32Array(w * h * 3 + 1);
        new SummedArea(image).sample({ x1, y1, x2: width, y2: height }, w, h, target, 1, -127.5, 1 / 128);
        for (let c = 0; c < 3; c++)
          for (let y = 0; y < h; y++)
            for (let x = 0; x < w; x++)
              expect(target[1 + c * w * h + y * w + x]).toBeCloseTo(
                (mean(image, x, y, c, w, h, [x1, y1, width, height]) - 127.5) / 128,
                5,
              );
      }),
    );
  });

  it('does not remember a larger picture when its storage is used again', () => {
    const storage = new Int32Array(SummedArea.storageFor(20, 20));
    new SummedArea(picture(20, 20, 1), storage);
    const small = picture(7, 5, 2);
    const fresh = new Float32Array(7 * 5 * 3);
    const reused = new Float32Array(7 * 5 * 3);
    const whole = { x1: 0, y1: 0, x2: 7, y2: 5 };
    new SummedArea(small).sample(whole, 7, 5, fresh, 0, 0, 1);
    new SummedArea(small, storage).sample(whole, 7, 5, reused, 0, 0, 1);
    expect(reused).toEqual(fresh);
    expect(reused[0]).toBe(small.data[0]);
  });

  it('stays exact where the sums wrap round 2^31', () => {
    const white = { width: 4000, height: 2500, data: new Uint8Array(4000 * 2500 * 3).fill(255) };
    const target = new Float32Array(6 * 6 * 3);
    new SummedArea(white).sample({ x1: 0, y1: 0, x2: 4000, y2: 2500 }, 6, 6, target, 0, 0, 1);
    expect(target.every((value) => value === 255)).toBe(true);
  });
});

describe('shrinking', () => {
  it('rounds the adaptive mean to bytes', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), fc.nat(), fc.nat(), (width, height, a, b, seed) => {
        const image = picture(width, height, seed);
        const w = 1 + (a % width);
        const h = 1 + (b % height);
        const small = shrinkByArea(image, w, h);
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++)
            for (let c = 0; c < 3; c++)
              expect(Math.abs(small.data[(y * w + x) * 3 + c] - mean(image, x, y, c, w, h))).toBeLessThanOrEqual(
                0.5001,
              );
      }),
    );
  });

  it('at its own size is the same picture', () => {
    const image = picture(13, 9, 5);
    expect(shrinkByArea(image, 13, 9)).toEqual(image);
  });
});
