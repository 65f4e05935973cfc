/**
 * ONNX files as objects (onnx.proto3, IR version 3 and later): the parts we read or change are decoded, everything
 * else stays in `rest` as raw fields and is written back unchanged.
 */
import { VidimusError } from '../../../contract/errors.ts';
import { DTYPE_BYTES, DTYPES, type DType, elementCount } from '../dtype.ts';
import { decodeVarint, decodeVarints, FIXED32, LENGTH, type RawField, readFields, text, VARINT } from './wire.ts';

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
const parseTensor = (bytes: Uint8Array): OnnxTensor => tensorFromFields(readFields(bytes));

/** Decodes one `NodeProto`. */
export function parseNode(bytes: Uint8Array): OnnxNode {
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
function parseGraph(bytes: Uint8Array): OnnxGraph {
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
interface AttributeValue {
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
