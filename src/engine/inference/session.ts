/** A pack at work: batches in, answers or scores out, on the provider that was asked for. */
import { availableParallelism } from 'node:os';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import type { Provider, ProviderChoice } from '../../contract/words.ts';
import { noteTensors } from './debug.ts';
import { scoresOf } from './output.ts';
import { graphFile, type Pack, readPackFile } from './pack.ts';
import { openOnProvider } from './providers.ts';
import type { PortInfo, Runtime } from './runtime.ts';
import { concatBatches, sliceBatch, type Tensor } from './tensor.ts';

export interface SessionOptions {
  readonly provider?: ProviderChoice;
  /** Threads within an operator; by default half the processors, at most 8, so that decoding keeps up. */
  readonly threads?: number;
  /** Items per run for graphs that take any number; more is faster and takes more memory. */
  readonly maxBatch?: number;
  /** Which graph of a pack that has several (`pnet`, `rnet`, `onet`). */
  readonly role?: string;
  /** Sees every batch before it runs; used to gather calibration data by the pack's own pre-processing. */
  readonly onBatch?: (batch: Tensor) => void;
}

/** An open pack. Calls on one session run one after another. */
export interface Session {
  readonly manifest: PackManifest;
  readonly packSha256: string;
  readonly provider: Provider;
  readonly note: string | null;
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  /** Runs the graph once on exactly these inputs. */
  runRaw(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /** Runs a batch [N, ...] in as many runs as the graph needs; every output is joined along its first axis. */
  run(batch: Tensor, signal?: AbortSignal): Promise<Record<string, Tensor>>;
  /** Scores 0..1 of a batch, higher = more likely manipulated, before any calibration. */
  scores(batch: Tensor, signal?: AbortSignal): Promise<Float64Array>;
  dispose(): Promise<void>;
}

const DEFAULT_MAX_BATCH = 16;
const defaultThreads = (): number => Math.max(1, Math.min(8, Math.ceil(availableParallelism() / 2)));

/**
 * Opens a graph of a pack. Its bytes are hashed again and run from memory; one inference on made-up input has been
 * done when this returns, so the first real batch is not the slow one.
 * @throws VidimusError `pack.damaged` when the file changed since it was listed, `inference.failed`, `pack.invalid`.
 */
export async function openSession(pack: Pack, options: SessionOptions = {}): Promise<Session> {
  const { manifest } = pack;
  const bytes = await readPackFile(pack, graphFile(manifest, options.role));
  const threads = options.threads ?? defaultThreads();
  const { runtime, provider, note } = await openOnProvider(bytes, options.provider ?? 'auto', threads, manifest.input);
  try {
    checkPorts(manifest, runtime);
  } catch (thrown) {
    await runtime.dispose();
    throw thrown;
  }
  const input = manifest.input.tensor ?? runtime.inputs[0]?.name ?? '';
  const fixed = runtime.inputs.find((port) => port.name === input)?.shape[0];
  const maxBatch = typeof fixed === 'number' ? fixed : (options.maxBatch ?? DEFAULT_MAX_BATCH);

  const run = async (batch: Tensor, signal?: AbortSignal): Promise<Record<string, Tensor>> => {
    const n = batch.dims[0] ?? 0;
    if (n === 0) throw new VidimusError('bug', 'A batch without items was given to a session.');
    options.onBatch?.(batch);
    if (typeof fixed === 'number' && n % fixed !== 0) {
      throw new VidimusError('inference.failed', `The graph takes ${fixed} items at a time; ${n} were given.`);
    }
    const parts: Record<string, Tensor[]> = {};
    for (let at = 0; at < n; at += maxBatch) {
      throwIfCancelled(signal);
      const answer = await runtime.run({ [input]: sliceBatch(batch, at, Math.min(n, at + maxBatch)) });
      for (const [name, tensor] of Object.entries(answer)) {
        const list = parts[name] ?? [];
        list.push(tensor);
        parts[name] = list;
      }
    }
    const joined: Record<string, Tensor> = {};
    for (const [name, list] of Object.entries(parts)) joined[name] = concatBatches(list);
    noteTensors(`${manifest.id}@${manifest.version}`, { [input]: batch }, joined);
    return joined;
  };

  return {
    manifest,
    packSha256: pack.sha256,
    provider,
    note,
    inputs: runtime.inputs,
    outputs: runtime.outputs,
    runRaw: (feeds) => runtime.run(feeds),
    run,
    async scores(batch, signal) {
      const answer = (await run(batch, signal))[manifest.output.tensor];
      if (answer === undefined)
        throw new VidimusError('pack.invalid', `The graph gives no "${manifest.output.tensor}".`);
      const n = batch.dims[0] ?? 0;
      // Some graphs with a batch of one drop that axis.
      const shaped = answer.dims[0] === n ? answer : { dims: [n, answer.data.length / n], data: answer.data };
      return scoresOf(shaped, manifest.output);
    },
    dispose: () => runtime.dispose(),
  };
}

function checkPorts(manifest: PackManifest, runtime: Runtime): void {
  const { tensor } = manifest.input;
  if (tensor !== undefined && !runtime.inputs.some((port) => port.name === tensor)) {
    throw new VidimusError(
      'pack.invalid',
      `The graph has no input "${tensor}"; it has ${runtime.inputs.map((p) => p.name).join(', ')}.`,
    );
  }
  if (!runtime.outputs.some((port) => port.name === manifest.output.tensor)) {
    throw new VidimusError(
      'pack.invalid',
      `The graph has no output "${manifest.output.tensor}"; it has ${runtime.outputs.map((p) => p.name).join(', ')}.`,
    );
  }
}
