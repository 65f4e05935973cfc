import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertBytes, decodeFloats, fromHalf, toHalf } from '../../src/engine/inference/dtype.ts';
import { quantizeChannels } from '../../src/engine/inference/onnx/compress.ts';
import { activationScale } from '../../src/engine/inference/onnx/static-int8.ts';
import { scoresOf } from '../../src/engine/inference/output.ts';
import { scoreChange } from '../../src/engine/inference/quantize.ts';
import { compareVersions } from '../../src/engine/inference/registry.ts';

describe('binary16', () => {
  it('comes back exactly for every finite value', () => {
    for (let half = 0; half < 0x10000; half++) {
      if ((half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0) continue;
      expect(toHalf(fromHalf(half))).toBe(half);
    }
  });

  it('rounds to the nearest, halves to even', () => {
    fc.assert(
      fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (x) => {
        const got = fromHalf(toHalf(x));
        const ulp = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -14))) - 10));
        expect(Math.abs(got - x)).toBeLessThanOrEqual(ulp / 2);
      }),
    );
    expect(toHalf(1 + 2 ** -11)).toBe(0x3c00);
    expect(toHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toHalf(65_520)).toBe(0x7c00);
    expect(toHalf(2 ** -25)).toBe(0);
    expect(toHalf(1.5 * 2 ** -25)).toBe(1);
  });

  it('widens bfloat16 and float64 to float32', () => {
    expect(Array.from(decodeFloats(new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer), 'bfloat16'))).toEqual([
      1, -2,
    ]);
    const pooled = Buffer.concat([Buffer.of(9), Buffer.from(Float32Array.of(1.5, -2).buffer)]).subarray(1);
    expect(Array.from(decodeFloats(pooled, 'float32'))).toEqual([1.5, -2]);
    const bytes = convertBytes(new Uint8Array(Float64Array.of(0.1).buffer), 'float64', 'float32');
    expect(new Float32Array(new Uint8Array(bytes).buffer)[0]).toBe(Math.fround(0.1));
  });
});

describe('scores', () => {
  const tensor = (dims: number[], ...values: number[]) => ({ dims, data: Float32Array.from(values) });

  it('are the probability of the manipulated class', () => {
    const two = tensor([2, 2], 0, Math.log(3), 5, 5);
    expect(scoresOf(two, { tensor: 't', kind: 'logits', fakeIndex: 1 })[0]).toBeCloseTo(0.75, 6);
    expect(scoresOf(two, { tensor: 't', kind: 'logits', fakeIndex: 0 })[0]).toBeCloseTo(0.25, 6);
    expect(scoresOf(two, { tensor: 't', kind: 'logits', realIndex: 1 })[0]).toBeCloseTo(0.25, 6);
    expect(scoresOf(two, { tensor: 't', kind: 'logits', fakeIndex: 1 })[1]).toBe(0.5);
  });

  it('turn a unit that means real around', () => {
    expect(Array.from(scoresOf(tensor([2, 1], 0.25, 1), { tensor: 't', kind: 'sigmoid', realIndex: 0 }))).toEqual([
      0.75, 0,
    ]);
    expect(scoresOf(tensor([1], 0), { tensor: 't', kind: 'logits', realIndex: 0 })[0]).toBe(0.5);
    expect(scoresOf(tensor([1, 2], 0.2, 0.8), { tensor: 't', kind: 'softmax', fakeIndex: 1 })[0]).toBeCloseTo(0.8, 6);
  });

  it('stay within 0..1 and grow with the logit for any finite input', () => {
    const logit = fc.float({ min: -500, max: 500, noNaN: true });
    fc.assert(
      fc.property(logit, logit, logit, (a, b, other) => {
        const of = (x: number) => scoresOf(tensor([1, 2], other, x), { tensor: 't', kind: 'logits', fakeIndex: 1 })[0];
        expect(of(a)).toBeGreaterThanOrEqual(0);
        expect(of(a)).toBeLessThanOrEqual(1);
        if (a <= b) expect(of(a)).toBeLessThanOrEqual(of(b));
      }),
    );
  });

  it('are refused when the answer is no probability', () => {
    expect(() => scoresOf(tensor([1, 1], Number.NaN), { tensor: 't', kind: 'sigmoid', fakeIndex: 0 })).toThrow(
      'probability',
    );
    expect(() => scoresOf(tensor([1, 1], 1.2), { tensor: 't', kind: 'sigmoid', fakeIndex: 0 })).toThrow('probability');
    expect(() => scoresOf(tensor([1, 2], 0, 1), { tensor: 't', kind: 'logits', fakeIndex: 2 })).toThrow('number 2');
    expect(() => scoresOf(tensor([1, 2], 0, 1), { tensor: 't', kind: 'boxes', fakeIndex: 0 })).toThrow('no score');
  });

  it('are compared file by file', () => {
    expect(scoreChange([0.1, 0.6], [0.2, 0.4], 0.5)).toEqual({
      n: 2,
      meanAbsolute: expect.closeTo(0.15, 9),
      maxAbsolute: expect.closeTo(0.2, 9),
      flipped: 1,
    });
  });
});

describe('int8 weights', () => {
  it('are within half a step of the original in every channel', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 24, maxLength: 24 }),
        fc.nat(2),
        (values, axis) => {
          const dims = [2, 3, 4];
          const { codes, scales } = quantizeChannels(Float32Array.from(values), dims, axis);
          const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
          values.forEach((value, i) => {
            const scale = scales[Math.floor(i / inner) % dims[axis]];
            expect(Math.abs(codes[i] * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
          });
        },
      ),
    );
  });
});

describe('uint8 activations', () => {
  it('hold zero exactly and every value of the range within one step', () => {
    const edge = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(edge, edge, (a, b) => {
        const range = { min: Math.min(a, b), max: Math.max(a, b) };
        const { scale, zero } = activationScale(range);
        expect(Number.isInteger(zero) && zero >= 0 && zero <= 255).toBe(true);
        for (const value of [range.min, range.max, 0]) {
          const code = Math.max(0, Math.min(255, Math.round(value / scale) + zero));
          expect(Math.abs((code - zero) * scale - value)).toBeLessThanOrEqual(scale * 1.001);
        }
      }),
    );
    expect(activationScale({ min: 0, max: 0 })).toEqual({ scale: 1, zero: 0 });
  });
});

describe('versions', () => {
  it('are ordered by number, pre-releases first', () => {
    const sorted = ['1.10.0', '1.2.0', '2.0.0-rc.1', '2.0.0', '1.2.0-beta'].sort(compareVersions);
    expect(sorted).toEqual(['1.2.0-beta', '1.2.0', '1.10.0', '2.0.0-rc.1', '2.0.0']);
  });
});
