/**
 * Stress test: the plan is run again on altered working copies. A detector whose answer turns with one re-encoding
 * measured the encoding and not the content, so an opinion that flips is uncertain.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { asVidimusError, throwIfCancelled } from '../../contract/errors.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import type { StressDetector, StressReport, StressVariant } from '../../contract/stress.ts';
import type { AnalyseRequest } from '../pipeline.ts';
import { confidenceOf } from './document.ts';
import { type Variant, variantsOf } from './stressVariants.ts';

type Analyse = (request: AnalyseRequest) => Promise<AnalysisResult>;

/** Scores per detector on the common scale, as the opinion combined them. */
type Scores = ReadonlyMap<string, number>;
const scoresOf = (result: AnalysisResult): Scores =>
  new Map(result.opinion.fusion.weights.map(({ detector, score }) => [detector, score]));

/**
 * Packs that the exhibit itself was calibrated for. Copies are other codecs and sizes and so outside most envelopes;
 * were they scored without calibration, a change of scale would pass for a flip.
 */
const profiledPacks = ({ observations }: AnalysisResult): Set<string> =>
  new Set(observations.flatMap(({ pack, profile }) => (profile?.applied === true && pack !== undefined ? [pack] : [])));

/** Detectors that gave the exhibit a score; the others have nothing that a copy could turn round. */
const scorers = ({ observations }: AnalysisResult): string[] => [
  ...new Set(observations.flatMap((o) => (o.kind === 'score' && o.status === 'ok' ? [o.detector] : []))),
];

const side = (score: number): number => Math.sign(score - 0.5);

/**
 * Analyses the exhibit and then every copy; copies live in a temporary folder, one at a time, and only the detectors
 * that gave the exhibit a score look at them. Without any score there is nothing to test and no copy is made.
 * @throws VidimusError as the analysis of the exhibit itself; a copy that fails is in the report with its reason
 */
export async function stressTest(request: AnalyseRequest, analyse: Analyse): Promise<AnalysisResult> {
  const { path, plan, signal } = request;
  const base = await analyse(request);
  const started = performance.now();
  if (base.opinion.score === null) return withReport(base, reportOf(base, []), 0);
  const variants = await variantsOf({ path, mediaType: base.mediaType, evidence: base.evidence, plan, signal });
  const folder = await mkdtemp(join(tmpdir(), 'vidimus-stress-'));
  const tried: { readonly variant: StressVariant; readonly scores: Scores }[] = [];
  try {
    for (const [i, variant] of variants.entries()) {
      throwIfCancelled(signal);
      request.onProgress({ stage: 'analyse', done: i, total: variants.length, unit: 'steps' });
      tried.push(await tryVariant(variant, folder, base, request, analyse));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const report = reportOf(base, tried);
  const seconds = (performance.now() - started) / 1000;
  return withReport(base, report, seconds);
}

async function tryVariant(
  { id, title, parameters, write }: Variant,
  folder: string,
  base: AnalysisResult,
  request: AnalyseRequest,
  analyse: Analyse,
): Promise<{ variant: StressVariant; scores: Scores }> {
  const identity = { id, title, parameters };
  let copy: string | null = null;
  try {
    copy = await write(folder);
    const { stress: _, ...plan } = request.plan;
    const quiet = { artifactsDir: null, onProgress: () => undefined };
    const altered = {
      path: copy,
      name: basename(copy),
      plan: { ...plan, artifacts: false, detectors: scorers(base) },
      profiledPacks: profiledPacks(base),
    };
    const result = await analyse({ ...request, ...quiet, ...altered });
    const { score, log10Lr, label } = result.opinion;
    const before = base.opinion.score;
    const flipped = score !== null && before !== null && side(score) * side(before) < 0;
    return {
      variant: { ...identity, status: 'ok', reason: null, label, score, log10Lr, flipped },
      scores: scoresOf(result),
    };
  } catch (thrown) {
    const error = asVidimusError(thrown);
    if (error.code === 'cancelled' || request.signal.aborted) throw error;
    const nothing = { label: null, score: null, log10Lr: null, flipped: false };
    return { variant: { ...identity, status: 'failed', reason: error.message, ...nothing }, scores: new Map() };
  } finally {
    if (copy !== null) await rm(copy, { force: true });
  }
}

function reportOf(
  base: AnalysisResult,
  tried: readonly { readonly variant: StressVariant; readonly scores: Scores }[],
): StressReport {
  const combined = [base.opinion.score, ...tried.map(({ variant }) => variant.score)].filter((s) => s !== null);
  const detectors = [...scoresOf(base)].map(([detector, score]): StressDetector => {
    const all = [score, ...tried.flatMap(({ scores }) => scores.get(detector) ?? [])];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const flips = tried.filter(({ scores }) => side(scores.get(detector) ?? score) * side(score) < 0);
    return { detector, base: score, low, high, spread: high - low, flips: flips.map(({ variant }) => variant.id) };
  });
  return {
    variants: tried.map(({ variant }) => variant),
    spread: combined.length === 0 ? null : Math.max(...combined) - Math.min(...combined),
    flips: tried.filter(({ variant }) => variant.flipped).map(({ variant }) => variant.id),
    detectors,
  };
}

/** The result with the report; a flip makes label and wording uncertain, and its uncertainty at least the spread. */
function withReport(base: AnalysisResult, stress: StressReport, seconds: number): AnalysisResult {
  const ran = stress.variants.filter((v) => v.status === 'ok').length;
  const run = { ...base.run, stages: [...base.run.stages, { stage: 'stress', seconds, items: ran }] };
  const processingTime = Math.round((base.processingTime + seconds) * 1000) / 1000;
  const flipped = stress.flips.length > 0;
  const { opinion } = base;
  const sentence =
    opinion.score === null
      ? 'No altered copies were examined: no detector gave the exhibit a score that could be tested.'
      : flipped
        ? `The combined score changes sides on ${stress.flips.length} of ${ran} altered copies (${stress.flips.join(', ')}).`
        : `The combined score stays on its side on ${ran} of ${stress.variants.length} altered copies.`;
  const changed = {
    ...opinion,
    label: flipped ? ('uncertain' as const) : opinion.label,
    uncertainty: Math.max(opinion.uncertainty, stress.spread ?? 0),
    reasons: [...opinion.reasons, sentence],
  };
  return {
    ...base,
    opinion: changed,
    result: changed.label,
    isDeepfake: changed.label === 'fake',
    confidence: confidenceOf(changed),
    processingTime,
    stress,
    run,
  };
}
