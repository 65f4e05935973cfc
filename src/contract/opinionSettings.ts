/** Settings of the laboratory that turn scores into an opinion; part of every plan and so of every plan hash. */
import * as z from 'zod';
import { ENFSI_SCALE, VerbalScale } from './verbalScale.ts';

/**
 * - `weights` per detector (`task/pack-id`, or with `/pack@version`), 1 where nothing is said; 0 silences in the
 *   methods that weigh.
 * - `temperature` divides the logit of every score before it is combined; above 1 makes all detectors less certain.
 * - `minDetectors` that must speak before a label other than `uncertain` is given; `maxDetectors` most that are
 *   combined, those of highest weight first.
 * - `confidenceThreshold`: highest uncertainty is 1 minus this; above it the label is `uncertain`. 0 asks for nothing.
 * - `halfBand`: half the width of the uncertain band around 0.5 on the common scale; detectors' own wider bands win.
 */
export const OpinionSettings = z.strictObject({
  schema: z.literal('vidimus/opinion-settings/1'),
  weights: z.record(z.string(), z.number().min(0).max(1000)),
  temperature: z.number().min(0.05).max(20),
  minDetectors: z.int().min(1).max(100),
  maxDetectors: z.int().min(1).max(100).nullable(),
  confidenceThreshold: z.number().min(0).max(1),
  halfBand: z.number().min(0).max(0.5),
  verbalScale: VerbalScale,
});
export type OpinionSettings = z.infer<typeof OpinionSettings>;

/** What applies where the laboratory set nothing. */
export const DEFAULT_OPINION_SETTINGS: OpinionSettings = {
  schema: 'vidimus/opinion-settings/1',
  weights: {},
  temperature: 1,
  minDetectors: 1,
  maxDetectors: null,
  confidenceThreshold: 0,
  halfBand: 0.1,
  verbalScale: ENFSI_SCALE,
};
