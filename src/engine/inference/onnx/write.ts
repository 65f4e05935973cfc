/** Writing ONNX: in one piece for small models, as a stream where weights come from a checkpoint on disk. */
import { VidimusError } from '../../../contract/errors.ts';
import { type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor, tensorBytes } from './model.ts';
import { bytesField, intField, lengthPrefix, type RawField, stringField, writeFields } from './wire.ts';

/** Fields of a tensor but for its data. */
function tensorHead(tensor: OnnxTensor): Uint8Array {
  const fields: RawField[] = tensor.dims.map((dim) => intField(1, dim));
  fields.push(intField(2, tensor.type), stringField(8, tensor.name), ...tensor.rest);
  return writeFields(fields);
}

function nodeFields(node: OnnxNode): RawField[] {
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
function graphHead(graph: OnnxGraph): Uint8Array {
  const fields: RawField[] = graph.nodes.map((node) => bytesField(1, writeFields(nodeFields(node))));
  fields.push(stringField(2, graph.name), ...graph.rest);
  for (const value of graph.inputs) fields.push(bytesField(11, value.bytes));
  for (const value of graph.outputs) fields.push(bytesField(12, value.bytes));
  for (const value of graph.values) fields.push(bytesField(13, value.bytes));
  return writeFields(fields);
}

/** Fields of a model but for its graph. */
function modelHead(model: OnnxModel): Uint8Array {
  const fields: RawField[] = [intField(1, model.irVersion)];
  for (const opset of model.opsets) {
    const entry = [intField(2, opset.version)];
    if (opset.domain !== '') entry.unshift(stringField(1, opset.domain));
    fields.push(bytesField(8, writeFields(entry)));
  }
  return writeFields([...fields, ...model.rest]);
}

/** Protocol buffers end at 2 GiB; onnxruntime refuses larger files. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

interface Piece {
  readonly head: Uint8Array;
  readonly data: OnnxTensor['data'];
  readonly total: number;
}

function tensorPiece(tensor: OnnxTensor): Piece {
  const inner = tensorHead(tensor);
  const length = tensor.data === null ? 0 : tensor.data.length;
  const expected = tensorBytes(tensor);
  if (tensor.data !== null && expected !== null && expected !== length) {
    throw new VidimusError(
      'checkpoint.invalid',
      `The tensor "${tensor.name}" has ${length} bytes, its shape asks for ${expected}.`,
    );
  }
  const rawPrefix = tensor.data === null ? new Uint8Array(0) : lengthPrefix(9, length);
  const innerTotal = inner.length + rawPrefix.length + length;
  const prefix = lengthPrefix(5, innerTotal);
  return {
    head: Buffer.concat([prefix, inner, rawPrefix]),
    data: tensor.data,
    total: prefix.length + innerTotal,
  };
}

/** Yields the file piece by piece; holds no more than one chunk of a {@link ByteSource} at a time. */
export async function* streamModel(model: OnnxModel): AsyncGenerator<Uint8Array> {
  const head = modelHead(model);
  const graph = graphHead(model.graph);
  const pieces = model.graph.initializers.map(tensorPiece);
  const graphTotal = pieces.reduce((sum, piece) => sum + piece.total, graph.length);
  if (head.length + graphTotal + 16 > MAX_MODEL_BYTES) {
    throw new VidimusError('checkpoint.invalid', 'The weights are above the 2 GiB that an ONNX file can hold.');
  }
  yield head;
  yield lengthPrefix(7, graphTotal);
  yield graph;
  for (const piece of pieces) {
    yield piece.head;
    if (piece.data === null) continue;
    if (piece.data instanceof Uint8Array) {
      yield piece.data;
      continue;
    }
    let written = 0;
    for await (const chunk of piece.data.chunks()) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== piece.data.length) {
      throw new VidimusError('checkpoint.invalid', 'A tensor of the checkpoint ends before its shape is filled.');
    }
  }
}

/** The whole file in memory. */
export async function encodeModel(model: OnnxModel): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of streamModel(model)) parts.push(part);
  return Buffer.concat(parts);
}
