/** The one file that touches onnxruntime: a model in memory becomes something that takes and gives tensors. */
import ort from 'onnxruntime-node';
import { VidimusError } from '../../contract/errors.ts';
import type { Provider } from '../../contract/words.ts';
import { checkModel } from './onnx/check.ts';
import type { Tensor, TensorData } from './tensor.ts';

/** One input or output; a name instead of a size is a free dimension. */
export interface PortInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

interface RuntimeOptions {
  readonly provider: Provider;
  /** Threads within an operator; 0 lets onnxruntime choose. */
  readonly threads: number;
}

/** A loaded graph. */
export interface Runtime {
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Providers compiled into this build of onnxruntime, and whether their libraries came with it. */
export const builtProviders = (): readonly { readonly name: string; readonly bundled: boolean }[] =>
  ort.listSupportedBackends();

export const runtimeVersion = (): string => ort.env.versions.node ?? ort.env.versions.common;

const failed = (what: string, cause: unknown): VidimusError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new VidimusError('inference.failed', `${what}: ${firstSentence(detail)}`, { detail, cause });
};

/** onnxruntime's messages begin with source lines of its own build; what follows the failed check is the reason. */
function firstSentence(message: string): string {
  const plain = message
    .replace(/\s+/g, ' ')
    .replace(/^\/onnxruntime_src\/.*? was false\. /, '')
    .trim();
  return plain.length > 300 ? `${plain.slice(0, 297)}...` : plain;
}

function metadata(values: readonly ort.InferenceSession.ValueMetadata[]): PortInfo[] {
  return values.map((value) => {
    if (!value.isTensor) throw new VidimusError('pack.invalid', `The graph's "${value.name}" is not a tensor.`);
    return { name: value.name, type: value.type, shape: value.shape };
  });
}

/**
 * Loads a model from memory (never from a path, so nothing beside it can be opened).
 * @throws VidimusError `inference.failed` with onnxruntime's reason.
 */
export async function loadRuntime(bytes: Uint8Array, options: RuntimeOptions): Promise<Runtime> {
  checkModel(bytes);
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: [options.provider],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // The arena keeps the largest run's memory for good: 150 MB for one face detector and one small network.
      enableCpuMemArena: false,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      // Idle threads that spin would starve the decoder on small machines.
      extra: { session: { 'intra_op.allow_spinning': '0' } },
    });
  } catch (cause) {
    throw failed(`The model could not be loaded on ${options.provider}`, cause);
  }
  let open = true;
  return {
    inputs: metadata(session.inputMetadata),
    outputs: metadata(session.outputMetadata),
    async run(feeds) {
      if (!open) throw new VidimusError('bug', 'A session was used after it was closed.');
      const given: Record<string, ort.Tensor> = {};
      for (const [name, tensor] of Object.entries(feeds)) given[name] = toOrt(tensor);
      let answer: ort.InferenceSession.OnnxValueMapType;
      try {
        answer = await session.run(given);
      } catch (cause) {
        throw failed('The model failed while it ran', cause);
      }
      const out: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(answer)) out[name] = fromOrt(name, value);
      return out;
    },
    async dispose() {
      if (!open) return;
      open = false;
      await session.release();
    },
  };
}

function toOrt(tensor: Tensor): ort.Tensor {
  const { data } = tensor;
  const dims = [...tensor.dims];
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
  if (data instanceof Float64Array) return new ort.Tensor('float64', data, dims);
  if (data instanceof Int32Array) return new ort.Tensor('int32', data, dims);
  if (data instanceof BigInt64Array) return new ort.Tensor('int64', data, dims);
  if (data instanceof Int8Array) return new ort.Tensor('int8', data, dims);
  return new ort.Tensor('uint8', data, dims);
}

function fromOrt(name: string, value: ort.OnnxValue): Tensor {
  if (!('data' in value) || !('dims' in value))
    throw new VidimusError('inference.failed', `The output "${name}" is not a tensor.`);
  const data: unknown = value.data;
  if (!isTensorData(data))
    throw new VidimusError('inference.failed', `The output "${name}" has the unread type ${value.type}.`);
  return { dims: value.dims, data };
}

const isTensorData = (data: unknown): data is TensorData =>
  data instanceof Float32Array ||
  data instanceof Float64Array ||
  data instanceof Int32Array ||
  data instanceof BigInt64Array ||
  data instanceof Uint8Array ||
  data instanceof Int8Array;
