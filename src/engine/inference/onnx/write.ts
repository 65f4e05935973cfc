/** Writing ONNX: in one piece for small models, as a stream where weights come from a checkpoint on disk. */
import { VidimusError } from '../../../contract/errors.ts';
import { graphHead, modelHead, type OnnxModel, type OnnxTensor, tensorBytes, tensorHead } from './model.ts';
import { lengthPrefix } from './wire.ts';

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
    throw new VidimusError('bug', `The tensor "${tensor.name}" has ${length} bytes, its shape asks for ${expected}.`);
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
