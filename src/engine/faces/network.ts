/**
 * The little that face detection must know of a neural network: a batch in, named tensors out.
 *
 * Detection code is handed a {@link Network} and never sees a session, so it can be tested with any runtime; the
 * `run` of an inference session is one.
 */
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';

/** Dense float tensor, row-major. The product of `dims` is the length of `data`. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** One forward pass of a batch. Outputs are keyed by their names; face detectors need 32-bit floats of all of them. */
export type Network = (
  batch: FloatTensor,
  signal?: AbortSignal,
) => Promise<Readonly<Record<string, { readonly data: ArrayBufferView; readonly dims: readonly number[] }>>>;

/**
 * Runs a network and refuses answers that would make faces vanish without a word: a tensor shorter than its
 * dimensions, or a value that is not a finite number (every threshold test on NaN is false).
 *
 * @throws VidimusError `inference.failed`, `pack.invalid`, `cancelled`
 */
export async function runNetwork(
  network: Network,
  batch: FloatTensor,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, FloatTensor>>> {
  throwIfCancelled(signal);
  const answer = await network(batch, signal);
  throwIfCancelled(signal);
  const outputs: Record<string, FloatTensor> = {};
  for (const [name, { data, dims }] of Object.entries(answer)) {
    if (!(data instanceof Float32Array))
      throw new VidimusError('pack.invalid', `${what} answers “${name}” in numbers that are not 32-bit floats.`);
    if (data.length !== dims.reduce((product, size) => product * size, 1))
      throw new VidimusError('inference.failed', `${what} answered “${name}” with a size that is not its shape.`);
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i]))
        throw new VidimusError('inference.failed', `${what} answered “${name}” with a value that is not a number.`);
    outputs[name] = { data, dims };
  }
  return outputs;
}

/** The output whose dimension `axis` is `size`; MTCNN's exporters agree on shapes, not on names. */
export function outputBySize(
  outputs: Readonly<Record<string, FloatTensor>>,
  axis: number,
  size: number,
  what: string,
): FloatTensor {
  const found = Object.values(outputs).filter((tensor) => tensor.dims[axis] === size);
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new VidimusError('pack.invalid', `${what} should have exactly one output of ${size} values per place.`);
  return only;
}

/** The output called `name`, checked against the shape the decoder relies on. */
export function outputNamed(
  outputs: Readonly<Record<string, FloatTensor>>,
  name: string,
  dims: readonly number[],
  what: string,
): Float32Array {
  const tensor = outputs[name];
  if (tensor === undefined) throw new VidimusError('pack.invalid', `${what} has no output “${name}”.`);
  if (tensor.dims.length !== dims.length || dims.some((size, i) => tensor.dims[i] !== size))
    throw new VidimusError(
      'pack.invalid',
      `${what} answered “${name}” as ${tensor.dims.join(' × ')} where ${dims.join(' × ')} belongs.`,
    );
  return tensor.data;
}
