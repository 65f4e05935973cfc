/**
 * Importing and running every architecture, with weights made by the rule of the golden test.
 *
 * (a) Import of a 350 MB checkpoint (ViT-B/16) in a process of its own: time and peak memory. (b) For every graph: how
 * far the imported pack's answers are from PyTorch's, and its latency through our session at batch 1 and 8 against the
 * same ONNX file run bare with onnxruntime-node and as many threads, turn by turn in one run. Prints Markdown. Names of architectures as arguments limit (b) to them and leave out (a).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import * as z from 'zod';
import { readArchitecture } from '../../src/engine/inference/architecture.ts';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { isStripped, parseModel } from '../../src/engine/inference/onnx/model.ts';
import type { Pack } from '../../src/engine/inference/pack.ts';
import { probeFeeds } from '../../src/engine/inference/probe.ts';
import { runtimeVersion } from '../../src/engine/inference/runtime.ts';
import { openSession, type Session } from '../../src/engine/inference/session.ts';
import type { Tensor } from '../../src/engine/inference/tensor.ts';
import { fillInput, fillWeight } from '../golden/architectures-fill.ts';
import { safetensors, type TestTensor, torchZip } from '../helpers/inference.ts';
import { ROOT } from '../helpers/shared.ts';

const THREADS = availableParallelism();
/** Timed runs of each side: at least three, more while they take less than this. */
const BUDGET_MS = 700;
/** Past this no further run starts, even of the first three; the table says how many there were. */
const LIMIT_MS = 8_000;

const Golden = z.record(
  z.string(),
  z.array(
    z.object({
      file: z.string(),
      gain: z.number(),
      inputs: z.array(
        z.object({ name: z.string(), dims: z.array(z.int()), type: z.string(), constant: z.number().optional() }),
      ),
      outputs: z.array(z.object({ name: z.string(), first: z.array(z.number()), scale: z.number() })),
    }),
  ),
);
type GoldenGraph = z.infer<typeof Golden>[string][number];

const architecture = (name: string): string => join(ROOT, 'models/architectures', name);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Parameters that a graph asks for, filled by the rule. */
function weightsOf(name: string, file: string, gain: number): Record<string, TestTensor> {
  const { initializers } = parseModel(readFileSync(join(architecture(name), file))).graph;
  return Object.fromEntries(
    initializers
      .filter(isStripped)
      .map((tensor) => [tensor.name, { shape: tensor.dims, data: fillWeight(tensor.name, tensor.dims, gain) }]),
  );
}

/** Imports checkpoints made by the rule, one for each graph. */
async function imported(
  folder: string,
  name: string,
  graphs: readonly GoldenGraph[],
): Promise<{ pack: Pack; ms: number }> {
  const { manifest } = await readArchitecture(architecture(name));
  const files = manifest.graphs.map(({ file, role }) => {
    const gain = graphs.find((graph) => graph.file === file)?.gain ?? 1;
    const path = join(folder, `${role}.safetensors`);
    writeFileSync(path, safetensors(weightsOf(name, file, gain)));
    return path;
  });
  const start = performance.now();
  const { pack } = await importCheckpoint({ builtIn: join(folder, 'none'), user: folder }, architecture(name), files);
  const ms = performance.now() - start;
  for (const file of files) rmSync(file);
  return { pack, ms };
}

/** Largest deviation from PyTorch's answers, relative to each output's largest absolute value. */
async function error(session: Session, graph: GoldenGraph): Promise<number> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, dims, type, constant } of graph.inputs)
    feeds[name] = {
      dims,
      data: type === 'int64' ? BigInt64Array.of(BigInt(constant ?? 0)) : fillInput(name, dims),
    };
  const answers = await session.runRaw(feeds);
  const deviations = graph.outputs.flatMap(({ name, first, scale }) =>
    first.map((value, i) => Math.abs(Number(answers[name]?.data[i]) - value) / scale),
  );
  return Math.max(...deviations);
}

interface Latency {
  readonly batch: number;
  readonly ours: number;
  readonly bare: number;
  readonly runs: number;
}

const ortTensor = ({ dims, data }: Tensor): ort.Tensor =>
  data instanceof BigInt64Array
    ? new ort.Tensor('int64', data, [...dims])
    : new ort.Tensor('float32', Float32Array.from(data, Number), [...dims]);

async function latency(session: Session, bare: ort.InferenceSession, batch: number): Promise<Latency> {
  const feeds = probeFeeds(session.inputs, session.manifest.input, batch);
  const raw = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, ortTensor(tensor)]));
  const [single] = Object.values(feeds);
  const one = Object.keys(feeds).length === 1 ? single : undefined;
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const ours = () => timed(() => (one === undefined ? session.runRaw(feeds) : session.run(one)));
  const theirs = () => timed(() => bare.run(raw));
  const a: number[] = [];
  const b: number[] = [];
  let spent = 0;
  if (batch === 1) spent = (await ours()) + (await theirs());
  while (a.length === 0 || (a.length < 3 ? spent < LIMIT_MS : a.length < 25 && spent < 2 * BUDGET_MS)) {
    // Who goes first alternates, so that neither gains from the other's caches.
    if (a.length % 2 === 0) {
      a.push(await ours());
      b.push(await theirs());
    } else {
      b.push(await theirs());
      a.push(await ours());
    }
    spent += (a.at(-1) ?? 0) + (b.at(-1) ?? 0);
  }
  return { batch, ours: median(a), bare: median(b), runs: a.length };
}

