/**
 * Labelled scores in the one form that every metric reads: distinct scores in rising order with the weight of real
 * and of manipulated files at each. Ties are one entry, so no metric depends on the order of files.
 *
 * The metrics live in the workbench and not in the engine because they read stored results only: a folder can be
 * evaluated again, with other labels, without parsing evidence a second time.
 */
import { VidimusError } from '../../contract/errors.ts';

/** One labelled score. `fake` is true where the file is known to be synthesised or manipulated. */
export interface Labelled {
  readonly score: number;
  readonly fake: boolean;
}

/** One distinct score and how many real and manipulated files have it (weights, not necessarily whole). */
export interface Step {
  readonly score: number;
  readonly real: number;
  readonly fake: number;
}

/** Distinct scores in rising order; `real` and `fake` are the sums over all steps, both above 0. */
export interface Tally {
  readonly steps: readonly Step[];
  readonly real: number;
  readonly fake: number;
}

/**
 * Refuses what no error rate can be computed from, before a NaN could come of it.
 * @throws VidimusError evaluation.not-finite, evaluation.too-few (nothing at all), evaluation.one-class,
 * evaluation.constant
 */
export function checkScores(list: readonly Labelled[]): void {
  const odd = list.find((item) => !Number.isFinite(item.score));
  if (odd !== undefined)
    throw new VidimusError('evaluation.not-finite', `One of ${list.length} scores is ${odd.score}, not a number.`);
  const [first] = list;
  if (first === undefined) throw new VidimusError('evaluation.too-few', 'There is no score to evaluate.');
  const fake = list.filter((item) => item.fake).length;
  if (fake === 0 || fake === list.length) {
    const kind = fake === 0 ? 'real' : 'manipulated';
    throw new VidimusError('evaluation.one-class', `All ${list.length} scores belong to ${kind} files.`);
  }
  if (list.every((item) => item.score === first.score))
    throw new VidimusError('evaluation.constant', `All ${list.length} files have the same score, ${first.score}.`);
}

/** Orders labelled scores. @throws VidimusError as {@link checkScores} */
export function tallyOf(list: readonly Labelled[]): Tally {
  checkScores(list);
  return uncheckedTally(list);
}

/** The same for scores that may be constant or infinite, such as bounded log LRs; both classes must be there. */
export const uncheckedTally = (list: readonly Labelled[]): Tally => merge(inOrder(list), null);

/** Items in rising order of score, as {@link resampledTally} wants them. */
export const inOrder = <T extends Labelled>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : 0));

/**
 * The tally of a bootstrap sample: items {@link inOrder} with a weight each. Without the checks, as a sample may well
 * be constant; null where one class has no weight.
 */
export function resampledTally(ordered: readonly Labelled[], weights: ArrayLike<number>): Tally | null {
  const tally = merge(ordered, weights);
  return tally.real > 0 && tally.fake > 0 ? tally : null;
}

function merge(ordered: readonly Labelled[], weights: ArrayLike<number> | null): Tally {
  const steps: { score: number; real: number; fake: number }[] = [];
  let step: { score: number; real: number; fake: number } | undefined;
  let real = 0;
  let fake = 0;
  for (let i = 0; i < ordered.length; i++) {
    const item = ordered[i];
    const w = weights === null ? 1 : (weights[i] ?? 0);
    if (item === undefined || w === 0) continue;
    if (step === undefined || step.score !== item.score) {
      // Adding 0 makes -0 a 0.
      step = { score: item.score + 0, real: 0, fake: 0 };
      steps.push(step);
    }
    if (item.fake) {
      step.fake += w;
      fake += w;
    } else {
      step.real += w;
      real += w;
    }
  }
  return { steps, real, fake };
}
