/** Folders of files with their hashes: walking, checking against a manifest, packing and unpacking. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { caseError } from '../database/errors.ts';
import { sha256File } from '../evidence/hash.ts';

export interface FileEntry {
  /** With forward slashes, relative. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Relative paths of all regular files below a folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (current: string): Promise<void> => {
    for (const item of await readdir(current, { withFileTypes: true })) {
      const full = join(current, item.name);
      if (item.isDirectory()) await walk(full);
      else found.push(relative(folder, full).split(sep).join('/'));
    }
  };
  await walk(folder);
  return found.sort();
}

/** Length and hash of each file. */
export async function hashAll(folder: string, paths: readonly string[], signal?: AbortSignal): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for (const path of paths) entries.push({ path, ...(await sha256File(join(folder, path), { signal })) });
  return entries;
}

/** What is wrong with a folder by its list of files; `ignore` names files that may be there unlisted. */
export async function compare(
  folder: string,
  listed: readonly FileEntry[],
  ignore: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  const present = new Set(await filesBelow(folder));
  for (const entry of listed) {
    if (!present.delete(entry.path)) {
      problems.push(`${entry.path} is missing`);
      continue;
    }
    const found = await sha256File(join(folder, entry.path));
    if (found.sha256 !== entry.sha256) problems.push(`${entry.path} was changed`);
  }
  for (const path of present) if (!ignore.includes(path)) problems.push(`${path} is not in the manifest`);
  return problems;
}

/** Packs a folder as zip (stored, not compressed: media and encrypted pages do not shrink), whole or not at all. */
export async function zipFolder(folder: string, target: string): Promise<void> {
  const part = `${target}.part`;
  try {
    const zip = new yazl.ZipFile();
    for (const path of await filesBelow(folder)) zip.addFile(join(folder, path), path, { compress: false });
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(part, { flush: true }));
    await rename(part, target);
  } catch (thrown) {
    await rm(part, { force: true });
    throw caseError(thrown, target);
  }
}

const openZip = (path: string): Promise<yauzl.ZipFile> =>
  yauzl.openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });

/**
 * Unpacks a zip into a new folder. Names that leave the folder, links and anything above `limit` bytes in all are
 * refused.
 */
export async function unzip(path: string, folder: string, limit: number, signal?: AbortSignal): Promise<void> {
  const root = resolve(folder);
  let total = 0;
  try {
    const zip = await openZip(path);
    for await (const entry of zip.eachEntry()) {
      throwIfCancelled(signal);
      const target = resolve(root, entry.fileName);
      const link = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
      if (link || (target !== root && !target.startsWith(root + sep)))
        throw new VidimusError('case.package', `The package holds a name that leads out of it: ${entry.fileName}`);
      if (entry.fileName.endsWith('/')) continue;
      total += entry.uncompressedSize;
      if (total > limit)
        throw new VidimusError('case.disk-full', 'The package unpacks to more than there is room for.');
      await mkdir(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }));
    }
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    const named = caseError(thrown, path);
    if (named.code !== 'bug') throw named;
    throw new VidimusError('case.package', `${path} is not a readable zip: ${named.message}`, { cause: thrown });
  }
}

/** Removes a folder even where files in it are read-only. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Flushes a file that is complete. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