async function latencies(pack: Pack, file: string, role: string | undefined): Promise<Latency[]> {
  const bytes = readFileSync(join(pack.folder, file));
  const options = { provider: 'cpu', threads: THREADS, ...(role === undefined ? {} : { role }) } as const;
  const session = await openSession(pack, options);
  const bare = await ort.InferenceSession.create(bytes, { intraOpNumThreads: THREADS, logSeverityLevel: 3 });
  try {
    const free = session.inputs.every(
      ({ shape }) => shape.length === 0 || shape.some((size) => typeof size !== 'number'),
    );
    const rows: Latency[] = [];
    for (const batch of free ? [1, 8] : [1]) rows.push(await latency(session, bare, batch));
    return rows;
  } finally {
    await session.dispose();
    await bare.release();
  }
}

const Peak = z.object({ ms: z.number(), beforeMB: z.number(), peakMB: z.number() });

/** Runs in a process of its own: what an import costs on top of the program. */
async function importOnly(name: string, file: string, folder: string): Promise<void> {
  const beforeMB = process.memoryUsage.rss() / 1e6;
  const start = performance.now();
  await importCheckpoint({ builtIn: join(folder, 'none'), user: folder }, architecture(name), [file]);
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, beforeMB, peakMB: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
}

function importRow(name: string, label: string, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'vidimus-bench-'));
  try {
    const file = join(folder, 'weights.pth');
    writeFileSync(file, bytes);
    const args = ['--disable-warning=ExperimentalWarning', import.meta.filename, 'import', name, file, folder];
    const { ms, beforeMB, peakMB } = Peak.parse(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })));
    const [seconds, before, peak] = [ms / 1000, beforeMB, peakMB];
    return `| ${label} | ${(statSync(file).size / 1e6).toFixed(0)} | ${seconds.toFixed(2)} | ${before.toFixed(0)} | ${peak.toFixed(0)} |`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Entry = readonly [name: string, graphs: readonly GoldenGraph[]];

/** Imports an architecture into a folder of its own and hands over each of its graphs. */
async function withPack(
  [name, graphs]: Entry,
  use: (opened: {
    label: string;
    file: string;
    role?: string;
    graph: GoldenGraph;
    pack: Pack;
    ms: number;
  }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vidimus-bench-'));
  try {
    const { pack, ms } = await imported(folder, name, graphs);
    const { manifest } = await readArchitecture(architecture(name));
    for (const { file, role } of manifest.graphs) {
      const graph = graphs.find((entry) => entry.file === file);
      if (graph === undefined) throw new Error(`${name} ${file} has no golden answer`);
      if (manifest.graphs.length === 1) await use({ label: name, file: 'model.onnx', graph, pack, ms });
      else await use({ label: `${name} ${role}`, file: `${role}.onnx`, role, graph, pack, ms });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(only: readonly string[]): Promise<void> {
  const golden = Golden.parse(JSON.parse(readFileSync(join(ROOT, 'test/golden/architectures.json'), 'utf8')));
  const wanted = Object.entries(golden).filter(([name]) => only.length === 0 || only.includes(name));
  const load = () => loadavg()[0]?.toFixed(2) ?? '';
  console.log(
    `${cpus()[0]?.model.trim()}, ${THREADS} threads; onnxruntime ${runtimeVersion()}; load ${load()} at the start`,
  );
  if (only.length === 0) {
    console.log('\n| checkpoint | MB | import, s | memory before, MB | peak, MB |\n|---|---|---|---|---|');
    const weights = weightsOf('vit-b16', 'graph.onnx', golden['vit-b16']?.[0]?.gain ?? 1);
    console.log(importRow('vit-b16', 'ViT-B/16 as a PyTorch zip', torchZip(weights)));
    console.log(importRow('vit-b16', 'ViT-B/16 as safetensors', safetensors(weights)));
  }
  console.log('\n| graph | MB | import, s | error |\n|---|---|---|---|');
  for (const entry of wanted)
    await withPack(entry, async ({ label, file, role, graph, pack, ms }) => {
      const session = await openSession(pack, { provider: 'cpu', ...(role === undefined ? {} : { role }) });
      const deviation = await error(session, graph);
      await session.dispose();
      const megabytes = statSync(join(pack.folder, file)).size / 1e6;
      console.log(`| ${label} | ${megabytes.toFixed(1)} | ${(ms / 1000).toFixed(2)} | ${deviation.toExponential(1)} |`);
    });
  console.log('\n| graph | batch | ours, ms | bare, ms | ours / bare | runs |\n|---|---|---|---|---|---|');
  for (const entry of wanted)
    await withPack(entry, async ({ label, file, role, pack }) => {
      for (const { batch, ours, bare, runs } of await latencies(pack, file, role))
        console.log(
          `| ${label} | ${batch} | ${ours.toFixed(2)} | ${bare.toFixed(2)} | ${(ours / bare).toFixed(2)} | ${runs} |`,
        );
    });
  console.log(`\nload ${load()} at the end`);
}

const [first, ...rest] = process.argv.slice(2);
const [name, file, folder] = rest;
if (first === 'import' && name !== undefined && file !== undefined && folder !== undefined)
  await importOnly(name, file, folder);
else await main(first === undefined ? [] : [first, ...rest]);
