import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/contract/result.ts';
import type { Family, FusionMethod } from '../../src/contract/words.ts';
import { combine, combinedLog10Lr } from '../../src/engine/fusion/combine.ts';
import { formOpinion } from '../../src/engine/fusion/opinion.ts';
import { toCommonScale, type Voice, voicesOf } from '../../src/engine/fusion/voices.ts';

const voice = (score: number, family: Family = 'frequency', log10Lr: number | null = null): Voice => ({
  detector: `d${score}`,
  family,
  score,
  band: [0.4, 0.6],
  log10Lr,
});

const observation = (over: Partial<Observation>): Observation => ({
  detector: 'd',
  version: '1',
  family: 'frequency',
  kind: 'score',
  quantity: 'score',
  status: 'ok',
  value: 0.9,
  unit: '1',
  direction: 'higher-more-manipulated',
  threshold: 0.5,
  parameters: {},
  ...over,
});

const METHODS: FusionMethod[] = ['weighted-average', 'majority-vote', 'soft-vote', 'attention', 'max', 'min'];

describe('the common scale', () => {
  it('puts the working threshold on 0.5, keeps the ends and rises', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (t, a, b) => {
          expect(toCommonScale(t, t)).toBeCloseTo(0.5, 12);
          expect(toCommonScale(0, t)).toBe(0);
          expect(toCommonScale(1, t)).toBeCloseTo(1, 12);
          if (a < b) expect(toCommonScale(a, t)).toBeLessThanOrEqual(toCommonScale(b, t) + 1e-12);
        },
      ),
    );
  });
});

describe('combining', () => {
  it('stays between the lowest and highest voice, and weights sum to 1', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(scores, fc.constantFrom(...METHODS), (list, method) => {
        const result = combine(
          list.map((s) => voice(s)),
          method,
        );
        expect(result.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        if (method === 'majority-vote') return;
        expect(result.score).toBeGreaterThanOrEqual(Math.min(...list) - 1e-9);
        expect(result.score).toBeLessThanOrEqual(Math.max(...list) + 1e-9);
      }),
    );
  });

  it('gives hand-computed values', () => {
    const voices = [voice(0.2), voice(0.9), voice(0.7)];
    expect(combine(voices, 'weighted-average', { 'd0.9': 2, 'd0.2': 0 }).score).toBeCloseTo((1.8 + 0.7) / 3, 12);
    expect(combine(voices, 'majority-vote').score).toBeCloseTo(2 / 3, 12);
    expect(combine(voices, 'soft-vote').score).toBeCloseTo(0.6, 12);
    expect(combine(voices, 'max').score).toBe(0.9);
    expect(combine(voices, 'min').score).toBe(0.2);
  });

  it('averages LRs inside a family and adds families', () => {
    const voices = [voice(0.6, 'frequency', 1), voice(0.7, 'frequency', 3), voice(0.8, 'temporal', 0.5), voice(0.5)];
    expect(combinedLog10Lr(voices)).toBeCloseTo(2.5, 12);
    expect(combine(voices, 'calibrated').score).toBeCloseTo(1 / (1 + 10 ** -2.5), 12);
    expect(combinedLog10Lr([voice(0.5)])).toBeNull();
  });
});

describe('the opinion', () => {
  it('invents nothing from measurements alone', () => {
    const measured = observation({ kind: 'measurement', value: 3, unit: 'dB' });
    const opinion = formOpinion([measured], 'weighted-average', []);
    expect(opinion).toMatchObject({ label: 'uncertain', score: null, uncertainty: 1, threshold: null });
  });

  it('counts only whole-exhibit scores that have a threshold', () => {
    const local = observation({ where: { frames: [1, 1] } });
    const { threshold: _, ...bare } = observation({});
    expect(voicesOf([local, bare, observation({ status: 'failed', value: null, reason: 'x' })])).toEqual([]);
  });

  it('is uncertain when families contradict each other', () => {
    const opinion = formOpinion(
      [observation({ value: 0.99 }), observation({ detector: 'e', family: 'temporal', value: 0.02 })],
      'max',
      [],
    );
    expect(opinion.label).toBe('uncertain');
    expect(opinion.reasons.join(' ')).toContain('disagree');
  });

  it('names who did not speak and why', () => {
    const opinion = formOpinion(
      [observation({ status: 'not-assessed', value: null, reason: 'face too small' })],
      'weighted-average',
      [{ detector: 'speech-spoof', family: 'acoustic-neural', reason: 'no pack' }],
    );
    expect(opinion.notAssessed.map((n) => n.reason)).toEqual(['no pack', 'face too small']);
  });

  it('labels a clear score and says that one family is not two', () => {
    const opinion = formOpinion([observation({ value: 0.97 })], 'weighted-average', []);
    expect(opinion.label).toBe('fake');
    expect(opinion.uncertainty).toBeGreaterThanOrEqual(0.5);
    expect(opinion.reasons.at(-1)).toContain('Only one family');
  });
});
