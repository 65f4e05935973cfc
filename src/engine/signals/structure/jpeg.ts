/**
 * Reads the marker structure of a JPEG file (ITU-T T.81, Annex B) without decoding it: segments with offsets,
 * quantisation and Huffman tables, frame header, scans, and whatever follows the end of the image.
 *
 * Any input gives an answer: what is damaged is named in `warnings`, and the walk ends because each step moves on.
 */
import { createHash } from 'node:crypto';
import { quantisationTables } from '../quantisation.ts';
import { markerName, segmentName } from './jpegNames.ts';
import type { ByteSource } from './source.ts';
import { finishSteps, runSteps, type Steps } from './steps.ts';

/** One marker with its segment. `size` counts the marker itself; for a scan it includes the entropy-coded data. */
export interface JpegSegment {
  readonly marker: number;
  /** Name of T.81 (`SOI`, `APP1`, `DQT`, …) with the identifier of application segments, e.g. `APP1 Exif`. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** First byte after marker and length. */
  readonly body: number;
  readonly bodySize: number;
}

/** A quantisation table: 64 values in rows from the top left (the zigzag order of the file undone). */
export interface QuantisationTable {
  readonly id: number;
  readonly bits: 8 | 16;
  readonly values: Uint16Array;
  /** SHA-256 of the 64 values as big-endian 16-bit numbers, row order. */
  readonly sha256: string;
  readonly offset: number;
}

export interface HuffmanTable {
  readonly class: 'DC' | 'AC';
  readonly id: number;
  /** SHA-256 of the 16 counts and the symbols as they stand in the file. */
  readonly sha256: string;
  /** Whether it is one of the four example tables of T.81, Annex K.3, which encoders use without optimisation. */
  readonly standard: boolean;
  readonly offset: number;
}

export interface JpegFrame {
  /** Marker name: `SOF0` baseline, `SOF1` extended, `SOF2` progressive, … */
  readonly kind: string;
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly {
    readonly id: number;
    readonly h: number;
    readonly v: number;
    readonly table: number;
  }[];
}

/** Bytes after the end-of-image marker. */
export interface JpegTrailer {
  readonly offset: number;
  readonly size: number;
  readonly kind: 'zeros' | 'jpeg' | 'bmff' | 'samsung' | 'unknown';
}

export interface JpegMarkers {
  readonly segments: readonly JpegSegment[];
  readonly quantisation: readonly QuantisationTable[];
  readonly huffman: readonly HuffmanTable[];
  readonly frame: JpegFrame | null;
  readonly scans: number;
  readonly restartInterval: number | null;
  /** Whether the end-of-image marker was found. */
  readonly complete: boolean;
  readonly trailer: JpegTrailer | null;
  readonly warnings: readonly string[];
  /** SHA-256 of the order of markers with all tables: equal for files that one encoder wrote with one setting. */
  readonly signature: string;
}

/** SHA-256 of the tables of Annex K.3 (DC and AC for luminance and chrominance). */
const STANDARD_HUFFMAN = new Set<string>([
  '2f66814c875b53173f057d784a16a34d0d1f9aa91cdfa7143c41be02c9c7b005',
  'a6283a08f5d97906b66adcc812e32396ea83059e55dd4cc91934cf447559aeb6',
  '602f734c8c12c1d9d049a18fd91d9ef3d3d8c402665f90db3d97721fc49e4804',
  '13f90e3c9dc476c66f24347f6ad29cea93262e99faed279970c2f74e0557f445',
]);

const MAX_SEGMENTS = 10_000;
const BLOCK = 8 * 1024 * 1024;

/** Reads all markers of a JPEG held in memory or in a file, in one go. */
export const parseJpegMarkers = (source: ByteSource): JpegMarkers => finishSteps(walk(source));

/** As {@link parseJpegMarkers}, but lets the process breathe and obeys cancel after each 8 MiB of picture data. */
export const parseJpegMarkersAsync = (source: ByteSource, signal?: AbortSignal): Promise<JpegMarkers> =>
  runSteps(walk(source), signal);

interface Found {
  segments: JpegSegment[];
  quantisation: QuantisationTable[];
  huffman: HuffmanTable[];
  frame: JpegFrame | null;
  scans: number;
  restartInterval: number | null;
  warnings: string[];
}

