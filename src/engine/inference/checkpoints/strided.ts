/** Tensors that are views on a block of numbers: streamed where they lie in order, gathered where they do not. */
import { VidimusError } from '../../../contract/errors.ts';
import { DTYPE_BYTES, type DType, elementCount } from '../dtype.ts';
import { CHUNK_BYTES } from './source.ts';

/** A block of numbers in a file. */
export interface Block {
  readonly bytes: number;
  /** Pieces of the block from its beginning, checked against whatever checksum the format has. */
  stream(): AsyncIterable<Uint8Array>;
}

interface StridedView {
  readonly dtype: DType;
  /** Offset and strides in elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Gathering holds the whole block; real transposed views are single layers, far smaller. */
const MAX_GATHER = 1024 * 1024 * 1024;

function isContiguous(view: StridedView): boolean {
  let step = 1;
  for (let i = view.shape.length - 1; i >= 0; i--) {
    if (view.shape[i] !== 1 && view.strides[i] !== step) return false;
    step *= view.shape[i];
  }
  return true;
}

/** Bytes of the view in row-major order. */
export async function* readView(block: Block, view: StridedView): AsyncGenerator<Uint8Array> {
  const size = DTYPE_BYTES[view.dtype];
  const total = elementCount(view.shape);
  if (total === 0) return;
  if (isContiguous(view)) {
    yield* slice(block, view.offset * size, total * size);
    return;
  }
  if (block.bytes > MAX_GATHER || total * size > MAX_GATHER) {
    throw new VidimusError(
      'checkpoint.invalid',
      'A rearranged tensor of the checkpoint is too large to be put in order.',
    );
  }
  const whole = new Uint8Array(block.bytes);
  let filled = 0;
  for await (const chunk of block.stream()) {
    whole.set(chunk, filled);
    filled += chunk.length;
  }
  yield* gather(whole, view, total);
}

/** The range of a block; the rest is still read so that its checksum is verified. */
async function* slice(block: Block, start: number, length: number): AsyncGenerator<Uint8Array> {
  const end = start + length;
  if (end > block.bytes)
    throw new VidimusError('checkpoint.invalid', 'A tensor of the checkpoint reaches past its storage.');
  let at = 0;
  for await (const chunk of block.stream()) {
    const from = Math.max(0, start - at);
    const to = Math.min(chunk.length, end - at);
    if (from < to) yield chunk.subarray(from, to);
    at += chunk.length;
  }
}

function* gather(whole: Uint8Array, view: StridedView, total: number): Generator<Uint8Array> {
  const size = DTYPE_BYTES[view.dtype];
  const rank = view.shape.length;
  const index = new Array<number>(rank).fill(0);
  let element = view.offset;
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / size));
  for (let done = 0; done < total; ) {
    const count = Math.min(perChunk, total - done);
    const out = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) {
      for (let b = 0; b < size; b++) out[i * size + b] = whole[element * size + b];
      for (let d = rank - 1; d >= 0; d--) {
        index[d]++;
        element += view.strides[d];
        if (index[d] < view.shape[d]) break;
        element -= view.strides[d] * view.shape[d];
        index[d] = 0;
      }
    }
    done += count;
    yield out;
  }
}

/**
 * Row-major bytes with the axes permuted as numpy.transpose does: result axis i is source axis `permutation[i]`.
 */
export function transposeBytes(
  bytes: Uint8Array,
  dtype: DType,
  shape: readonly number[],
  permutation: readonly number[],
): Uint8Array {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  const view: StridedView = {
    dtype,
    offset: 0,
    shape: permutation.map((axis) => shape[axis]),
    strides: permutation.map((axis) => strides[axis]),
  };
  return Buffer.concat([...gather(bytes, view, elementCount(shape))]);
}
