/** Temperature scaling of a score (Guo et al., ICML 2017): the logit is divided by T; 0.5 stays where it is. */

/** Logit with the score kept between 1e-7 and 1 − 1e-7. */
export function clampLogit(p: number): number {
  const q = Math.min(1 - 1e-7, Math.max(1e-7, p));
  return Math.log(q / (1 - q));
}

/** The score at temperature `t` > 0; t = 1 answers the score itself. */
export const temperScore = (score: number, t: number): number =>
  t === 1 ? score : 1 / (1 + Math.exp(-clampLogit(score) / t));
