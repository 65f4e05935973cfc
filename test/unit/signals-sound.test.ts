/** Properties of the sound kernels. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSoundAnomalies } from '../../src/engine/detectors/sound-counts.ts';
import { finite, limited, measurement } from '../../src/engine/detectors/sound-kit.ts';
import { activeFrames, trimSilence, voiceActivity } from '../../src/engine/signals/sound/activity.ts';
import { bandEdge } from '../../src/engine/signals/sound/band.ts';
import { Decimator } from '../../src/engine/signals/sound/decimate.ts';
import { FrameFeed } from '../../src/engine/signals/sound/feed.ts';
import { CLIP_RUN, LevelMeter } from '../../src/engine/signals/sound/level.ts';
import { hzToMel, melBank, melSpectrogram, melToHz } from '../../src/engine/signals/sound/mel.ts';
import { PitchMeter } from '../../src/engine/signals/sound/pitch.ts';
import { hann, PowerSpectrum, powerToDb } from '../../src/engine/signals/sound/spectrum.ts';
import { line, median, percentile } from '../../src/engine/signals/sound/stats.ts';
import { gaussian } from '../helpers/sound.ts';

const RATE = 16_000;
const tone = (hertz: number, seconds: number, level = 0.5): Float32Array =>
  Float32Array.from(
    { length: Math.round(seconds * RATE) },
    (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / RATE),
  );

describe('power spectrum', () => {
  it('is the sum it is defined as, for any even length', () => {
    for (const n of [4, 6, 16, 50, 400]) {
      const g = gaussian(n);
      const x = Float64Array.from({ length: n }, g);
      const window = hann(n);
      const out = new Float64Array(n / 2 + 1);
      new PowerSpectrum(n).compute(x, 0, out);
      for (let k = 0; k <= n / 2; k++) {
        let re = 0;
        let im = 0;
        for (let i = 0; i < n; i++) {
          re += x[i] * window[i] * Math.cos((2 * Math.PI * k * i) / n);
          im -= x[i] * window[i] * Math.sin((2 * Math.PI * k * i) / n);
        }
        expect(out[k]).toBeCloseTo(re * re + im * im, 8);
      }
    }
  });

  it('keeps energy (Parseval) and reads zeros outside the signal', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 64 }), (values) => {
        const spectrum = new PowerSpectrum(64, new Float64Array(64).fill(1));
        const out = new Float64Array(33);
        spectrum.compute(Float32Array.from(values), -((64 - values.length) >> 1), out);
        const energy = values.reduce((s, v) => s + Math.fround(v) ** 2, 0);
        let total = (out[0] ?? 0) + (out[32] ?? 0);
        for (let k = 1; k < 32; k++) total += 2 * (out[k] ?? 0);
        expect(total / 64).toBeCloseTo(energy, 6);
      }),
    );
  });

  it('refuses lengths it cannot transform', () => {
    expect(() => new PowerSpectrum(5)).toThrow(RangeError);
    expect(() => new PowerSpectrum(8, new Float64Array(7))).toThrow(RangeError);
  });
});

describe('mel', () => {
  it('scales are inverse to each other and rise', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20_000, noNaN: true }), fc.constantFrom('slaney', 'htk'), (hz, scale) => {
        expect(melToHz(hzToMel(hz, scale), scale)).toBeCloseTo(hz, 6);
        expect(hzToMel(hz + 1, scale)).toBeGreaterThan(hzToMel(hz, scale));
      }),
    );
  });

  it('filters with Slaney norm have an area of one', () => {
    const bank = melBank({ nFft: 8192, nMels: 40, fMin: 0, fMax: null, norm: 'slaney', scale: 'slaney' }, RATE);
    for (let m = 0; m < 40; m++) {
      let area = 0;
      for (let i = bank.start[m] ?? 0; i < (bank.start[m + 1] ?? 0); i++) area += bank.weights[i] ?? 0;
      expect((area * RATE) / 8192).toBeCloseTo(1, 1);
    }
  });

  it('follows the rule: frames, floor, reference, plain power', () => {
    const rule = {
      nFft: 512,
      hop: 128,
      nMels: 40,
      fMin: 50,
      fMax: 7000,
      power: 2,
      norm: 'none',
      scale: 'htk',
      db: { ref: 'max', topDb: 60 },
    } as const;
    const x = tone(1000, 1);
    const db = melSpectrogram(x, rule, RATE);
    expect([db.nMels, db.frames, db.data.length]).toEqual([40, 126, 40 * 126]);
    expect(Math.max(...db.data)).toBeCloseTo(0, 5);
    expect(Math.min(...db.data)).toBeGreaterThanOrEqual(-60.0001);
    const power = melSpectrogram(x, { ...rule, db: null }, RATE);
    expect(Math.min(...power.data)).toBeGreaterThanOrEqual(0);
    const one = melSpectrogram(x, { ...rule, db: { ref: 'one', topDb: null } }, RATE);
    const at = 20 * 126 + 60;
    expect(one.data[at]).toBeCloseTo(10 * Math.log10(Math.max(1e-10, power.data[at] ?? 0)), 3);
    const magnitude = melSpectrogram(x, { ...rule, power: 1, db: null }, RATE);
    expect(Math.max(...magnitude.data)).toBeLessThan(Math.max(...power.data));
  });

  it('takes no sound and silence', () => {
    const rule = {
      nFft: 1024,
      hop: 256,
      nMels: 80,
      fMin: 0,
      fMax: null,
      power: 2,
      norm: 'slaney',
      scale: 'slaney',
      db: { ref: 'max', topDb: 80 },
    } as const;
    expect(melSpectrogram(new Float32Array(0), rule, RATE)).toMatchObject({ frames: 1, nMels: 80 });
    expect([...new Set(melSpectrogram(new Float32Array(5000), rule, RATE).data)]).toEqual([0]);
  });

  it('decibels keep their top', () => {
    const v = Float64Array.of(1, 1e-3, 1e-20);
    powerToDb(v, 1, 80);
    expect([...v]).toEqual([0, -30, -80]);
  });
});

describe('frames from a stream', () => {
  it('are the same for every way to cut it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 400 }),
        (chunks, length, hop) => {
          const total = chunks.reduce((a, b) => a + b, 0);
          const x = Float32Array.from({ length: total }, (_, i) => i % 4096);
          const seen: number[] = [];
          const feed = new FrameFeed(length, hop, (buffer, offset, index) => {
            expect(buffer[offset]).toBe((index * hop) % 4096);
            expect(buffer[offset + length - 1]).toBe((index * hop + length - 1) % 4096);
            seen.push(index);
          });
          let at = 0;
          for (const c of chunks) {
            feed.push(x.subarray(at, at + c));
            at += c;
          }
          expect(seen.length).toBe(total < length ? 0 : Math.floor((total - length) / hop) + 1);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('decimation', () => {
  it('keeps low tones, removes high ones, and does not depend on chunks', () => {
    const rms = (x: Float32Array): number => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);
    const low = new Decimator(RATE, 1000).push(tone(60, 2));
    const high = new Decimator(RATE, 1000).push(tone(950, 2));
    expect(rms(low.subarray(100))).toBeCloseTo(0.5 / Math.SQRT2, 2);
    expect(rms(high.subarray(100))).toBeLessThan(1e-3);
    const parts = new Decimator(RATE, 1000);
    const x = tone(60, 2);
    const joined: number[] = [];
    for (let at = 0; at < x.length; at += 37) joined.push(...parts.push(x.subarray(at, at + 37)));
    expect(joined).toEqual([...low]);
  });
});

describe('activity', () => {
  it('trims what is silent and nothing else', () => {
    const x = new Float32Array(4 * RATE);
    x.set(tone(300, 1), RATE);
    const { start, end } = trimSilence(x, 40);
    expect(Math.abs(start - RATE)).toBeLessThanOrEqual(1024);
    expect(Math.abs(end - 2 * RATE)).toBeLessThanOrEqual(1536);
    expect(trimSilence(new Float32Array(9000))).toEqual({ start: 0, end: 0 });
    expect(trimSilence(new Float32Array(0))).toEqual({ start: 0, end: 0 });
  });

  it('never leaves the signal, and louder input gives the same range', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { maxLength: 6000 }), (values) => {
        const x = Float32Array.from(values);
        const range = trimSilence(x, 30);
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThanOrEqual(x.length);
        expect(range.start).toBeLessThanOrEqual(range.end);
      }),
      { numRuns: 50 },
    );
  });

  it('calls words active and steady noise not', () => {
    const g = gaussian(3);
    const noise = Float32Array.from({ length: 4 * RATE }, () => 0.01 * g());
    expect(voiceActivity(noise, RATE).reduce((a, b) => a + b, 0)).toBe(0);
    const words = noise.map((v, i) => v + (Math.floor(i / RATE) % 2 === 1 ? 0.3 * Math.sin(i * 0.1) : 0));
    const active = voiceActivity(words, RATE);
    expect(active.subarray(0, 50).reduce((a, b) => a + b, 0)).toBe(0);
    expect(active.subarray(50, 100).reduce((a, b) => a + b, 0)).toBe(50);
    expect(activeFrames([]).length).toBe(0);
  });
});

describe('level', () => {
  const report = (x: Float32Array) => {
    const meter = new LevelMeter(RATE);
    meter.push(x);
    return meter.report();
  };

  it('counts runs across chunk borders as one', () => {
    const x = new Float32Array(1000).fill(0.1);
    x.fill(1, 498, 503);
    const whole = report(x);
    expect(whole.clipped).toEqual([{ start: 498, length: 5 }]);
    const meter = new LevelMeter(RATE);
    meter.push(x.subarray(0, 500));
    meter.push(x.subarray(500));
    expect(meter.report()).toEqual(whole);
    expect(CLIP_RUN).toBeLessThanOrEqual(5);
  });

  it('knows the RMS of a sine and finds no flat crest in it', () => {
    const r = report(tone(100, 2, 0.8));
    expect(r.rms).toBeCloseTo(0.8 / Math.SQRT2, 4);
    expect(r.peak).toBeCloseTo(0.8, 4);
    expect(r.flatRuns).toBe(0);
    expect(r.clippedRuns).toBe(0);
    expect(r.rmsPerSecond).toHaveLength(2);
  });
});

describe('band edge', () => {
  const spectrum = (f: (hz: number) => number): Float64Array =>
    Float64Array.from({ length: 1025 }, (_, k) => f((k * 22_050) / 1024));

  it('finds a wall and not a slope', () => {
    const wall = bandEdge(
      spectrum((hz) => -hz / 1000 + (hz > 16_000 ? -40 : 0)),
      44_100,
    );
    expect(Math.abs((wall?.hertz ?? 0) - 16_000)).toBeLessThan(150);
    expect(wall?.dropDb).toBeGreaterThan(30);
    expect(
      bandEdge(
        spectrum((hz) => -hz / 300),
        44_100,
      ),
    ).toBeNull();
    expect(
      bandEdge(
        spectrum(() => -50),
        44_100,
      ),
    ).toBeNull();
  });

  it('does not take a notch or the converter at Nyquist for one', () => {
    expect(
      bandEdge(
        spectrum((hz) => (Math.abs(hz - 9000) < 400 ? -60 : 0)),
        44_100,
      ),
    ).toBeNull();
    expect(
      bandEdge(
        spectrum((hz) => (hz > 21_000 ? -80 : 0)),
        44_100,
      ),
    ).toBeNull();
  });
});

describe('pitch', () => {
  it.each([80, 123.4, 220, 350])('of %s Hz is found to a tenth of a percent', (hertz) => {
    const meter = new PitchMeter(RATE);
    const x = Float32Array.from({ length: meter.length }, (_, i) => {
      let sum = 0;
      for (let h = 1; h < 8; h++) sum += Math.sin((2 * Math.PI * h * hertz * i) / RATE) / h;
      return 0.2 * sum;
    });
    const { hertz: found, strength } = meter.measure(x, 0);
    expect(Math.abs(found / hertz - 1)).toBeLessThan(1e-3);
    expect(strength).toBeGreaterThan(0.95);
  });

  it('of noise is weak, of silence absent', () => {
    const meter = new PitchMeter(RATE);
    const g = gaussian(7);
    expect(meter.measure(Float32Array.from({ length: meter.length }, g), 0).strength).toBeLessThan(0.6);
    expect(meter.measure(new Float32Array(meter.length), 0)).toEqual({ hertz: 0, strength: 0 });
  });
});

describe('statistics', () => {
  it('percentiles lie within the values and rise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const v = percentile(values, p);
          expect(v).toBeGreaterThanOrEqual(Math.min(...values));
          expect(v).toBeLessThanOrEqual(Math.max(...values));
          expect(percentile(values, 1)).toBeGreaterThanOrEqual(v);
        },
      ),
    );
    expect(median([3, 1, 2])).toBe(2);
  });

  it('a line is found exactly', () => {
    const { offset, slope, residual } = line([0, 1, 2, 3], [1, 3, 5, 7]);
    expect([offset, slope]).toEqual([1, 2]);
    expect(residual).toBeCloseTo(0, 12);
  });
});

describe('kit', () => {
  const identity = { id: 'x', version: '1.0.0', family: 'acoustic-signal' } as const;

  it('a value that is no number is not assessed, with a reason', () => {
    expect(measurement(identity, Number.NaN, { quantity: 'q', unit: 'u' })).toMatchObject({ status: 'not-assessed' });
    expect(measurement(identity, 0, { quantity: 'q', unit: 'u' })).toMatchObject({ status: 'ok', value: 0 });
  });

  it('long lists say how long they are', () => {
    const one = { type: 'clipping', severity: 'low', description: 'Here.', detector: 'x' } as const;
    const many = limited(Array.from({ length: 250 }, () => one));
    expect(many).toHaveLength(100);
    expect(many.at(-1)?.description).toContain('250');
  });

  it('counts inconsistencies and artefacts and nothing else', () => {
    const of = (type: string) => ({ type, severity: 'low', description: '', detector: 'x' }) as const;
    const all = ['voice-change', 'clipping', 'digital-silence', 'missing-frames'].map(of);
    expect(countSoundAnomalies(all)).toEqual({ inconsistencyCount: 1, artifactCount: 2 });
  });

  it('hands clean chunks through and cleans others', () => {
    const clean = Float32Array.of(0.5, -2);
    expect(finite(clean)).toBe(clean);
    expect([...finite(Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, 1e30, 0.5))]).toEqual([0, 0, 1000, 0.5]);
  });
});
