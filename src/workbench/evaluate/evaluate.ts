/**
 * `vidimus evaluate`: the engine over every file of a labelled folder, then figures per detector and for the opinion as
 * a whole, and calibrations where they are asked for.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import canonicalize from 'canonicalize';
import packageJson from '../../../package.json' with { type: 'json' };
import { fromWire, VidimusError } from '../../contract/errors.ts';
import { Evaluation } from '../../contract/evaluation.ts';
import { AnalysisResult, type PackUse, type Plan } from '../../contract/result.ts';
import { type BatchOptions, runBatch } from '../batch.ts';
import { writeAtomically } from '../files.ts';
import type { Workbench } from '../workbench.ts';
import { readDataset } from './dataset.ts';
import { type Examined, fileRow, judgedBy, subjectsOf } from './judgements.ts';
import { measure } from './measure.ts';
import { writePlots } from './plots.ts';
import { readProfiles } from './profiles.ts';
import { writeCalibrations } from './writeCalibrations.ts';

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
  const [cause] = batch.entries;
  // What failed on every file (a pack that is not there, a damaged profile) is about the run and not about a file.
  if (cause?.error && batch.done === 0) throw fromWire(cause.error);
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
  const evaluation = Evaluation.parse({
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

/** Short hash of all that shapes a result beside the file: version, plan, packs with the hashes of their files, profiles. */
async function stateOf(workbench: Workbench, options: EvaluateOptions): Promise<string> {
  const { packs: listings } = await workbench.call('models.list', {}, options.signal ? { signal: options.signal } : {});
  const packs = listings.map(({ manifest, enabled }) => ({ manifest, enabled }));
  const profiles = await readProfiles(options.profiles);
  const text = canonicalize({ vidimus: packageJson.version, plan: options.plan, packs, profiles });
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
