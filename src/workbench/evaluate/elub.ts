/**
 * Empirical lower and upper bound of LRs (Vergeer, van Es, de Jongh, Alberink and Stoel, Science & Justice 56, 2016):
 * an LR system is only used where it beats saying nothing, even if one more LR of each kind had misled without limit.
 */
import type { Labelled } from './tally.ts';

/**
 * Bounds on log10 LR from files whose scores are natural log LRs. With threshold t (the prior odds of H2 at which a
 * decision turns) the system costs miss(t) + t · alarm(t), saying nothing costs min(1, t); the bounds are the first t
 * on either side of 1 where the system is no better. Never wider than −log10(N1 + 1) and log10(N2 + 1), N1 manipulated
 * and N2 real files.
 */
export function elubOf(list: readonly Labelled[]): [number, number] {
  const fake = sorted(list, true);
  const real = sorted(list, false);
  // Within two neighbouring LRs the error counts stand still, so the crossing inside is solved and not searched.
  const edges = [...new Set([...fake, ...real])].sort((a, b) => a - b);
  // Both take the LR just below the threshold, so that a threshold between two neighbours needs no midpoint.
  const miss = (neighbour: number): number => (1 + countUpTo(fake, neighbour)) / (fake.length + 1);
  const alarm = (neighbour: number): number => (1 + real.length - countUpTo(real, neighbour)) / (real.length + 1);

  let upper = Number.POSITIVE_INFINITY;
  const above = [0, ...edges.filter((e) => e > 0), Number.POSITIVE_INFINITY];
  for (let i = 0; i + 1 < above.length && upper === Number.POSITIVE_INFINITY; i++) {
    const from = above[i] ?? 0;
    const to = above[i + 1] ?? 0;
    const crossing = Math.log((1 - miss(from)) / alarm(from));
    if (crossing < to) upper = Math.max(from, crossing);
  }
  let lower = Number.NEGATIVE_INFINITY;
  const below = [0, ...edges.filter((e) => e < 0).reverse(), Number.NEGATIVE_INFINITY];
  for (let i = 0; i + 1 < below.length && lower === Number.NEGATIVE_INFINITY; i++) {
    const from = below[i] ?? 0;
    const to = below[i + 1] ?? 0;
    const crossing = Math.log(miss(to) / (1 - alarm(to)));
    if (crossing > to) lower = Math.min(from, crossing);
  }
  return [lower / Math.LN10 + 0, upper / Math.LN10 + 0];
}

const sorted = (list: readonly Labelled[], fake: boolean): number[] =>
  list
    .filter((item) => item.fake === fake)
    .map((item) => item.score)
    .sort((a, b) => a - b);

/** How many of rising `values` lie at or below `limit`. */
function countUpTo(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
