/** Making a pack from an ONNX file that somebody exported: its weights stay, an architecture lends the rules. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import type { InputRule, OutputRule } from '../../contract/pack.ts';
import { readArchitecture } from './architecture.ts';
import { packCard } from './card.ts';
import { orderForWeights } from './class-order.ts';
import { sha256Hex } from './files.ts';
import { type ImportOptions, type ImportReport, limitsWith, packGraphName, slug } from './import.ts';
import { installPack, type ManifestDraft } from './install.ts';
import type { ModelRoots } from './registry.ts';
import { loadRuntime, type PortInfo } from './runtime.ts';

const MAX_ONNX = 2 ** 31 - 1;

/** An ONNX file in memory with its ports, proven to load on the processor. */
interface LoadedOnnx {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly inputs: readonly PortInfo[];
  readonly outputs: readonly PortInfo[];
}

/** @throws VidimusError `checkpoint.invalid`, `checkpoint.hostile` (external data), `inference.failed`. */
export async function loadOnnx(path: string): Promise<LoadedOnnx> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new VidimusError('checkpoint.invalid', `"${path}" does not exist.`, { advice: 'Check the path.', cause });
  });
  if (!info.isFile() || info.size > MAX_ONNX)
    throw new VidimusError('checkpoint.invalid', `"${path}" is not an ONNX file below 2 GiB.`);
  const bytes = await readFile(path);
  const runtime = await loadRuntime(bytes, { provider: 'cpu', threads: 0 });
  const { inputs, outputs } = runtime;
  await runtime.dispose();
  return { name: basename(path), bytes, sha256: sha256Hex(bytes), inputs, outputs };
}

/** Name of the port a rule means: the one it names, or the only one there is. */
function portFor(wanted: string | undefined, ports: readonly PortInfo[], what: string): string {
  if (wanted !== undefined && ports.some((port) => port.name === wanted)) return wanted;
  const only = ports[0];
  if (only !== undefined && ports.length === 1) return only.name;
  throw new VidimusError(
    'checkpoint.mismatch',
    `The model has no ${what} "${wanted ?? ''}"; it has ${ports.map((p) => p.name).join(', ')}.`,
  );
}

/** The rules with the names this very graph uses. */
export function boundRules(
  onnx: LoadedOnnx,
  input: InputRule,
  output: OutputRule,
): { readonly input: InputRule; readonly output: OutputRule } {
  return {
    input: { ...input, tensor: portFor(input.tensor, onnx.inputs, 'input') },
    output: { ...output, tensor: portFor(output.tensor, onnx.outputs, 'output') },
  };
}

/**
 * Installs an `.onnx` file with the input, output and thresholds of a preset architecture.
 * @throws VidimusError as {@link importCheckpoint}; `checkpoint.mismatch` when its ports do not fit the preset.
 */
export async function importOnnx(
  roots: ModelRoots,
  architectureFolder: string,
  path: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const { manifest: architecture } = await readArchitecture(architectureFolder);
  if (architecture.graphs.length > 1) {
    throw new VidimusError(
      'usage.invalid',
      `${architecture.name} has ${architecture.graphs.length} graphs; import its checkpoints instead.`,
    );
  }
  const onnx = await loadOnnx(path);
  const known = architecture.known.find((entry) => entry.sha256 === onnx.sha256) ?? null;
  const order = await orderForWeights(architecture.output, known !== null, [path], options);
  const stem = slug(onnx.name);
  const draft: ManifestDraft = {
    schema: 'vidimus/pack/1',
    id: options.id ?? (stem.startsWith(architecture.name) ? stem : slug(`${architecture.name}-${stem}`)),
    version: options.version ?? '1.0.0',
    name: options.name ?? `${architecture.title} (${known?.name ?? onnx.name})`,
    task: architecture.task,
    family: architecture.family,
    architecture: architecture.name,
    licence: known?.licence ?? options.licence ?? 'not stated',
    source: {
      name: known === null ? onnx.name : architecture.source.name,
      url: known?.url ?? '',
      checkpointSha256: onnx.sha256,
      checkpointName: onnx.name,
    },
    ...boundRules(onnx, architecture.input, order.output),
    thresholds: architecture.thresholds,
    calibration: null,
    envelope: limitsWith(architecture.envelope, order.doubts),
    validation: [],
    published: known?.published ?? [],
  };
  const facts = [
    'Taken as it is from an ONNX file; the architecture lends only its rules for input and output.',
    ...order.facts,
  ];
  const pack = await installPack(
    roots,
    draft,
    [{ name: packGraphName(architecture, ''), pieces: () => [onnx.bytes] }],
    packCard(draft, facts, []),
    options.signal,
  );
  return { pack, known: known?.name ?? null, used: 0, unused: [], notes: [...facts, ...order.doubts] };
}
