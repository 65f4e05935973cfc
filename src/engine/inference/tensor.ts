/** Numbers with a shape, as they enter and leave a session. */
import { VidimusError } from '../../contract/errors.ts';

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

/** Row-major; `data` has the product of `dims` elements. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** A tensor of the type that networks take evidence in. */
export interface FloatTensor extends Tensor {
  readonly data: Float32Array;
}

/** Items `from` (inclusive) to `to` of the first axis, as a view. */
export function sliceBatch(tensor: Tensor, from: number, to: number): Tensor {
  const [n = 0, ...rest] = tensor.dims;
  const step = n === 0 ? 0 : tensor.data.length / n;
  return { dims: [to - from, ...rest], data: tensor.data.subarray(from * step, to * step) };
}

/** Joins tensors of one type along the first axis. */
export function concatBatches(parts: readonly Tensor[]): Tensor {
  const first = parts[0];
  if (first === undefined) throw new VidimusError('bug', 'No tensors to join.');
  if (parts.length === 1) return first;
  const total = parts.reduce((sum, part) => sum + part.data.length, 0);
  const batch = parts.reduce((sum, part) => sum + (part.dims[0] ?? 0), 0);
  const dims = [batch, ...first.dims.slice(1)];
  const { data } = first;
  if (data instanceof Float32Array) {
    const out = new Float32Array(total);
    let at = 0;
    for (const part of parts) {
      if (!(part.data instanceof Float32Array) || part.dims.slice(1).join() !== first.dims.slice(1).join()) {
        throw new VidimusError('inference.failed', 'The network answers items of one batch with different shapes.');
      }
      out.set(part.data, at);
      at += part.data.length;
    }
    return { dims, data: out };
  }
  const out = new Float64Array(total);
  let at = 0;
  for (const part of parts) for (const value of part.data) out[at++] = Number(value);
  return { dims, data: out };
}
