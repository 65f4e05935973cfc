/** Putting a checkpoint's weights into a graph that was stored without them, and taking them out again. */
import { throwIfCancelled, VidimusError } from '../../../contract/errors.ts';
import type { NamedTensor, NamedTensors } from '../checkpoints/keys.ts';
import { transposeBytes } from '../checkpoints/strided.ts';
import { convertBytes, DTYPE_BYTES, type DType, elementCount, isFloat } from '../dtype.ts';
import { type ByteSource, dtypeOf, isStripped, type OnnxModel, type OnnxTensor } from './model.ts';

export interface FillReport {
  readonly model: OnnxModel;
  /** Keys of the checkpoint that went into the graph. */
  readonly used: readonly string[];
  /** Keys that the graph never asks for. */
  readonly unused: readonly string[];
  /** What was done to the numbers on the way, for the pack's card. */
  readonly notes: readonly string[];
}

const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'scalar' : shape.join('x'));
const mismatch = (sentence: string): VidimusError => new VidimusError('checkpoint.mismatch', sentence);

/**
 * Gives every stripped initialiser the checkpoint's tensor of its name. Names and shapes must agree exactly; among
 * floating types the values are converted to the graph's, any other difference of type is an error.
 * @throws VidimusError `checkpoint.mismatch` naming the first key that is missing or does not fit.
 */
export function fillModel(model: OnnxModel, weights: NamedTensors, signal?: AbortSignal): FillReport {
  const stripped = model.graph.initializers.filter(isStripped);
  const missing = stripped.filter((tensor) => !weights.byName.has(tensor.name));
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
    throw mismatch(
      `The checkpoint lacks "${missing[0]?.name}"${more} of the ${stripped.length} parameters this architecture needs.`,
    );
  }
  const used = new Set<string>();
  const conversions = new Map<string, number>();
  const initializers = model.graph.initializers.map((tensor) => {
    const source = isStripped(tensor) ? weights.byName.get(tensor.name) : undefined;
    if (source === undefined) return tensor;
    used.add(source.key);
    const target = fittingType(tensor, source);
    if (target !== source.tensor.dtype) {
      const kind = `${source.tensor.dtype} to ${target}`;
      conversions.set(kind, (conversions.get(kind) ?? 0) + 1);
    }
    return { ...tensor, data: sourceOf(source, target, signal) };
  });
  const unused = [...weights.byName.values()].map((source) => source.key).filter((key) => !used.has(key));
  return {
    model: { ...model, graph: { ...model.graph, initializers } },
    used: [...used],
    unused: [...unused, ...weights.ignored],
    notes: [...conversions].map(([kind, count]) => `${count} tensors were converted from ${kind}.`),
  };
}

function fittingType(tensor: OnnxTensor, source: NamedTensor): DType {
  const { shape } = source.tensor;
  const got = source.permutation === null ? shape : source.permutation.map((axis) => shape[axis]);
  if (shapeText(got) !== shapeText(tensor.dims)) {
    throw mismatch(`"${source.key}" has shape ${shapeText(got)}; the architecture asks for ${shapeText(tensor.dims)}.`);
  }
  const target = dtypeOf(tensor.type);
  if (target === null) throw mismatch(`The graph wants "${tensor.name}" in a type that is not written here.`);
  const from = source.tensor.dtype;
  if (target !== from && !(isFloat(target) && isFloat(from) && target !== 'bfloat16')) {
    throw mismatch(`"${source.key}" holds ${from}; the architecture asks for ${target}.`);
  }
  return target;
}

function sourceOf(source: NamedTensor, target: DType, signal: AbortSignal | undefined): ByteSource {
  const { tensor, permutation } = source;
  return {
    length: elementCount(tensor.shape) * DTYPE_BYTES[target],
    async *chunks() {
      if (permutation !== null) {
        const parts: Uint8Array[] = [];
        for await (const chunk of tensor.chunks()) parts.push(chunk);
        yield convertBytes(
          transposeBytes(Buffer.concat(parts), tensor.dtype, tensor.shape, permutation),
          tensor.dtype,
          target,
        );
        return;
      }
      for await (const chunk of tensor.chunks()) {
        throwIfCancelled(signal);
        yield convertBytes(chunk, tensor.dtype, target);
      }
    },
  };
}

/** Takes the data out of the named initialisers; what remains is an architecture's graph. */
export function stripModel(model: OnnxModel, isParameter: (tensor: OnnxTensor) => boolean): OnnxModel {
  const initializers = model.graph.initializers.map((tensor) =>
    isParameter(tensor) ? { ...tensor, data: null } : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}
