/** Reads a file once, forward, through one or more hashes. The next block is read while the last one is hashed. */

import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';

export interface Digests {
  readonly sha256: string;
  readonly sha512: string;
  readonly md5: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after every block with the bytes done and the file's length. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

/** What the file system said of a file when it was opened. */
export interface FileStamp {
  readonly bytes: number;
  readonly modified: Date;
  /** Changes whenever the file is written, exchanged or moved onto. */
  readonly identity: string;
}

export const BLOCK = 4 << 20;

/** The named error behind a failure to open or read evidence. */
export function evidenceError(thrown: unknown, path: string): VidimusError {
  if (thrown instanceof VidimusError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const options = { cause: thrown, detail: String(thrown) };
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new VidimusError('evidence.not-found', `There is no file ${path}.`, options);
  if (code === 'EACCES' || code === 'EPERM')
    return new VidimusError('evidence.no-permission', `${path} may not be read.`, options);
  if (code === 'ENAMETOOLONG')
    return new VidimusError('evidence.not-found', `The name ${path} is too long for this system.`, options);
  return new VidimusError('evidence.read-failed', `${path} could not be read (${code || String(thrown)}).`, options);
}

async function stampOf(file: FileHandle): Promise<FileStamp> {
  const s = await file.stat({ bigint: true });
  return {
    bytes: Number(s.size),
    modified: new Date(Number(s.mtimeMs)),
    identity: `${s.dev}:${s.ino}:${s.size}:${s.mtimeNs}:${s.ctimeNs}`,
  };
}

/**
 * Opens evidence for reading, and for nothing else. A pipe or device is refused before it is opened.
 * @throws VidimusError evidence.not-found, evidence.not-a-file, evidence.no-permission, evidence.read-failed.
 */
export async function openEvidence(path: string): Promise<{ file: FileHandle; stamp: FileStamp }> {
  let file: FileHandle | undefined;
  try {
    if (!(await stat(path)).isFile()) throw new VidimusError('evidence.not-a-file', `${path} is not a regular file.`);
    file = await open(path, constants.O_RDONLY);
    return { file, stamp: await stampOf(file) };
  } catch (thrown) {
    await file?.close();
    throw evidenceError(thrown, path);
  }
}

/** @throws VidimusError evidence.changed where the file is not what it was when it was opened. */
export async function assertUnchanged(file: FileHandle, before: FileStamp, path: string): Promise<void> {
  const after = await stampOf(file);
  if (after.identity !== before.identity)
    throw new VidimusError('evidence.changed', `${path} was written to while it was read.`);
}

/** The blocks of a file from `start` on, read one ahead. A block is only valid until the next one is asked for. */
export async function* blocks(
  file: FileHandle,
  start: number,
  end: number,
  options: ReadOptions = {},
): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(BLOCK), Buffer.allocUnsafe(BLOCK)] as const;
  let at = start;
  const read = (turn: number): Promise<{ bytesRead: number }> =>
    file.read(turn % 2 === 0 ? buffers[0] : buffers[1], 0, Math.min(BLOCK, Math.max(0, end - at)), at);
  let turn = 0;
  let next = read(turn);
  try {
    while (at < end) {
      const { bytesRead } = await next;
      throwIfCancelled(options.signal);
      if (bytesRead === 0) return;
      const block = (turn % 2 === 0 ? buffers[0] : buffers[1]).subarray(0, bytesRead);
      at += bytesRead;
      turn += 1;
      next = read(turn);
      // Whoever stops here must not leave a rejected read behind.
      next.catch(() => undefined);
      yield block;
      options.onBytes?.(at, end);
    }
  } finally {
    await next.catch(() => undefined);
  }
}

/** The three hashes side by side. */
export class TripleHash {
  readonly #sha256: Hash = createHash('sha256');
  readonly #sha512: Hash = createHash('sha512');
  readonly #md5: Hash = createHash('md5');
  update(block: Uint8Array): void {
    this.#sha256.update(block);
    this.#sha512.update(block);
    this.#md5.update(block);
  }
  digests(): Digests {
    return { sha256: this.#sha256.digest('hex'), sha512: this.#sha512.digest('hex'), md5: this.#md5.digest('hex') };
  }
}

/** All three hashes of a file that does not change meanwhile. @throws VidimusError evidence.*. */
export async function hashFile(
  path: string,
  options: ReadOptions = {},
): Promise<{ digests: Digests; stamp: FileStamp }> {
  const { file, stamp } = await openEvidence(path);
  try {
    const hash = new TripleHash();
    for await (const block of blocks(file, 0, stamp.bytes, options)) hash.update(block);
    await assertUnchanged(file, stamp, path);
    return { digests: hash.digests(), stamp };
  } catch (thrown) {
    throw evidenceError(thrown, path);
  } finally {
    await file.close();
  }
}

/** SHA-256 alone, which decides whether bytes are the same: re-verification costs a third of intake. */
export async function sha256File(path: string, options: ReadOptions = {}): Promise<{ sha256: string; bytes: number }> {
  const { file, stamp } = await openEvidence(path);
  try {
    const hash = createHash('sha256');
    for await (const block of blocks(file, 0, stamp.bytes, options)) hash.update(block);
    await assertUnchanged(file, stamp, path);
    return { sha256: hash.digest('hex'), bytes: stamp.bytes };
  } catch (thrown) {
    throw evidenceError(thrown, path);
  } finally {
    await file.close();
  }
}
