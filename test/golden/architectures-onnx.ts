/** As much of onnx.proto3 as the tests of graphs without weights need, read from the wire by field number. */
import protobuf from 'protobufjs/minimal.js';

interface Field {
  readonly number: number;
  readonly wire: number;
  /** Payload of length-delimited fields, otherwise empty. */
  readonly bytes: Uint8Array;
  /** Value of varint fields, otherwise 0. */
  readonly value: number;
  /** The field with its tag, to be copied as it is. */
  readonly whole: Uint8Array;
}

function fields(message: Uint8Array): Field[] {
  const reader = protobuf.Reader.create(message);
  const found: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const wire = tag & 7;
    const isBytes = wire === 2;
    const bytes = isBytes ? reader.bytes() : new Uint8Array();
    const value = wire === 0 ? Number(reader.int64()) : 0;
    if (!isBytes && wire !== 0) reader.skipType(wire);
    found.push({ number: tag >>> 3, wire, bytes, value, whole: message.subarray(start, reader.pos) });
  }
  return found;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const all = (list: readonly Field[], number: number): Uint8Array[] =>
  list.filter((f) => f.number === number).map((f) => f.bytes);

/** An initialiser; `bytes` counts its data, 0 where it was stripped. */
export interface Initialiser {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes: number;
}

export interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Structure {
  readonly opset: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly initialisers: readonly Initialiser[];
}

const MODEL_GRAPH = 7;
const MODEL_OPSETS = 8;
const GRAPH_INITIALISERS = 5;
const TENSOR_RAW = 9;

function initialiser(message: Uint8Array): Initialiser {
  const list = fields(message);
  const packed = all(list, 1).flatMap((bytes) => {
    const reader = protobuf.Reader.create(bytes);
    const dims: number[] = [];
    while (reader.pos < reader.len) dims.push(Number(reader.int64()));
    return dims;
  });
  const loose = list.filter((f) => f.number === 1 && f.wire === 0).map((f) => f.value);
  // float_data 4, int32_data 5, string_data 6, int64_data 7, raw_data 9, double_data 10, uint64_data 11.
  const data = list.filter((f) => [4, 5, 6, 7, 9, 10, 11].includes(f.number));
  return {
    name: text(all(list, 8)[0] ?? new Uint8Array()),
    dims: [...packed, ...loose],
    type: list.find((f) => f.number === 2)?.value ?? 0,
    bytes: data.reduce((sum, f) => sum + f.bytes.length, 0),
  };
}

/** Reads what a graph consists of. */
export function readStructure(model: Uint8Array): Structure {
  const top = fields(model);
  const graph = fields(all(top, MODEL_GRAPH)[0] ?? new Uint8Array());
  const name = (value: Uint8Array): string => text(all(fields(value), 1)[0] ?? new Uint8Array());
  const opsets = all(top, MODEL_OPSETS).map((bytes) => fields(bytes));
  return {
    opset: opsets.map((f) => f.find((x) => x.number === 2)?.value ?? 0)[0] ?? 0,
    inputs: all(graph, 11).map(name),
    outputs: all(graph, 12).map(name),
    initialisers: all(graph, GRAPH_INITIALISERS).map(initialiser),
    nodes: all(graph, 1).map((bytes) => {
      const node = fields(bytes);
      return {
        type: text(all(node, 4)[0] ?? new Uint8Array()),
        inputs: all(node, 1).map(text),
        outputs: all(node, 2).map(text),
      };
    }),
  };
}

const head = (number: number, length: number): Uint8Array =>
  protobuf.Writer.create()
    .uint32((number << 3) | 2)
    .uint32(length)
    .finish();

/** Gives every stripped initialiser the data `fill` makes for it; everything else is copied as it is. */
export function withWeights(
  model: Uint8Array,
  fill: (name: string, dims: readonly number[]) => Float32Array,
): Uint8Array {
  const filled = (field: Field): Uint8Array[] => {
    if (field.number !== GRAPH_INITIALISERS) return [field.whole];
    const tensor = initialiser(field.bytes);
    if (tensor.bytes > 0 || tensor.dims.includes(0)) return [field.whole];
    const raw = new Uint8Array(fill(tensor.name, tensor.dims).buffer);
    const start = head(TENSOR_RAW, raw.length);
    return [head(GRAPH_INITIALISERS, field.bytes.length + start.length + raw.length), field.bytes, start, raw];
  };
  const parts = fields(model).flatMap((field) => {
    if (field.number !== MODEL_GRAPH) return [field.whole];
    const graph = fields(field.bytes).flatMap(filled);
    return [
      head(
        MODEL_GRAPH,
        graph.reduce((sum, part) => sum + part.length, 0),
      ),
      ...graph,
    ];
  });
  return Buffer.concat(parts);
}
