/**
 * Words for the strength of evidence: a versioned laboratory setting that is part of every plan and printed in every
 * report, so that a reader can tell which scale a word belongs to.
 */
import * as z from 'zod';

/**
 * Bands over |log10 LR|, rising. The upper edge belongs to the band itself (LR 10 is still "weak"); the last band has
 * none. `strong` marks the words that stay locked until two families of evidence agree.
 */
export const VerbalScale = z
  .strictObject({
    version: z.string().min(1),
    reference: z.string(),
    none: z.string().min(1),
    bands: z
      .array(z.strictObject({ upTo: z.number().positive().nullable(), words: z.string().min(1), strong: z.boolean() }))
      .min(2),
  })
  .refine(
    ({ bands }) =>
      bands.every((band, i) =>
        i === bands.length - 1 ? band.upTo === null : band.upTo !== null && band.upTo > (bands[i - 1]?.upTo ?? 0),
      ),
    'edges rise, and only the last band has none',
  )
  .refine(
    ({ bands }) =>
      bands[0]?.strong === false && bands.every((band, i) => i === 0 || band.strong || bands[i - 1]?.strong === false),
    'the first band is not strong, and bands above a strong one are strong',
  );
export type VerbalScale = z.infer<typeof VerbalScale>;

/** The scale the program starts with: the bands of the ENFSI guideline for evaluative reporting (2015). */
export const ENFSI_SCALE: VerbalScale = {
  version: 'enfsi-2015/1',
  reference: 'ENFSI guideline for evaluative reporting in forensic science, 2015',
  none: 'no support either way',
  bands: [
    { upTo: 1, words: 'weak support', strong: false },
    { upTo: 2, words: 'moderate support', strong: false },
    { upTo: 3, words: 'moderately strong support', strong: false },
    { upTo: 4, words: 'strong support', strong: true },
    { upTo: 6, words: 'very strong support', strong: true },
    { upTo: null, words: 'extremely strong support', strong: true },
  ],
};

/** The wording of an opinion. `unlocked` are the words the ratio alone would have; `words` those that may be used. */
export const VerbalSupport = z.strictObject({
  scale: z.string(),
  favours: z.enum(['h1', 'h2', 'neither']),
  words: z.string(),
  sentence: z.string(),
  capped: z.boolean(),
  unlocked: z.string(),
  reason: z.string().nullable(),
});
export type VerbalSupport = z.infer<typeof VerbalSupport>;

/** Ratios nearer to 1 than this are rounding, not support. */
const NEUTRAL = 1e-9;

/** A ratio of at least 1 for a sentence: two significant digits, thousands apart. */
function ratioText(log10Lr: number): string {
  if (log10Lr >= 15) return `more than ${(1e15).toLocaleString('en-GB')}`;
  return Number((10 ** log10Lr).toPrecision(2)).toLocaleString('en-GB', { maximumFractionDigits: 1 });
}

/**
 * The wording for a log10 LR. A ratio below 1 is inverted and names H2. Strong words need at least two families of
 * evidence that lean the way of the ratio and none that leans against it; otherwise the highest band below them is
 * used and the reason given.
 *
 * @param families how many independent families lean with the ratio and against it
 */
export function verbalSupport(
  log10Lr: number,
  families: { readonly agreeing: number; readonly against: number },
  scale: VerbalScale = ENFSI_SCALE,
): VerbalSupport {
  const strength = Math.abs(log10Lr);
  if (!(strength >= NEUTRAL)) {
    return {
      scale: scale.version,
      favours: 'neither',
      words: scale.none,
      sentence: 'The findings are equally probable under both propositions.',
      capped: false,
      unlocked: scale.none,
      reason: null,
    };
  }
  const [yes, no] = log10Lr > 0 ? ['H1', 'H2'] : ['H2', 'H1'];
  const reached = scale.bands.find(({ upTo }) => upTo === null || strength <= upTo);
  const highest = scale.bands.filter(({ strong }) => !strong).at(-1);
  const unlocked = reached?.words ?? scale.none;
  const capped = reached?.strong === true && (families.agreeing < 2 || families.against > 0);
  const words = capped ? (highest?.words ?? scale.none) : unlocked;
  const why =
    families.against > 0
      ? `${count(families.against)} against it`
      : `${count(families.agreeing)} this way, and it takes two that are independent`;
  return {
    scale: scale.version,
    favours: log10Lr > 0 ? 'h1' : 'h2',
    words,
    sentence: `The findings are about ${ratioText(strength)} times more probable if ${yes} is true than if ${no} is true: ${words} for ${yes} over ${no}.`,
    capped,
    unlocked,
    reason: capped ? `The words "${unlocked}" stay locked: ${why}.` : null,
  };
}

const count = (families: number): string =>
  families === 0 ? 'no family of evidence points' : families === 1 ? 'one family points' : `${families} families point`;
