/** Inputs made by rule, to find out whether a graph runs at all and whether two providers agree on it. */
import { VidimusError } from '../../contract/errors.ts';
import type { InputRule } from '../../contract/pack.ts';
import type { PortInfo, Runtime } from './runtime.ts';
import type { Tensor, TensorData } from './tensor.ts';

/** Multiplicative congruential generator of Park and Miller: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Size that a free dimension gets: what the rule says for the axis, else 64 (a multiple of any stride). */
function freeSize(axis: number, rank: number, rule: InputRule): number {
  const letters = rule.layout.length === rank ? rule.layout : '';
  const sizes: Readonly<Record<string, number | undefined>> = {
    C: rule.color === 'gray' ? 1 : rule.mean.length > 1 ? rule.mean.length : undefined,
    H: rule.height ?? rule.mel?.nMels,
    W: rule.width,
    T: rule.frames,
    L: rule.samples ?? rule.features?.length ?? rule.frames ?? rule.sampleRate,
    F: rule.features?.length,
  };
  return sizes[letters[axis] ?? ''] ?? 64;
}

/**
 * Why the evidence's port cannot take what the rule makes, or null: a fixed size that differs or another number of axes.
 * Found here it is a file for another network; found later it would be a failure in the middle of a case.
 */
export function inputMismatch(inputs: readonly PortInfo[], rule: InputRule): string | null {
  const port = inputs.find(({ name }) => name === rule.tensor) ?? inputs[0];
  if (port === undefined) return 'the graph has no input';
  const shape = `[${port.shape.join(', ')}]`;
  if (port.shape.length !== rule.layout.length)
    return `its input "${port.name}" is ${shape}, where ${rule.layout} is expected`;
  const wanted: Readonly<Record<string, number | undefined>> = {
    C: rule.color === undefined ? undefined : rule.color === 'gray' ? 1 : 3,
    H: rule.height,
    W: rule.width,
    // Differences between landmarks are one fewer than the frames.
    T: rule.kind === 'landmarks' ? undefined : rule.frames,
    L: rule.kind === 'waveform' ? rule.samples : rule.features?.length,
    F: rule.features?.length,
  };
  const axis = port.shape.findIndex((size, i) => {
    const expected = wanted[rule.layout[i] ?? ''];
    return typeof size === 'number' && expected !== undefined && size !== expected;
  });
  if (axis < 0) return null;
  return `its input "${port.name}" is ${shape}, where axis ${rule.layout[axis] ?? ''} of ${rule.layout} must be ${wanted[rule.layout[axis] ?? ''] ?? 0}`;
}

function fill(type: string, count: number, scalar: boolean, rule: InputRule, random: () => number): TensorData {
  switch (type) {
    case 'float32':
      return Float32Array.from({ length: count }, () => random() * 2 - 1);
    case 'float64':
      return Float64Array.from({ length: count }, () => random() * 2 - 1);
    case 'int64':
      // Scalars of this type are sampling rates in the networks we know.
      return BigInt64Array.from({ length: count }, () => (scalar ? BigInt(rule.sampleRate ?? 16_000) : 0n));
    case 'int32':
      return new Int32Array(count);
    case 'uint8':
      return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
    default:
      throw new VidimusError('pack.invalid', `The graph takes an input of type ${type}, which is not fed here.`);
  }
}

/**
 * A deterministic input for every port of a graph. Free sizes of the evidence's port follow the rule; those of other
 * ports (states, lengths) are the batch.
 */
export function probeFeeds(inputs: readonly PortInfo[], rule: InputRule, batch = 1): Record<string, Tensor> {
  const random = seeded(20_261_120);
  const main = rule.tensor ?? inputs[0]?.name;
  const feeds: Record<string, Tensor> = {};
  for (const port of inputs) {
    const dims = port.shape.map((size, axis) => {
      if (typeof size === 'number') return size;
      return axis === 0 || port.name !== main ? batch : freeSize(axis, port.shape.length, rule);
    });
    const count = dims.reduce((product, size) => product * size, 1);
    feeds[port.name] = { dims, data: fill(port.type, count, count === 1 && dims.length <= 1, rule, random) };
  }
  return feeds;
}

/** Runs a graph once on made-up input. @throws VidimusError `inference.failed` when an answer is not finite. */
export async function probeRun(runtime: Runtime, rule: InputRule): Promise<Record<string, Tensor>> {
  const answer = await runtime.run(probeFeeds(runtime.inputs, rule));
  for (const [name, tensor] of Object.entries(answer)) {
    for (const value of tensor.data) {
      if (!Number.isFinite(Number(value)))
        throw new VidimusError('inference.failed', `The output "${name}" holds values that are not finite.`);
    }
  }
  return answer;
}

/** Largest difference of two answers, relative to the larger of 1 and the reference's magnitude. */
export function deviation(reference: Record<string, Tensor>, other: Record<string, Tensor>): number {
  let worst = 0;
  for (const [name, expected] of Object.entries(reference)) {
    const got = other[name];
    if (got === undefined || got.data.length !== expected.data.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < expected.data.length; i++) {
      const a = Number(expected.data[i]);
      const d = Math.abs(a - Number(got.data[i])) / Math.max(1, Math.abs(a));
      if (!(d <= worst)) worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
    }
  }
  return worst;
}
