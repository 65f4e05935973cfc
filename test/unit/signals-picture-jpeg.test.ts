import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { dct8, idct8 } from '../../src/engine/signals/dsp/dct.ts';
import { decodeJpeg, type JpegCoefficients } from '../../src/engine/signals/picture/jpeg/decode.ts';
import { decodeLuma, estimateQuality, scaledTable } from '../../src/engine/signals/picture/jpeg/history.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { decode, jpeg, normals, painted } from '../helpers/picture.ts';

const random = normals(1);
const picture: RgbImage = painted(
  { width: 83, height: 61, data: new Uint8Array(83 * 61 * 3) },
  (x, y, c) => 128 + 60 * Math.sin(x / (5 + c)) * Math.cos(y / 7) + 8 * random(),
);

function coefficients(bytes: Uint8Array): JpegCoefficients {
  const decoded = decodeJpeg(bytes, 1e6);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.picture;
}

describe('dct8', () => {
  it('is orthonormal and inverted by idct8', () => {
    const x = Float64Array.from({ length: 64 }, () => random());
    const y = new Float64Array(64);
    const z = new Float64Array(64);
    dct8(x, y);
    idct8(y, z);
    const energy = (a: Float64Array): number => a.reduce((s, v) => s + v * v, 0);
    expect(energy(y)).toBeCloseTo(energy(x), 10);
    z.forEach((v, i) => {
      expect(v).toBeCloseTo(x[i], 12);
    });
  });
});

describe('decodeJpeg', () => {
  it.each([
    ['baseline', {}],
    ['progressive', { progressive: true }],
    ['subsampled', { chromaSubsampling: '4:2:0' }],
    ['optimised progressive', { mozjpeg: true }],
    ['subsampled progressive', { chromaSubsampling: '4:2:0', progressive: true }],
  ] as const)('%s: luma equals that of the decoder', async (_name, options) => {
    const bytes = await jpeg(picture, 85, options);
    const found = coefficients(bytes);
    expect(found).toMatchObject({ width: 83, height: 61, complete: true });
    const luma = decodeLuma(found.components[0], 83, 61);
    const shown = await decode(bytes);
    let worst = 0;
    let sum = 0;
    for (let i = 0; i < luma.data.length; i++) {
      const [r, g, b] = shown.data.subarray(3 * i, 3 * i + 3);
      const e = Math.abs(luma.data[i] - (0.299 * r + 0.587 * g + 0.114 * b));
      worst = Math.max(worst, e);
      sum += e;
    }
    // Rounding of three channels, and clipping of saturated colours, stay within a few grey levels.
    expect(sum / luma.data.length).toBeLessThan(0.6);
    expect(worst).toBeLessThan(6);
  });

  it.each([
    ['Annex K', {}],
    ['mozjpeg', { mozjpeg: true }],
  ] as const)('%s tables are named with their quality', async (name, options) => {
    for (const quality of [30, 50, 75, 92]) {
      const found = coefficients(await jpeg(picture, quality, options));
      expect(estimateQuality(found.components[0].quantisation)).toMatchObject({
        quality,
        distance: 0,
        family: expect.stringContaining(name),
      });
    }
  });

  it('does not name a table that is no multiple of a known one', () => {
    expect(estimateQuality(scaledTable(new Array<number>(64).fill(20), 60)).family).toBeNull();
  });

  it('tells a cut file from a whole one and never throws or hangs on damage', async () => {
    const whole = [await jpeg(picture, 80), await jpeg(picture, 80, { progressive: true })].map(
      (b) => new Uint8Array(b),
    );
    const cut = decodeJpeg(whole[0].subarray(0, whole[0].length - 300), 1e6);
    expect(cut.ok && cut.picture.complete).toBe(false);
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1),
        fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 30 }),
        fc.nat(6000),
        (which, changes, keep) => {
          const bytes = whole[which].slice(0, Math.max(2, keep));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const started = performance.now();
          const decoded = decodeJpeg(bytes, 1e6);
          expect(decoded.ok || decoded.reason.length > 0).toBe(true);
          expect(performance.now() - started).toBeLessThan(5000);
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });

  it('refuses pictures above the limit and files that are none', () => {
    expect(decodeJpeg(new Uint8Array(0), 1e6).ok).toBe(false);
    expect(decodeJpeg(new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), 1e6)).toMatchObject({ ok: false });
  });
});

describe('limit', () => {
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = new Uint8Array(await jpeg(picture, 80));
  });
  it('is obeyed before memory is taken', () => {
    expect(decodeJpeg(bytes, 1000)).toMatchObject({ ok: false, reason: expect.stringContaining('1000') });
  });
});
