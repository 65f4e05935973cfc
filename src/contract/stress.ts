/** Stress test: the same examination on altered working copies of an exhibit, and what that did to the answer. */
import * as z from 'zod';
import { Label, Parameters } from './words.ts';

/** One working copy. `flipped` says that its combined score lies on the other side of the threshold. */
export const StressVariant = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    parameters: Parameters,
    status: z.enum(['ok', 'failed']),
    reason: z.string().nullable(),
    label: Label.nullable(),
    score: z.number().min(0).max(1).nullable(),
    log10Lr: z.number().nullable(),
    flipped: z.boolean(),
  })
  .refine((v) => (v.status === 'failed') === (v.reason !== null), 'a copy that failed names its reason');
export type StressVariant = z.infer<typeof StressVariant>;

/** Scores of one detector over the copies to which it spoke, the exhibit itself (`base`) included. */
export const StressDetector = z.strictObject({
  detector: z.string(),
  base: z.number(),
  low: z.number(),
  high: z.number(),
  spread: z.number().nonnegative(),
  flips: z.array(z.string()),
});
export type StressDetector = z.infer<typeof StressDetector>;

/** `spread` is the highest less the lowest combined score over exhibit and copies; null where none had one. */
export const StressReport = z.strictObject({
  variants: z.array(StressVariant),
  spread: z.number().nonnegative().nullable(),
  flips: z.array(z.string()),
  detectors: z.array(StressDetector),
});
export type StressReport = z.infer<typeof StressReport>;
