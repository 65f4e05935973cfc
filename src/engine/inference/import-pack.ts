/** Installing a ready pack from a folder or a zip archive, byte for byte. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import { FileSource } from './checkpoints/source.ts';
import { ZipArchive, type ZipEntry } from './checkpoints/zip.ts';
import { containedFile, exists, installFolder, writeStream } from './files.ts';
import { refuseExisting, tryPack } from './install.ts';
import { CARD_NAME, loadPack, MANIFEST_NAME, type Pack, packKey, parseManifest } from './pack.ts';
import type { ModelRoots } from './registry.ts';

const MAX_MANIFEST = 4 * 1024 * 1024;
const MAX_CARD = 16 * 1024 * 1024;

/**
 * Installs a pack from a folder or zip. The manifest is kept as it is, hashes are checked after copying, and every
 * graph is run once.
 * @throws VidimusError `pack.*`, `checkpoint.hostile` for archives that play tricks, `inference.failed`,
 * `output.failed`, `cancelled`; the registry is then as it was.
 */
export async function importPack(roots: ModelRoots, path: string, signal?: AbortSignal): Promise<Pack> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new VidimusError('pack.missing', `"${path}" does not exist.`, { advice: 'Check the path.', cause });
  });
  return info.isDirectory() ? importFolder(roots, path, signal) : importZip(roots, path, signal);
}

async function importFolder(roots: ModelRoots, path: string, signal?: AbortSignal): Promise<Pack> {
  const { manifest } = await loadPack(path, signal);
  const names = packNames(manifest);
  return copyIn(roots, manifest, signal, async (temporary) => {
    for (const name of names) {
      if (name === CARD_NAME && !(await exists(join(path, name)))) continue;
      const real = await containedFile(path, name);
      if (real === null) throw new VidimusError('pack.damaged', `The pack lacks "${name}".`);
      const source = await FileSource.open(real);
      try {
        await writeStream(join(temporary, name), source.chunks(0, source.size), signal);
      } finally {
        await source.close();
      }
    }
  });
}

const packNames = (manifest: PackManifest): ReadonlySet<string> =>
  new Set([...manifest.files.map((file) => file.path), MANIFEST_NAME, CARD_NAME]);

async function importZip(roots: ModelRoots, path: string, signal?: AbortSignal): Promise<Pack> {
  const file = await FileSource.open(path);
  try {
    const zip = await ZipArchive.open(file);
    const manifests = [...zip.entries.values()].filter((entry) => /^(?:[^/]+\/)?pack\.json$/.test(entry.name));
    const [entry] = manifests;
    if (entry === undefined || manifests.length !== 1) {
      throw new VidimusError('pack.invalid', `The archive holds ${manifests.length} manifests where one is expected.`);
    }
    const prefix = entry.name.slice(0, -MANIFEST_NAME.length);
    const text = Buffer.from(await zip.read(entry, MAX_MANIFEST)).toString('utf8');
    const manifest = parseManifest(text, `The manifest in "${path}"`);
    const wanted = wantedEntries(zip, prefix, manifest);
    return await copyIn(roots, manifest, signal, async (temporary) => {
      for (const [name, source] of wanted) await writeStream(join(temporary, name), zip.stream(source), signal);
    });
  } finally {
    await file.close();
  }
}

/** Entries of the pack, by plain name; anything else in the archive ends the import. */
function wantedEntries(zip: ZipArchive, prefix: string, manifest: PackManifest): ReadonlyMap<string, ZipEntry> {
  const names = packNames(manifest);
  const sizes = new Map(manifest.files.map((listed) => [listed.path, listed.bytes]));
  const wanted = new Map<string, ZipEntry>();
  for (const entry of zip.entries.values()) {
    const name = entry.name.startsWith(prefix) ? entry.name.slice(prefix.length) : entry.name;
    if (!names.has(name)) {
      throw new VidimusError('pack.damaged', `The archive holds "${entry.name}", which its manifest does not list.`);
    }
    const limit = sizes.get(name);
    if (limit !== undefined ? entry.size !== limit : entry.size > MAX_CARD) {
      throw new VidimusError(
        'pack.damaged',
        `"${entry.name}" has ${entry.size} bytes; the manifest says ${limit ?? 'less'}.`,
      );
    }
    wanted.set(name, entry);
  }
  return wanted;
}

async function copyIn(
  roots: ModelRoots,
  manifest: PackManifest,
  signal: AbortSignal | undefined,
  copy: (temporary: string) => Promise<void>,
): Promise<Pack> {
  await refuseExisting(roots, manifest);
  const { folder, value } = await installFolder(roots.user, async (temporary) => {
    await copy(temporary);
    const pack = await loadPack(temporary, signal);
    await tryPack(pack, signal);
    return { name: packKey(pack.manifest), value: pack };
  });
  return { ...value, folder };
}
