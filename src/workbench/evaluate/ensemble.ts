/**
 * Learning how much each detector and each family counts: logistic fusion of held-out log LRs (Brümmer et al., IEEE
 * TASLP 15, 2007) without an offset, so that a detector that is silent on an exhibit argues for nothing.
 */
import packageJson from '../../../package.json' with { type: 'json' };
import { VidimusError } from '../../contract/errors.ts';
import type { EnsembleProfile } from '../../contract/evaluation.ts';
import { Family } from '../../contract/words.ts';
import { bounded, heldOutLogLrs } from './calibrate.ts';
import { elubOf } from './elub.ts';
import { cllrMinOf, cllrOf } from './likelihood.ts';
import { uncheckedTally } from './tally.ts';

/** One detector on one file: `score` on the common scale (0.5 is its threshold), natural log LR held out. */
export interface Say {
  readonly detector: string;
  readonly family: Family;
  readonly score: number;
  readonly logLr: number;
}

/** What all calibrated detectors said of one file. */
export interface EnsembleFile {
  readonly sha256: string;
  readonly fake: boolean;
  readonly source: string;
  readonly says: readonly Say[];
}

interface Row {
  readonly x: readonly number[];
  readonly fake: boolean;
  readonly source: string;
  readonly score: number;
}

/** Ridge towards the neutral weight 1, per file: a normal prior of standard deviation 1. */
const RIDGE = 1;

/**
 * Weights of at least 0 that minimise the class-balanced cross-entropy of Σ weight · x, drawn to 1 by a ridge. Each
 * step minimises an upper bound in one weight, so the loss never rises; the problem is convex.
 */
export function fitWeights(rows: readonly Pick<Row, 'x' | 'fake'>[], count: number): number[] {
  const fakes = rows.filter((r) => r.fake).length;
  const weight = (fake: boolean): number => 0.5 / (fake ? fakes : rows.length - fakes);
  const ridge = RIDGE / rows.length;
  const out = new Array<number>(count).fill(1);
  const curvature = out.map((_, k) => rows.reduce((h, r) => h + (weight(r.fake) * (r.x[k] ?? 0) ** 2) / 4, ridge));
  const sums = Float64Array.from(rows, (r) => r.x.reduce((a, b) => a + b, 0));
  for (let pass = 0; pass < 2000; pass++) {
    let moved = 0;
    for (let k = 0; k < count; k++) {
      const old = out[k] ?? 0;
      let gradient = ridge * (old - 1);
      rows.forEach((r, i) => {
        const sign = r.fake ? 1 : -1;
        gradient -= (weight(r.fake) * sign * (r.x[k] ?? 0)) / (1 + Math.exp(sign * (sums[i] ?? 0)));
      });
      const next = Math.max(0, old - gradient / (curvature[k] ?? 1));
      const step = next - old;
      if (step === 0) continue;
      out[k] = next;
      rows.forEach((r, i) => {
        sums[i] = (sums[i] ?? 0) + step * (r.x[k] ?? 0);
      });
      moved = Math.max(moved, Math.abs(step));
    }
    if (moved < 1e-9) break;
  }
  return out;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, v, i) => s + v * (b[i] ?? 0), 0);

/** Natural log LR of each family that spoke: the mean over its detectors, because they are not independent. */
function familyMeans(says: readonly Say[], families: readonly Family[]): number[] {
  return families.map((family) => {
    const list = says.filter((s) => s.family === family);
    return list.length === 0 ? 0 : list.reduce((sum, s) => sum + s.logLr, 0) / list.length;
  });
}

/**
 * Fits the ensemble on files that at least one calibrated detector spoke to.
 * @param profiles SHA-256 of the lab profile of each pack
 * @throws VidimusError evaluation.too-few with fewer than two detectors
 */
export function fitEnsemble(
  all: readonly EnsembleFile[],
  profiles: Readonly<Record<string, string>>,
  date: Date,
): EnsembleProfile {
  const files = all.filter((f) => f.says.length > 0);
  const detectors = [...new Set(files.flatMap((f) => f.says.map((s) => s.detector)))].sort();
  if (detectors.length < 2) {
    throw new VidimusError('evaluation.too-few', 'Weights of an ensemble need at least two calibrated detectors.');
  }
  const families = Family.options.filter((family) => files.some((f) => f.says.some((s) => s.family === family)));
  const rows: Row[] = files.map(({ fake, source, says }) => ({
    fake,
    source,
    score: 0,
    x: familyMeans(says, families),
  }));
  const { folds, logLrs } = heldOutLogLrs(rows, (train) => {
    const weights = fitWeights(train, families.length);
    return ({ x }) => dot(weights, x);
  });
  const heldOut = rows.map(({ fake }, i) => ({ fake, score: logLrs[i] ?? 0 }));
  const bounds = elubOf(heldOut);
  const lrs = uncheckedTally(heldOut.map(({ fake, score }) => ({ fake, score: bounded(score, bounds) })));
  const attention = fitWeights(
    files.map(({ fake, says }) => ({
      fake,
      x: detectors.map((d) => 4 * ((says.find((s) => s.detector === d)?.score ?? 0.5) - 0.5)),
    })),
    detectors.length,
  );
  const weights = fitWeights(rows, families.length);
  const kinds = (fake: boolean) => files.filter((f) => f.fake === fake);
  const sources = (fake: boolean) => new Set(kinds(fake).map((f) => f.source)).size;
  return {
    schema: 'vidimus/ensemble-profile/1',
    date: date.toISOString(),
    vidimus: packageJson.version,
    attention: Object.fromEntries(detectors.map((d, i) => [d, attention[i] ?? 1])),
    families: Object.fromEntries(families.map((f, i) => [f, weights[i] ?? 1])),
    bounds: [bounds[0], bounds[1]],
    profiles: { ...profiles },
    counts: {
      real: kinds(false).length,
      fake: kinds(true).length,
      realSources: sources(false),
      fakeSources: sources(true),
      silent: all.length - files.length,
    },
    crossValidation: { folds, cllr: cllrOf(lrs), cllrMin: cllrMinOf(lrs) },
  };
}
