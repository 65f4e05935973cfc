import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examineGops, examineTiming, type FrameTimes } from '../../src/engine/signals/structure/timing.ts';
import { gopFindings, intervalSeries, timingFindings } from '../../src/engine/signals/structure/timingRules.ts';

const times = (steps: readonly number[]): Float64Array => {
  let now = 0;
  return Float64Array.from([0, ...steps.map((step) => (now += step))]);
};
const steady = (count: number): number[] => Array.from({ length: count }, () => 1 / 30);

describe('frame times', () => {
  it('finds nothing in a steady rhythm, nor in the jitter of a phone clock', () => {
    const report = examineTiming(times(steady(100)));
    expect(report).toMatchObject({ regular: 1, constantRate: true, missing: 0, gaps: [], close: [] });
    const jitter = examineTiming(times(steady(100).map((step, i) => step * (i % 2 === 0 ? 1.06 : 0.94))));
    expect(jitter).toMatchObject({ constantRate: true, missing: 0, close: [] });
  });

  const found = (steps: readonly number[], hidden = 0) => {
    const report = examineTiming(times(steps));
    return report === null
      ? []
      : timingFindings(report, { times: times(steps), clock: 'stated', hidden, keys: new Uint32Array(0) });
  };

  it('counts the frames that fit into gaps and names the places', () => {
    const steps = steady(100);
    steps[40] = 6 / 30;
    const report = examineTiming(times(steps));
    expect(report?.missing).toBe(5);
    expect(report?.gaps).toEqual([{ frame: 41, time: expect.closeTo(46 / 30, 9), missing: 5 }]);
    expect(found(steps).map((f) => [f.type, f.where?.frames])).toEqual([['timing.missing-frames', [41, 41]]]);
    // What the edit list hides is not counted by a decoder.
    expect(found(steps, 3)[0]?.where?.frames).toEqual([38, 38]);
    expect(found(steps, 60)[0]?.where).toEqual({ seconds: [expect.closeTo(46 / 30, 9), expect.closeTo(46 / 30, 9)] });
  });

  it('names frames that follow too soon', () => {
    const steps = steady(100);
    steps[10] = 0.001;
    const report = examineTiming(times(steps));
    expect(report?.close.map((item) => item.frame)).toEqual([11]);
    expect(found(steps).map((f) => f.type)).toEqual(['timing.close-frames']);
  });

  it('makes nothing of gaps where the rate varies by design', () => {
    const steps = steady(100).map((step, i) => step * (1 + (i % 5)));
    expect(examineTiming(times(steps))?.constantRate).toBe(false);
    expect(found(steps)).toEqual([]);
  });

  it('refuses a handful of frames and times that stand still', () => {
    expect(examineTiming(times(steady(5)))).toBeNull();
    expect(examineTiming(new Float64Array(50))).toBeNull();
  });

  it('loses no gap when the series is thinned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 49_998 }), (place) => {
        const steps = steady(49_999);
        steps[place] = 1;
        const { x, y } = intervalSeries({ times: times(steps), clock: 'stated', hidden: 0, keys: new Uint32Array(0) });
        expect(x.length).toBeLessThanOrEqual(4_000);
        expect(Math.max(...y)).toBeCloseTo(1_000, 6);
        expect(x.every((value, i) => i === 0 || value > x[i - 1])).toBe(true);
      }),
      { numRuns: 15, seed: 5 },
    );
  });
});

describe('groups of pictures', () => {
  const frames = (keys: readonly number[]): FrameTimes => ({
    times: times(steady(400)),
    clock: 'stated',
    hidden: 0,
    keys: Uint32Array.from(keys),
  });
  const types = (keys: readonly number[]): string[] => {
    const report = examineGops(Uint32Array.from(keys));
    return report === null ? [] : gopFindings(report, frames(keys)).map((f) => f.type);
  };

  it('measures lengths without the open end', () => {
    expect(examineGops(Uint32Array.from([0, 12, 24, 36]))).toMatchObject({
      lengths: [12, 12, 12],
      median: 12,
      mode: 12,
      fixed: true,
      leading: 0,
    });
    expect(examineGops(Uint32Array.from([0]))).toMatchObject({ lengths: [], median: 0 });
    expect(examineGops(new Uint32Array(0))).toBeNull();
  });

  it('accepts a fixed rhythm and a free one', () => {
    expect(types([0, 30, 60, 90, 120])).toEqual([]);
    expect(types([0, 17, 60, 71, 120, 190])).toEqual([]);
  });

  it('names a start without key frame, one place out of rhythm, and a change of rhythm with its place', () => {
    expect(types([5, 35, 65])).toEqual(['gop.no-key-at-start']);
    expect(types([0, 30, 60, 90, 120, 150, 163, 193, 223, 253])).toEqual(['gop.out-of-rhythm']);
    const joined = [0, 30, 60, 90, 102, 114, 126, 138];
    const report = examineGops(Uint32Array.from(joined));
    const found = report === null ? [] : gopFindings(report, frames(joined));
    expect(found.map((f) => [f.type, f.where?.frames])).toEqual([['gop.rhythm-changes', [90, 90]]]);
  });
});
