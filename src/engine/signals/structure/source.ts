/** Random access to the bytes of an exhibit without ever holding the whole file. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { VidimusError } from '../../../contract/errors.ts';

/** Bytes that can be read anywhere. `read` answers fewer bytes than asked for only at the end of the data. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

/** A {@link ByteSource} over memory; the view is not copied. */
export function memorySource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read: (offset, length) =>
      offset < 0 || length <= 0
        ? buffer.subarray(0, 0)
        : buffer.subarray(offset, Math.min(offset + length, buffer.length)),
  };
}

/** A {@link ByteSource} over an open file; `close` must be called. */
interface FileSource extends ByteSource {
  close(): void;
}

/**
 * Opens a regular file read-only. Reads go straight to the page cache of the system: structure walkers read a few
 * bytes per element, and read-ahead of our own would read the media data between them.
 *
 * @throws VidimusError evidence.not-found, evidence.no-permission, evidence.not-a-file, evidence.read-failed
 */
export function openSource(path: string): FileSource {
  let fd: number;
  try {
    // O_NONBLOCK keeps the open of a named pipe from waiting for a writer; it has no effect on regular files.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw openError(error);
  }
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new VidimusError('evidence.not-a-file', 'The exhibit is not a regular file.');
  }
  let open = true;
  return {
    size: stat.size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, stat.size - offset));
      const buffer = Buffer.allocUnsafe(wanted);
      let done = 0;
      try {
        while (done < wanted) {
          const got = readSync(fd, buffer, done, wanted - done, offset + done);
          if (got === 0) break;
          done += got;
        }
      } catch (error) {
        throw new VidimusError('evidence.read-failed', `Reading at byte ${offset + done} failed.`, { cause: error });
      }
      return done === wanted ? buffer : buffer.subarray(0, done);
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

function openError(error: unknown): VidimusError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new VidimusError('evidence.not-found', 'The exhibit is not there.', { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new VidimusError('evidence.no-permission', 'The exhibit may not be read.', { cause: error });
  }
  return new VidimusError('evidence.read-failed', 'The exhibit could not be opened.', { cause: error });
}

/** Opens a file, hands it to `work` and closes it whatever happens. */
export async function withSource<T>(path: string, work: (source: FileSource) => T | Promise<T>): Promise<T> {
  const source = openSource(path);
  try {
    return await work(source);
  } finally {
    source.close();
  }
}
