/** From observations to an opinion: combination, agreement per family, conflict, and what was not assessed. */
import type { EnsembleProfile } from '../../contract/evaluation.ts';
import { DEFAULT_OPINION_SETTINGS, type OpinionSettings } from '../../contract/opinionSettings.ts';
import type { Observation, Opinion } from '../../contract/result.ts';
import { type VerbalSupport, verbalSupport } from '../../contract/verbalScale.ts';
import type { FusionMethod, Label } from '../../contract/words.ts';
import { combine, combinedLog10Lr, type Weights, weightOf } from './combine.ts';
import { agreementOf, uncertaintyOf } from './uncertainty.ts';
import { leaningOf, type Voice, voicesOf } from './voices.ts';

/** The two competing propositions, fixed before any score is seen. */
export const PROPOSITIONS = {
  h1: 'The content was synthesised or manipulated.',
  h2: 'The content is a recording by a camera or microphone without manipulation of its content.',
} as const;

/** What beside the scores shapes an opinion. */
export interface OpinionContext {
  readonly settings?: OpinionSettings | undefined;
  /** Learned weights with the hash of the file they came from. */
  readonly learned?: { readonly document: EnsembleProfile; readonly sha256: string } | null;
}

/**
 * Forms the opinion. Without a single applicable score the label is `uncertain` and the score null: nothing is made
 * up from measurements. Families that contradict each other outside their bands, too few detectors, or more
 * uncertainty than the settings allow make the label `uncertain`; the reasons say which.
 */
export function formOpinion(
  observations: readonly Observation[],
  method: FusionMethod,
  missing: Opinion['notAssessed'],
  context: OpinionContext = {},
): Opinion {
  const settings = context.settings ?? DEFAULT_OPINION_SETTINGS;
  const all = voicesOf(observations, settings.temperature);
  const voices = loudest(all, settings.maxDetectors, settings.weights);
  const leftOut = all
    .filter((v) => !voices.includes(v))
    .map(({ detector, family }) => ({
      detector,
      family,
      reason: `left out: the settings combine at most ${settings.maxDetectors ?? 0} detectors`,
    }));
  const notAssessed = [...missing, ...silent(observations), ...leftOut];
  const common = { propositions: { ...PROPOSITIONS }, notAssessed };
  const reasons: string[] = [];
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
      support: null,
    };
  }
  const learned = usableWeights(observations, context.learned ?? null, reasons);
  let used = method;
  if (method === 'calibrated' && voices.every((v) => v.log10Lr === null)) {
    used = 'weighted-average';
    reasons.push('No calibration covers this input, so scores were averaged by weight.');
  }
  reasons.push(...outsideProfiles(observations));
  const heard = used === 'weighted-average' ? outspoken(voices) : voices;
  const { score, weights: shares } = combine(heard, used, settings.weights, learned);
  if (heard.length < voices.length)
    reasons.push(
      `Left out of the average, because their scores lie in their own uncertain bands: ${namesBeside(voices, heard)}.`,
    );
  // Each side by itself: a detector that cannot exclude manipulation may still be able to show it.
  const low = Math.min(0.5 - settings.halfBand, ...heard.map((v) => v.band[0]));
  const high = Math.max(0.5 + settings.halfBand, ...heard.map((v) => v.band[1]));
  const band: [number, number] = [Math.max(0, low), Math.min(1, high)];
  const agreement = agreementOf(heard, used === 'calibrated', settings.halfBand);
  const uncertainty = uncertaintyOf(score, heard);
  const label = labelOf({ score, band, uncertainty, voices, agreement, settings, reasons });
  if (agreement.length === 1) reasons.push('Only one family of evidence spoke; strong wording needs two that agree.');
  const log10Lr = combinedLog10Lr(voices, learned);
  const support = log10Lr === null ? null : supportFor(log10Lr, agreement, settings);
  if (support?.reason) reasons.push(support.reason);
  return {
    ...common,
    label,
    score,
    uncertainty,
    log10Lr,
    threshold: 0.5,
    uncertainBand: band,
    fusion: {
      method: used,
      weights: voices.map((v) => ({ detector: v.detector, weight: shares[heard.indexOf(v)] ?? 0, score: v.score })),
    },
    agreement,
    reasons,
    support,
  };
}

