/**
 * How good likelihood ratios are: Cllr and its parts (Brümmer and du Preez, Computer Speech and Language 20, 2006),
 * PAV, Tippett, empirical cross-entropy (Ramos and Gonzalez-Rodriguez 2013) and reliability. Log LRs are natural here.
 */
import type { Tally } from './tally.ts';

/** log2(1 + e^x) without overflow; 0 at −Infinity. */
export const softplus2 = (x: number): number => (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / Math.LN2;

/**
 * Cllr of scores that are natural log LRs: 0 perfect, 1 says nothing, above 1 misleads; Infinity when an infinite LR
 * misled.
 */
export function cllrOf(tally: Tally): number {
  let real = 0;
  let fake = 0;
  for (const step of tally.steps) {
    if (step.fake > 0) fake += step.fake * softplus2(-step.score);
    if (step.real > 0) real += step.real * softplus2(step.score);
  }
  return (fake / tally.fake + real / tally.real) / 2;
}

/** A run of neighbouring scores that pool-adjacent-violators gave one posterior. */
export interface PavBlock {
  readonly from: number;
  readonly to: number;
  readonly real: number;
  readonly fake: number;
  /** Natural log LR: logit of the block's share of manipulated files, less the logit of the set's. May be infinite. */
  readonly logLr: number;
}

/** Pool-adjacent-violators: the rising step function of the score that fits the labels best. */
export function pavOf(tally: Tally): PavBlock[] {
  const blocks: { from: number; to: number; real: number; fake: number }[] = [];
  for (const { score, real, fake } of tally.steps) {
    let block = { from: score, to: score, real, fake };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      // Compared as cross products: exact for counts, where quotients would not be.
      if (last.fake * (block.real + block.fake) < block.fake * (last.real + last.fake)) break;
      blocks.pop();
      block = { from: last.from, to: block.to, real: last.real + block.real, fake: last.fake + block.fake };
    }
    blocks.push(block);
  }
  const prior = Math.log(tally.fake / tally.real);
  return blocks.map((b) => ({ ...b, logLr: Math.log(b.fake / b.real) - prior }));
}

/** Cllr after the best monotone recalibration: what the scores could say, whatever their scale. */
export function cllrMinOf(tally: Tally): number {
  return cllrOf(pavTally(tally));
}

/** The tally with each score replaced by its PAV log LR. */
function pavTally(tally: Tally): Tally {
  const steps = pavOf(tally).map(({ logLr, real, fake }) => ({ score: logLr, real, fake }));
  return { steps, real: tally.real, fake: tally.fake };
}

/** Share of files of either kind whose log10 LR is at least `log10Lr`. */
export interface TippettPoint {
  readonly log10Lr: number;
  readonly real: number;
  readonly fake: number;
}

/** The Tippett plot of natural log LRs, rising. */
export function tippettOf(tally: Tally): TippettPoint[] {
  let real = tally.real;
  let fake = tally.fake;
  return tally.steps.map((step) => {
    const point = { log10Lr: step.score / Math.LN10, real: real / tally.real, fake: fake / tally.fake };
    real -= step.real;
    fake -= step.fake;
    return point;
  });
}

/** Empirical cross-entropy in bits at prior log10 odds: as stated, after PAV, and of LR = 1 throughout. */
export interface EcePoint {
  readonly log10Odds: number;
  readonly system: number;
  readonly calibrated: number;
  readonly neutral: number;
}

/** The ECE plot of natural log LRs over prior log10 odds −3..3. At odds 1 it equals Cllr, Cllr_min and 1. */
export function eceOf(tally: Tally, points = 61): EcePoint[] {
  const best = pavTally(tally);
  const neutral: Tally = {
    steps: [{ score: 0, real: tally.real, fake: tally.fake }],
    real: tally.real,
    fake: tally.fake,
  };
  return Array.from({ length: points }, (_, i) => {
    const log10Odds = -3 + (6 * i) / (points - 1);
    const odds = log10Odds * Math.LN10;
    const at = (t: Tally): number => crossEntropy(t, odds);
    return { log10Odds, system: at(tally), calibrated: at(best), neutral: at(neutral) };
  });
}

function crossEntropy(tally: Tally, logOdds: number): number {
  const prior = 1 / (1 + Math.exp(-logOdds));
  let real = 0;
  let fake = 0;
  for (const step of tally.steps) {
    if (step.fake > 0) fake += step.fake * softplus2(-(step.score + logOdds));
    if (step.real > 0) real += step.real * softplus2(step.score + logOdds);
  }
  return (prior * fake) / tally.fake + ((1 - prior) * real) / tally.real;
}

/** Scores in one tenth of their scale and how many of them belong to manipulated files. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** Mean score of the bin. */
  readonly score: number;
  /** Share of manipulated files of the bin, each class weighted to one half. */
  readonly share: number;
}

/**
 * Reliability of scores 0..1 in equal bins (Niculescu-Mizil and Caruana 2005); empty bins are left out. Classes are
 * weighted to one half each, because the share of manipulated files in a test folder is the examiner's choice.
 */
export function reliabilityOf(tally: Tally, bins = 10): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ n: 0, real: 0, fake: 0, score: 0 }));
  for (const step of tally.steps) {
    const bin = sums[Math.min(bins - 1, Math.max(0, Math.floor(step.score * bins)))];
    if (bin === undefined) continue;
    const weight = step.fake / tally.fake + step.real / tally.real;
    bin.n += step.fake + step.real;
    bin.fake += step.fake / tally.fake;
    bin.real += step.real / tally.real;
    bin.score += step.score * weight;
  }
  return sums.flatMap(({ n, real, fake, score }, i) =>
    n === 0
      ? []
      : [{ from: i / bins, to: (i + 1) / bins, n, score: score / (real + fake), share: fake / (real + fake) }],
  );
}

/** Expected calibration error of reliability bins: mean distance of share and score, weighted by files. */
export function calibrationErrorOf(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => sum + (bin.n / total) * Math.abs(bin.share - bin.score), 0);
}
