/** Smaller variants of an installed pack, made offline, installed as packs of their own that name their origin. */
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { packCard } from './card.ts';
import { installPack, type ManifestDraft } from './install.ts';
import { type Compression, compressModel, INT8_MIN_OPSET } from './onnx/compress.ts';
import { type OnnxModel, parseModel } from './onnx/model.ts';
import { activationsOf, exposeActivations, quantizeStatic, type Range } from './onnx/static-int8.ts';
import { encodeModel } from './onnx/write.ts';
import { CARD_NAME, graphFile, type Pack, packKey, readPackFile } from './pack.ts';
import { deviation, probeFeeds } from './probe.ts';
import type { ModelRoots } from './registry.ts';
import { loadRuntime } from './runtime.ts';
import type { Tensor } from './tensor.ts';

export interface QuantizeOptions {
  readonly id?: string;
  readonly version?: string;
  readonly signal?: AbortSignal;
}

export interface QuantizeReport {
  readonly pack: Pack;
  readonly replaced: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Largest difference of any output on made-up input, relative to max(1, |value|). */
  readonly deviation: number;
}

const opsetOf = (model: OnnxModel): number =>
  model.opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;

/** Per-channel DequantizeLinear came with opset 13. */
function checkOpset(model: OnnxModel, name: string): OnnxModel {
  if (opsetOf(model) >= INT8_MIN_OPSET) return model;
  throw new VidimusError(
    'pack.invalid',
    `"${name}" uses opset ${opsetOf(model)}; int8 needs ${INT8_MIN_OPSET} or later.`,
  );
}

/**
 * Makes the float16-storage or int8-weight variant of a pack.
 *
 * The new pack carries no calibration, validation or published figure: those belong to the original's numbers. What
 * the change does to scores is for {@link scoreChange} to say, on the laboratory's own files.
 * @throws VidimusError `pack.invalid` when there is nothing to make smaller, `pack.exists`, `output.failed`.
 */
export async function quantizePack(
  roots: ModelRoots,
  pack: Pack,
  kind: Compression,
  options: QuantizeOptions = {},
): Promise<QuantizeReport> {
  const { manifest } = pack;
  const parts: Part[] = [];
  for (const file of manifest.files) {
    if (!file.path.endsWith('.onnx')) continue;
    const original = await readPackFile(pack, file.path);
    const model = parseModel(original);
    const report = compressModel(kind === 'int8' ? checkOpset(model, file.path) : model, kind);
    const bytes = await encodeModel(report.model);
    parts.push({
      name: file.path,
      bytes,
      replaced: report.replaced.length,
      bytesBefore: original.length,
      deviation: await compare(original, bytes, pack),
    });
  }
  return installVariant(roots, pack, kind, parts, options);
}

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly replaced: number;
  readonly bytesBefore: number;
  readonly deviation: number;
}

type Variant = Compression | 'int8-static';

const VARIANTS: Readonly<Record<Variant, string>> = {
  fp16: 'weights stored as float16; computation stays float32',
  int8: 'weights stored as int8 with one scale per output channel; computation stays float32',
  'int8-static':
    'weights and activations of convolutions and products rounded to 8 bits by ranges seen on calibration data',
};

async function installVariant(
  roots: ModelRoots,
  pack: Pack,
  kind: Variant,
  parts: readonly Part[],
  options: QuantizeOptions,
): Promise<QuantizeReport> {
  const { manifest } = pack;
  const replaced = parts.reduce((sum, part) => sum + part.replaced, 0);
  if (replaced === 0)
    throw new VidimusError('pack.invalid', `${packKey(manifest)} has no weights that ${kind} would change.`);
  const bytesBefore = parts.reduce((sum, part) => sum + part.bytesBefore, 0);
  const bytesAfter = parts.reduce((sum, part) => sum + part.bytes.length, 0);
  const worst = Math.max(...parts.map((part) => part.deviation));
  const { files: _, ...rest } = manifest;
  const draft: ManifestDraft = {
    ...rest,
    id: options.id ?? `${manifest.id}-${kind}`,
    version: options.version ?? manifest.version,
    name: `${manifest.name}, ${kind}`,
    source: { ...manifest.source, derivedFrom: `${packKey(manifest)} sha256:${pack.sha256}` },
    calibration: null,
    validation: [],
    published: [],
  };
  const facts = [
    `${replaced} tensors: ${VARIANTS[kind]}.`,
    `Graphs: ${bytesBefore} bytes before, ${bytesAfter} after.`,
    `Largest change of an output on made-up input: ${worst.toPrecision(3)} relative to max(1, |value|).`,
  ];
  const made = await installPack(
    roots,
    draft,
    [...parts, ...(await otherFiles(pack))].map(({ name, bytes }) => ({ name, pieces: () => [bytes] })),
    packCard(draft, facts, []),
    options.signal,
  );
  return { pack: made, replaced, bytesBefore, bytesAfter, deviation: worst };
}

