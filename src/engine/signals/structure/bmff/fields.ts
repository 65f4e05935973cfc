/** Reads the plain fields of boxes that say where a file comes from (ISO/IEC 14496-12, QuickTime File Format). */
import type { ByteSource } from '../source.ts';
import { fourCc } from '../tree.ts';
import { type Box, payload } from './boxes.ts';

/** A reader over a payload that answers null past the end instead of throwing. */
export class Fields {
  readonly bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  skip(count: number): this {
    this.#at = Math.min(this.bytes.length, this.#at + count);
    return this;
  }

  /** Unsigned integer of 1, 2, 3, 4 or 8 bytes; 8-byte values above 2^53 lose precision. */
  uint(size: 1 | 2 | 3 | 4 | 8): number | null {
    if (this.left < size) return null;
    const at = this.#at;
    this.#at += size;
    return size === 8 ? Number(this.bytes.readBigUInt64BE(at)) : this.bytes.readUIntBE(at, size);
  }

  int(size: 2 | 4 | 8): number | null {
    if (this.left < size) return null;
    const at = this.#at;
    this.#at += size;
    return size === 8 ? Number(this.bytes.readBigInt64BE(at)) : this.bytes.readIntBE(at, size);
  }

  cc(): string | null {
    if (this.left < 4) return null;
    this.#at += 4;
    return fourCc(this.bytes, this.#at - 4);
  }

  text(length = this.left): string {
    const at = this.#at;
    this.skip(length);
    return decodeText(this.bytes.subarray(at, this.#at));
  }
}

/** UTF-8 where it is valid, else Latin-1 (QuickTime's Mac Roman is close enough for ASCII names). */
function decodeText(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  const cut = zero < 0 ? bytes : bytes.subarray(0, zero);
  const utf8 = cut.toString('utf8');
  return utf8.includes('\ufffd') ? cut.toString('latin1') : utf8;
}

/** Brands of `ftyp` or `styp`. */
export interface FileType {
  readonly major: string;
  readonly minor: number;
  readonly compatible: readonly string[];
}

export function readFileType(source: ByteSource, box: Box): FileType | null {
  const fields = new Fields(payload(source, box, 1_024));
  const major = fields.cc();
  const minor = fields.uint(4);
  if (major === null || minor === null) return null;
  const compatible: string[] = [];
  for (let brand = fields.cc(); brand !== null; brand = fields.cc()) compatible.push(brand);
  return { major, minor, compatible };
}

/** Clock fields shared by `mvhd`, `tkhd` and `mdhd`; times are seconds since 1904-01-01 UTC, null when cut off. */
export interface HeaderTimes {
  readonly version: number;
  readonly flags: number;
  readonly created: number | null;
  readonly modified: number | null;
  readonly rest: Fields;
}

export function readTimes(source: ByteSource, box: Box): HeaderTimes {
  const fields = new Fields(payload(source, box, 256));
  const version = fields.uint(1) ?? 0;
  const flags = fields.uint(3) ?? 0;
  const width = version === 1 ? 8 : 4;
  return { version, flags, created: fields.uint(width), modified: fields.uint(width), rest: fields };
}

const EPOCH_1904 = 2_082_844_800;

/** Seconds since 1904 as ISO 8601 UTC; null for zero ("not set") and for values no clock shows. */
export function isoFrom1904(seconds: number | null): string | null {
  if (seconds === null || seconds === 0) return null;
  const ms = (seconds - EPOCH_1904) * 1_000;
  return Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}

/** Handler type and name of `hdlr`; QuickTime writes the name as a counted string. */
export function readHandler(source: ByteSource, box: Box): { type: string; maker: string; name: string } | null {
  const bytes = payload(source, box, 1_024);
  const fields = new Fields(bytes).skip(8);
  const type = fields.cc();
  const maker = fields.cc();
  if (type === null || maker === null) return null;
  fields.skip(8);
  const at = bytes.length - fields.left;
  const counted = fields.left > 1 && bytes[at] === fields.left - 1 && !bytes.subarray(at + 1).includes(0);
  return { type, maker, name: (counted ? fields.skip(1) : fields).text() };
}

/** Rotation in degrees clockwise that a `tkhd` or `mvhd` matrix asks for, null when it is no plain rotation. */
export function matrixRotation(a: number, b: number, c: number, d: number): number | null {
  const unit = 65_536;
  if (a === unit && b === 0 && c === 0 && d === unit) return 0;
  if (a === 0 && b === unit && c === -unit && d === 0) return 90;
  if (a === -unit && b === 0 && c === 0 && d === -unit) return 180;
  return a === 0 && b === -unit && c === unit && d === 0 ? 270 : null;
}

/** Text items of `udta` and `meta`: names such as `©too` or `com.apple.quicktime.software` with their values. */
export function readTextItem(source: ByteSource, box: Box): string | null {
  const fields = new Fields(payload(source, box, 4_096));
  if (box.type === 'data') {
    const kind = fields.uint(4);
    fields.skip(4);
    if (kind === 1) return fields.text();
    return kind === 21 || kind === 0 ? fields.bytes.subarray(8, 40).toString('hex') : null;
  }
  if (!box.type.startsWith('©')) return null;
  const length = fields.uint(2);
  fields.skip(2);
  return length === null ? null : fields.text(Math.min(length, fields.left));
}

/** Names of `keys` (QuickTime metadata), in order; item n of the `ilst` beside it is number n, counted from 1. */
export function readKeys(source: ByteSource, box: Box): string[] {
  const fields = new Fields(payload(source, box)).skip(4);
  const count = Math.min(fields.uint(4) ?? 0, 500);
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const size = fields.uint(4);
    if (size === null || size < 8 || fields.left < size - 4) break;
    fields.skip(4);
    keys.push(fields.text(size - 8));
  }
  return keys;
}
