/** Smaller variants of an installed pack, made offline, installed as packs of their own that name their origin. */
import { VidimusError } from '../../contract/errors.ts';
import { packCard } from './card.ts';
import { installPack, type ManifestDraft } from './install.ts';
import { type Compression, type CompressionReport, compressModel, INT8_MIN_OPSET } from './onnx/compress.ts';
import { type OnnxModel, parseModel } from './onnx/model.ts';
import { encodeModel } from './onnx/write.ts';
import { type Pack, packKey, readPackFile } from './pack.ts';
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
  const parts: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly report: CompressionReport;
    readonly deviation: number;
  }[] = [];
  for (const file of manifest.files) {
    if (!file.path.endsWith('.onnx')) continue;
    const original = await readPackFile(pack, file.path);
    const model = parseModel(original);
    if (kind === 'int8' && opsetOf(model) < INT8_MIN_OPSET) {
      throw new VidimusError(
        'pack.invalid',
        `"${file.path}" uses opset ${opsetOf(model)}; int8 weights need ${INT8_MIN_OPSET} or later.`,
      );
    }
    const report = compressModel(model, kind);
    const bytes = await encodeModel(report.model);
    parts.push({ name: file.path, bytes, report, deviation: await compare(original, bytes, pack) });
  }
  const replaced = parts.reduce((sum, part) => sum + part.report.replaced.length, 0);
  if (replaced === 0)
    throw new VidimusError('pack.invalid', `${packKey(manifest)} has no weights that ${kind} would make smaller.`);
  const bytesBefore = parts.reduce((sum, part) => sum + part.report.bytesBefore, 0);
  const bytesAfter = parts.reduce((sum, part) => sum + part.report.bytesAfter, 0);
  const worst = Math.max(...parts.map((part) => part.deviation));
  const { files: _, ...rest } = manifest;
  const draft: ManifestDraft = {
    ...rest,
    id: options.id ?? `${manifest.id}-${kind}`,
    version: options.version ?? manifest.version,
    name: `${manifest.name}, ${kind === 'fp16' ? 'float16' : 'int8'} weights`,
    source: { ...manifest.source, derivedFrom: `${packKey(manifest)} sha256:${pack.sha256}` },
    calibration: null,
    validation: [],
    published: [],
  };
  const facts = [
    `${replaced} weight tensors stored as ${kind === 'fp16' ? 'float16' : 'int8 with one scale per output channel'}; computation stays float32.`,
    `Weights: ${bytesBefore} bytes before, ${bytesAfter} after.`,
    `Largest change of an output on made-up input: ${worst.toPrecision(3)} relative to max(1, |value|).`,
  ];
  const made = await installPack(
    roots,
    draft,
    parts.map(({ name, bytes }) => ({ name, pieces: () => [bytes] })),
    packCard(draft, facts, []),
    options.signal,
  );
  return { pack: made, replaced, bytesBefore, bytesAfter, deviation: worst };
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
