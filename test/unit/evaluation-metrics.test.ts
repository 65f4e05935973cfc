import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { bootstrap, quantile } from '../../src/workbench/evaluate/bootstrap.ts';
import { confusionOf, ratesOf } from '../../src/workbench/evaluate/decisions.ts';
import {
  calibrationErrorOf,
  cllrMinOf,
  cllrOf,
  eceOf,
  pavOf,
  reliabilityOf,
  tippettOf,
} from '../../src/workbench/evaluate/likelihood.ts';
import { aucOf, detOf, eerOf, probit, rocOf, tprAtFpr } from '../../src/workbench/evaluate/roc.ts';
import { checkScores, tallyOf } from '../../src/workbench/evaluate/tally.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof VidimusError ? thrown.code : String(thrown);
  }
  return 'nothing thrown';
};

/** Sets of both classes that are not constant, scores 0..1 on a grid so that ties happen. */
const sets = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 40 }).map((n) => n / 40), fake: fc.boolean() }), {
    minLength: 4,
    maxLength: 60,
  })
  .filter((list) => codeOf(() => checkScores(list)) === 'nothing thrown');

describe('bad input', () => {
  it('is refused by name and never becomes a NaN', () => {
    expect(codeOf(() => tallyOf([]))).toBe('evaluation.too-few');
    expect(codeOf(() => tallyOf([{ score: 1, fake: true }]))).toBe('evaluation.one-class');
    const pair = (a: number, b: number) => [
      { score: a, fake: true },
      { score: b, fake: false },
    ];
    expect(codeOf(() => tallyOf(pair(Number.NaN, 0)))).toBe('evaluation.not-finite');
    expect(codeOf(() => tallyOf(pair(0.2, Number.POSITIVE_INFINITY)))).toBe('evaluation.not-finite');
    expect(codeOf(() => tallyOf(pair(0.5, 0.5)))).toBe('evaluation.constant');
    expect(codeOf(() => tallyOf(pair(0, -0)))).toBe('evaluation.constant');
  });
});

describe('rates', () => {
  it('hold what their definitions promise, for any set', () => {
    fc.assert(
      fc.property(sets, (list) => {
        const tally = tallyOf(list);
        const flipped = tallyOf(list.map(({ score, fake }) => ({ score: 1 - score, fake: !fake })));
        expect(aucOf(tally)).toBeCloseTo(aucOf(flipped), 12);
        expect(eerOf(tally)).toBeCloseTo(eerOf(flipped), 12);
        const stretched = tallyOf(list.map(({ score, fake }) => ({ score: Math.exp(3 * score), fake })));
        expect(aucOf(stretched)).toBeCloseTo(aucOf(tally), 12);
        expect(cllrMinOf(stretched)).toBeCloseTo(cllrMinOf(tally), 12);
        const roc = rocOf(tally);
        const area = roc.slice(1).reduce((sum, p, i) => {
          const q = roc[i];
          return q === undefined ? sum : sum + ((p.fpr - q.fpr) * (p.tpr + q.tpr)) / 2;
        }, 0);
        expect(area).toBeCloseTo(aucOf(tally), 12);
        expect(tprAtFpr(tally, 1)).toBe(1);
        const c = confusionOf(tally, 0.5);
        expect(c.truePositives + c.falsePositives + c.trueNegatives + c.falseNegatives).toBe(list.length);
        const rates = ratesOf(c);
        for (const rate of Object.values(rates)) if (rate !== null) expect(rate >= 0 && rate <= 1).toBe(true);
      }),
    );
  });

  it('say that a rate does not exist rather than NaN', () => {
    const tally = tallyOf([
      { score: 0.1, fake: false },
      { score: 0.2, fake: true },
    ]);
    expect(ratesOf(confusionOf(tally, 0.9))).toMatchObject({ precision: null, recall: 0, f1: 0, accuracy: 0.5 });
  });

  it('has the normal deviates of the tables', () => {
    expect(probit(0.5)).toBe(0);
    expect(probit(0.975)).toBeCloseTo(1.959963985, 7);
    expect(probit(0.001)).toBeCloseTo(-3.090232306, 7);
    const points = detOf([
      { threshold: 2, fpr: 0, tpr: 0.5 },
      { threshold: 1, fpr: 0.1, tpr: 0.8 },
    ]);
    expect(points).toHaveLength(1);
    expect(points[0]?.x).toBeCloseTo(-1.281551566, 7);
  });
});

