/**
 * The little that face detection must know of a neural network: tensors in, named tensors out.
 *
 * Detection code is handed a {@link Network} and never sees a session, so it can be tested with any runtime.
 */
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';

/** Dense float tensor, row-major. The product of `dims` is the length of `data`. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** One forward pass. Inputs are given in the order of the graph's inputs; outputs are keyed by their names. */
export type Network = (inputs: readonly FloatTensor[]) => Promise<Readonly<Record<string, FloatTensor>>>;

/**
 * Runs a network and refuses answers that would make faces vanish without a word: a tensor shorter than its
 * dimensions, or a value that is not a finite number (every threshold test on NaN is false).
 *
 * @throws VidimusError `inference.failed`, `cancelled`
 */
export async function runNetwork(
  network: Network,
  input: FloatTensor,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, FloatTensor>>> {
  throwIfCancelled(signal);
  const outputs = await network([input]);
  throwIfCancelled(signal);
  for (const [name, { data, dims }] of Object.entries(outputs)) {
    if (data.length !== dims.reduce((product, size) => product * size, 1))
      throw new VidimusError('inference.failed', `${what} answered “${name}” with a size that is not its shape.`);
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i]))
        throw new VidimusError('inference.failed', `${what} answered “${name}” with a value that is not a number.`);
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
