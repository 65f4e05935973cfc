/** A file opened read-only for positioned reads; nothing is read before it is asked for. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfCancelled, VidimusError } from '../../../contract/errors.ts';

/** Size of one read: large enough to be fast, small enough that memory stays flat. */
export const CHUNK_BYTES = 4 * 1024 * 1024;

export class FileSource {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws VidimusError `checkpoint.invalid` when there is no regular file. */
  static async open(path: string): Promise<FileSource> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw new VidimusError('checkpoint.invalid', `"${path}" cannot be opened.`, {
        advice: 'Check the path and the read permission.',
        cause,
      });
    }
    const info = await handle.stat();
    if (!info.isFile()) {
      await handle.close();
      throw new VidimusError('checkpoint.invalid', `"${path}" is not a regular file.`);
    }
    return new FileSource(path, info.size, handle);
  }

  /** Exactly `length` bytes from `offset`. @throws VidimusError `checkpoint.invalid` past the end. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw new VidimusError('checkpoint.invalid', 'The checkpoint points past the end of its own file.');
    }
    const out = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(out, done, length - done, offset + done);
      if (bytesRead === 0)
        throw new VidimusError('checkpoint.invalid', 'The checkpoint became shorter while it was read.');
      done += bytesRead;
    }
    return out;
  }

  /** The range in pieces of at most {@link CHUNK_BYTES}. */
  async *chunks(offset: number, length: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < length; at += CHUNK_BYTES) yield this.read(offset + at, Math.min(CHUNK_BYTES, length - at));
  }

  /** SHA-256 of the whole file, lower-case hexadecimal. */
  async sha256(signal?: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.chunks(0, this.size)) {
      throwIfCancelled(signal);
      hash.update(chunk);
    }
    return hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
