/** The engine's calls about model packs. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type {
  PackList,
  PackListing,
  ImportReport as WireImport,
  QuantizeReport as WireQuantize,
} from '../../contract/api.ts';
import { VidimusError } from '../../contract/errors.ts';
import { listArchitectures } from '../inference/architecture.ts';
import { benchPack } from '../inference/bench.ts';
import { exists } from '../inference/files.ts';
import { type ImportReport, importCheckpoint } from '../inference/import.ts';
import { importHuggingFace } from '../inference/import-huggingface.ts';
import { importOnnx } from '../inference/import-onnx.ts';
import { importPack } from '../inference/import-pack.ts';
import { type Pack, packKey } from '../inference/pack.ts';
import { findPack, listPacks, type ModelRoots, removePack, setDefault, setEnabled } from '../inference/registry.ts';
import type { EngineArgs, EngineHandlers, EngineMethod } from '../protocol.ts';
import { compressPack, type ScoreFile } from './compressPack.ts';

/** The name the registry knows: all versions of an id, or one. */
const nameOf = ({ id, version }: { readonly id: string; readonly version: string | null }): string =>
  version === null ? id : `${id}@${version}`;

type ModelMethod = Extract<EngineMethod, `models.${string}`>;

/** Handlers over the packs of `roots`. `scoreFile` runs an analysis restricted to one pack. */
export function modelHandlers(roots: ModelRoots, scoreFile: ScoreFile): Pick<EngineHandlers, ModelMethod> {
  const list = async (): Promise<PackList> => {
    const { packs, broken } = await listPacks(roots);
    return { packs: [...packs], broken: [...broken] };
  };
  const listingOf = async (pack: Pack): Promise<PackListing> => {
    const found = (await list()).packs.find((p) => p.folder === pack.folder);
    if (found === undefined)
      throw new VidimusError('bug', `${packKey(pack.manifest)} was installed but is not listed.`);
    return found;
  };
  return {
    'models.list': list,
    'models.architectures': async () =>
      (await listArchitectures(roots)).map(({ manifest }) => ({
        name: manifest.name,
        title: manifest.title,
        task: manifest.task,
        reference: manifest.reference,
        licence: manifest.licence,
        known: manifest.known.map((k) => k.name),
      })),
    'models.verify': async ({ id }, { signal }) => {
      const { packs, broken } = await listPacks(roots, { verify: true, signal, ...(id === null ? {} : { id }) });
      if (id !== null && packs.length === 0) throw new VidimusError('pack.missing', `No pack "${id}" is installed.`);
      return { packs: [...packs], broken: id === null ? [...broken] : [] };
    },
    'models.import': async (args, { signal }) => {
      const report = await importAny(roots, args, signal);
      const wire: WireImport = {
        listing: await listingOf(report.pack),
        recognised: report.known,
        unusedKeys: [...report.unused],
        notes: [...report.notes],
      };
      return wire;
    },
    'models.remove': async (name) => {
      const removed = await removePack(roots, nameOf(name));
      return { removed: packKey(removed.manifest) };
    },
    'models.enable': async ({ enabled, media, ...name }) => {
      await setEnabled(roots, nameOf(name), enabled, media);
      return list();
    },
    'models.default': async ({ task, pack }) => {
      await setDefault(roots, task, pack === null ? null : nameOf(pack));
      return list();
    },
    'models.bench': async ({ id, providers, batches }, { signal }) => {
      const names =
        id === null ? (await list()).packs.filter((p) => p.problem === null).map((p) => packKey(p.manifest)) : [id];
      const figures = [];
      for (const name of names) {
        const pack = await findPack(roots, name, signal);
        const identity = { id: pack.manifest.id, version: pack.manifest.version };
        const report = await benchPack(roots, pack, { providers, batches, signal });
        for (const { provider, batch, medianMs, itemsPerSecond } of report.rows) {
          figures.push({ ...identity, provider, batch, medianMs, itemsPerSecond, error: null });
        }
        for (const { provider, reason } of report.skipped) {
          figures.push({ ...identity, provider, batch: 1, medianMs: 0, itemsPerSecond: 0, error: reason });
        }
      }
      return figures;
    },
    'models.quantize': async ({ id, kind, calibrationDir }, { signal }) => {
      const original = await findPack(roots, id, signal);
      const made = await compressPack(roots, original, kind, calibrationDir, scoreFile, signal);
      const time = async (pack: Pack): Promise<number> =>
        (await benchPack(roots, pack, { providers: ['cpu'], batches: [1], signal })).rows[0]?.medianMs ?? 0;
      const wire: WireQuantize = {
        listing: await listingOf(made.pack),
        bytesBefore: made.bytesBefore,
        bytesAfter: made.bytesAfter,
        medianMsBefore: await time(original),
        medianMsAfter: await time(made.pack),
        scores: made.scores,
      };
      return wire;
    },
  };
}

/** Takes a checkpoint with its architecture, an ONNX file with a preset, a pack (zip, folder) or a Hugging Face folder. */
async function importAny(
  roots: ModelRoots,
  args: EngineArgs<'models.import'>,
  signal: AbortSignal,
): Promise<ImportReport> {
  const { id, fakeIndex, fakeLabel } = args;
  if (fakeIndex !== null && fakeLabel !== null)
    throw new VidimusError('usage.invalid', 'Name the manipulated class by number or by label, not both.');
  const options = {
    signal,
    ...(id === null ? {} : { id }),
    ...(fakeIndex === null ? {} : { fakeIndex }),
    ...(fakeLabel === null ? {} : { fakeLabel }),
  };
  const folderOf = (name: string): string => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new VidimusError('usage.invalid', `"${name}" is no architecture.`);
    return join(roots.builtIn, 'architectures', name);
  };
  const files = args.files.map((file) => resolve(file));
  const [first] = files;
  if (first === undefined) throw new VidimusError('usage.invalid', 'Nothing to import was named.');
  const status = await stat(first).catch(() => null);
  if (status === null)
    throw new VidimusError('pack.missing', `There is no file ${first}.`, { advice: 'Check the path.' });
  if (args.architecture !== null) return importCheckpoint(roots, folderOf(args.architecture), files, options);
  if (args.preset !== null) return importOnnx(roots, folderOf(args.preset), first, options);
  if (status.isDirectory() && (await exists(join(first, 'config.json'))))
    return importHuggingFace(roots, first, options);
  if (!status.isDirectory() && !first.toLowerCase().endsWith('.zip')) {
    throw new VidimusError('usage.invalid', `${first} is neither a pack (zip or folder) nor a Hugging Face folder.`, {
      advice: 'For a checkpoint name its architecture first; for an ONNX file add --preset ARCHITECTURE.',
    });
  }
  if (fakeIndex !== null || fakeLabel !== null)
    throw new VidimusError('usage.invalid', 'A ready pack says itself which class means manipulated.', {
      advice: 'Leave out --fake-index and --fake-label.',
    });
  const pack = await importPack(roots, first, signal);
  return { pack, known: null, used: 0, unused: [], notes: [] };
}