describe('likelihood ratios', () => {
  it('PAV rises, and no rising map has a lower Cllr', () => {
    fc.assert(
      fc.property(
        sets,
        fc.double({ min: 0, max: 8, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (list, a, b) => {
          const tally = tallyOf(list);
          const blocks = pavOf(tally);
          for (const [i, block] of blocks.entries()) {
            const next = blocks[i + 1];
            if (next !== undefined) expect(next.logLr).toBeGreaterThan(block.logLr);
          }
          const mapped = list.map(({ score, fake }) => ({ score: a * (score - 0.5) + b, fake }));
          const steps = mapped.map(({ score, fake }) => ({ score, real: fake ? 0 : 1, fake: fake ? 1 : 0 }));
          const cllr = cllrOf({ steps, real: tally.real, fake: tally.fake });
          expect(cllrMinOf(tally)).toBeLessThanOrEqual(cllr + 1e-12);
        },
      ),
    );
  });

  it('Cllr is 1 for an LR of 1 throughout and infinite for an infinite LR that misled', () => {
    expect(cllrOf({ steps: [{ score: 0, real: 3, fake: 5 }], real: 3, fake: 5 })).toBeCloseTo(1, 12);
    const worst = { steps: [{ score: Number.POSITIVE_INFINITY, real: 1, fake: 1 }], real: 1, fake: 1 };
    expect(cllrOf(worst)).toBe(Number.POSITIVE_INFINITY);
  });

  it('ECE at even odds is Cllr, Cllr_min and 1; Tippett starts at all files', () => {
    fc.assert(
      fc.property(sets, (list) => {
        const tally = tallyOf(list.map(({ score, fake }) => ({ score: 6 * score - 3, fake })));
        const even = eceOf(tally)[30];
        expect(even?.system).toBeCloseTo(cllrOf(tally), 10);
        expect(even?.calibrated).toBeCloseTo(cllrMinOf(tally), 10);
        expect(even?.neutral).toBeCloseTo(1, 10);
        expect(tippettOf(tally)[0]).toMatchObject({ real: 1, fake: 1 });
      }),
    );
  });

  it('reliability counts every file once and weighs the classes evenly', () => {
    const list = [0.05, 0.05, 0.05, 0.95].map((score, i) => ({ score, fake: i === 3 }));
    const bins = reliabilityOf(tallyOf(list));
    expect(bins.map((b) => [b.n, b.share])).toEqual([
      [3, 0],
      [1, 1],
    ]);
    expect(calibrationErrorOf(bins)).toBeCloseTo(0.05, 12);
  });
});

describe('the bootstrap over sources', () => {
  const list = Array.from({ length: 60 }, (_, i) => ({
    score: ((i * 37) % 60) / 60 + (i % 2 === 0 ? 0.3 : 0),
    fake: i % 2 === 0,
    source: `s${i % 12}`,
  }));
  const run = (sourced = list) =>
    bootstrap(sourced, (t) => ({ auc: aucOf(t), odd: null }), ['auc', 'odd'], { replicates: 300 });

  it('is the same every time, holds the estimate, and says null where nothing exists', () => {
    const first = run();
    expect(run()).toEqual(first);
    const auc = first.get('auc');
    const value = aucOf(tallyOf(list));
    expect(auc?.low ?? 2).toBeLessThan(value);
    expect(auc?.high ?? -1).toBeGreaterThan(value);
    expect(first.get('odd')).toEqual({ low: null, high: null });
  });

  it('is wider when whole sources move together', () => {
    const noise = (i: number): number => (((i * 7919) % 13) - 6) / 60;
    const clustered = Array.from({ length: 200 }, (_, i) => ({
      score: (i % 10) / 10 + noise(i) + (i % 2 === 0 ? 0.2 : 0),
      fake: i % 2 === 0,
      source: `s${i % 10}`,
    }));
    const width = (sourced: typeof clustered): number => {
      const auc = run(sourced).get('auc');
      return (auc?.high ?? 0) - (auc?.low ?? 0);
    };
    const loose = clustered.map((item, i) => ({ ...item, source: `own${i}` }));
    expect(width(clustered)).toBeGreaterThan(1.5 * width(loose));
  });

  it('interpolates quantiles as NumPy does', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([], 0.5)).toBeNull();
  });
});
