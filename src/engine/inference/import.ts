/** Making a pack from a published checkpoint and an architecture's graph. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import type { ArchitectureManifest, Envelope } from '../../contract/pack.ts';
import { type Architecture, readArchitecture } from './architecture.ts';
import { packCard } from './card.ts';
import type { Checkpoint } from './checkpoints/checkpoint.ts';
import { applyKeyRules } from './checkpoints/keys.ts';
import { openCheckpoint } from './checkpoints/open.ts';
import { type ClassChoice, type ClassOrder, orderForWeights } from './class-order.ts';
import { sha256Hex } from './files.ts';
import { installPack, type ManifestDraft, refuseExisting } from './install.ts';
import { assertSelfContained } from './onnx/check.ts';
import { type FillReport, fillModel } from './onnx/fill.ts';
import { isStripped, type OnnxModel, parseModel } from './onnx/model.ts';
import { streamModel } from './onnx/write.ts';
import type { Pack } from './pack.ts';
import type { ModelRoots } from './registry.ts';

export interface ImportOptions extends ClassChoice {
  readonly id?: string;
  readonly version?: string;
  readonly name?: string;
  /** Licence of weights that are not among the architecture's known checkpoints. */
  readonly licence?: string;
  readonly signal?: AbortSignal;
}

/** What an import did. */
export interface ImportReport {
  readonly pack: Pack;
  /** Official checkpoint recognised by its SHA-256, or null. */
  readonly known: string | null;
  readonly used: number;
  readonly unused: readonly string[];
  readonly notes: readonly string[];
}

type Known = ArchitectureManifest['known'][number];
type Graph = ArchitectureManifest['graphs'][number];

interface OpenFile {
  readonly path: string;
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly known: Known | null;
}

/** Lower-case text that may stand in a pack's id. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\.(pth|pt|bin|tar|h5|hdf5|safetensors|onnx)$/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-+$/, '');

/** Graph of an architecture, checked against the hash in its manifest. */
async function readGraph(architecture: Architecture, graph: Graph): Promise<OnnxModel> {
  const bytes = await readFile(join(architecture.folder, graph.file)).catch((cause: unknown) => {
    throw new VidimusError('pack.missing', `The architecture ${architecture.manifest.name} lacks "${graph.file}".`, {
      cause,
    });
  });
  const actual = sha256Hex(bytes);
  if (actual !== graph.sha256) {
    throw new VidimusError(
      'pack.damaged',
      `"${graph.file}" of the architecture ${architecture.manifest.name} has SHA-256 ${actual}; its manifest says ${graph.sha256}.`,
      { advice: 'Install the program again.' },
    );
  }
  const model = parseModel(bytes);
  assertSelfContained(model);
  return model;
}

/** Files given as such or as one folder that holds them. */
async function expand(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new VidimusError('checkpoint.invalid', `"${path}" does not exist.`, { advice: 'Check the path.', cause });
    });
    if (!info.isDirectory()) files.push(path);
    else
      for (const name of (await readdir(path)).sort())
        if (/\.(pth|pt|bin|tar|h5|hdf5|safetensors|onnx)$/i.test(name)) files.push(join(path, name));
  }
  if (files.length === 0) throw new VidimusError('checkpoint.invalid', 'No checkpoint was given.');
  return files;
}

/** Which file feeds which graph: by recognised hash, by name, or one file for all. */
function assign(architecture: ArchitectureManifest, files: readonly OpenFile[]): ReadonlyMap<Graph, OpenFile> {
  const chosen = new Map<Graph, OpenFile>();
  const only = files.length === 1 ? files[0] : undefined;
  for (const graph of architecture.graphs) {
    const file =
      files.find((candidate) => candidate.known?.role === graph.role) ??
      only ??
      files.find(
        (candidate) =>
          candidate.known?.role === undefined && candidate.name.toLowerCase().includes(graph.role.toLowerCase()),
      );
    if (file === undefined) {
      throw new VidimusError(
        'checkpoint.mismatch',
        `No file was given for the part "${graph.role}" of ${architecture.name}.`,
        {
          advice: `Give ${architecture.graphs.length} files, or a folder that holds them, named after ${architecture.graphs.map((g) => g.role).join(', ')}.`,
        },
      );
    }
    chosen.set(graph, file);
  }
  const idle = files.find((file) => ![...chosen.values()].includes(file));
  if (idle !== undefined) {
    throw new VidimusError('checkpoint.mismatch', `"${idle.name}" belongs to no part of ${architecture.name}.`);
  }
  return chosen;
}

/** File name of a graph inside a pack. */
export const packGraphName = (architecture: ArchitectureManifest, role: string): string =>
  architecture.graphs.length === 1 ? 'model.onnx' : `${role}.onnx`;

/** Limits of an architecture, and what is doubtful about these weights in it. */
export const limitsWith = (envelope: Envelope, doubts: readonly string[]): Envelope =>
  doubts.length === 0 ? envelope : { ...envelope, notes: [...(envelope.notes ?? []), ...doubts] };

