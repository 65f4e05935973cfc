import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fft, RealFft } from '../../src/engine/signals/dsp/fft.ts';
import { complexFft2d, realFft2d } from '../../src/engine/signals/dsp/fft2d.ts';

/** Deterministic noise; a test must not depend on a random number. */
function noise(n: number, seed = 1): Float64Array {
  let s = seed >>> 0;
  return Float64Array.from({ length: n }, () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 31 - 1;
  });
}

function naive(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const outRe = new Float64Array(n);
  const outIm = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const a = (-2 * Math.PI * ((i * k) % n)) / n;
      outRe[k] += re[i] * Math.cos(a) - im[i] * Math.sin(a);
      outIm[k] += re[i] * Math.sin(a) + im[i] * Math.cos(a);
    }
  }
  return { re: outRe, im: outIm };
}

const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);

describe('Fft', () => {
  const sizes = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 30, 31, 36, 37, 49, 60, 64, 97, 101, 120, 121, 210, 217, 251, 333,
  ];
  it.each(sizes)('agrees with the definition at length %i', (n) => {
    const re = noise(n, n);
    const im = noise(n, n + 7);
    const want = naive(re, im);
    new Fft(n).forward(re, im);
    expect(distance(re, want.re)).toBeLessThan(1e-11 * Math.max(1, n));
    expect(distance(im, want.im)).toBeLessThan(1e-11 * Math.max(1, n));
  });

  it('keeps energy (Parseval) and inverts, at any length and batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 5 }), (n, batch) => {
        const re = noise(n * batch, n);
        const im = noise(n * batch, n + 3);
        const re0 = re.slice();
        const im0 = im.slice();
        const energy = re.reduce((s, v, i) => s + v * v + im[i] * im[i], 0);
        const fft = new Fft(n);
        fft.forward(re, im, batch);
        const after = re.reduce((s, v, i) => s + v * v + im[i] * im[i], 0) / n;
        expect(Math.abs(after - energy)).toBeLessThan(1e-10 * energy + 1e-12);
        fft.inverse(re, im, batch);
        expect(distance(re, re0)).toBeLessThan(1e-11);
        expect(distance(im, im0)).toBeLessThan(1e-11);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('refuses lengths that are none', () => {
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => new Fft(n)).toThrow(RangeError);
    expect(() => new Fft(8).forward(new Float64Array(4), new Float64Array(8))).toThrow(RangeError);
  });
});

describe('RealFft', () => {
  it.each([1, 2, 3, 8, 10, 37, 74, 100, 217, 1024])('is half of the complex transform at length %i', (n) => {
    const x = noise(n + 5, 3);
    const re = x.slice(5);
    const im = new Float64Array(n);
    new Fft(n).forward(re, im);
    const plan = new RealFft(n);
    const outRe = new Float64Array(plan.bins + 2);
    const outIm = new Float64Array(plan.bins + 2);
    plan.forward(x, 5, outRe, outIm, 2);
    expect(distance(outRe.slice(2), re.slice(0, plan.bins))).toBeLessThan(1e-10);
    expect(distance(outIm.slice(2), im.slice(0, plan.bins))).toBeLessThan(1e-10);
  });
});

describe('planes', () => {
  it.each([
    [8, 8],
    [17, 5],
    [20, 33],
    [1, 9],
    [37, 41],
  ])('%i x %i: half spectrum equals the full one, and inverts', (w, h) => {
    const plane = noise(w * h, 9);
    const re = plane.slice();
    const im = new Float64Array(w * h);
    complexFft2d(re, im, w, h);
    const half = realFft2d(plane, w, h);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < half.bins; x++) {
        expect(half.re[y * half.bins + x]).toBeCloseTo(re[y * w + x], 9);
        expect(half.im[y * half.bins + x]).toBeCloseTo(im[y * w + x], 9);
      }
    }
    complexFft2d(re, im, w, h, true);
    expect(distance(re, plane)).toBeLessThan(1e-11);
  });
});
