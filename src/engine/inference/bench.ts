/** How fast a pack is on this machine, per provider and batch size. Figures are kept beside the user's packs. */
import { mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { asVidimusError, throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { Provider, Sha256 } from '../../contract/words.ts';
import { isMissing, replaceFile } from './files.ts';
import { type Pack, packKey } from './pack.ts';
import { probeFeeds } from './probe.ts';
import type { ModelRoots } from './registry.ts';
import { runtimeVersion } from './runtime.ts';
import { openSession, type Session } from './session.ts';

const BENCH_NAME = 'bench.json';

const BenchRow = z.strictObject({
  provider: Provider,
  batch: z.int().positive(),
  /** Milliseconds for one batch. */
  medianMs: z.number().nonnegative(),
  p95Ms: z.number().nonnegative(),
  itemsPerSecond: z.number().nonnegative(),
});
export type BenchRow = z.infer<typeof BenchRow>;

const BenchReport = z.strictObject({
  pack: z.string(),
  packSha256: Sha256,
  machine: z.string(),
  onnxruntime: z.string(),
  threads: z.int().nonnegative(),
  rows: z.array(BenchRow),
  skipped: z.array(z.strictObject({ provider: Provider, reason: z.string() })),
});
export type BenchReport = z.infer<typeof BenchReport>;

const Figures = z.strictObject({ schema: z.literal('vidimus/bench/1'), reports: z.array(BenchReport) });
type Figures = z.infer<typeof Figures>;

export interface BenchOptions {
  readonly providers?: readonly Provider[];
  readonly batches?: readonly number[];
  /** Timed runs per row. */
  readonly repeats?: number;
  readonly threads?: number;
  readonly role?: string;
  readonly signal?: AbortSignal;
}

/** Measures a pack and stores the figures in the user's folder. A provider that does not run is listed with the reason. */
export async function benchPack(roots: ModelRoots, pack: Pack, options: BenchOptions = {}): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  const skipped: BenchReport['skipped'] = [];
  const threads = options.threads ?? 0;
  for (const provider of options.providers ?? Provider.options) {
    let session: Session;
    try {
      session = await openSession(pack, {
        provider,
        ...(options.threads === undefined ? {} : { threads }),
        ...(options.role === undefined ? {} : { role: options.role }),
      });
    } catch (thrown) {
      skipped.push({ provider, reason: asVidimusError(thrown).message });
      continue;
    }
    try {
      rows.push(...(await benchSession(session, provider, options)));
    } finally {
      await session.dispose();
    }
  }
  const report: BenchReport = {
    pack: packKey(pack.manifest),
    packSha256: pack.sha256,
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads`,
    onnxruntime: runtimeVersion(),
    threads,
    rows,
    skipped,
  };
  await store(roots, report);
  return report;
}

async function benchSession(session: Session, provider: Provider, options: BenchOptions): Promise<BenchRow[]> {
  const free = typeof session.inputs[0]?.shape[0] !== 'number';
  const rows: BenchRow[] = [];
  for (const batch of free ? (options.batches ?? [1, 4, 16]) : [1]) {
    const feeds = probeFeeds(session.inputs, session.manifest.input, batch);
    await session.runRaw(feeds);
    const times: number[] = [];
    for (let i = 0; i < (options.repeats ?? 9); i++) {
      throwIfCancelled(options.signal);
      const start = performance.now();
      await session.runRaw(feeds);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const medianMs = times[Math.floor(times.length / 2)];
    const p95Ms = times[Math.min(times.length - 1, Math.ceil(times.length * 0.95) - 1)];
    rows.push({ provider, batch, medianMs, p95Ms, itemsPerSecond: medianMs === 0 ? 0 : (1000 * batch) / medianMs });
  }
  return rows;
}

/** Figures measured so far; a damaged file is an error, because it would be overwritten. */
export async function readFigures(roots: ModelRoots): Promise<readonly BenchReport[]> {
  let text: string;
  try {
    text = await readFile(join(roots.user, BENCH_NAME), 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Falls through to the same sentence as any other damage.
  }
  const parsed = Figures.safeParse(json);
  if (!parsed.success)
    throw new VidimusError('pack.invalid', `"${join(roots.user, BENCH_NAME)}" is damaged.`, {
      advice: 'Delete the file and measure again.',
    });
  return parsed.data.reports;
}

async function store(roots: ModelRoots, report: BenchReport): Promise<void> {
  const others = (await readFigures(roots)).filter((old) => old.pack !== report.pack || old.machine !== report.machine);
  const figures: Figures = { schema: 'vidimus/bench/1', reports: [...others, report] };
  await mkdir(roots.user, { recursive: true });
  await replaceFile(join(roots.user, BENCH_NAME), `${JSON.stringify(figures, null, 2)}\n`);
}
