/** The answer of `vidimus verify`: one sentence per point that was checked, and whether it holds. */
import * as z from 'zod';
import { Sha256 } from './words.ts';

/** `open`: could not be checked with what was given, or says something the reader must know; it fails nothing. */
export const PointState = z.enum(['ok', 'not-ok', 'open']);
export type PointState = z.infer<typeof PointState>;

export const VerificationPoint = z.strictObject({
  /** What was looked at: a signature's field, a file of a bundle, an exhibit. */
  subject: z.string(),
  state: PointState,
  statement: z.string(),
});
export type VerificationPoint = z.infer<typeof VerificationPoint>;

/** One value that a replay gave otherwise. */
export const ReplayDifference = z.strictObject({ what: z.string(), before: z.string(), after: z.string() });
export type ReplayDifference = z.infer<typeof ReplayDifference>;

export const ReplayReport = z.strictObject({
  evidenceSha256: Sha256,
  name: z.string(),
  tolerance: z.number().nonnegative(),
  compared: z.int().nonnegative(),
  differences: z.array(ReplayDifference),
  /** What surrounds the run and is not as it was: versions, providers, packs. */
  environment: z.array(z.string()),
});
export type ReplayReport = z.infer<typeof ReplayReport>;

export const VerificationReport = z.strictObject({
  schema: z.literal('vidimus/verification/1'),
  path: z.string(),
  kind: z.enum(['report', 'bundle', 'result', 'validation', 'audit-log']),
  /** True when no point is `not-ok`. */
  sound: z.boolean(),
  points: z.array(VerificationPoint),
  replays: z.array(ReplayReport),
});
export type VerificationReport = z.infer<typeof VerificationReport>;
