/** Debug mode (VIDIMUS_LOG=debug): statistics of what goes into and comes out of every network, on stderr. */
import type { Tensor } from './tensor.ts';

/** Of all finite values; null where there is none. `sd` is the population's standard deviation. */
export interface TensorStatistics {
  readonly dims: readonly number[];
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly notFinite: number;
}

/** Statistics in one pass (Welford 1962), so that large offsets cost no digits. */
export function tensorStatistics({ dims, data }: Tensor): TensorStatistics {
  let n = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let squares = 0;
  for (const raw of data) {
    const value = Number(raw);
    if (!Number.isFinite(value)) continue;
    n += 1;
    if (value < min) min = value;
    if (value > max) max = value;
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
  }
  const notFinite = data.length - n;
  if (n === 0) return { dims, min: null, max: null, mean: null, sd: null, notFinite };
  return { dims, min, max, mean, sd: Math.sqrt(squares / n), notFinite };
}

/** Writes one line per run while debugging; costs nothing otherwise. */
export function noteTensors(
  pack: string,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
): void {
  if (process.env['VIDIMUS_LOG'] !== 'debug') return;
  const all = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensorStatistics(tensor)]));
  process.stderr.write(`${JSON.stringify({ tensors: pack, inputs: all(inputs), outputs: all(outputs) })}\n`);
}