/**
 * The voices outside their own uncertain bands, or all where none is. Inside its band a score says nothing, and silence
 * about one kind of manipulation must not talk down what another detector found of its own kind.
 */
function outspoken(voices: readonly Voice[]): readonly Voice[] {
  const speaking = voices.filter(({ score, band }) => leaningOf(score, band) !== 'uncertain');
  return speaking.length > 0 ? speaking : voices;
}

const namesBeside = (all: readonly Voice[], heard: readonly Voice[]): string =>
  all
    .filter((voice) => !heard.includes(voice))
    .map(({ detector }) => detector)
    .join(', ');

interface Judged {
  readonly score: number;
  readonly band: readonly [number, number];
  readonly uncertainty: number;
  readonly voices: readonly Voice[];
  readonly agreement: Opinion['agreement'];
  readonly settings: OpinionSettings;
  /** Gets one sentence per ground of the label. */
  readonly reasons: string[];
}

/** The label; every ground for `uncertain` that holds is named, not only the first. */
function labelOf({ score, band, uncertainty, voices, agreement, settings, reasons }: Judged): Label {
  const label = leaningOf(score, band);
  const grounds: string[] = [];
  const families = (wanted: Label) => agreement.filter((a) => a.leaning === wanted).map((a) => a.family);
  const forFake = families('fake');
  const forReal = families('real');
  if (forFake.length > 0 && forReal.length > 0) {
    grounds.push(`Families disagree: ${forFake.join(', ')} point to manipulation, ${forReal.join(', ')} do not.`);
  } else if (label === 'uncertain') grounds.push('The combined score lies inside the uncertain band.');
  if (voices.length < settings.minDetectors) {
    grounds.push(`${plural(voices.length, 'detector')} spoke; the settings ask for at least ${settings.minDetectors}.`);
  }
  if (1 - uncertainty < settings.confidenceThreshold) {
    grounds.push(
      `The certainty ${(1 - uncertainty).toFixed(2)} is below the ${settings.confidenceThreshold.toFixed(2)} that the settings ask for.`,
    );
  }
  reasons.push(...grounds);
  if (grounds.length > 0) return 'uncertain';
  reasons.push(
    `${plural(voices.length, 'score')} of ${plural(agreement.length, 'family', 'families')} combined to ${score.toFixed(3)}, ${label === 'fake' ? 'above' : 'below'} the threshold 0.5 and outside the band.`,
  );
  return label;
}

const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The voices of highest asked weight, at most `most`, in their own order. */
function loudest(voices: readonly Voice[], most: number | null, weights: Weights): readonly Voice[] {
  if (most === null || voices.length <= most) return voices;
  const kept = new Set([...voices].sort((a, b) => weightOf(b, weights) - weightOf(a, weights)).slice(0, most));
  return voices.filter((v) => kept.has(v));
}

/** Learned weights count only beside the very profiles they were fitted with. */
function usableWeights(
  observations: readonly Observation[],
  learned: NonNullable<OpinionContext['learned']> | null,
  reasons: string[],
): EnsembleProfile | null {
  if (learned === null) return null;
  const stale = observations.find(
    ({ pack, profile }) =>
      profile?.applied === true && pack !== undefined && learned.document.profiles[pack] !== profile.sha256,
  );
  const name = `The learned weights of ${learned.document.date} (SHA-256 ${learned.sha256.slice(0, 16)}…)`;
  if (stale !== undefined) {
    reasons.push(`${name} were not used: they were fitted with another profile of ${stale.pack ?? ''}.`);
    return null;
  }
  reasons.push(`${name} were used.`);
  return learned.document;
}

const outsideProfiles = (observations: readonly Observation[]): string[] =>
  observations.flatMap(({ detector, profile }) =>
    profile === undefined || profile.reason === null ? [] : [`${detector}: ${profile.reason}.`],
  );

/** The words for a ratio and the families for and against it. */
function supportFor(log10Lr: number, agreement: Opinion['agreement'], settings: OpinionSettings): VerbalSupport {
  const [side, other]: Label[] = log10Lr > 0 ? ['fake', 'real'] : ['real', 'fake'];
  const count = (label: Label | undefined) => agreement.filter((a) => a.leaning === label).length;
  return verbalSupport(log10Lr, { agreeing: count(side), against: count(other) }, settings.verbalScale);
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
