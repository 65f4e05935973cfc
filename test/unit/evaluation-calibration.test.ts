import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceOf, envelopeOf, type Facts } from '../../src/contract/envelope.ts';
import { VidimusError } from '../../src/contract/errors.ts';
import { bounded, calibrate, foldsOf } from '../../src/workbench/evaluate/calibrate.ts';
import { elubOf } from '../../src/workbench/evaluate/elub.ts';
import { fitEnsemble, fitWeights } from '../../src/workbench/evaluate/ensemble.ts';
import { fitLogistic, fitTemperature, logit } from '../../src/workbench/evaluate/logistic.ts';
import { gaussian } from '../helpers/sound.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof VidimusError ? thrown.code : String(thrown);
  }
  return 'nothing thrown';
};
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Normal logits with unit variance, means ∓`gap`/2: the true natural log LR of a logit x is gap · x. */
function made(n: number, gap: number, seed = 7, perSource = 4) {
  const noise = gaussian(seed);
  return Array.from({ length: 2 * n }, (_, i) => {
    const fake = i >= n;
    return {
      fake,
      score: sigmoid((fake ? gap : -gap) / 2 + noise()),
      source: `${fake ? 'f' : 'r'}${Math.floor(i / perSource)}`,
    };
  });
}

describe('logistic calibration', () => {
  it('finds the known log LR of two normal distributions', () => {
    const points = made(4000, 2).map(({ score, fake }) => ({ x: logit(score), fake }));
    const { slope, offset } = fitLogistic(points);
    // The standard error of the slope at 8,000 files is about 0.05.
    expect(Math.abs(slope - 2)).toBeLessThan(0.15);
    expect(Math.abs(offset)).toBeLessThan(0.1);
  });

  it('agrees with scikit-learn on eight points', () => {
    const x = [-2, -1, -0.5, 0.3, 0.1, 0.8, 1.5, 2.2];
    const points = x.map((value, i) => ({ x: value, fake: [0, 0, 0, 1, 0, 1, 0, 1][i] === 1 }));
    const { slope, offset } = fitLogistic(points);
    // scikit-learn 1.9: LogisticRegression(C=800, tol=1e-12) with weights 0.5 / n of the class; same convex problem.
    expect(slope).toBeCloseTo(1.4123775337309874, 7);
    expect(offset).toBeCloseTo(-0.5504220109140019, 7);
  });

  it('stays finite where the classes are separate, and refuses a detector that is upside down', () => {
    const apart = Array.from({ length: 40 }, (_, i) => ({ x: i < 20 ? -5 - i / 10 : 5 + i / 10, fake: i >= 20 }));
    const { slope, offset } = fitLogistic(apart);
    expect(Number.isFinite(slope) && Number.isFinite(offset) && slope > 0).toBe(true);
    expect(codeOf(() => fitLogistic(apart.map(({ x, fake }) => ({ x: -x, fake }))))).toBe('calibration.useless');
    expect(codeOf(() => fitLogistic(apart.map(({ fake }) => ({ x: 1, fake }))))).toBe('evaluation.constant');
  });

  it('does not depend on the share of manipulated files', () => {
    const list = made(2000, 2).map(({ score, fake }) => ({ x: logit(score), fake }));
    const few = list.filter(({ fake }, i) => !fake || i % 4 === 0);
    expect(fitLogistic(few).offset).toBeCloseTo(fitLogistic(list).offset, 0);
    expect(Math.abs(fitLogistic(few).offset)).toBeLessThan(0.2);
  });

  it('finds the temperature that scores were sharpened by', () => {
    // Made scores have log LR 2x at logit x, so their temperature is 1 / 2; tripled logits need 3 / 2.
    const list = made(4000, 2).map(({ score, fake }) => ({ score: sigmoid(3 * logit(score)), fake }));
    expect(fitTemperature(list)).toBeCloseTo(1.5, 1);
  });
});

