/**
 * `vidimus evaluate`: the engine over every file of a labelled folder, then figures per detector and for the opinion as
 * a whole, and calibrations where they are asked for.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import canonicalize from 'canonicalize';
import { factsOf } from '../../contract/envelope.ts';
import { toWire, VidimusError } from '../../contract/errors.ts';
import type { EvaluatedFile, Evaluation, Judge, Verdict } from '../../contract/evaluation.ts';
import { Evaluation as EvaluationSchema } from '../../contract/evaluation.ts';
import { AnalysisResult, type Observation, type PackUse, type Plan } from '../../contract/result.ts';
import { type BatchEntry, type BatchOptions, runBatch } from '../batch.ts';
import { writeAtomically } from '../files.ts';
import type { Workbench } from '../workbench.ts';
import { type DatasetFile, readDataset } from './dataset.ts';
import { type EnsembleFile, fitEnsemble } from './ensemble.ts';
import { groupsOf } from './groups.ts';
import { type Judged, type Measured, measure, type Subject } from './measure.ts';
import { writePlots } from './plots.ts';
import { type CalibrationFile, fitProfile, readProfiles, writeEnsemble, writeProfile } from './profiles.ts';

export interface EvaluateOptions {
  readonly folder: string;
  readonly out: string;
  readonly plan: Plan;
  readonly concurrency: number;
  /** Packs to calibrate, by id or id@version; `ensemble` also fits the weights of all that are calibrated here. */
  readonly calibrate: readonly string[];
  /** Where profiles are read and written. */
  readonly profiles: string;
  readonly replicates?: number;
  readonly plots?: boolean;
  readonly date?: Date;
  readonly signal?: AbortSignal | undefined;
  readonly onFile?: BatchOptions['onFile'];
}

const SEED = 20160907;
export const ENSEMBLE = 'ensemble';

/** A file with what the engine made of it. */
interface Examined {
  readonly file: DatasetFile;
  readonly result: AnalysisResult | null;
  readonly entry: BatchEntry | undefined;
}

/**
 * Evaluates a labelled folder. Examined files are kept below `out`; a second run goes on where the first was stopped,
 * and examines all again once plan, packs or profiles have changed. Writes `evaluation.json` and plots.
 * @throws VidimusError evaluation.*, calibration.useless, profile.invalid, integrity.mismatch, those of the batch
 */
export async function evaluate(workbench: Workbench, options: EvaluateOptions): Promise<Evaluation> {
  const { signal } = options;
  const dataset = await readDataset(options.folder, signal);
  const out = resolve(options.out);
  const work = join(out, 'examined', await stateOf(workbench, options));
  const wanted = new Set(dataset.files.map((f) => f.path));
  const batch = await runBatch(workbench, {
    folder: dataset.folder,
    out: work,
    plan: options.plan,
    resume: true,
    concurrency: options.concurrency,
    signal,
    accept: (path) => wanted.has(path.split(sep).join('/')),
    ...(options.onFile === undefined ? {} : { onFile: options.onFile }),
  });
  const entries = new Map(batch.entries.map((e) => [e.path.split(sep).join('/'), e]));
  const examined: Examined[] = [];
  for (const file of dataset.files) {
    const entry = entries.get(file.path);
    const result = entry?.result ? await readResult(join(work, entry.result)) : null;
    if (result !== null && result.evidence.sha256 !== file.sha256) {
      throw new VidimusError('integrity.mismatch', `${file.path} changed while the folder was evaluated.`);
    }
    examined.push({ file, result, entry });
  }
  const packs = packsOf(examined);
  const measureOptions = { replicates: options.replicates ?? 1000, seed: SEED };
  const subjects = subjectsOf(examined, packs);
  const measured = subjects.map((subject) => measure(subject, judgedBy(subject, examined), measureOptions));
  if (measured.every(({ judge }) => judge.counts.real + judge.counts.fake === 0)) {
    throw new VidimusError('evaluation.too-few', 'No detector gave a score to any of the files.', {
      advice: 'Install or enable a model pack for this kind of media ("vidimus models list").',
    });
  }
  const date = options.date ?? new Date();
  const files = examined.map(fileRow);
  const notes = [...dataset.notes, ...(await contamination(examined, options.profiles))];
  const failed = files.filter((f) => f.error !== null).length;
  if (failed > 0)
    notes.push(`${failed} of ${files.length} files could not be examined; they are listed with the reason.`);
  const profiles = await writeCalibrations(options, examined, measured, packs, date);
  const first = examined.find((e) => e.result !== null)?.result ?? null;
  const evaluation = EvaluationSchema.parse({
    schema: 'vidimus/evaluation/1',
    date: date.toISOString(),
    set: dataset.folder.split(sep).at(-1) ?? '',
    plan: options.plan,
    planHash: sha256(canonicalize(options.plan) ?? ''),
    versions: first?.run.versions ?? null,
    packs,
    bootstrap: { replicates: measureOptions.replicates, seed: SEED, unit: 'source' },
    judges: measured.map(({ judge }) => judge),
    files,
    profiles,
    notes,
  } satisfies Evaluation);
  await writeAtomically(join(out, 'evaluation.json'), `${JSON.stringify(evaluation, null, 1)}\n`);
  if (options.plots !== false) await writePlots(evaluation, out, signal);
  return evaluation;
}

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** Short hash of all that shapes a result beside the file: plan, packs with the hashes of their files, profiles. */
async function stateOf(workbench: Workbench, options: EvaluateOptions): Promise<string> {
  const { packs: listings } = await workbench.call('models.list', {}, options.signal ? { signal: options.signal } : {});
  const packs = listings.map(({ manifest, enabled }) => ({ manifest, enabled }));
  const profiles = await readProfiles(options.profiles);
  const text = canonicalize({ plan: options.plan, packs, profiles });
  return sha256(text ?? '').slice(0, 16);
}

