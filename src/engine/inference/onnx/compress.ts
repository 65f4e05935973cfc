/**
 * Smaller weights for the same graph: stored as float16, or as int8 with one scale per output channel (symmetric,
 * as the ONNX quantisation of weights does). Either way the network still computes in float32.
 */
import { decodeFloats, elementCount, encodeFloats } from '../dtype.ts';
import { makeNode, makeTensor } from './build.ts';
import { ONNX_TYPES, type OnnxModel, type OnnxNode, type OnnxTensor, readAttribute } from './model.ts';

export type Compression = 'fp16' | 'int8';

/** Small tensors (biases, norms, constants) decide much and weigh little; they stay as they are. */
const MIN_ELEMENTS = 1024;
const HALF_MAX = 65_504;
/** Per-channel DequantizeLinear came with opset 13. */
export const INT8_MIN_OPSET = 13;

/** Ranges below this are taken for zero: a step of 1/255 of them would vanish in float32. */
export const NOTHING = 1e-30;

interface Replacement {
  readonly tensors: readonly OnnxTensor[];
  readonly node: OnnxNode;
}

/** Values of a float32 initialiser that is large enough to be worth it, else null. */
export function floatWeights(tensor: OnnxTensor): Float32Array | null {
  if (tensor.type !== ONNX_TYPES.float32 || tensor.dims.length < 2 || elementCount(tensor.dims) < MIN_ELEMENTS)
    return null;
  return tensor.data instanceof Uint8Array ? decodeFloats(tensor.data, 'float32') : null;
}

function toFp16(tensor: OnnxTensor): Replacement | null {
  const values = floatWeights(tensor);
  if (values === null || values.some((value) => Math.abs(value) > HALF_MAX)) return null;
  const stored = `${tensor.name}::fp16`;
  const half = encodeFloats(values, 'float16');
  return {
    tensors: [makeTensor(stored, 'float16', tensor.dims, half)],
    node: makeNode('Cast', [stored], [tensor.name], { to: ONNX_TYPES.float32 }),
  };
}

/** Axis of the output channels as every consumer sees the weight, or null where they disagree or are unknown. */
export function channelAxis(tensor: OnnxTensor, consumers: readonly OnnxNode[]): number | null {
  const axes = new Set(consumers.map((node) => axisFor(tensor, node)));
  const [axis] = axes;
  return axes.size === 1 && axis !== undefined ? axis : null;
}

function axisFor(tensor: OnnxTensor, node: OnnxNode): number | null {
  if (node.domain !== '' || node.inputs[1] !== tensor.name) {
    // Exporters often transpose a linear layer's weight, stored [outputs, inputs], before the product.
    return node.opType === 'Transpose' && tensor.dims.length === 2 ? 0 : null;
  }
  switch (node.opType) {
    case 'Conv':
      return 0;
    case 'ConvTranspose':
      return 1;
    case 'MatMul':
      return tensor.dims.length === 2 ? 1 : null;
    case 'Gemm': {
      const flag = node.attributes.find((attribute) => attribute.name === 'transB');
      return flag !== undefined && readAttribute(flag).i === 1n ? 0 : 1;
    }
    default:
      return null;
  }
}

/** Symmetric int8 codes up to `limit` and one scale per index of `axis`. A channel of nothing gets scale 1. */
export function quantizeChannels(
  values: Float32Array,
  dims: readonly number[],
  axis: number,
  limit = 127,
): { readonly codes: Int8Array; readonly scales: Float32Array } {
  const channels = dims[axis];
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const scales = new Float32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / inner) % channels;
    scales[c] = Math.max(scales[c], Math.abs(values[i]));
  }
  for (let c = 0; c < channels; c++) scales[c] = scales[c] < NOTHING ? 1 : scales[c] / limit;
  const codes = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / inner) % channels;
    codes[i] = Math.max(-limit, Math.min(limit, Math.round(values[i] / scales[c])));
  }
  return { codes, scales };
}

function toInt8(tensor: OnnxTensor, consumers: readonly OnnxNode[]): Replacement | null {
  const values = floatWeights(tensor);
  const axis = channelAxis(tensor, consumers);
  if (values === null || axis === null || !values.every(Number.isFinite)) return null;
  const { codes, scales } = quantizeChannels(values, tensor.dims, axis);
  const names = { codes: `${tensor.name}::int8`, scales: `${tensor.name}::scale` };
  return {
    tensors: [
      makeTensor(names.codes, 'int8', tensor.dims, codes),
      makeTensor(names.scales, 'float32', [scales.length], scales),
    ],
    node: makeNode('DequantizeLinear', [names.codes, names.scales], [tensor.name], { axis }),
  };
}

/** Nodes that read each value. */
export function consumersOf(nodes: readonly OnnxNode[]): ReadonlyMap<string, readonly OnnxNode[]> {
  const map = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) {
      const list = map.get(input) ?? [];
      list.push(node);
      map.set(input, list);
    }
  }
  return map;
}

interface CompressionReport {
  readonly model: OnnxModel;
  /** Names of the initialisers that were replaced. */
  readonly replaced: readonly string[];
}

/** Replaces the large float32 weights of a graph; what cannot be represented safely stays float32. */
export function compressModel(model: OnnxModel, kind: Compression): CompressionReport {
  const { graph } = model;
  const consumers = consumersOf(graph.nodes);
  const initializers: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [];
  const replaced: string[] = [];
  for (const tensor of graph.initializers) {
    const replacement = kind === 'fp16' ? toFp16(tensor) : toInt8(tensor, consumers.get(tensor.name) ?? []);
    if (replacement === null) {
      initializers.push(tensor);
      continue;
    }
    initializers.push(...replacement.tensors);
    nodes.push(replacement.node);
    replaced.push(tensor.name);
  }
  const gone = new Set(replaced);
  // Up to IR version 3 initialisers are listed as inputs too; a computed value must not be.
  const inputs = graph.inputs.filter((value) => !gone.has(value.name));
  return {
    model: { ...model, graph: { ...graph, nodes: [...nodes, ...graph.nodes], initializers, inputs } },
    replaced,
  };
}
