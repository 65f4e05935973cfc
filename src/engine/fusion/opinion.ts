/** From observations to an opinion: combination, agreement per family, conflict, and what was not assessed. */
import type { Observation, Opinion } from '../../contract/result.ts';
import type { Family, FusionMethod, Label } from '../../contract/words.ts';
import { combine, combinedLog10Lr, type Weights } from './combine.ts';
import { leaningOf, type Voice, voicesOf } from './voices.ts';

/** The two competing propositions, fixed before any score is seen. */
export const PROPOSITIONS = {
  h1: 'The content was synthesised or manipulated.',
  h2: 'The content is a recording by a camera or microphone without manipulation of its content.',
} as const;

/** Half-width of the smallest uncertain band around the threshold of the combined score. */
const MIN_HALF_BAND = 0.1;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function agreementOf(voices: readonly Voice[]): Opinion['agreement'] {
  const families = new Map<Family, Voice[]>();
  for (const voice of voices) families.set(voice.family, [...(families.get(voice.family) ?? []), voice]);
  return [...families].map(([family, members]) => {
    const score = mean(members.map((m) => m.score));
    const band: [number, number] = [mean(members.map((m) => m.band[0])), mean(members.map((m) => m.band[1]))];
    return { family, score, detectors: members.length, leaning: leaningOf(score, band) };
  });
}

/**
 * Uncertainty 0..1: how near the combined score is to the threshold, how far the detectors lie apart, and how few
 * they are, joined as 1 − (1 − a)(1 − b)(1 − c). A single detector never goes below 0.5.
 */
function uncertaintyOf(score: number, voices: readonly Voice[]): number {
  const nearness = 1 - Math.abs(2 * score - 1);
  const scores = voices.map((v) => v.score);
  const spread = Math.max(...scores) - Math.min(...scores);
  const few = 0.5 ** voices.length;
  return 1 - (1 - nearness) * (1 - spread) * (1 - few);
}

/**
 * Forms the opinion. Without a single applicable score the label is `uncertain` and the score null: nothing is made
 * up from measurements. Families that contradict each other outside their bands make the label `uncertain`.
 */
export function formOpinion(
  observations: readonly Observation[],
  method: FusionMethod,
  missing: Opinion['notAssessed'],
  weights: Weights = {},
): Opinion {
  const voices = voicesOf(observations);
  const notAssessed = [...missing, ...silent(observations)];
  const common = { propositions: { ...PROPOSITIONS }, notAssessed };
  if (voices.length === 0) {
    return {
      ...common,
      label: 'uncertain',
      score: null,
      uncertainty: 1,
      log10Lr: null,
      threshold: null,
      uncertainBand: null,
      fusion: { method, weights: [] },
      agreement: [],
      reasons: ['No detector that gives a score could be applied; the measurements stand without an opinion.'],
    };
  }
  const reasons: string[] = [];
  let used = method;
  if (method === 'calibrated' && voices.every((v) => v.log10Lr === null)) {
    used = 'weighted-average';
    reasons.push('No calibration covers this input, so scores were averaged by weight.');
  }
  const { score, weights: shares } = combine(voices, used, weights);
  const agreement = agreementOf(voices);
  const half = Math.max(MIN_HALF_BAND, ...voices.map((v) => (v.band[1] - v.band[0]) / 2));
  const band: [number, number] = [Math.max(0, 0.5 - half), Math.min(1, 0.5 + half)];
  let label: Label = leaningOf(score, band);
  const against = (wanted: Label) => agreement.filter((a) => a.leaning === wanted).map((a) => a.family);
  const forFake = against('fake');
  const forReal = against('real');
  if (forFake.length > 0 && forReal.length > 0) {
    reasons.push(`Families disagree: ${forFake.join(', ')} point to manipulation, ${forReal.join(', ')} do not.`);
    label = 'uncertain';
  } else if (label === 'uncertain') {
    reasons.push('The combined score lies inside the uncertain band.');
  } else {
    reasons.push(
      `${voices.length} score${voices.length === 1 ? '' : 's'} of ${agreement.length} famil${agreement.length === 1 ? 'y' : 'ies'} combined to ${score.toFixed(3)}, ${label === 'fake' ? 'above' : 'below'} the threshold 0.5 and outside the band.`,
    );
  }
  if (agreement.length === 1) reasons.push('Only one family of evidence spoke; strong wording needs two that agree.');
  return {
    ...common,
    label,
    score,
    uncertainty: Math.min(1, Math.max(0, uncertaintyOf(score, voices))),
    log10Lr: combinedLog10Lr(voices),
    threshold: 0.5,
    uncertainBand: band,
    fusion: {
      method: used,
      weights: voices.map((v, i) => ({ detector: v.detector, weight: shares[i] ?? 0, score: v.score })),
    },
    agreement,
    reasons,
  };
}

/** What was not assessed or failed, once per detector and reason. */
function silent(observations: readonly Observation[]): Opinion['notAssessed'] {
  const seen = new Map<string, Opinion['notAssessed'][number]>();
  for (const o of observations) {
    if (o.status === 'ok') continue;
    const reason = o.status === 'failed' ? `failed: ${o.reason ?? ''}` : (o.reason ?? '');
    seen.set(`${o.detector}\n${reason}`, { detector: o.detector, family: o.family, reason });
  }
  return [...seen.values()];
}