async function readResult(path: string): Promise<AnalysisResult> {
  return AnalysisResult.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Every pack that ran. @throws VidimusError integrity.mismatch when one changed on the way */
function packsOf(examined: readonly Examined[]): PackUse[] {
  const packs = new Map<string, PackUse>();
  for (const { result } of examined) {
    for (const use of result?.run.packs ?? []) {
      const key = `${use.id}@${use.version}`;
      const known = packs.get(key);
      if (known !== undefined && known.sha256 !== use.sha256) {
        throw new VidimusError('integrity.mismatch', `The pack ${key} changed while the folder was evaluated.`);
      }
      packs.set(key, known ?? use);
    }
  }
  return [...packs.values()].sort((a, b) => (`${a.id}@${a.version}` < `${b.id}@${b.version}` ? -1 : 1));
}

/** A score of the whole exhibit, whether given or not. */
const isJudgement = (o: Observation): boolean => o.kind === 'score' && o.where === undefined;
const judgeName = (o: Observation): string => (o.pack === undefined ? o.detector : `${o.detector}/${o.pack}`);
const FUSED = 'opinion';

function subjectsOf(examined: readonly Examined[], packs: readonly PackUse[]): Subject[] {
  const results = examined.flatMap(({ result }) => result ?? []);
  const judges = new Map<string, Observation>();
  for (const { observations } of results) {
    for (const o of observations) {
      if (!isJudgement(o)) continue;
      const known = judges.get(judgeName(o));
      if (known === undefined || (known.threshold === undefined && o.threshold !== undefined))
        judges.set(judgeName(o), o);
    }
  }
  const spoke = (name: string): number =>
    results.filter((r) => r.observations.some((o) => isJudgement(o) && o.value !== null && judgeName(o) === name))
      .length;
  const detectors = [...judges]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, o]): Subject => {
      const pack = packs.find((p) => `${p.id}@${p.version}` === o.pack);
      return {
        name,
        kind: 'detector',
        family: o.family,
        pack: o.pack ?? null,
        packSha256: pack?.sha256 ?? null,
        threshold: o.threshold ?? 0.5,
        silent: examined.length - spoke(name),
      };
    });
  const opinions = results.filter((r) => r.opinion.score !== null).length;
  return [
    ...detectors,
    {
      name: FUSED,
      kind: 'fused',
      family: null,
      pack: null,
      packSha256: null,
      threshold: 0.5,
      silent: examined.length - opinions,
    },
  ];
}

function judgedBy(subject: Subject, examined: readonly Examined[]): Judged[] {
  return examined.flatMap(({ file, result }) => {
    if (result === null) return [];
    const { quality, size } = groupsOf(result);
    const groups = {
      ...(file.system === null ? {} : { system: file.system }),
      ...(quality === null ? {} : { quality }),
      ...(size === null ? {} : { size }),
      source: file.source,
    };
    const base = { fake: file.fake, source: file.source, groups };
    if (subject.kind === 'fused') {
      const { score, log10Lr } = result.opinion;
      return score === null ? [] : [{ ...base, score, log10Lr }];
    }
    const o = result.observations.find((item) => isJudgement(item) && judgeName(item) === subject.name);
    return o === undefined || o.value === null ? [] : [{ ...base, score: o.value, log10Lr: o.log10Lr ?? null }];
  });
}

function fileRow({ file, result, entry }: Examined): EvaluatedFile {
  const groups = result === null ? { quality: null, size: null } : groupsOf(result);
  const failure = entry?.error ?? toWire(new VidimusError('bug', 'The file was not examined.'));
  const { detail: _, ...error } = failure;
  return {
    path: file.path,
    fake: file.fake,
    source: file.source,
    system: file.system,
    sha256: file.sha256,
    mediaType: result?.mediaType ?? null,
    ...groups,
    label: result?.result ?? null,
    error: result === null ? error : null,
    verdicts: result === null ? [] : verdictsOf(result),
  };
}