/** Files of a pack beside its graphs; a variant carries them along. */
async function otherFiles(pack: Pack): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]> {
  const names = pack.manifest.files
    .map((file) => file.path)
    .filter((path) => !path.endsWith('.onnx') && path !== CARD_NAME);
  return Promise.all(names.map(async (name) => ({ name, bytes: await readPackFile(pack, name) })));
}

/**
 * Makes the static int8 variant of a pack with one graph. `batches` are inputs made by the pack's own rule from the
 * laboratory's files, one item or more each; a few hundred items that look like case work are enough.
 * @throws VidimusError as {@link quantizePack}; `usage.invalid` when there is no calibration data.
 */
export async function quantizeCalibrated(
  roots: ModelRoots,
  pack: Pack,
  batches: AsyncIterable<Tensor> | Iterable<Tensor>,
  options: QuantizeOptions = {},
): Promise<QuantizeReport> {
  if (pack.manifest.files.filter((file) => file.path.endsWith('.onnx')).length > 1) {
    throw new VidimusError(
      'usage.invalid',
      `${packKey(pack.manifest)} has several graphs; only packs of one can be calibrated.`,
    );
  }
  const name = graphFile(pack.manifest);
  const original = await readPackFile(pack, name);
  const model = checkOpset(parseModel(original), name);
  const ranges = await observe(model, batches, options.signal);
  const { model: changed, replaced } = quantizeStatic(model, ranges);
  const bytes = await encodeModel(changed);
  const part: Part = {
    name,
    bytes,
    replaced: replaced.length,
    bytesBefore: original.length,
    deviation: await compare(original, bytes, pack),
  };
  return installVariant(roots, pack, 'int8-static', [part], options);
}

/** Runs the float model with its inner activations exposed and notes their extremes. */
async function observe(
  model: OnnxModel,
  batches: AsyncIterable<Tensor> | Iterable<Tensor>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Range>> {
  const wanted = new Set(activationsOf(model));
  const ranges = new Map<string, Range>();
  const runtime = await loadRuntime(await encodeModel(exposeActivations(model)), { provider: 'cpu', threads: 0 });
  try {
    const [port] = runtime.inputs;
    if (port === undefined || runtime.inputs.length !== 1)
      throw new VidimusError('pack.invalid', 'Only graphs with one input can be calibrated.');
    for await (const batch of batches) {
      throwIfCancelled(signal);
      const feeds = { [port.name]: batch };
      for (const [name, tensor] of Object.entries({ ...(await runtime.run(feeds)), ...feeds })) {
        if (wanted.has(name)) ranges.set(name, widen(ranges.get(name), tensor));
      }
    }
  } finally {
    await runtime.dispose();
  }
  if (ranges.size === 0)
    throw new VidimusError('usage.invalid', 'There is no calibration data, or no product to calibrate.');
  return ranges;
}

function widen(range: Range | undefined, tensor: Tensor): Range {
  let min = range?.min ?? Number.POSITIVE_INFINITY;
  let max = range?.max ?? Number.NEGATIVE_INFINITY;
  for (const value of tensor.data) {
    const x = Number(value);
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return { min, max };
}

async function compare(before: Uint8Array, after: Uint8Array, pack: Pack): Promise<number> {
  const answers: Record<string, Tensor>[] = [];
  for (const bytes of [before, after]) {
    const runtime = await loadRuntime(bytes, { provider: 'cpu', threads: 0 });
    try {
      answers.push(await runtime.run(probeFeeds(runtime.inputs, pack.manifest.input)));
    } finally {
      await runtime.dispose();
    }
  }
  const [reference, changed] = answers;
  return reference === undefined || changed === undefined ? Number.POSITIVE_INFINITY : deviation(reference, changed);
}

/** How scores moved between two packs on the same files. */
export interface ScoreChange {
  readonly n: number;
  readonly meanAbsolute: number;
  readonly maxAbsolute: number;
  /** Files that changed sides of the decision threshold. */
  readonly flipped: number;
}

/** Compares scores (0..1) of the original and a variant, file by file. */
export function scoreChange(original: ArrayLike<number>, variant: ArrayLike<number>, threshold: number): ScoreChange {
  if (original.length !== variant.length || original.length === 0) {
    throw new VidimusError('bug', 'Score lists of different or no length cannot be compared.');
  }
  let sum = 0;
  let max = 0;
  let flipped = 0;
  for (let i = 0; i < original.length; i++) {
    const d = Math.abs(original[i] - variant[i]);
    sum += d;
    max = Math.max(max, d);
    if (original[i] >= threshold !== variant[i] >= threshold) flipped++;
  }
  return { n: original.length, meanAbsolute: sum / original.length, maxAbsolute: max, flipped };
}
