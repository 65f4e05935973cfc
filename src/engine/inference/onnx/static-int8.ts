/**
 * Static int8 by quantise-dequantise pairs (the ONNX QDQ form): activations that enter convolutions and matrix products
 * are rounded to uint8 with ranges seen on calibration data, weights to int8 per output channel, biases to int32.
 *
 * Weights use 7 of their 8 bits: processors without VNNI add products of uint8 and int8 in 16 bits and would saturate,
 * so that one exhibit would score differently on two machines.
 */
import { decodeFloats, elementCount } from '../dtype.ts';
import { makeNode, makeTensor, makeValue } from './build.ts';
import { channelAxis, consumersOf, floatWeights, NOTHING, quantizeChannels } from './compress.ts';
import { ONNX_TYPES, type OnnxModel, type OnnxNode, type OnnxTensor } from './model.ts';

const WEIGHT_LIMIT = 63;
const MAX_INT32 = 2_147_483_647;
const PRODUCTS = new Set(['Conv', 'MatMul', 'Gemm']);

/** Smallest and largest value a tensor had on the calibration data. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

interface Product {
  readonly node: OnnxNode;
  readonly weight: OnnxTensor;
  readonly axis: number;
}

/** Nodes whose weight is a large initialiser used by nothing that disagrees about its channels. */
function productsOf(model: OnnxModel): readonly Product[] {
  const { graph } = model;
  const weights = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const consumers = consumersOf(graph.nodes);
  const found: Product[] = [];
  for (const node of graph.nodes) {
    const weight = weights.get(node.inputs[1] ?? '');
    if (node.domain !== '' || !PRODUCTS.has(node.opType) || weight === undefined || weights.has(node.inputs[0] ?? ''))
      continue;
    const axis = channelAxis(weight, consumers.get(weight.name) ?? []);
    if (axis !== null && floatWeights(weight) !== null) found.push({ node, weight, axis });
  }
  return found;
}

/** Names of the activations whose ranges are needed. */
export const activationsOf = (model: OnnxModel): readonly string[] => [
  ...new Set(productsOf(model).map(({ node }) => node.inputs[0] ?? '')),
];

/** The same model with those activations as further outputs; graph inputs are known to the caller anyway. */
export function exposeActivations(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const present = new Set([...graph.outputs, ...graph.inputs].map((value) => value.name));
  const extra = activationsOf(model).filter((name) => !present.has(name));
  return {
    ...model,
    graph: { ...graph, outputs: [...graph.outputs, ...extra.map((name) => makeValue(name, 'float32', null))] },
  };
}

/** Step and zero point of uint8 over a range that is widened to hold zero, which must be exact for padding. */
export function activationScale(range: Range): { readonly scale: number; readonly zero: number } {
  const min = Math.min(0, range.min);
  const max = Math.max(0, range.max);
  const scale = max - min < NOTHING ? 1 : Math.fround((max - min) / 255);
  return { scale, zero: Math.max(0, Math.min(255, Math.round(-min / scale))) };
}

