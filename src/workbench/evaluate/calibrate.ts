/** Fitting a calibration on a labelled folder: the unit is the file, folds are split by source. */
import { VidimusError } from '../../contract/errors.ts';
import { type Sourced, sourcesOf } from './bootstrap.ts';
import { elubOf } from './elub.ts';
import { cllrMinOf, cllrOf } from './likelihood.ts';
import { fitLogistic, fitTemperature, type LogisticMap, logit } from './logistic.ts';
import { aucOf, eerOf } from './roc.ts';
import { checkScores, tallyOf, uncheckedTally } from './tally.ts';

/** Fewest files of each kind; below this the bounds alone leave nothing to say. */
export const LEAST_FILES = 20;
const MOST_FOLDS = 5;

/** A fitted calibration and how it did on files it had not seen. */
export interface Fit {
  readonly map: LogisticMap;
  /** Bounds on log10 LR. */
  readonly bounds: readonly [number, number];
  readonly temperature: number;
  readonly folds: number;
  /** Natural log LR of each file, inside the bounds, from the folds that did not hold its source. */
  readonly heldOut: readonly number[];
  readonly auc: number;
  readonly eer: number;
  readonly cllr: number;
  readonly cllrMin: number;
  readonly cllrCal: number;
}

/**
 * Checks that a set can be calibrated on.
 * @throws VidimusError evaluation.* as checkScores, evaluation.too-few below 20 files or two sources of a kind
 */
function checkCalibratable(list: readonly Sourced[]): void {
  checkScores(list);
  for (const fake of [false, true]) {
    const files = list.filter((item) => item.fake === fake).length;
    const kind = fake ? 'manipulated' : 'real';
    if (files < LEAST_FILES) {
      throw new VidimusError(
        'evaluation.too-few',
        `A calibration needs at least ${LEAST_FILES} ${kind} files that were scored; there are ${files}.`,
      );
    }
    if (sourcesOf(list, fake) < 2) {
      throw new VidimusError(
        'evaluation.too-few',
        `All ${files} ${kind} files come from one source, so nothing can be held out.`,
        { advice: 'Put files of other cameras, people or systems into sub-folders of their own.' },
      );
    }
  }
}

/** Fold of each item: sources stay whole, large ones first, each to the fold that has least of its kind. */
export function foldsOf(list: readonly Sourced[]): { readonly folds: number; readonly fold: readonly number[] } {
  const folds = Math.min(MOST_FOLDS, sourcesOf(list, false), sourcesOf(list, true));
  const bySource = new Map<string, { real: number; fake: number }>();
  for (const item of list) {
    const entry = bySource.get(item.source) ?? { real: 0, fake: 0 };
    if (item.fake) entry.fake += 1;
    else entry.real += 1;
    bySource.set(item.source, entry);
  }
  const totals = Array.from({ length: folds }, () => ({ real: 0, fake: 0 }));
  const where = new Map<string, number>();
  const order = [...bySource].sort(
    ([a, x], [b, y]) => y.real + y.fake - x.real - x.fake || (a < b ? -1 : a > b ? 1 : 0),
  );
  for (const [source, { real, fake }] of order) {
    const kind = fake > real ? 'fake' : 'real';
    let best = 0;
    totals.forEach((total, i) => {
      if (total[kind] < (totals[best]?.[kind] ?? 0)) best = i;
    });
    const total = totals[best];
    if (total !== undefined) {
      total.real += real;
      total.fake += fake;
    }
    where.set(source, best);
  }
  return { folds, fold: list.map((item) => where.get(item.source) ?? 0) };
}

/**
 * Log LRs of every item from a fit on the other folds. `learn` gets the training items and answers the map for one item.
 * @throws VidimusError evaluation.too-few when a fold leaves only one kind to train on
 */
export function heldOutLogLrs<T extends Sourced>(
  list: readonly T[],
  learn: (train: readonly T[]) => (item: T) => number,
): { folds: number; logLrs: number[] } {
  const { folds, fold } = foldsOf(list);
  const logLrs = new Array<number>(list.length).fill(0);
  for (let k = 0; k < folds; k++) {
    const train = list.filter((_, i) => fold[i] !== k);
    if (train.every((item) => item.fake) || train.every((item) => !item.fake)) {
      throw new VidimusError('evaluation.too-few', 'Without one fold of sources only one kind of file is left.', {
        advice: 'The same source must not hold nearly all files of a kind; add other sources.',
      });
    }
    const map = learn(train);
    list.forEach((item, i) => {
      if (fold[i] === k) logLrs[i] = map(item);
    });
  }
  return { folds, logLrs };
}

/** Keeps a natural log LR inside bounds on log10 LR. */
export const bounded = (logLr: number, [low, high]: readonly [number, number]): number =>
  Math.min(high * Math.LN10, Math.max(low * Math.LN10, logLr));

/**
 * Fits logistic calibration, temperature and bounds on the reported scores (0..1) of files.
 * @throws VidimusError evaluation.*, calibration.useless
 */
export function calibrate(list: readonly Sourced[]): Fit {
  checkCalibratable(list);
  const points = list.map((item) => ({ ...item, x: logit(item.score) }));
  const { folds, logLrs } = heldOutLogLrs(points, (train) => {
    const { slope, offset } = fitLogistic(train);
    return ({ x }) => slope * x + offset;
  });
  const bounds = elubOf(list.map(({ fake }, i) => ({ fake, score: logLrs[i] ?? 0 })));
  const heldOut = logLrs.map((value) => bounded(value, bounds));
  const tally = tallyOf(list);
  // Bounds may leave nothing but LR = 1; that is a valid answer, so the check for constants does not apply.
  const lrs = uncheckedTally(list.map(({ fake }, i) => ({ fake, score: heldOut[i] ?? 0 })));
  const cllr = cllrOf(lrs);
  const cllrMin = cllrMinOf(lrs);
  return {
    map: fitLogistic(points),
    bounds,
    temperature: fitTemperature(list),
    folds,
    heldOut,
    auc: aucOf(tally),
    eer: eerOf(tally),
    cllr,
    cllrMin,
    cllrCal: cllr - cllrMin,
  };
}
