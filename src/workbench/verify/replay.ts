/** Running an analysis again from the evidence, by the recorded plan and packs, and comparing every number of it. */
import type { AnalysisResult } from '../../contract/result.ts';
import type { ReplayDifference, ReplayReport } from '../../contract/verification.ts';
import type { Workbench } from '../workbench.ts';

/** The same provider sums in the same order; another one does not. Absolute, for scores within 0..1; else relative. */
export const SAME_PROVIDER = 1e-6;
export const OTHER_PROVIDER = 1e-3;

/**
 * Repeats one analysis. Times and the versions of programs are not compared as results but named as environment.
 * @throws VidimusError as `analysis.run`.
 */
export async function replay(
  workbench: Pick<Workbench, 'call'>,
  path: string,
  before: AnalysisResult,
  tolerance: number | null,
  signal?: AbortSignal,
): Promise<ReplayReport> {
  const { plan } = before.run;
  const after = await workbench.call('analysis.run', { path, plan, artifactsDir: null }, signal ? { signal } : {});
  return compareResults(before, after, tolerance);
}

/** Compares two results of one exhibit. `tolerance` null takes the one that fits the providers. */
export function compareResults(before: AnalysisResult, after: AnalysisResult, tolerance: number | null): ReplayReport {
  const environment = environmentOf(before, after);
  const providers = (result: AnalysisResult): string =>
    result.run.packs
      .map((pack) => `${pack.id} ${pack.provider}`)
      .sort()
      .join(', ');
  const limit = tolerance ?? (providers(before) === providers(after) ? SAME_PROVIDER : OTHER_PROVIDER);
  const was = valuesOf(before);
  const is = valuesOf(after);
  const differences: ReplayDifference[] = [];
  let compared = 0;
  for (const what of new Set([...was.keys(), ...is.keys()])) {
    const a = was.get(what);
    const b = is.get(what);
    compared += 1;
    if (!alike(a, b, limit)) differences.push({ what, before: shown(a), after: shown(b) });
  }
  const { sha256, name } = before.evidence;
  return { evidenceSha256: sha256, name, tolerance: limit, compared, differences, environment };
}

type Value = number | string | null;

const shown = (value: Value | undefined): string => (value === undefined ? 'absent' : String(value));

function alike(a: Value | undefined, b: Value | undefined, limit: number): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= limit * Math.max(1, Math.abs(a), Math.abs(b));
  return a === b;
}

/** Every value that the run decided, by a name that says where it stands. */
function valuesOf(result: AnalysisResult): Map<string, Value> {
  const values = new Map<string, Value>();
  const { opinion } = result;
  values.set('evidence SHA-256', result.evidence.sha256);
  values.set('label', result.result);
  values.set('opinion score', opinion.score);
  values.set('opinion log10 LR', opinion.log10Lr);
  values.set('opinion uncertainty', opinion.uncertainty);
  for (const { detector, weight, score } of opinion.fusion.weights) {
    values.set(`fusion weight of ${detector}`, weight);
    values.set(`score of ${detector}`, score);
  }
  put(values, 'observation', result.observations);
  put(values, 'series', result.series);
  put(values, 'track', result.tracks);
  return values;
}

/** Numbers and words below a value, each under its path. */
function put(values: Map<string, Value>, path: string, value: unknown): void {
  if (value === null || typeof value === 'number' || typeof value === 'string') values.set(path, value);
  else if (typeof value === 'boolean') values.set(path, String(value));
  else if (Array.isArray(value)) for (const [i, one] of value.entries()) put(values, `${path} ${i + 1}`, one);
  else if (typeof value === 'object' && value !== undefined)
    for (const [key, one] of Object.entries(value)) if (one !== undefined) put(values, `${path}.${key}`, one);
}

function environmentOf(before: AnalysisResult, after: AnalysisResult): string[] {
  const found: string[] = [];
  const differ = (what: string, was: string | undefined, is: string | undefined): void => {
    if (was !== is) found.push(`${what}: ${was ?? 'none'} then, ${is ?? 'none'} now`);
  };
  const then = new Map(Object.entries(before.run.versions));
  const now = new Map(Object.entries(after.run.versions));
  for (const name of new Set([...then.keys(), ...now.keys()]))
    differ(`version of ${name}`, then.get(name), now.get(name));
  const packs = (result: AnalysisResult) =>
    new Map(result.run.packs.map((p) => [p.id, `${p.version} (${p.sha256.slice(0, 12)}…) on ${p.provider}`]));
  const old = packs(before);
  const used = packs(after);
  for (const id of new Set([...old.keys(), ...used.keys()])) differ(`pack ${id}`, old.get(id), used.get(id));
  differ('plan', before.run.planHash, after.run.planHash);
  return found;
}
