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
export const uncheckedTally = (list: readonly Labelled[]): Tally => weightedTally(list, () => 1);

/**
 * The same with a weight per item (by its place in the list), without the checks: a bootstrap sample may well be
 * constant. Items of weight 0 are left out; null where one class has no weight.
 */
export function resampledTally(list: readonly Labelled[], weights: ArrayLike<number>): Tally | null {
  const tally = weightedTally(list, (_, i) => weights[i] ?? 0);
  return tally.real > 0 && tally.fake > 0 ? tally : null;
}

function weightedTally(list: readonly Labelled[], weight: (item: Labelled, i: number) => number): Tally {
  const at = new Map<number, { score: number; real: number; fake: number }>();
  let real = 0;
  let fake = 0;
  list.forEach((item, i) => {
    const w = weight(item, i);
    if (w === 0) return;
    // Adding 0 makes -0 and 0 one key and one score.
    const score = item.score + 0;
    const entry = at.get(score) ?? { score, real: 0, fake: 0 };
    if (item.fake) {
      entry.fake += w;
      fake += w;
    } else {
      entry.real += w;
      real += w;
    }
    at.set(score, entry);
  });
  return { steps: [...at.values()].sort((a, b) => a.score - b.score), real, fake };
}
