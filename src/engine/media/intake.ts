/**
 * The first touch of an exhibit: who it is (SHA-256, SHA-512, MD5, size) and what it is (type from its bytes).
 *
 * The file is opened read-only and read once. MD5 is kept only to match old lists.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { extensionFits, type FileFormat, sniff } from './sniff.ts';

/** What identifies an exhibit; `stamp` is what {@link verifyUnchanged} compares. */
export interface Identity {
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly sha512: string;
  readonly md5: string;
  /** Time of last modification by the file system, UTC in ISO 8601. */
  readonly modified: string;
  readonly format: FileFormat;
  readonly extensionMatches: boolean;
  readonly stamp: FileStamp;
}

/** A file as the file system sees it; times in nanoseconds. */
export interface FileStamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export interface IntakeOptions {
  /** Name of the exhibit where the file has another; its ending is judged by it. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes read so far and the size of the file, about every megabyte. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const BLOCK = 1 << 20;

/**
 * Hashes and sniffs a file in one read.
 *
 * @throws VidimusError evidence.not-found, evidence.not-a-file (folder, pipe, device), evidence.no-permission,
 * evidence.empty, evidence.unsupported, evidence.changed (written to while it was read), evidence.read-failed,
 * cancelled.
 */
export async function intake(path: string, options: IntakeOptions = {}): Promise<Identity> {
  const full = resolve(path);
  const name = options.name ?? basename(full);
  throwIfCancelled(options.signal);
  return await withFile(full, async (handle, before) => {
    if (before.size === 0n) throw new VidimusError('evidence.empty', `“${name}” is empty.`);
    const format = await sniff(async (offset, length) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    });
    const digests = await digest(handle, name, Number(before.size), options);
    const after = stampOf(await handle.stat({ bigint: true }));
    if (!sameContent(before, after) || digests.bytes !== Number(before.size)) throw changed(name);
    if (format === null) {
      throw new VidimusError('evidence.unsupported', `“${name}” is no picture, video or sound that this build reads.`);
    }
    return {
      path: full,
      name,
      ...digests,
      modified: new Date(Number(before.mtimeNs / 1_000_000n)).toISOString(),
      format,
      extensionMatches: extensionFits(name, format),
      stamp: before,
    };
  });
}

/**
 * Says whether the exhibit is still the file that was taken in; call it when an analysis ends.
 * Where only the inode's change time moved (a rename, a permission, or a modification time set back) the content
 * settles it: the file is hashed again. `rehash` does so always.
 *
 * @throws VidimusError evidence.changed, or what {@link intake} throws for a file that cannot be read.
 */
export async function verifyUnchanged(
  identity: Identity,
  options: IntakeOptions & { readonly rehash?: boolean } = {},
): Promise<void> {
  await withFile(identity.path, async (handle, now) => {
    if (!sameContent(identity.stamp, now)) throw changed(identity.name);
    if (options.rehash !== true && now.ctimeNs === identity.stamp.ctimeNs) return;
    const again = await digest(handle, identity.name, Number(now.size), options);
    if (again.sha256 !== identity.sha256 || again.sha512 !== identity.sha512) throw changed(identity.name);
  });
}

const changed = (name: string): VidimusError =>
  new VidimusError('evidence.changed', `“${name}” was changed while it was being examined.`);

const stampOf = (s: BigIntStats): FileStamp => ({
  dev: s.dev,
  ino: s.ino,
  size: s.size,
  mtimeNs: s.mtimeNs,
  ctimeNs: s.ctimeNs,
});

const sameContent = (a: FileStamp, b: FileStamp): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

/** Opens a regular file read-only and closes it whatever happens. */
async function withFile<T>(path: string, use: (handle: FileHandle, stamp: FileStamp) => Promise<T>): Promise<T> {
  const name = basename(path);
  let handle: FileHandle;
  try {
    // Opening a device can have effects of its own (a tape rewinds), so what it is is asked before.
    refuseIrregular(name, await stat(path, { bigint: true }));
    // Should the file be swapped for a pipe in between, O_NONBLOCK keeps the open from waiting for a writer.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    throw asReadError(thrown, name);
  }
  try {
    const opened = await handle.stat({ bigint: true });
    refuseIrregular(name, opened);
    return await use(handle, stampOf(opened));
  } catch (thrown) {
    throw asReadError(thrown, name);
  } finally {
    await handle.close();
  }
}

function refuseIrregular(name: string, s: BigIntStats): void {
  if (s.isFile()) return;
  const kind = s.isDirectory() ? 'a folder' : s.isFIFO() ? 'a named pipe' : s.isSocket() ? 'a socket' : 'a device';
  throw new VidimusError('evidence.not-a-file', `“${name}” is ${kind}, not a file.`);
}

function asReadError(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown) || thrown instanceof VidimusError) return thrown;
  const options = { detail: thrown.message, cause: thrown };
  switch (thrown.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return new VidimusError('evidence.not-found', `“${name}” was not found.`, options);
    case 'EACCES':
    case 'EPERM':
      return new VidimusError('evidence.no-permission', `“${name}” may not be read by this user.`, options);
    case 'EISDIR':
    case 'ENXIO':
    case 'ELOOP':
      return new VidimusError('evidence.not-a-file', `“${name}” is not a regular file.`, options);
    case 'EIO':
    case 'ENODEV':
    case 'ESTALE':
      return new VidimusError('evidence.read-failed', `“${name}” could not be read to its end.`, options);
    default:
      return thrown;
  }
}

interface Digests {
  readonly bytes: number;
  readonly sha256: string;
  readonly sha512: string;
  readonly md5: string;
}

/** The next block is read while the last one is hashed; two buffers serve a file of any length. */
async function digest(handle: FileHandle, name: string, total: number, options: IntakeOptions): Promise<Digests> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  const md5 = createHash('md5');
  let current = new Uint8Array(BLOCK);
  let next = new Uint8Array(BLOCK);
  let done = 0;
  let pending = handle.read(current, 0, BLOCK, 0);
  for (;;) {
    const { bytesRead } = await pending;
    throwIfCancelled(options.signal);
    if (bytesRead === 0) break;
    done += bytesRead;
    // A file that grows as fast as it is read would never end.
    if (done > total) throw changed(name);
    pending = handle.read(next, 0, BLOCK, done);
    const block = current.subarray(0, bytesRead);
    sha256.update(block);
    sha512.update(block);
    md5.update(block);
    [current, next] = [next, current];
    options.onProgress?.(done, total);
  }
  return { bytes: done, sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), md5: md5.digest('hex') };
}
