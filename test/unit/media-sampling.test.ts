import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameSampling } from '../../src/contract/result.ts';
import { evenlySpaced, isSampled, sampledCount, selectExpression } from '../../src/engine/media/sampling.ts';

/** ffmpeg's expressions are JavaScript with functions for comparison; the doubles are the same. */
function picked(expression: string, total: number): number[] {
  const memory: number[] = [];
  const words = {
    st: (at: number, value: number) => {
      memory[at] = value;
      return value;
    },
    ld: (at: number) => memory[at],
    floor: Math.floor,
    trunc: Math.trunc,
    lt: (a: number, b: number) => Number(a < b),
    eq: (a: number, b: number) => Number(a === b),
    mod: (a: number, b: number) => a % b,
    not: (a: number) => Number(a === 0),
  };
  const body = `Array.from({length: ${total}}, (_, n) => n).filter((n) => (${expression}) !== 0)`;
  return Array.from(runInNewContext(body, words) as ArrayLike<number>);
}

describe('sampling inside ffmpeg', () => {
  it('picks exactly the frames that are announced, evenly spaced', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 400 }), (total, n) => {
        const expression = selectExpression({ kind: 'evenly', n }, total);
        const want = evenlySpaced(total, n);
        expect(expression === null ? want.length : picked(expression, total)).toEqual(
          expression === null ? total : want,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('picks every n-th from the first', () => {
    expect(picked(selectExpression({ kind: 'every', n: 7 }, 30) ?? '', 30)).toEqual([0, 7, 14, 21, 28]);
    expect(selectExpression({ kind: 'every', n: 1 }, 30)).toBe(null);
    expect(selectExpression({ kind: 'all' }, 30)).toBe(null);
  });

  it('counts what it picks', () => {
    const samplings: FrameSampling[] = [{ kind: 'all' }, { kind: 'every', n: 4 }, { kind: 'evenly', n: 9 }];
    fc.assert(
      fc.property(fc.constantFrom(...samplings), fc.integer({ min: 1, max: 200 }), (sampling, total) => {
        const taken = Array.from({ length: total }, (_, i) => i).filter((i) => isSampled(sampling, i, total));
        expect(sampledCount(sampling, total, 3)).toBe(taken.length);
      }),
    );
    expect(sampledCount({ kind: 'key' }, 100, 3)).toBe(3);
  });

  it('gives rising numbers from the first to the last frame', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e6 }), fc.integer({ min: 2, max: 300 }), (total, n) => {
        const frames = evenlySpaced(total, n);
        expect(frames[0]).toBe(0);
        expect(frames.at(-1)).toBe(total - 1);
        expect(frames.every((frame, i) => i === 0 || frame > (frames[i - 1] ?? 0))).toBe(true);
      }),
    );
  });
});