function* walk(source: ByteSource): Steps<JpegMarkers> {
  const found: Found = {
    segments: [],
    quantisation: [],
    huffman: [],
    frame: null,
    scans: 0,
    restartInterval: null,
    warnings: [],
  };
  const { segments, warnings } = found;
  let complete = false;
  let at = 0;
  while (at < source.size) {
    if (segments.length >= MAX_SEGMENTS) {
      warnings.push(`more than ${MAX_SEGMENTS} markers; the rest is not read`);
      break;
    }
    const head = source.read(at, 4);
    if (head.length < 2) {
      warnings.push(`a single stray byte at ${at}`);
      break;
    }
    if (head[0] !== 0xff) {
      const next = yield* seekMarker(source, at);
      warnings.push(`${next - at} bytes at ${at} belong to no segment`);
      at = next;
      continue;
    }
    const marker = head[1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (isBare(marker)) {
      segments.push({ marker, name: markerName(marker), offset: at, size: 2, body: at + 2, bodySize: 0 });
      at += 2;
      if (marker === 0xd9) {
        complete = true;
        break;
      }
      continue;
    }
    const length = head.length < 4 ? 0 : head.readUInt16BE(2);
    if (length < 2) {
      warnings.push(`${markerName(marker)} at ${at} has the impossible length ${length}`);
      at += 2;
      continue;
    }
    let bodySize = length - 2;
    if (at + 2 + length > source.size) {
      warnings.push(`${markerName(marker)} at ${at} is cut off by the end of the file`);
      bodySize = Math.max(0, source.size - at - 4);
    }
    const body = source.read(at + 4, bodySize);
    let size = 4 + bodySize;
    if (marker === 0xda) size = (yield* seekMarker(source, at + size)) - at;
    segments.push({ marker, name: segmentName(marker, body), offset: at, size, body: at + 4, bodySize });
    readSegment(marker, body, at, found);
    at += size;
  }
  if (segments[0]?.marker !== 0xd8) warnings.push('the file does not begin with the start of an image');
  if (!complete) warnings.push('the end-of-image marker is missing');
  const trailer = complete && at < source.size ? describeTrailer(source, at) : null;
  return { ...found, complete, trailer, signature: signatureOf(found) };
}

/** Markers without a segment: SOI, EOI, RSTn, TEM. */
const isBare = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd9) || marker === 0x01;

/** Offset of the next marker that is neither stuffing, fill nor restart; the end of the file when there is none. */
function* seekMarker(source: ByteSource, from: number): Steps<number> {
  let at = from;
  while (at < source.size) {
    // One byte of overlap: a marker may lie across two blocks.
    const block = source.read(at, BLOCK + 1);
    let i = block.indexOf(0xff);
    while (i >= 0 && i + 1 < block.length) {
      const next = block[i + 1];
      if (next !== 0x00 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at + i;
      i = block.indexOf(0xff, i + 1);
    }
    if (block.length <= BLOCK) return source.size;
    at += BLOCK;
    yield;
  }
  return source.size;
}

function readSegment(marker: number, body: Buffer, offset: number, found: Found): void {
  if (marker === 0xdb) readQuantisation(body, offset, found);
  else if (marker === 0xc4) readHuffman(body, offset, found);
  else if (marker === 0xdd && body.length >= 2) found.restartInterval = body.readUInt16BE(0);
  else if (marker === 0xda) found.scans++;
  else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc)
    readFrame(marker, body, offset, found);
}

function readQuantisation(body: Buffer, offset: number, found: Found): void {
  const { tables, damaged } = quantisationTables(body);
  for (const table of tables) {
    const bytes = Buffer.alloc(128);
    table.values.forEach((value, i) => {
      bytes.writeUInt16BE(value, i * 2);
    });
    found.quantisation.push({ ...table, sha256: sha256(bytes), offset });
  }
  if (damaged) found.warnings.push(`the quantisation table at ${offset} is damaged`);
}

function readHuffman(body: Buffer, offset: number, found: Found): void {
  let at = 0;
  while (at < body.length) {
    let symbols = 0;
    for (let i = 1; i <= 16; i++) symbols += body[at + i] ?? 0;
    const end = at + 17 + symbols;
    if (body[at] >> 4 > 1 || (body[at] & 15) > 3 || end > body.length || symbols > 256) {
      found.warnings.push(`the Huffman table at ${offset} is damaged`);
      return;
    }
    const hash = sha256(body.subarray(at + 1, end));
    const kind = body[at] >> 4 === 0 ? 'DC' : 'AC';
    found.huffman.push({ class: kind, id: body[at] & 15, sha256: hash, standard: STANDARD_HUFFMAN.has(hash), offset });
    at = end;
  }
}

function readFrame(marker: number, body: Buffer, offset: number, found: Found): void {
  const count = body[5] ?? 0;
  if (body.length < 6 + count * 3) {
    found.warnings.push(`the frame header at ${offset} is cut off`);
    return;
  }
  if (found.frame !== null) {
    found.warnings.push(`a second frame header at ${offset}`);
    return;
  }
  const components = Array.from({ length: count }, (_, i) => {
    const at = 6 + i * 3;
    return { id: body[at], h: body[at + 1] >> 4, v: body[at + 1] & 15, table: body[at + 2] };
  });
  const kind = markerName(marker);
  found.frame = { kind, precision: body[0], height: body.readUInt16BE(1), width: body.readUInt16BE(3), components };
}

function describeTrailer(source: ByteSource, offset: number): JpegTrailer {
  const size = source.size - offset;
  const head = source.read(offset, 65_536);
  const tail = source.read(Math.max(offset, source.size - 4), 4);
  let kind: JpegTrailer['kind'] = 'unknown';
  if (head.every((byte) => byte === 0)) kind = 'zeros';
  else if (tail.toString('latin1') === 'SEFT') kind = 'samsung';
  else if (head.indexOf('\xff\xd8\xff', 0, 'latin1') >= 0) kind = 'jpeg';
  else if (head.toString('latin1', 4, 8) === 'ftyp') kind = 'bmff';
  return { offset, size, kind };
}

function signatureOf(found: Found): string {
  const order = found.segments.map((segment) => segment.name).join(' ');
  const frame = found.frame;
  const sampling = frame === null ? '' : frame.components.map((c) => `${c.id}:${c.h}x${c.v}:${c.table}`).join(',');
  const tables = [...found.quantisation, ...found.huffman].map((table) => table.sha256).join(' ');
  return sha256(Buffer.from(`${order} # ${frame?.kind ?? ''} ${sampling} # ${tables}`));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
