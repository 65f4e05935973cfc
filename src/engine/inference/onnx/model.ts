/**
 * ONNX files as objects (onnx.proto3, IR version 3 and later): the parts we read or change are decoded, everything
 * else stays in `rest` as raw fields and is written back unchanged.
 */
import { VidimusError } from '../../../contract/errors.ts';
import { DTYPE_BYTES, DTYPES, type DType, elementCount } from '../dtype.ts';
import {
  bytesField,
  decodeVarint,
  decodeVarints,
  FIXED32,
  intField,
  LENGTH,
  type RawField,
  readFields,
  stringField,
  text,
  VARINT,
  writeFields,
} from './wire.ts';

/** `TensorProto.DataType` numbers that we know. */
export const ONNX_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};
const TYPE_NAMES = new Map(DTYPES.map((dtype) => [ONNX_TYPES[dtype], dtype]));
export const dtypeOf = (onnxType: number): DType | null => TYPE_NAMES.get(onnxType) ?? null;

/** Bytes that come later, piece by piece: how a large checkpoint reaches a file without passing through memory. */
export interface ByteSource {
  readonly length: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** `TensorProto`. `data` is null where the file holds none: a stripped parameter, or a tensor without elements. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly data: Uint8Array | ByteSource | null;
  readonly external: boolean;
  readonly rest: readonly RawField[];
}

/** `AttributeProto`, decoded only when asked through {@link readAttribute}. */
export interface OnnxAttribute {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `NodeProto`. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
  readonly rest: readonly RawField[];
}

/** `ValueInfoProto`; `shape` is null where the file states none, a name stands for a free dimension. */
export interface OnnxValue {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly (number | string)[] | null;
  readonly bytes: Uint8Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly values: readonly OnnxValue[];
  readonly rest: readonly RawField[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: OnnxGraph;
  readonly rest: readonly RawField[];
}

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);

function tensorFromFields(fields: readonly RawField[]): OnnxTensor {
  const dims: number[] = [];
  const typed: RawField[] = [];
  const rest: RawField[] = [];
  let name = '';
  let type = 0;
  let raw: Uint8Array | null = null;
  let external = false;
  for (const field of fields) {
    if (field.number === 1) for (const value of decodeVarints(field.bytes)) dims.push(Number(value));
    else if (field.number === 2) type = Number(decodeVarint(field.bytes));
    else if (field.number === 8) name = text(field.bytes);
    else if (field.number === 9) raw = field.bytes;
    else if (field.number === 14) external = decodeVarint(field.bytes) === 1n;
    else if (field.number === 13) {
      external = true;
      rest.push(field);
    } else if ([4, 5, 6, 7, 10, 11].includes(field.number)) typed.push(field);
    else rest.push(field);
  }
  const data = raw !== null && raw.length > 0 ? raw : typedData(type, typed);
  return { name, dims, type, data, external, rest };
}

/** Values stored in the typed lists (`float_data`, `int32_data`, ...) as little-endian raw bytes. */
function typedData(type: number, fields: readonly RawField[]): Uint8Array | null {
  if (fields.length === 0) return null;
  const dtype = dtypeOf(type);
  if (dtype === null) return null;
  const size = DTYPE_BYTES[dtype];
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    if (field.number === 4 || field.number === 10) {
      parts.push(field.bytes);
      continue;
    }
    const values = decodeVarints(field.bytes);
    const out = new Uint8Array(values.length * size);
    values.forEach((value, i) => {
      let left = BigInt.asUintN(64, value);
      for (let b = 0; b < size; b++) {
        out[i * size + b] = Number(left & 0xffn);
        left >>= 8n;
      }
    });
    parts.push(out);
  }
  const joined = Buffer.concat(parts);
  return joined.length === 0 ? null : joined;
}

/** Decodes one `TensorProto`. */
export const parseTensor = (bytes: Uint8Array): OnnxTensor => tensorFromFields(readFields(bytes));

function parseNode(bytes: Uint8Array): OnnxNode {
  const node = { name: '', opType: '', domain: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: OnnxAttribute[] = [];
  const rest: RawField[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === 1) inputs.push(text(field.bytes));
    else if (field.number === 2) outputs.push(text(field.bytes));
    else if (field.number === 3) node.name = text(field.bytes);
    else if (field.number === 4) node.opType = text(field.bytes);
    else if (field.number === 5) attributes.push({ name: attributeName(field.bytes), bytes: field.bytes });
    else if (field.number === 7) node.domain = text(field.bytes);
    else rest.push(field);
  }
  return { ...node, inputs, outputs, attributes, rest };
}

