/** Reading and writing files so that a pack is either wholly there or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';

/** SHA-256 of bytes, lower-case hexadecimal. */
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code;

export const isMissing = (thrown: unknown): boolean => hasCode(thrown, 'ENOENT') || hasCode(thrown, 'ENOTDIR');

/** Turns a failed write into an error that says what the disk said. */
function writeFailed(path: string, cause: unknown): VidimusError {
  if (cause instanceof VidimusError) return cause;
  const reason = hasCode(cause, 'ENOSPC') ? 'the disk is full' : cause instanceof Error ? cause.message : String(cause);
  return new VidimusError('output.failed', `"${path}" could not be written: ${reason}.`, { cause });
}

/** Writes pieces to a new file, flushed to the medium; answers size and SHA-256 of what was written. */
export async function writeStream(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(path, 'wx').catch((cause: unknown) => {
    throw writeFailed(path, cause);
  });
  try {
    for await (const piece of pieces) {
      throwIfCancelled(signal);
      hash.update(piece);
      try {
        for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at, piece.length - at)).bytesWritten;
      } catch (cause) {
        throw writeFailed(path, cause);
      }
      bytes += piece.length;
    }
    await handle.sync().catch((cause: unknown) => {
      throw writeFailed(path, cause);
    });
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Flushes a folder's own entries; systems that cannot (Windows) answer with an error that is of no use. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a small file in one step. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeStream(temporary, [Buffer.from(content)]);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw writeFailed(path, thrown);
  }
}

const INCOMING = /^\.incoming-(\d+)-/;

/** Removes what a process that died left behind. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = INCOMING.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !hasCode(thrown, 'ESRCH');
  }
}

/**
 * Lets `fill` write into a temporary folder beside the target, then moves it into place in one step.
 * Whatever fails, nothing is left and the target is untouched.
 * @throws VidimusError `pack.exists` when `<root>/<name>` exists already, `output.failed` when the disk refuses.
 */
export async function installFolder<T>(
  root: string,
  fill: (folder: string) => Promise<{ readonly name: string; readonly value: T }>,
): Promise<{ readonly folder: string; readonly value: T }> {
  const temporary = join(root, `.incoming-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(root, { recursive: true });
    await sweep(root);
    await mkdir(temporary);
  } catch (cause) {
    throw writeFailed(root, cause);
  }
  try {
    const { name, value } = await fill(temporary);
    const folder = join(root, name);
    await syncFolder(temporary);
    if (await exists(folder)) throw new VidimusError('pack.exists', `The pack folder "${name}" exists already.`);
    await rename(temporary, folder).catch((cause: unknown) => {
      throw writeFailed(folder, cause);
    });
    await syncFolder(root);
    return { folder, value };
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
}

/** Removes a folder so that a crash in between leaves nothing that looks like a pack: {@link installFolder} sweeps it. */
export async function removeFolder(folder: string): Promise<void> {
  const aside = join(dirname(folder), `.incoming-${process.pid}-${randomBytes(6).toString('hex')}`);
  await rename(folder, aside);
  await rm(aside, { recursive: true });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (isMissing(thrown)) return false;
    throw thrown;
  }
}

/**
 * Real path of a file that must lie in `folder`, whatever links stand in between.
 * @returns null when there is no such file.
 * @throws VidimusError `pack.damaged` when a link leads out of the folder or it is no regular file.
 */
export async function containedFile(folder: string, name: string): Promise<string | null> {
  let real: string;
  try {
    real = await realpath(join(folder, name));
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw new VidimusError('pack.damaged', `"${name}" in the pack cannot be read.`, { cause: thrown });
  }
  const home = await realpath(folder);
  if (!real.startsWith(home + sep)) {
    throw new VidimusError('pack.damaged', `"${name}" in the pack is a link that leads out of its folder.`);
  }
  if (!(await lstat(real)).isFile())
    throw new VidimusError('pack.damaged', `"${name}" in the pack is not a regular file.`);
  return real;
}
