/** Hard decisions at one threshold: the confusion matrix and the rates that follow from it. */
import type { Tally } from './tally.ts';

/** Files by truth and call. A file is called manipulated when its score is at least `threshold`. */
export interface Confusion {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Counts the calls at `threshold`. */
export function confusionOf(tally: Tally, threshold: number): Confusion {
  let truePositives = 0;
  let falsePositives = 0;
  for (const step of tally.steps) {
    if (step.score < threshold) continue;
    truePositives += step.fake;
    falsePositives += step.real;
  }
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives: tally.real - falsePositives,
    falseNegatives: tally.fake - truePositives,
  };
}

/** Rates 0..1; null where the denominator is zero and the rate does not exist. */
export interface DecisionRates {
  readonly precision: number | null;
  readonly recall: number;
  readonly f1: number;
  readonly accuracy: number;
  readonly fpr: number;
  readonly fnr: number;
}

/** The rates behind a confusion matrix with files of both kinds. Without any true positive F1 is 0. */
export function ratesOf(c: Confusion): DecisionRates {
  const fake = c.truePositives + c.falseNegatives;
  const real = c.trueNegatives + c.falsePositives;
  const called = c.truePositives + c.falsePositives;
  return {
    precision: called === 0 ? null : c.truePositives / called,
    recall: c.truePositives / fake,
    f1: (2 * c.truePositives) / (called + fake),
    accuracy: (c.truePositives + c.trueNegatives) / (fake + real),
    fpr: c.falsePositives / real,
    fnr: c.falseNegatives / fake,
  };
}
