/** Bags as zip files, stored and with constant dates, so that one bag has one byte form. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';

/** Paths of all regular files below a folder, sorted, with forward slashes. @throws VidimusError for links. */
export async function filesIn(folder: string): Promise<string[]> {
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

/** Local time of this instant is the same in every zone: the first day that a zip can name. */
const EPOCH = new Date(1980, 0, 1);

/** Writes the zip; every path starts with `top`. */
export async function zipBag(folder: string, target: string, top: string, signal?: AbortSignal): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const path of await filesIn(folder))
    zip.addFile(join(folder, path), `${top}/${path}`, {
      compress: false,
      mtime: EPOCH,
      mode: 0o100644,
      forceDosTimestamp: true,
    });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target, { flags: 'wx', flush: true }), signal ? { signal } : {});
}

const bad = (message: string, cause?: unknown): VidimusError =>
  new VidimusError('integrity.mismatch', message, { advice: 'Ask the sender for the bundle again.', cause });

/**
 * Unpacks a bundle into a new folder and answers its top folder's name. Names that lead out, links, compressed or
 * doubled entries and more than `limit` bytes are refused.
 */
export async function unzipBag(path: string, folder: string, limit: number, signal?: AbortSignal): Promise<string> {
  const root = resolve(folder);
  let total = 0;
  const tops = new Set<string>();
  try {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      throwIfCancelled(signal);
      const target = resolve(root, entry.fileName);
      const link = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
      const [top, ...rest] = entry.fileName.split('/');
      if (link || !target.startsWith(root + sep) || !top || rest.length === 0)
        throw bad(`The zip holds a name that a bundle does not have: ${entry.fileName}`);
      tops.add(top);
      total += entry.uncompressedSize;
      if (entry.compressionMethod !== 0 || total > limit) throw bad('The zip is not as bundles are packed.');
      await mkdir(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }));
    }
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw bad(`The zip cannot be read: ${thrown instanceof Error ? thrown.message : ''}`, thrown);
  }
  const [top] = tops;
  if (top === undefined || tops.size !== 1) throw bad('The zip does not hold exactly one bundle.');
  return top;
}