function draftOf(
  architecture: ArchitectureManifest,
  files: ReadonlyMap<Graph, OpenFile>,
  order: ClassOrder,
  options: ImportOptions,
): ManifestDraft {
  const used = [...new Set(files.values())];
  const first = used[0];
  if (first === undefined) throw new VidimusError('bug', 'An import without files reached its manifest.');
  const known = used.every((file) => file.known !== null) ? first.known : null;
  const label = used.length > 1 ? architecture.name : (known?.name ?? first.name);
  const stem = slug(label);
  const id = options.id ?? (stem.startsWith(architecture.name) ? stem : slug(`${architecture.name}-${stem}`));
  return {
    schema: 'vidimus/pack/1',
    id,
    version: options.version ?? '1.0.0',
    name: options.name ?? (used.length > 1 ? architecture.title : `${architecture.title} (${label})`),
    task: architecture.task,
    family: architecture.family,
    architecture: architecture.name,
    licence: known?.licence ?? options.licence ?? 'not stated',
    source: {
      name: known === null ? label : architecture.source.name,
      url: known?.url ?? '',
      ...(used.length === 1
        ? { checkpointSha256: first.checkpoint.sha256, checkpointName: first.name }
        : {
            checkpoints: [...files].map(([graph, file]) => ({
              role: graph.role,
              name: file.name,
              sha256: file.checkpoint.sha256,
            })),
          }),
    },
    input: architecture.input,
    output: order.output,
    thresholds: architecture.thresholds,
    calibration: null,
    envelope: limitsWith(architecture.envelope, order.doubts),
    validation: [],
    published: known?.published ?? [],
  };
}

/**
 * Imports a checkpoint: reads it without running anything in it, matches names and shapes with the architecture's
 * graph exactly, writes the weights, hashes, runs one inference and installs the pack into the user's folder.
 * Architectures of several graphs take several files or a folder.
 * @throws VidimusError `checkpoint.invalid`, `checkpoint.hostile`, `checkpoint.mismatch`, `pack.exists`,
 * `inference.failed`, `output.failed`, `cancelled`. The registry is then as it was.
 */
export async function importCheckpoint(
  roots: ModelRoots,
  architectureFolder: string,
  paths: readonly string[],
  options: ImportOptions = {},
): Promise<ImportReport> {
  const architecture = await readArchitecture(architectureFolder);
  const files: OpenFile[] = [];
  try {
    for (const path of await expand(paths)) {
      const checkpoint = await openCheckpoint(path, options.signal);
      const known = architecture.manifest.known.find((entry) => entry.sha256 === checkpoint.sha256) ?? null;
      files.push({ path, name: basename(path), checkpoint, known });
    }
    return await build(roots, architecture, assign(architecture.manifest, files), options);
  } finally {
    for (const file of files) await file.checkpoint.close();
  }
}

async function build(
  roots: ModelRoots,
  architecture: Architecture,
  files: ReadonlyMap<Graph, OpenFile>,
  options: ImportOptions,
): Promise<ImportReport> {
  const given = [...new Set(files.values())];
  const order = await orderForWeights(
    architecture.manifest.output,
    given.every((file) => file.known !== null),
    given.map((file) => file.path),
    options,
  );
  const draft = draftOf(architecture.manifest, files, order, options);
  await refuseExisting(roots, draft);
  const filled: { readonly name: string; readonly report: FillReport }[] = [];
  for (const [graph, file] of files) {
    const model = await readGraph(architecture, graph);
    if (!model.graph.initializers.some(isStripped)) {
      throw new VidimusError(
        'pack.invalid',
        `"${graph.file}" of ${architecture.manifest.name} has no parameter to be filled.`,
      );
    }
    const weights = applyKeyRules(file.checkpoint.root, architecture.manifest.keys);
    filled.push({
      name: packGraphName(architecture.manifest, graph.role),
      report: fillModel(model, weights, options.signal),
    });
  }
  const used = filled.reduce((sum, part) => sum + part.report.used.length, 0);
  const unused = leftOver(filled.map((part) => part.report));
  const notes = [...filled.flatMap((part) => part.report.notes), ...order.facts];
  const formats = [...new Set(given.map((file) => file.checkpoint.format))].join(', ');
  const facts = [`Read from ${formats}; ${used} tensors matched by name and shape.`, ...notes];
  const pack = await installPack(
    roots,
    draft,
    filled.map(({ name, report }) => ({ name, pieces: () => streamModel(report.model) })),
    packCard(draft, facts, unused),
    options.signal,
  );
  const known = given.map((file) => file.known?.name);
  const told = [...notes, ...order.doubts];
  return { pack, known: known.includes(undefined) ? null : known.join(', '), used, unused, notes: told };
}

/** Keys that no graph used; a file that feeds several graphs is not blamed for the parts of the others. */
function leftOver(reports: readonly FillReport[]): string[] {
  const used = new Set(reports.flatMap((report) => report.used));
  return [...new Set(reports.flatMap((report) => report.unused))].filter((key) => !used.has(key));
}
