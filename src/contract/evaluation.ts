/** Documents of evaluation, calibration and validation: what a laboratory measured on its own files. */
import * as z from 'zod';
import { DataEnvelope } from './envelope.ts';
import { Calibration } from './pack.ts';
import { Family, Sha256 } from './words.ts';

const Rate = z.number().min(0).max(1);

/** One file a profile was fitted on: identity, truth, source. */
const ProfileDatum = z.strictObject({ sha256: Sha256, fake: z.boolean(), source: z.string() });

const Counts = z.strictObject({
  real: z.int().nonnegative(),
  fake: z.int().nonnegative(),
  realSources: z.int().nonnegative(),
  fakeSources: z.int().nonnegative(),
  /** Files of the folder to which the detector did not speak. */
  silent: z.int().nonnegative(),
});

/**
 * A laboratory's own calibration of one pack: `profiles/<pack>@<version>.json` in the user folder. `calibration` maps
 * the reported score to a log LR; `temperature` (Guo et al. 2017) is used where scores are averaged. The figures come
 * from folds split by source, the parameters from all files. Applies to the pack with this hash inside this envelope.
 */
export const LabProfile = z.strictObject({
  schema: z.literal('vidimus/profile/1'),
  pack: z.string(),
  packSha256: Sha256,
  detector: z.string(),
  family: Family,
  date: z.iso.datetime(),
  vidimus: z.string(),
  calibration: Calibration,
  temperature: z.number().positive(),
  envelope: DataEnvelope,
  counts: Counts,
  crossValidation: z.strictObject({
    folds: z.int().min(2),
    auc: Rate,
    eer: Rate,
    cllr: z.number().nonnegative(),
    cllrMin: z.number().nonnegative(),
    cllrCal: z.number(),
  }),
  data: z.array(ProfileDatum).min(1),
});
export type LabProfile = z.infer<typeof LabProfile>;

/**
 * Learned weights of the ensemble: `profiles/ensemble.json`. `attention` multiplies each detector's own certainty;
 * `families` multiplies the mean log LR of each family before they are added. Detectors and families that are not
 * named were not in the fit and keep the weight 1. `profiles` are the SHA-256 of the lab profiles it was fitted on.
 */
export const EnsembleProfile = z.strictObject({
  schema: z.literal('vidimus/ensemble-profile/1'),
  date: z.iso.datetime(),
  vidimus: z.string(),
  attention: z.record(z.string(), z.number().nonnegative()),
  families: z.partialRecord(Family, z.number().nonnegative()),
  bounds: z.tuple([z.number(), z.number()]),
  profiles: z.record(z.string(), Sha256),
  counts: Counts,
  crossValidation: z.strictObject({
    folds: z.int().min(2),
    cllr: z.number().nonnegative(),
    cllrMin: z.number().nonnegative(),
  }),
});
export type EnsembleProfile = z.infer<typeof EnsembleProfile>;
