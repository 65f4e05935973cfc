/** Properties of the kernels of time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FacePoints } from '../../src/contract/result.ts';
import { perSecond } from '../../src/engine/detectors/time-kit.ts';
import { correlation, GreySampler, meanDifference, sameSums } from '../../src/engine/signals/time/grey.ts';
import { pointMotion } from '../../src/engine/signals/time/landmarks.ts';
import { onGrid, SYNC_STEP, syncOffset } from '../../src/engine/signals/time/lip-sync.ts';
import { examineTiming, type FrameStep } from '../../src/engine/signals/time/timing.ts';
import { facePoints, texture, view } from '../helpers/scene.ts';
import { gaussian } from '../helpers/sound.ts';

describe('grey sampler', () => {
  it('keeps the mean of a flat picture of any size and sees a changed pixel where it looks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 255 }),
        (width, height, v) => {
          const frame = { width, height, data: new Uint8Array(3 * width * height).fill(v) };
          const sampler = new GreySampler(frame, 64);
          sampler.sample(frame);
          expect(Math.max(sampler.width, sampler.height)).toBeLessThanOrEqual(64);
          expect([...new Set(sampler.grey)]).toEqual([v]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells pictures apart that differ by one level in one place', () => {
    const a = view(texture(1), 64, 48, 0, 0);
    const b = { ...a, data: a.data.slice() };
    b.data[3 * 777] = (b.data[3 * 777] ?? 0) ^ 1;
    const sampler = new GreySampler(a, 64);
    sampler.sample(a);
    const sums = sampler.sums.slice();
    const grey = sampler.grey.slice();
    sampler.sample(b);
    expect(sameSums(sums, sampler.sums)).toBe(false);
    expect(meanDifference(grey, sampler.grey)).toBeLessThan(0.01);
    sampler.sample(a);
    expect(sameSums(sums, sampler.sums)).toBe(true);
  });

  it('correlates a picture with itself at any brightness, and flat pictures with each other', () => {
    const a = Uint8Array.from({ length: 500 }, (_, i) => 50 + ((i * 7) % 100));
    expect(
      correlation(
        a,
        a.map((v) => v + 40),
      ),
    ).toBeCloseTo(1, 10);
    expect(correlation(new Uint8Array(9).fill(3), new Uint8Array(9).fill(200))).toBe(1);
    expect(correlation(a, new Uint8Array(500).fill(9))).toBe(0);
  });
});

describe('timing', () => {
  const steps = (n: number, change: (s: FrameStep) => FrameStep = (s) => s): FrameStep[] =>
    Array.from({ length: n }, (_, i) =>
      change({ index: i, time: i / 25, same: false, difference: i === 0 ? null : 2, cut: false }),
    );

  it('takes an empty and a single frame', () => {
    expect(examineTiming([])).toMatchObject({ frames: 0, pairs: 0, interval: null, gaps: [], jumps: [] });
    expect(examineTiming(steps(1))).toMatchObject({ frames: 1, pairs: 0 });
  });

  it('finds each gap, however long, unless the rate varies', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 94 }), fc.integer({ min: 1, max: 200 }), (at, missing) => {
        const report = examineTiming(steps(100, (s) => (s.index < at ? s : { ...s, time: s.time + missing / 25 })));
        expect(report.gaps).toHaveLength(1);
        expect(report.gaps[0]).toMatchObject({ frame: at, missing });
      }),
    );
    const varying = examineTiming(steps(100, (s) => ({ ...s, time: s.time + (s.index % 3 === 0 ? 0.015 : 0) })));
    expect(varying).toMatchObject({ variable: true, gaps: [] });
  });

  it('does not take the gaps of sampling for missing frames', () => {
    const sampled = steps(100).filter((s) => s.index % 4 === 0);
    expect(examineTiming(sampled)).toMatchObject({ pairs: 0, gaps: [], duplicates: [] });
  });
});

describe('points', () => {
  it('have no jitter under any rotation, scale and shift', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (angle, scale, shift) => {
          const from = facePoints(200, 150, 60);
          const turn = ([x, y]: [number, number]): [number, number] => [
            scale * (Math.cos(angle) * x - Math.sin(angle) * y) + shift,
            scale * (Math.sin(angle) * x + Math.cos(angle) * y) - shift,
          ];
          const to: FacePoints = [turn(from[0]), turn(from[1]), turn(from[2]), turn(from[3]), turn(from[4])];
          const motion = pointMotion(from, to);
          expect(motion?.jitter).toBeCloseTo(0, 8);
          expect(motion?.scale).toBeCloseTo(scale, 6);
          expect(Math.cos((motion?.rotation ?? 9) - angle)).toBeCloseTo(1, 8);
        },
      ),
    );
  });

  it('that all coincide say nothing', () => {
    const p: [number, number] = [3, 3];
    expect(pointMotion([p, p, p, p, p], [p, p, p, p, p])).toBeNull();
  });
});

describe('sync', () => {
  const series = (n: number, seed: number): Float64Array => {
    const g = gaussian(seed);
    const out = new Float64Array(n);
    let v = 0;
    for (let i = 0; i < n; i++) {
      v = 0.8 * v + g();
      out[i] = v;
    }
    return out;
  };

  it('finds any shift within its range', () => {
    fc.assert(
      fc.property(fc.integer({ min: -28, max: 28 }), fc.integer(), (shift, seed) => {
        const source = series(1100, seed);
        const result = syncOffset(source.subarray(50, 1050), source.subarray(50 - shift, 1050 - shift));
        expect(result?.offset).toBeCloseTo(shift * SYNC_STEP, 9);
        expect(result?.confidence).toBeGreaterThan(3);
      }),
      { numRuns: 25 },
    );
  });

  it('says nothing of little, constant or unknown input', () => {
    expect(syncOffset(series(100, 1), series(100, 2))).toBeNull();
    expect(syncOffset(new Float64Array(1000).fill(1), series(1000, 2))).toBeNull();
    expect(syncOffset(new Float64Array(1000).fill(Number.NaN), series(1000, 2))).toBeNull();
  });

  it('interpolates between samples and not across holes', () => {
    const grid = onGrid([0, 0.04, 0.5, 0.54], [0, 4, 10, 14], 0, 28, 0.09);
    expect(grid[1]).toBeCloseTo(2, 9);
    expect(grid[10]).toBeNaN();
    expect(grid[26]).toBeCloseTo(12, 9);
  });
});

it('seconds rise even when time stamps do not', () => {
  const { x, y } = perSecond([0, 0.5, 2.2, 1.1, 3], [1, 3, 5, 7, 9]);
  expect(x).toEqual([0, 2, 3]);
  expect(y).toEqual([2, 6, 9]);
});
