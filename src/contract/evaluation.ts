/** Documents of evaluation, calibration and validation: what a laboratory measured on its own files. */
import * as z from 'zod';
import { DataEnvelope } from './envelope.ts';
import { WireError } from './errors.ts';
import { Calibration } from './pack.ts';
import { PackUse, Plan, Run } from './result.ts';
import { Family, Label, MediaType, Sha256, Status } from './words.ts';

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

/** A figure with its 95 % interval; null where it does not exist. */
export const Figure = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Figure = z.infer<typeof Figure>;

/** Names of the figures of a judge, in the order of tables. */
export const FIGURES = [
  'auc',
  'eer',
  'tprAt1pctFpr',
  'precision',
  'recall',
  'f1',
  'accuracy',
  'fpr',
  'fnr',
  'cllr',
  'cllrMin',
  'cllrCal',
] as const;
export type FigureName = (typeof FIGURES)[number];
const Figures = z.record(z.enum(FIGURES), Figure);
export type Figures = z.infer<typeof Figures>;

const Points = z.array(z.array(z.number()));

/**
 * Curves as rows of numbers, thinned for a screen. roc: FPR, TPR, threshold (1 and more for "none"); det: FPR, FNR;
 * pav: score, log10 LR; tippett: log10 LR, share of real, share of manipulated files at or above it; ece: prior log10
 * odds, system, after PAV, neutral; reliability: mean score, share of manipulated files, files. Ratios that are
 * infinite are drawn at ±9. tippett and ece are empty where there are no ratios.
 */
export const Curves = z.strictObject({
  roc: Points,
  det: Points,
  pav: Points,
  tippett: Points,
  ece: Points,
  reliability: Points,
});
export type Curves = z.infer<typeof Curves>;

/** A part of the set: real files of all systems count for every system. */
export const Subgroup = z.strictObject({
  by: z.enum(['system', 'quality', 'size', 'source']),
  value: z.string(),
  real: z.int().nonnegative(),
  fake: z.int().nonnegative(),
  auc: Figure,
  eer: Figure,
  fpr: Figure,
  fnr: Figure,
});
export type Subgroup = z.infer<typeof Subgroup>;

/** One detector, or the opinion as a whole (`fused`), measured on a labelled folder. */
export const Judge = z.strictObject({
  name: z.string(),
  kind: z.enum(['detector', 'fused']),
  family: Family.nullable(),
  pack: z.string().nullable(),
  packSha256: Sha256.nullable(),
  threshold: z.number(),
  counts: Counts,
  /** Why nothing could be measured; then there are no figures. */
  error: WireError.omit({ detail: true }).nullable(),
  figures: Figures.nullable(),
  confusion: z
    .strictObject({
      truePositives: z.number(),
      falsePositives: z.number(),
      trueNegatives: z.number(),
      falseNegatives: z.number(),
    })
    .nullable(),
  /** Ratios behind Cllr: held out in cross-validation here, or as an installed calibration reported them. */
  ratios: z.enum(['held-out', 'reported']).nullable(),
  calibrationError: z.number().nullable(),
  curves: Curves.nullable(),
  subgroups: z.array(Subgroup),
  notes: z.array(z.string()),
});
export type Judge = z.infer<typeof Judge>;

/** What one judge said of one file. */
export const Verdict = z.strictObject({
  judge: z.string(),
  status: Status,
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  log10Lr: z.number().nullable(),
  reason: z.string().nullable(),
});
export type Verdict = z.infer<typeof Verdict>;

/** One file of the folder; `error` is set when it could not be examined. */
export const EvaluatedFile = z.strictObject({
  path: z.string(),
  fake: z.boolean(),
  source: z.string(),
  system: z.string().nullable(),
  sha256: Sha256,
  mediaType: MediaType.nullable(),
  quality: z.string().nullable(),
  size: z.string().nullable(),
  label: Label.nullable(),
  error: WireError.omit({ detail: true }).nullable(),
  verdicts: z.array(Verdict),
});
export type EvaluatedFile = z.infer<typeof EvaluatedFile>;

/** `evaluation.json`. */
export const Evaluation = z.strictObject({
  schema: z.literal('vidimus/evaluation/1'),
  date: z.iso.datetime(),
  set: z.string(),
  plan: Plan,
  planHash: Sha256,
  versions: Run.shape.versions.nullable(),
  packs: z.array(PackUse),
  bootstrap: z.strictObject({ replicates: z.int().positive(), seed: z.int(), unit: z.literal('source') }),
  judges: z.array(Judge),
  files: z.array(EvaluatedFile),
  /** Profiles that this run wrote. */
  profiles: z.array(z.strictObject({ name: z.string(), file: z.string(), sha256: Sha256 })),
  notes: z.array(z.string()),
});
export type Evaluation = z.infer<typeof Evaluation>;