const attributeName = (bytes: Uint8Array): string => {
  const field = readFields(bytes).find((f) => f.number === 1);
  return field === undefined ? '' : text(field.bytes);
};

function parseValue(bytes: Uint8Array): OnnxValue {
  let name = '';
  let type = 0;
  let shape: (number | string)[] | null = null;
  for (const field of readFields(bytes)) {
    if (field.number === 1) name = text(field.bytes);
    if (field.number !== 2) continue;
    const tensorType = readFields(field.bytes).find((f) => f.number === 1);
    if (tensorType === undefined) continue;
    for (const part of readFields(tensorType.bytes)) {
      if (part.number === 1) type = Number(decodeVarint(part.bytes));
      if (part.number === 2) {
        shape = readFields(part.bytes).map((dim, i) => {
          const inner = readFields(dim.bytes);
          const value = inner.find((f) => f.number === 1);
          if (value !== undefined) return Number(decodeVarint(value.bytes));
          const parameter = inner.find((f) => f.number === 2);
          return parameter === undefined ? `dim${i}` : text(parameter.bytes);
        });
      }
    }
  }
  return { name, type, shape, bytes };
}

/** Decodes a `GraphProto`; also used for the bodies of If and Loop. */
export function parseGraph(bytes: Uint8Array): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const values: OnnxValue[] = [];
  const rest: RawField[] = [];
  let name = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) nodes.push(parseNode(field.bytes));
    else if (field.number === 2) name = text(field.bytes);
    else if (field.number === 5) initializers.push(parseTensor(field.bytes));
    else if (field.number === 11) inputs.push(parseValue(field.bytes));
    else if (field.number === 12) outputs.push(parseValue(field.bytes));
    else if (field.number === 13) values.push(parseValue(field.bytes));
    else rest.push(field);
  }
  return { name, nodes, initializers, inputs, outputs, values, rest };
}

/**
 * Decodes an ONNX file held in memory.
 * @throws VidimusError `checkpoint.invalid` when it is not one.
 */
export function parseModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let graph: OnnxGraph | null = null;
  const opsets: { domain: string; version: number }[] = [];
  const rest: RawField[] = [];
  for (const field of readFields(bytes)) {
    if (field.number === 1 && field.wire === VARINT) irVersion = Number(decodeVarint(field.bytes));
    else if (field.number === 7 && field.wire === LENGTH) {
      if (graph !== null) throw invalid('The ONNX file holds two graphs.');
      graph = parseGraph(field.bytes);
    } else if (field.number === 8 && field.wire === LENGTH) {
      const parts = readFields(field.bytes);
      const domain = parts.find((f) => f.number === 1);
      const version = parts.find((f) => f.number === 2);
      opsets.push({
        domain: domain === undefined ? '' : text(domain.bytes),
        version: version === undefined ? 0 : Number(decodeVarint(version.bytes)),
      });
    } else rest.push(field);
  }
  if (graph === null || irVersion < 1 || opsets.length === 0) throw invalid('The file is not an ONNX model.');
  return { irVersion, opsets, graph, rest };
}

/** What an attribute holds; only the member of its type is set. */
export interface AttributeValue {
  readonly i?: bigint;
  readonly f?: number;
  readonly s?: string;
  readonly ints: readonly bigint[];
  readonly t?: OnnxTensor;
  readonly graphs: readonly OnnxGraph[];
}

/** Decodes one attribute. */
export function readAttribute(attribute: OnnxAttribute): AttributeValue {
  const out: { i?: bigint; f?: number; s?: string; ints: bigint[]; t?: OnnxTensor; graphs: OnnxGraph[] } = {
    ints: [],
    graphs: [],
  };
  for (const field of readFields(attribute.bytes)) {
    if (field.number === 2 && field.wire === FIXED32) {
      out.f = new DataView(field.bytes.buffer, field.bytes.byteOffset, 4).getFloat32(0, true);
    } else if (field.number === 3) out.i = decodeVarint(field.bytes);
    else if (field.number === 4) out.s = text(field.bytes);
    else if (field.number === 5) out.t = parseTensor(field.bytes);
    else if (field.number === 6 || field.number === 11) out.graphs.push(parseGraph(field.bytes));
    else if (field.number === 8) out.ints.push(...decodeVarints(field.bytes));
  }
  return out;
}

