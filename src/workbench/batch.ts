/**
 * A folder examined as one piece of work. Every finished file is recorded in a journal on disk before the next one
 * counts as finished, so that a killed batch goes on where it stopped and repeats nothing.
 */
import { createHash } from 'node:crypto';
import { appendFile, lstat, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { asVidimusError, cancelled, toWire, VidimusError, WireError } from '../contract/errors.ts';
import { AnalysisResult, type Plan } from '../contract/result.ts';
import { resultName, writeAtomically } from './files.ts';
import { summaryCsv } from './summary.ts';
import type { Workbench } from './workbench.ts';

/** One line of the journal. `stamp` ties it to the file's bytes on disk (size and time of change) and to the plan. */
const Entry = z.strictObject({
  path: z.string(),
  stamp: z.string(),
  state: z.enum(['done', 'failed']),
  result: z.string().nullable(),
  error: WireError.nullable(),
  seconds: z.number(),
});
export type BatchEntry = z.infer<typeof Entry>;

export interface BatchOptions {
  readonly folder: string;
  readonly out: string;
  readonly plan: Plan;
  readonly resume: boolean;
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
  /** Which of the files below the folder to examine, by their path relative to it; all where absent. */
  readonly accept?: (path: string) => boolean;
  /** Called after every file; `skipped` counts files that an earlier run had finished. */
  readonly onFile?: (entry: BatchEntry, done: number, total: number) => void;
}

export interface BatchSummary {
  readonly files: number;
  readonly done: number;
  readonly failed: number;
  readonly resumed: number;
  readonly entries: readonly BatchEntry[];
}

const JOURNAL = 'journal.jsonl';

/**
 * Analyses every file below `folder` (symbolic links are not followed) and writes one result per file,
 * `summary.csv` and `summary.json` below `out`. A file that fails is recorded with its error; the others go on.
 * @throws VidimusError usage.invalid when `out` holds an earlier batch and `resume` is not asked for.
 */
export async function runBatch(workbench: Workbench, options: BatchOptions): Promise<BatchSummary> {
  const folder = resolve(options.folder);
  const out = resolve(options.out);
  const status = await lstat(folder).catch(() => null);
  if (!status) throw new VidimusError('evidence.not-found', `There is no folder ${folder}.`);
  if (!status.isDirectory())
    throw new VidimusError('usage.invalid', `${folder} is not a folder; use "vidimus analyze".`);
  await mkdir(out, { recursive: true }).catch((cause: unknown) => {
    throw new VidimusError('output.failed', `The folder ${out} cannot be made.`, { cause });
  });
  const planHash = createHash('sha256')
    .update(canonicalize(options.plan) ?? '')
    .digest('hex');
  const journal = join(out, JOURNAL);
  const earlier = await readJournal(journal);
  if (earlier.size > 0 && !options.resume) {
    throw new VidimusError('usage.invalid', `${out} already holds a batch.`, {
      advice: 'Add --resume to go on with it, or name another folder.',
    });
  }
  const files = (await listFiles(folder, out)).filter(options.accept ?? (() => true));
  const entries: BatchEntry[] = [];
  const todo: { path: string; stamp: string }[] = [];
  let resumed = 0;
  for (const path of files) {
    const stamp = await stampOf(join(folder, path), planHash);
    const known = earlier.get(path);
    if (known?.stamp === stamp && (await stillThere(out, known))) {
      entries.push(known);
      resumed += 1;
    } else todo.push({ path, stamp });
  }
  let done = resumed;
  const one = async ({ path, stamp }: { path: string; stamp: string }): Promise<void> => {
    const started = performance.now();
    const entry = await examine(workbench, options, folder, out, path, stamp);
    const timed = { ...entry, seconds: (performance.now() - started) / 1000 };
    await record(journal, timed);
    entries.push(timed);
    done += 1;
    options.onFile?.(timed, done, files.length);
  };
  const lanes = Array.from({ length: Math.max(1, options.concurrency) }, async () => {
    for (let next = todo.shift(); next; next = todo.shift()) {
      if (options.signal?.aborted) throw cancelled('The batch was cancelled; "--resume" goes on with it.');
      await one(next);
    }
  });
  const ended = await Promise.allSettled(lanes);
  const broken = ended.find((lane) => lane.status === 'rejected');
  if (broken) throw asVidimusError(broken.reason);
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  await summarise(out, entries);
  const failed = entries.filter((entry) => entry.state === 'failed').length;
  return { files: files.length, done: entries.length - failed, failed, resumed, entries };
}

async function examine(
  workbench: Workbench,
  options: BatchOptions,
  folder: string,
  out: string,
  path: string,
  stamp: string,
): Promise<Omit<BatchEntry, 'seconds'>> {
  const parts = path.split(sep).map(resultName);
  const base = join('results', ...parts);
  const artifactsDir = options.plan.artifacts ? join(out, `${base}.artifacts`) : null;
  try {
    if (artifactsDir) await rm(artifactsDir, { recursive: true, force: true });
    const result = await workbench.call(
      'analysis.run',
      { path: join(folder, path), plan: options.plan, artifactsDir },
      options.signal ? { signal: options.signal } : {},
    );
    await writeAtomically(join(out, `${base}.json`), `${JSON.stringify(result, null, 1)}\n`);
    return { path, stamp, state: 'done', result: `${base}.json`, error: null };
  } catch (thrown) {
    const error = asVidimusError(thrown);
    // A cancel and a full disk are about the batch, not about this file: stop, and do not call the file failed.
    if (error.code === 'cancelled' || error.code === 'output.failed') throw error;
    return { path, stamp, state: 'failed', result: null, error: toWire(error) };
  }
}

/** Regular files and oddities (FIFO, link, device) below the folder, sorted; the output folder is left out. */
async function listFiles(folder: string, out: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (current: string): Promise<void> => {
    const list = await readdir(current, { withFileTypes: true });
    for (const item of list) {
      const full = join(current, item.name);
      if (full === out || item.isSymbolicLink()) continue;
      if (item.isDirectory()) await walk(full);
      else found.push(relative(folder, full));
    }
  };
  await walk(folder);
  return found.sort();
}

async function stampOf(path: string, planHash: string): Promise<string> {
  const status = await lstat(path, { bigint: true }).catch(() => null);
  return status ? `${status.size}:${status.mtimeNs}:${planHash}` : `gone:${planHash}`;
}

async function stillThere(out: string, entry: BatchEntry): Promise<boolean> {
  if (entry.state === 'failed') return entry.error?.family === 'expected' && !entry.error.code.startsWith('engine.');
  if (!entry.result) return false;
  const text = await readFile(join(out, entry.result), 'utf8').catch(() => null);
  return text !== null && AnalysisResult.safeParse(parseJson(text)).success;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reads a journal; a last line cut off by a kill is dropped, the file it spoke of is done again. */
async function readJournal(path: string): Promise<Map<string, BatchEntry>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const entries = new Map<string, BatchEntry>();
  for (const line of text.split('\n')) {
    const parsed = Entry.safeParse(parseJson(line));
    if (parsed.success) entries.set(parsed.data.path, parsed.data);
  }
  if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
  return entries;
}

async function record(path: string, entry: BatchEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a');
  try {
    await handle.appendFile(`${JSON.stringify(entry)}\n`);
    await handle.sync();
  } catch (cause) {
    throw new VidimusError('output.failed', `The journal ${path} could not be written.`, { cause });
  } finally {
    await handle.close();
  }
}

async function summarise(out: string, entries: readonly BatchEntry[]): Promise<void> {
  const rows: { entry: BatchEntry; result: AnalysisResult | null }[] = [];
  for (const entry of entries) {
    const text = entry.result ? await readFile(join(out, entry.result), 'utf8').catch(() => null) : null;
    const parsed = text === null ? null : AnalysisResult.safeParse(parseJson(text));
    rows.push({ entry, result: parsed?.success ? parsed.data : null });
  }
  await writeAtomically(join(out, 'summary.csv'), summaryCsv(rows));
  const json = rows.map(({ entry, result }) => ({
    ...entry,
    mediaType: result?.mediaType ?? null,
    label: result?.result ?? null,
    score: result?.opinion.score ?? null,
    log10Lr: result?.opinion.log10Lr ?? null,
    sha256: result?.evidence.sha256 ?? null,
  }));
  const failed = entries.filter((entry) => entry.state === 'failed').length;
  const document = {
    schema: 'vidimus/batch/1',
    files: entries.length,
    done: entries.length - failed,
    failed,
    entries: json,
  };
  await writeAtomically(join(out, 'summary.json'), `${JSON.stringify(document, null, 1)}\n`);
}