/** Replaces float products by their QDQ form. Activations without a range stay as they are. */
export function quantizeStatic(
  model: OnnxModel,
  ranges: ReadonlyMap<string, Range>,
): { readonly model: OnnxModel; readonly replaced: readonly string[] } {
  const products = new Map(
    productsOf(model)
      .filter(({ node }) => ranges.has(node.inputs[0] ?? ''))
      .map((product) => [product.node, product]),
  );
  const tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const added = new Map<string, OnnxTensor>();
  const done = new Set<string>();
  const nodes: OnnxNode[] = [];
  const add = (tensor: OnnxTensor): string => {
    added.set(tensor.name, tensor);
    return tensor.name;
  };
  /** Emits nodes once, however many products share their result. */
  const once = (result: string, make: () => readonly OnnxNode[]): string => {
    if (!done.has(result)) nodes.push(...make());
    done.add(result);
    return result;
  };

  for (const node of model.graph.nodes) {
    const product = products.get(node);
    if (product === undefined) {
      nodes.push(node);
      continue;
    }
    const { weight, axis } = product;
    const input = node.inputs[0] ?? '';
    const { scale, zero } = activationScale(ranges.get(input) ?? { min: 0, max: 0 });
    const activation = once(`${input}::dq`, () => {
      const step = add(makeTensor(`${input}::scale`, 'float32', [], Float32Array.of(scale)));
      const point = add(makeTensor(`${input}::zero`, 'uint8', [], Uint8Array.of(zero)));
      return [
        makeNode('QuantizeLinear', [input, step, point], [`${input}::q`]),
        makeNode('DequantizeLinear', [`${input}::q`, step, point], [`${input}::dq`]),
      ];
    });
    const { codes, scales } = quantizeChannels(
      floatWeights(weight) ?? new Float32Array(0),
      weight.dims,
      axis,
      WEIGHT_LIMIT,
    );
    const quantized = once(`${weight.name}::dq`, () => [
      makeNode(
        'DequantizeLinear',
        [
          add(makeTensor(`${weight.name}::int8`, 'int8', weight.dims, codes)),
          add(makeTensor(`${weight.name}::scale`, 'float32', [scales.length], scales)),
        ],
        [`${weight.name}::dq`],
        { axis },
      ),
    ]);
    const inputs = [activation, quantized, ...node.inputs.slice(2)];
    const bias = tensors.get(node.inputs[2] ?? '');
    if (bias !== undefined) inputs[2] = quantizeBias(bias, scales, scale, add, once, input) ?? bias.name;
    nodes.push({ ...node, inputs });
  }
  const replaced = [...new Set([...products.values()].map(({ weight }) => weight.name))];
  return { model: withParts(model, nodes, added), replaced };
}

/** Bias as int32 in the product's own step, or null where it does not fit. */
function quantizeBias(
  bias: OnnxTensor,
  scales: Float32Array,
  activationStep: number,
  add: (tensor: OnnxTensor) => string,
  once: (result: string, make: () => readonly OnnxNode[]) => string,
  input: string,
): string | null {
  if (
    bias.type !== ONNX_TYPES.float32 ||
    !(bias.data instanceof Uint8Array) ||
    elementCount(bias.dims) !== scales.length ||
    bias.dims.length !== 1
  )
    return null;
  const values = decodeFloats(bias.data, 'float32');
  const steps = scales.map((scale) => scale * activationStep);
  const codes = new Int32Array(values.length);
  for (let c = 0; c < values.length; c++) {
    const code = Math.round(values[c] / steps[c]);
    if (!(Math.abs(code) <= MAX_INT32)) return null;
    codes[c] = code;
  }
  const name = `${bias.name}::${input}`;
  return once(`${name}::dq`, () => [
    makeNode(
      'DequantizeLinear',
      [
        add(makeTensor(`${name}::int32`, 'int32', bias.dims, codes)),
        add(makeTensor(`${name}::scale`, 'float32', [steps.length], steps)),
      ],
      [`${name}::dq`],
      { axis: 0 },
    ),
  ]);
}

/** The model with new nodes and tensors, without initialisers that nothing reads any more. */
function withParts(model: OnnxModel, nodes: readonly OnnxNode[], added: ReadonlyMap<string, OnnxTensor>): OnnxModel {
  const { graph } = model;
  const read = new Set([...nodes.flatMap((node) => node.inputs), ...graph.outputs.map((value) => value.name)]);
  // Bodies of If and Loop may read outer values by name; keep everything where there are such bodies.
  const bodies = nodes.some((node) => ['If', 'Loop', 'Scan'].includes(node.opType));
  const kept = graph.initializers.filter((tensor) => bodies || read.has(tensor.name));
  const names = new Set(kept.map((tensor) => tensor.name));
  const dropped = new Set(graph.initializers.map((tensor) => tensor.name).filter((name) => !names.has(name)));
  const inputs = graph.inputs.filter((value) => !dropped.has(value.name));
  return { ...model, graph: { ...graph, nodes, inputs, initializers: [...kept, ...added.values()] } };
}
