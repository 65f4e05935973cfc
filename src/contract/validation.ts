/**
 * The validation record of a workstation: what this installation answered on known exemplars on this machine, signed
 * with the workstation's own key, so that a report can cite it and a later run can be compared with it.
 */
import * as z from 'zod';
import { EvaluatedFile, Judge } from './evaluation.ts';
import { PackUse, Plan, Run } from './result.ts';
import { Sha256 } from './words.ts';

/** The machine the exemplars were run on. */
export const Hardware = z.strictObject({
  platform: z.string(),
  processor: z.string(),
  logicalProcessors: z.int().positive(),
  memoryBytes: z.number().positive(),
  gpus: z.array(z.strictObject({ name: z.string(), driver: z.string(), memoryMiB: z.number().nonnegative() })),
});
export type Hardware = z.infer<typeof Hardware>;

/** Figures of a judge without the curves, which the evaluation beside the record holds. */
export const JudgeSummary = Judge.omit({ curves: true });
export type JudgeSummary = z.infer<typeof JudgeSummary>;

export const ValidationRecord = z.strictObject({
  schema: z.literal('vidimus/validation/1'),
  date: z.iso.datetime(),
  set: z.string(),
  hardware: Hardware,
  versions: Run.shape.versions.nullable(),
  plan: Plan,
  planHash: Sha256,
  packs: z.array(PackUse),
  profiles: z.array(z.strictObject({ name: z.string(), sha256: Sha256 })),
  judges: z.array(JudgeSummary),
  files: z.array(EvaluatedFile),
  notes: z.array(z.string()),
  /** SHA-256 of the `evaluation.json` that was written with it. */
  evaluationSha256: Sha256,
});
export type ValidationRecord = z.infer<typeof ValidationRecord>;

/**
 * The record with its signature: Ed25519 (RFC 8032) over the RFC 8785 form of `record`. `keyId` is the SHA-256 of the
 * public key in SPKI form (DER); `publicKey` and `value` are base64. The key vouches for the workstation, not a person.
 */
export const SignedValidation = z.strictObject({
  record: ValidationRecord,
  signature: z.strictObject({
    algorithm: z.literal('Ed25519'),
    keyId: Sha256,
    publicKey: z.base64(),
    value: z.base64(),
  }),
});
export type SignedValidation = z.infer<typeof SignedValidation>;

/** One answer that is not what it was. Texts are ready to print. */
export const ValidationChange = z.strictObject({
  path: z.string(),
  sha256: Sha256,
  judge: z.string(),
  before: z.string(),
  after: z.string(),
});
export type ValidationChange = z.infer<typeof ValidationChange>;

/** Two records compared: what surrounds the answers, and every answer that changed. */
export const ValidationComparison = z.strictObject({
  before: z.iso.datetime(),
  after: z.iso.datetime(),
  environment: z.array(z.string()),
  unchangedFiles: z.int().nonnegative(),
  changes: z.array(ValidationChange),
  added: z.array(z.string()),
  removed: z.array(z.string()),
});
export type ValidationComparison = z.infer<typeof ValidationComparison>;

/** What a report prints of a validation. */
export const ValidationCitation = z.strictObject({
  date: z.iso.datetime(),
  set: z.string(),
  files: z.int().nonnegative(),
  sha256: Sha256,
  keyId: Sha256,
});
export type ValidationCitation = z.infer<typeof ValidationCitation>;
