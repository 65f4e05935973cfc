/**
 * Zip archives (PKWARE APPNOTE 6.3) read through positioned reads. Stored entries can be streamed from where they lie.
 *
 * Refused: entries that overlap, leave the folder, hide behind a name twice, inflate beyond what they declare, are
 * encrypted or compressed by anything but deflate, and local headers that disagree with the directory.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { VidimusError } from '../../../contract/errors.ts';
import { CHUNK_BYTES, type FileSource } from './source.ts';

export interface ZipEntry {
  readonly name: string;
  readonly method: 0 | 8;
  readonly crc: number;
  /** Bytes in the archive and after inflating. */
  readonly packed: number;
  readonly size: number;
  readonly dataOffset: number;
}

const MAX_ENTRIES = 100_000;
const MAX_DIRECTORY = 64 * 1024 * 1024;
/** Deflated entries are inflated in memory; torch and our own packs store weights uncompressed. */
const MAX_INFLATED = 1024 * 1024 * 1024;
const MAX_RATIO = 1100;

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);
const hostile = (sentence: string): VidimusError =>
  new VidimusError('checkpoint.hostile', sentence, {
    advice: 'The archive is built to mislead. Do not use it; report where it came from.',
  });

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function u64(data: DataView, offset: number): number {
  const value = data.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid('The zip archive states an impossible size.');
  return Number(value);
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly entries: number;
}

async function findDirectory(file: FileSource): Promise<Directory> {
  const tailLength = Math.min(file.size, 22 + 65_535);
  const tail = await file.read(file.size - tailLength, tailLength);
  const data = view(tail);
  let at = tail.length - 22;
  for (; at >= 0; at--) {
    if (data.getUint32(at, true) === 0x06054b50 && at + 22 + data.getUint16(at + 20, true) === tail.length) break;
  }
  if (at < 0) throw invalid('The file ends before the directory of its zip archive.');
  if (data.getUint16(at + 4, true) !== 0 && data.getUint16(at + 4, true) !== 0xffff) {
    throw invalid('The zip archive is one part of several.');
  }
  let entries = data.getUint16(at + 10, true);
  let size = data.getUint32(at + 12, true);
  let offset = data.getUint32(at + 16, true);
  const locatorAt = at - 20;
  if (locatorAt >= 0 && data.getUint32(locatorAt, true) === 0x07064b50) {
    const record = view(await file.read(u64(data, locatorAt + 8), 56));
    if (record.getUint32(0, true) !== 0x06064b50) throw invalid('The zip64 record of the archive is damaged.');
    entries = u64(record, 32);
    size = u64(record, 40);
    offset = u64(record, 48);
  }
  if (entries > MAX_ENTRIES || size > MAX_DIRECTORY)
    throw hostile('The zip archive lists more entries than any real one.');
  if (offset + size > file.size) throw invalid('The directory of the zip archive lies outside the file.');
  return { offset, size, entries };
}

/** Refuses names that could leave the folder they are unpacked to. */
function checkName(name: string): void {
  const parts = name.replace(/\/$/, '').split('/');
  if (
    name.includes('\\') ||
    name.includes('\0') ||
    name.startsWith('/') ||
    /^[A-Za-z]:/.test(name) ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw hostile(`The zip archive holds an entry whose path leaves it: ${JSON.stringify(name)}.`);
  }
}

interface DirectoryEntry extends Omit<ZipEntry, 'dataOffset'> {
  readonly headerOffset: number;
}