/** Number of bytes the elements of a tensor take; null for types we do not know. */
export function tensorBytes(tensor: OnnxTensor): number | null {
  const dtype = dtypeOf(tensor.type);
  return dtype === null ? null : elementCount(tensor.dims) * DTYPE_BYTES[dtype];
}

/** A stripped parameter: it has elements but no data, so a checkpoint must bring them. */
export const isStripped = (tensor: OnnxTensor): boolean => tensor.data === null && elementCount(tensor.dims) > 0;

/** Every tensor of a graph: initialisers, constants in attributes and those of inner graphs. */
function* tensorsOf(graph: OnnxGraph, depth = 0): Generator<OnnxTensor> {
  if (depth > 16) throw invalid('The ONNX file nests graphs deeper than any real network.');
  yield* graph.initializers;
  for (const node of graph.nodes) {
    for (const attribute of node.attributes) {
      const value = readAttribute(attribute);
      if (value.t !== undefined) yield value.t;
      for (const inner of value.graphs) yield* tensorsOf(inner, depth + 1);
    }
  }
}

/**
 * Refuses models that reach outside their own file or carry sparse weights we could not check.
 * @throws VidimusError `checkpoint.hostile` naming the tensor.
 */
export function assertSelfContained(model: OnnxModel): void {
  if (model.graph.rest.some((f) => f.number === 15))
    throw invalid('The ONNX file holds sparse weights, which are not read.');
  for (const tensor of tensorsOf(model.graph)) {
    if (tensor.external) {
      throw new VidimusError(
        'checkpoint.hostile',
        `The tensor "${tensor.name}" asks for data from another file; external data is refused.`,
        { advice: 'Save the model as one file (onnx.save with save_as_external_data=False) and try again.' },
      );
    }
  }
  // Functions may hide tensors the loop above cannot see.
  for (const field of model.rest) {
    if (field.number === 25)
      for (const tensor of functionTensors(field.bytes))
        if (tensor.external) throw invalid(`"${tensor.name}" has external data.`);
  }
}

function* functionTensors(bytes: Uint8Array): Generator<OnnxTensor> {
  const nodes = readFields(bytes)
    .filter((f) => f.number === 7)
    .map((f) => parseNode(f.bytes));
  yield* tensorsOf({ name: '', nodes, initializers: [], inputs: [], outputs: [], values: [], rest: [] });
}

/** Fields of a tensor but for its data. */
export function tensorHead(tensor: OnnxTensor): Uint8Array {
  const fields: RawField[] = tensor.dims.map((dim) => intField(1, dim));
  fields.push(intField(2, tensor.type), stringField(8, tensor.name), ...tensor.rest);
  return writeFields(fields);
}

export function nodeFields(node: OnnxNode): RawField[] {
  const fields: RawField[] = [];
  for (const input of node.inputs) fields.push(stringField(1, input));
  for (const output of node.outputs) fields.push(stringField(2, output));
  if (node.name !== '') fields.push(stringField(3, node.name));
  fields.push(stringField(4, node.opType));
  for (const attribute of node.attributes) fields.push(bytesField(5, attribute.bytes));
  if (node.domain !== '') fields.push(stringField(7, node.domain));
  return [...fields, ...node.rest];
}

/** Fields of a graph but for its initialisers. */
export function graphHead(graph: OnnxGraph): Uint8Array {
  const fields: RawField[] = graph.nodes.map((node) => bytesField(1, writeFields(nodeFields(node))));
  fields.push(stringField(2, graph.name), ...graph.rest);
  for (const value of graph.inputs) fields.push(bytesField(11, value.bytes));
  for (const value of graph.outputs) fields.push(bytesField(12, value.bytes));
  for (const value of graph.values) fields.push(bytesField(13, value.bytes));
  return writeFields(fields);
}

/** Fields of a model but for its graph. */
export function modelHead(model: OnnxModel): Uint8Array {
  const fields: RawField[] = [intField(1, model.irVersion)];
  for (const opset of model.opsets) {
    const entry = [intField(2, opset.version)];
    if (opset.domain !== '') entry.unshift(stringField(1, opset.domain));
    fields.push(bytesField(8, writeFields(entry)));
  }
  return writeFields([...fields, ...model.rest]);
}