describe('bounds (ELUB)', () => {
  it('follow from the number of files where nothing misled', () => {
    const perfect = Array.from({ length: 200 }, (_, i) => ({ fake: i < 100, score: i < 100 ? 20 : -20 }));
    const [low, high] = elubOf(perfect);
    expect(high).toBeCloseTo(Math.log10(101 * (1 - 1 / 101)), 9);
    expect(low).toBeCloseTo(-high, 9);
  });

  it('never leave what the set size allows, hold 0, and are exact at the crossing', () => {
    const lrs = fc.array(
      fc.record({ fake: fc.boolean(), score: fc.integer({ min: -800, max: 800 }).map((n) => n / 100) }),
      {
        minLength: 2,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(lrs, (list) => {
        const n1 = list.filter((l) => l.fake).length;
        const [low, high] = elubOf(list);
        expect(low).toBeLessThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(Math.log10(list.length - n1 + 1) + 1e-9);
        expect(low).toBeGreaterThanOrEqual(-Math.log10(n1 + 1) - 1e-9);
        const better = (t: number): boolean => {
          const miss = (1 + list.filter((l) => l.fake && l.score < Math.log(t)).length) / (n1 + 1);
          const alarm = (1 + list.filter((l) => !l.fake && l.score >= Math.log(t)).length) / (list.length - n1 + 1);
          return miss + t * alarm <= Math.min(1, t) + 1e-9;
        };
        // Everything between 1 and the bound beats saying nothing; a bound of 1e-16 is a rounded 0.
        for (const share of [0.2, 0.5, 0.8, 0.99]) {
          if (high > 1e-9) expect(better(10 ** (high * share))).toBe(true);
          if (low < -1e-9) expect(better(10 ** (low * share))).toBe(true);
        }
      }),
    );
  });
});

describe('calibrating on a folder', () => {
  it('keeps sources whole and reports held-out figures near the truth', () => {
    const list = made(300, 2.5);
    const { fold, folds } = foldsOf(list);
    expect(folds).toBe(5);
    const seen = new Map<string, number>();
    list.forEach(({ source }, i) => {
      expect(seen.get(source) ?? fold[i]).toBe(fold[i]);
      seen.set(source, fold[i] ?? -1);
    });
    const fit = calibrate(list);
    expect(fit.map.slope).toBeGreaterThan(2);
    expect(fit.cllr).toBeGreaterThanOrEqual(fit.cllrMin);
    expect(fit.cllrCal).toBeLessThan(0.05);
    expect(fit.auc).toBeGreaterThan(0.93);
    for (const value of fit.heldOut) expect(value).toBe(bounded(value, fit.bounds));
    expect(calibrate(list)).toEqual(fit);
  });

  it('refuses five files, one source, one class and constant scores', () => {
    expect(codeOf(() => calibrate(made(100, 2).slice(98, 103)))).toBe('evaluation.too-few');
    expect(codeOf(() => calibrate(made(50, 2).map((f) => (f.fake ? { ...f, source: 'one' } : f))))).toBe(
      'evaluation.too-few',
    );
    expect(codeOf(() => calibrate(made(50, 2).filter((f) => f.fake)))).toBe('evaluation.one-class');
    expect(codeOf(() => calibrate(made(50, 2).map((f) => ({ ...f, score: 0.5 }))))).toBe('evaluation.constant');
    expect(codeOf(() => calibrate(made(50, 2).map((f) => ({ ...f, score: 1 - f.score }))))).toBe('calibration.useless');
  });
});

describe('the learned ensemble', () => {
  it('trusts a detector that knows and drops one that guesses', () => {
    const noise = gaussian(3);
    const rows = Array.from({ length: 600 }, (_, i) => {
      const fake = i % 2 === 0;
      return { fake, x: [(fake ? 1.5 : -1.5) + noise(), 3 * noise()] };
    });
    const [good = 0, bad = 0] = fitWeights(rows, 2);
    expect(good).toBeGreaterThan(1.5);
    expect(bad).toBeLessThan(0.2);
    expect(bad).toBeGreaterThanOrEqual(0);
  });

  it('needs two detectors, and a silent one argues for nothing', () => {
    const noise = gaussian(11);
    const file = (i: number, detectors: number) => {
      const fake = i % 2 === 0;
      const lr = () => (fake ? 1 : -1) + noise();
      const says = [
        { detector: 'a', family: 'spatial-neural' as const, score: fake ? 0.8 : 0.2, logLr: lr() },
        { detector: 'b', family: 'temporal' as const, score: 0.5, logLr: lr() },
      ].slice(0, i % 5 === 0 ? 1 : detectors);
      return { sha256: '0'.repeat(64), fake, source: `s${i >> 2}-${fake}`, says };
    };
    const files = Array.from({ length: 160 }, (_, i) => file(i, 2));
    const fitted = fitEnsemble(files, {}, new Date(0));
    expect(Object.keys(fitted.families).sort()).toEqual(['spatial-neural', 'temporal']);
    expect(fitted.attention['a'] ?? 0).toBeGreaterThan(fitted.attention['b'] ?? 9);
    expect(fitted.crossValidation.cllr).toBeLessThan(0.9);
    expect(
      codeOf(() =>
        fitEnsemble(
          files.map((f) => ({ ...f, says: f.says.slice(0, 1) })),
          {},
          new Date(0),
        ),
      ),
    ).toBe('evaluation.too-few');
  });
});

describe('the envelope of a set', () => {
  const facts = (codec: string, shortSide: number, seconds?: number): Facts => ({
    codec,
    quantities: seconds === undefined ? { shortSide } : { shortSide, seconds },
  });
  const envelope = envelopeOf([facts('jpeg', 480, 3), facts('png', 1080)]);

  it('takes ranges of what every file tells, with a little slack', () => {
    expect(envelope).toEqual({ codecs: ['jpeg', 'png'], ranges: { shortSide: [480, 1080] } });
    expect(distanceOf(facts('png', 1100), envelope)).toEqual({ octaves: 0, reasons: [] });
  });

  it('measures how far outside a file lies, in octaves, and says why', () => {
    const far = distanceOf(facts('jpeg', 120), envelope);
    expect(far.octaves).toBeCloseTo(1.9, 9);
    expect(far.reasons).toEqual(['shorter side 120 px is outside 480 to 1080 px']);
    expect(distanceOf({ codec: 'webp', quantities: {} }, envelope)).toEqual({
      octaves: 1,
      reasons: ['the codec webp was not among jpeg, png', 'its shorter side is not known'],
    });
  });
});
