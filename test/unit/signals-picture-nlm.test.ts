import { describe, expect, it } from 'vitest';
import { fromLab, toLab } from '../../src/engine/signals/picture/lab.ts';
import { denoiseColoured } from '../../src/engine/signals/picture/nlm.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { normals, painted } from '../helpers/picture.ts';

const mirror = (i: number, n: number): number => {
  if (n === 1) return 0;
  const m = Math.abs(i) % (2 * n - 2);
  return m < n ? m : 2 * n - 2 - m;
};

/** Non-local means straight from its definition, in the integers of the reference: slow and plain. */
function plain(planes: readonly Uint8Array[], width: number, height: number): Uint8Array[] {
  const unit = 19096;
  const weight = (sum: number): number => {
    const w = Math.round(unit * Math.exp(-((sum >> 6) * 64) / 49 / (100 * planes.length)));
    return w < 0.001 * unit ? 0 : w;
  };
  // Padded by the reach of search and template, so that the loops below are nothing but the definition.
  const reach = 13;
  const stride = width + 2 * reach;
  const padded = planes.map((p) =>
    Int32Array.from({ length: stride * (height + 2 * reach) }, (_, i) => {
      const x = mirror((i % stride) - reach, width);
      return p[mirror(Math.floor(i / stride) - reach, height) * width + x];
    }),
  );
  const out = planes.map((p) => new Uint8Array(p.length));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const centre = (y + reach) * stride + x + reach;
      const sums = new Float64Array(planes.length);
      let total = 0;
      for (let dy = -10; dy <= 10; dy++) {
        for (let dx = -10; dx <= 10; dx++) {
          const offset = dy * stride + dx;
          let d = 0;
          for (const p of padded) {
            for (let v = -3; v <= 3; v++) {
              for (let i = centre + v * stride - 3; i <= centre + v * stride + 3; i++) {
                const e = p[i] - p[i + offset];
                d += e * e;
              }
            }
          }
          const w = weight(d);
          total += w;
          for (let k = 0; k < padded.length; k++) sums[k] += w * padded[k][centre + offset];
        }
      }
      for (let k = 0; k < planes.length; k++) {
        out[k][y * width + x] = Math.floor((sums[k] + Math.floor(total / 2)) / total);
      }
    }
  }
  return out;
}

function expected(image: RgbImage): Uint8Array {
  const n = image.width * image.height;
  const [l, a, b] = [new Uint8Array(n), new Uint8Array(n), new Uint8Array(n)];
  toLab(image.data, 0, n, l, a, b, 0);
  const [light] = plain([l], image.width, image.height);
  const [red, blue] = plain([a, b], image.width, image.height);
  const out = new Uint8Array(n * 3);
  fromLab(light, red, blue, 0, n, out, 0);
  return out;
}

function picture(width: number, height: number, strength: number, colour: boolean): RgbImage {
  const random = normals(width * 1000 + height);
  const grey = new Map<number, number>();
  return painted({ width, height, data: new Uint8Array(width * height * 3) }, (x, y, c) => {
    if (!colour && c > 0) return grey.get(y * width + x) ?? 0;
    const v = 128 + 60 * Math.sin(x / 9 + c) * Math.cos(y / 6) + ((x >> 3) % 3 === 0 ? 50 : 0) + strength * random();
    grey.set(y * width + x, v);
    return v;
  });
}

describe('denoiseColoured', () => {
  it.each([
    [1, 1, 10, true],
    [3, 2, 10, true],
    [9, 40, 25, true],
    [37, 29, 6, true],
    [41, 23, 90, true],
    [30, 30, 8, false],
    // Wider than one tile.
    [520, 5, 12, true],
    // Higher than one tile.
    [6, 250, 12, true],
  ])(
    '%i x %i with noise %i equals the definition bit for bit (colour: %s)',
    async (width, height, strength, colour) => {
      const image = picture(width, height, strength, colour);
      const got = await denoiseColoured(image);
      const want = expected(image);
      let different = 0;
      for (let i = 0; i < want.length; i++) if (want[i] !== got[i]) different++;
      expect(different).toBe(0);
    },
  );

  it('gives several pictures at once the same as one after another', async () => {
    const images = [1, 2, 3, 4].map((k) => picture(60 + k, 50, 5 * k, true));
    const together = await Promise.all(images.map((image) => denoiseColoured(image)));
    for (const [k, image] of images.entries()) expect(together[k]).toEqual(await denoiseColoured(image));
  });

  it('stops when asked', async () => {
    await expect(denoiseColoured(picture(64, 64, 5, true), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    // The threads are still of use afterwards.
    expect((await denoiseColoured(picture(20, 20, 5, true))).length).toBe(1200);
  });
});
