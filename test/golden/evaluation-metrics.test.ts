/** Metrics against scikit-learn (1.9.1) on four made-up sets: 1e-9, and 1e-6 for Cllr_min (isotonic regression). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { confusionOf, ratesOf } from '../../src/workbench/evaluate/decisions.ts';
import { cllrMinOf, cllrOf } from '../../src/workbench/evaluate/likelihood.ts';
import { aucOf, eerOf, tprAtFpr } from '../../src/workbench/evaluate/roc.ts';
import { tallyOf } from '../../src/workbench/evaluate/tally.ts';
import { GOLDEN } from '../helpers/shared.ts';

const Case = z.object({
  labels: z.array(z.number()),
  scores: z.array(z.number()),
  auc: z.number(),
  eer: z.number(),
  cllr_scores_as_natural_log_lr: z.number(),
  cllr_min: z.number(),
  threshold: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  accuracy: z.number(),
  tpr_at_1pct_fpr: z.number(),
});
const { cases } = z
  .object({ cases: z.record(z.string(), Case) })
  .parse(JSON.parse(readFileSync(join(GOLDEN, 'metrics/binary.json'), 'utf8')));

describe.each(Object.entries(cases))('golden set %s', (_, golden) => {
  const tally = tallyOf(golden.scores.map((score, i) => ({ score, fake: golden.labels[i] === 1 })));
  const near = (ours: number | null, theirs: number, tolerance = 1e-9) => {
    expect(ours).not.toBeNull();
    expect(Math.abs((ours ?? Number.NaN) - theirs)).toBeLessThanOrEqual(tolerance);
  };

  it('agrees on AUC, EER and the TPR at 1 % FPR', () => {
    near(aucOf(tally), golden.auc);
    near(eerOf(tally), golden.eer);
    near(tprAtFpr(tally, 0.01), golden.tpr_at_1pct_fpr);
  });

  it('agrees on the decisions at the threshold', () => {
    const rates = ratesOf(confusionOf(tally, golden.threshold));
    near(rates.precision, golden.precision);
    near(rates.recall, golden.recall);
    near(rates.f1, golden.f1);
    near(rates.accuracy, golden.accuracy);
  });

  it('agrees on Cllr and Cllr_min', () => {
    near(cllrOf(tally), golden.cllr_scores_as_natural_log_lr);
    near(cllrMinOf(tally), golden.cllr_min, 1e-6);
  });
});