function readDirectory(bytes: Uint8Array, count: number): DirectoryEntry[] {
  const data = view(bytes);
  const entries: DirectoryEntry[] = [];
  const seen = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || data.getUint32(at, true) !== 0x02014b50) {
      throw invalid('The directory of the zip archive is damaged.');
    }
    const flags = data.getUint16(at + 8, true);
    const method = data.getUint16(at + 10, true);
    const crc = data.getUint32(at + 16, true);
    let packed = data.getUint32(at + 20, true);
    let size = data.getUint32(at + 24, true);
    const nameLength = data.getUint16(at + 28, true);
    const extraLength = data.getUint16(at + 30, true);
    const commentLength = data.getUint16(at + 32, true);
    let headerOffset = data.getUint32(at + 42, true);
    const end = at + 46 + nameLength + extraLength + commentLength;
    if (end > bytes.length) throw invalid('The directory of the zip archive is damaged.');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    checkName(name);
    for (let x = at + 46 + nameLength, stop = x + extraLength; x + 4 <= stop; ) {
      const id = data.getUint16(x, true);
      const length = data.getUint16(x + 2, true);
      if (x + 4 + length > stop) break;
      if (id === 1) {
        let from = x + 4;
        const next = (): number => {
          if (from + 8 > x + 4 + length) throw invalid('A zip64 field of the archive is damaged.');
          from += 8;
          return u64(data, from - 8);
        };
        if (size === 0xffffffff) size = next();
        if (packed === 0xffffffff) packed = next();
        if (headerOffset === 0xffffffff) headerOffset = next();
      }
      x += 4 + length;
    }
    at = end;
    if ((flags & 1) !== 0) throw invalid(`The zip entry "${name}" is encrypted.`);
    if (method !== 0 && method !== 8) throw invalid(`The zip entry "${name}" uses compression method ${method}.`);
    if (method === 0 && packed !== size) throw invalid(`The zip entry "${name}" states two sizes.`);
    if (method === 8 && (size > MAX_INFLATED || size > packed * MAX_RATIO + 1024)) {
      throw hostile(`The zip entry "${name}" would inflate to ${size} bytes from ${packed}.`);
    }
    if (seen.has(name)) throw hostile(`The zip archive holds "${name}" twice.`);
    seen.add(name);
    entries.push({ name, method, crc, packed, size, headerOffset });
  }
  return entries;
}

export class ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #file: FileSource;

  private constructor(file: FileSource, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file;
    this.entries = entries;
  }

  /** Reads the directory and every local header. Folders are left out. */
  static async open(file: FileSource): Promise<ZipArchive> {
    const directory = await findDirectory(file);
    const listed = readDirectory(await file.read(directory.offset, directory.size), directory.entries);
    listed.sort((a, b) => a.headerOffset - b.headerOffset);
    const entries = new Map<string, ZipEntry>();
    let end = 0;
    for (const { headerOffset, ...entry } of listed) {
      if (headerOffset < end) throw hostile(`The zip entry "${entry.name}" lies inside another one.`);
      const header = view(await file.read(headerOffset, 30));
      if (header.getUint32(0, true) !== 0x04034b50) throw invalid(`The zip entry "${entry.name}" has no header.`);
      const nameLength = header.getUint16(26, true);
      const localName = new TextDecoder().decode(await file.read(headerOffset + 30, nameLength));
      if (localName !== entry.name || header.getUint16(8, true) !== entry.method) {
        throw hostile(`The zip entry "${entry.name}" calls itself "${localName}" in its own header.`);
      }
      const dataOffset = headerOffset + 30 + nameLength + header.getUint16(28, true);
      end = dataOffset + entry.packed;
      if (end > directory.offset) throw hostile(`The zip entry "${entry.name}" runs into the directory.`);
      if (!entry.name.endsWith('/')) entries.set(entry.name, { ...entry, dataOffset });
    }
    return new ZipArchive(file, entries);
  }

  /** A whole entry, checked against its CRC. @throws VidimusError above `limit` bytes. */
  async read(entry: ZipEntry, limit: number): Promise<Uint8Array> {
    if (entry.size > limit)
      throw hostile(`The zip entry "${entry.name}" has ${entry.size} bytes; ${limit} are allowed.`);
    const packed = await this.#file.read(entry.dataOffset, entry.packed);
    let bytes = packed;
    if (entry.method === 8) {
      try {
        bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
      } catch {
        throw invalid(`The zip entry "${entry.name}" does not inflate to the size it states.`);
      }
    }
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw this.#damaged(entry);
    return bytes;
  }

  /** Checks the CRC of a stored entry without holding it. */
  async verifyStored(entry: ZipEntry): Promise<void> {
    let crc = 0;
    for await (const chunk of this.#file.chunks(entry.dataOffset, entry.packed)) crc = crc32(chunk, crc);
    if (crc !== entry.crc) throw this.#damaged(entry);
  }

  #damaged(entry: ZipEntry): VidimusError {
    return invalid(`The zip entry "${entry.name}" does not match its checksum; the file is damaged.`);
  }

  /** An entry in pieces of at most {@link CHUNK_BYTES}; the CRC is checked at the end. */
  async *stream(entry: ZipEntry): AsyncGenerator<Uint8Array> {
    if (entry.method === 8) {
      const whole = await this.read(entry, MAX_INFLATED);
      for (let at = 0; at < whole.length; at += CHUNK_BYTES) yield whole.subarray(at, at + CHUNK_BYTES);
      return;
    }
    let crc = 0;
    for await (const chunk of this.#file.chunks(entry.dataOffset, entry.packed)) {
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (crc !== entry.crc) throw this.#damaged(entry);
  }
}