function verdictsOf(result: AnalysisResult): Verdict[] {
  const { opinion } = result;
  const verdicts = result.observations.filter(isJudgement).map(
    (o): Verdict => ({
      judge: judgeName(o),
      status: o.status,
      score: o.value,
      threshold: o.threshold ?? null,
      log10Lr: o.log10Lr ?? null,
      reason: o.reason ?? o.profile?.reason ?? null,
    }),
  );
  const fused: Verdict = {
    judge: FUSED,
    status: opinion.score === null ? 'not-assessed' : 'ok',
    score: opinion.score,
    threshold: opinion.threshold,
    log10Lr: opinion.log10Lr,
    reason: opinion.score === null ? (opinion.reasons[0] ?? null) : null,
  };
  return [...verdicts, fused];
}

/** Says so when files of the folder also served to fit an installed profile: their figures flatter. */
async function contamination(examined: readonly Examined[], folder: string): Promise<string[]> {
  const mine = new Set(examined.map(({ file }) => file.sha256));
  const notes: string[] = [];
  for (const profile of await readProfiles(folder)) {
    const shared = profile.data.filter((d) => mine.has(d.sha256)).length;
    if (shared > 0) {
      notes.push(
        `${shared} of these files also served to fit the profile of ${profile.pack}; ratios reported by it flatter here.`,
      );
    }
  }
  return notes;
}

/** Fits and writes what was asked for; figures of this evaluation do not use it. */
async function writeCalibrations(
  options: EvaluateOptions,
  examined: readonly Examined[],
  measured: readonly Measured[],
  packs: readonly PackUse[],
  date: Date,
): Promise<Evaluation['profiles']> {
  const written: Evaluation['profiles'] = [];
  const fits: {
    readonly judge: Judge;
    readonly files: readonly CalibrationFile[];
    readonly heldOut: readonly number[];
  }[] = [];
  const names = options.calibrate.filter((name) => name !== ENSEMBLE);
  const all = measured.flatMap(({ judge }) => judge.pack ?? []);
  for (const name of names) {
    const judge = measured.find(({ judge: j }) => j.pack === name || j.pack?.split('@')[0] === name)?.judge;
    if (judge === undefined || judge.pack === null || judge.family === null) {
      const known = all.length === 0 ? 'no pack gave a score' : `packs that gave scores: ${all.join(', ')}`;
      throw new VidimusError('pack.missing', `"${name}" cannot be calibrated here; ${known}.`);
    }
    const { family, pack } = judge;
    const sha = packs.find((p) => `${p.id}@${p.version}` === pack)?.sha256;
    if (sha === undefined) throw new VidimusError('bug', `The pack ${pack} ran but is not in the record.`);
    const detector = judge.name.slice(0, judge.name.length - pack.length - 1);
    const files = examined.flatMap(({ file, result }): CalibrationFile[] => {
      const o = result?.observations.find((item) => isJudgement(item) && judgeName(item) === judge.name);
      if (result === null || o === undefined || o.value === null) return [];
      const { sha256: hash, fake, source } = file;
      return [{ sha256: hash, fake, source, score: o.value, facts: factsOf(result.evidence, family) }];
    });
    const set =
      options.folder
        .split(/[\\/]/)
        .filter((part) => part !== '')
        .at(-1) ?? '';
    const subject = { pack, packSha256: sha, detector, family, set, silent: judge.counts.silent };
    const { profile, fit } = fitProfile(subject, files, date);
    const path = await writeProfile(options.profiles, profile);
    written.push({ name: pack, file: path, sha256: sha256(await readFile(path)) });
    fits.push({ judge, files, heldOut: fit.heldOut });
  }
  if (options.calibrate.includes(ENSEMBLE)) {
    const hashes = Object.fromEntries(written.map((w) => [w.name, w.sha256]));
    const profile = fitEnsemble(ensembleFiles(examined, fits), hashes, date);
    const path = await writeEnsemble(options.profiles, profile);
    written.push({ name: ENSEMBLE, file: path, sha256: sha256(await readFile(path)) });
  }
  return written;
}

/** Rows of the ensemble's fit: per file what every freshly calibrated detector said, ratios held out. */
function ensembleFiles(
  examined: readonly Examined[],
  fits: readonly {
    readonly judge: Judge;
    readonly files: readonly CalibrationFile[];
    readonly heldOut: readonly number[];
  }[],
): EnsembleFile[] {
  return examined.map(({ file, result }) => ({
    sha256: file.sha256,
    fake: file.fake,
    source: file.source,
    says: fits.flatMap(({ judge, files, heldOut }) => {
      const i = files.findIndex((f) => f.sha256 === file.sha256);
      const weight = result?.opinion.fusion.weights.find((w) => w.detector === judge.name);
      if (i < 0 || judge.family === null) return [];
      return [{ detector: judge.name, family: judge.family, score: weight?.score ?? 0.5, logLr: heldOut[i] ?? 0 }];
    }),
  }));
}
