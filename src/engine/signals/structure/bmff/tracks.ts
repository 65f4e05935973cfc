/** Tracks of an ISO base media file: headers, edit lists and sample tables (ISO/IEC 14496-12, 8.4 to 8.7). */
import type { ByteSource } from '../source.ts';
import { type Box, findBox, payload } from './boxes.ts';
import { Fields, matrixRotation, readHandler, readTimes } from './fields.ts';

/** One line of an edit list. `mediaTime` is -1 for an empty edit; `rate` is 1 in normal playing. */
interface Edit {
  readonly segmentDuration: number;
  readonly mediaTime: number;
  readonly rate: number;
}

/** Runs of `count` samples with one `value` (stts: duration, ctts: offset; both in the track's time scale). */
export interface Runs {
  readonly counts: Uint32Array;
  readonly values: Float64Array;
  /** Samples that the runs claim together. */
  readonly total: number;
}

export interface Track {
  readonly id: number | null;
  readonly handler: string;
  readonly handlerName: string;
  readonly codec: string | null;
  readonly timescale: number;
  /** Length of the media in units of `timescale`, as the header claims. */
  readonly duration: number;
  readonly created: number | null;
  readonly modified: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly rotation: number | null;
  readonly compressor: string | null;
  readonly edits: readonly Edit[];
  readonly stts: Runs;
  readonly ctts: Runs | null;
  /** Sample numbers from 1 of sync samples; null when there is no table, which means that every sample is one. */
  readonly sync: Uint32Array | null;
  readonly sampleCount: number;
  /** Sum of the sample sizes in bytes over the entries that could be read. */
  readonly sampleBytes: number;
  readonly firstChunk: number | null;
  /** Whether a limit of ours, and not the file, cut a table short. */
  readonly limited: boolean;
  readonly warnings: readonly string[];
}

/** Most entries read from all tables of a file: 24 hours at 48 frames per second, about 50 MB. */
const MAX_ENTRIES = 4_194_304;

/** What the readers of one track share; `budget` is shared by all tracks of a file. */
interface Reading {
  readonly source: ByteSource;
  readonly warnings: string[];
  readonly budget: { left: number };
  limited: boolean;
}

const MAX_EDITS = 10_000;
/** Recordings have a handful of tracks; a hostile file could have a hundred thousand. */
const MAX_TRACKS = 64;

/** Tracks of a `moov` box, the first 64. Damaged tables are read as far as they go and noted in `warnings`. */
export function readTracks(source: ByteSource, moov: Box): Track[] {
  const budget = { left: MAX_ENTRIES };
  return moov.children
    .filter((box) => box.type === 'trak')
    .slice(0, MAX_TRACKS)
    .map((trak) => readTrack({ source, warnings: [], budget, limited: false }, trak));
}

function readTrack(reading: Reading, trak: Box): Track {
  const { source, warnings } = reading;
  const table = (path: string): Box | null => findBox(trak.children, `mdia/minf/stbl/${path}`);
  const mdhd = findBox(trak.children, 'mdia/mdhd');
  const clock = mdhd === null ? null : readTimes(source, mdhd);
  const timescale = clock?.rest.uint(4) ?? 0;
  const duration = clock?.rest.uint(clock.version === 1 ? 8 : 4) ?? 0;
  const hdlr = findBox(trak.children, 'mdia/hdlr');
  const handler = hdlr === null ? null : readHandler(source, hdlr);
  const entry = table('stsd')?.children[0] ?? null;
  return {
    ...readTrackHeader(source, findBox(trak.children, 'tkhd')),
    handler: handler?.type ?? '',
    handlerName: handler?.name ?? '',
    codec: entry?.type ?? null,
    timescale,
    duration,
    created: clock?.created ?? null,
    modified: clock?.modified ?? null,
    compressor: handler?.type === 'vide' && entry !== null ? readCompressor(source, entry) : null,
    edits: readEdits(reading, findBox(trak.children, 'edts/elst')),
    stts: readRuns(reading, table('stts'), false),
    ctts: table('ctts') === null ? null : readRuns(reading, table('ctts'), true),
    sync: table('stss') === null ? null : readList(reading, table('stss')),
    ...readSizes(reading, table('stsz') ?? table('stz2')),
    firstChunk: readFirstChunk(source, table('stco') ?? table('co64')),
    // Set by the readers above: the order of these lines matters.
    limited: reading.limited,
    warnings,
  };
}

function readTrackHeader(source: ByteSource, tkhd: Box | null): Pick<Track, 'id' | 'width' | 'height' | 'rotation'> {
  if (tkhd === null) return { id: null, width: null, height: null, rotation: null };
  const { version, rest } = readTimes(source, tkhd);
  const id = rest.uint(4);
  rest.skip(4 + (version === 1 ? 8 : 4) + 16);
  const a = rest.int(4);
  const b = rest.int(4);
  rest.skip(4);
  const c = rest.int(4);
  const d = rest.int(4);
  rest.skip(16);
  const width = rest.uint(4);
  const height = rest.uint(4);
  const rotation = a === null || b === null || c === null || d === null ? null : matrixRotation(a, b, c, d);
  return {
    id,
    width: width === null ? null : width / 65_536,
    height: height === null ? null : height / 65_536,
    rotation,
  };
}

/** The 32-byte counted compressor name of a visual sample entry. */
function readCompressor(source: ByteSource, entry: Box): string | null {
  const bytes = source.read(entry.body + 42, 32);
  const length = Math.min(bytes[0] ?? 0, 31);
  return bytes.length < 32 || length === 0 ? null : bytes.toString('latin1', 1, 1 + length).replace(/\0+$/, '');
}

interface Table {
  readonly version: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Payload of a counted table, its count cut to what the box really holds. */
function readTable(reading: Reading, box: Box | null, head: number, width: number): Table | null {
  const { source, warnings, budget } = reading;
  if (box === null) return null;
  const start = source.read(box.body, head);
  if (start.length < head) {
    warnings.push(`${box.type} is cut off`);
    return null;
  }
  const claimed = start.readUInt32BE(head - 4);
  const room = Math.floor((box.offset + box.size - box.body - head) / width);
  if (claimed > room) warnings.push(`${box.type} claims ${claimed} entries and has room for ${Math.max(0, room)}`);
  let count = Math.min(claimed, Math.max(0, room));
  if (count > budget.left) {
    count = budget.left;
    reading.limited = true;
  }
  budget.left -= count;
  const bytes = source.read(box.body + head, count * width);
  return { version: start[0] ?? 0, count: Math.floor(bytes.length / width), bytes };
}

function readRuns(reading: Reading, box: Box | null, offsets: boolean): Runs {
  const table = readTable(reading, box, 8, 8);
  const n = table?.count ?? 0;
  const counts = new Uint32Array(n);
  const values = new Float64Array(n);
  let total = 0;
  for (let i = 0; table !== null && i < n; i++) {
    counts[i] = table.bytes.readUInt32BE(i * 8);
    // Writers of version 0 store negative composition offsets as well; read as signed they are what was meant.
    values[i] = offsets ? table.bytes.readInt32BE(i * 8 + 4) : table.bytes.readUInt32BE(i * 8 + 4);
    total += counts[i];
  }
  return { counts, values, total };
}

function readList(reading: Reading, box: Box | null): Uint32Array {
  const table = readTable(reading, box, 8, 4);
  const list = new Uint32Array(table?.count ?? 0);
  for (let i = 0; table !== null && i < list.length; i++) list[i] = table.bytes.readUInt32BE(i * 4);
  return list;
}

function readSizes(reading: Reading, box: Box | null): Pick<Track, 'sampleCount' | 'sampleBytes'> {
  const { source, warnings } = reading;
  if (box === null) return { sampleCount: 0, sampleBytes: 0 };
  const start = source.read(box.body, 12);
  if (start.length < 12) {
    warnings.push(`${box.type} is cut off`);
    return { sampleCount: 0, sampleBytes: 0 };
  }
  const constant = box.type === 'stsz' ? start.readUInt32BE(4) : 0;
  if (constant > 0) return { sampleCount: start.readUInt32BE(8), sampleBytes: constant * start.readUInt32BE(8) };
  // Compact sizes (stz2) are rare and only their number matters here.
  if (box.type === 'stz2') return { sampleCount: start.readUInt32BE(8), sampleBytes: 0 };
  const table = readTable(reading, box, 12, 4);
  let sampleBytes = 0;
  for (let i = 0; table !== null && i < table.count; i++) sampleBytes += table.bytes.readUInt32BE(i * 4);
  return { sampleCount: table?.count ?? 0, sampleBytes };
}

function readFirstChunk(source: ByteSource, box: Box | null): number | null {
  if (box === null) return null;
  const fields = new Fields(payload(source, box, 16)).skip(4);
  return (fields.uint(4) ?? 0) === 0 ? null : fields.uint(box.type === 'co64' ? 8 : 4);
}

function readEdits(reading: Reading, box: Box | null): Edit[] {
  if (box === null) return [];
  const wide = reading.source.read(box.body, 1)[0] === 1;
  const table = readTable(reading, box, 8, wide ? 20 : 12);
  if (table === null) return [];
  const fields = new Fields(table.bytes);
  const edits: Edit[] = [];
  reading.limited ||= table.count > MAX_EDITS;
  for (let i = 0; i < Math.min(table.count, MAX_EDITS); i++) {
    const segmentDuration = fields.uint(wide ? 8 : 4);
    const mediaTime = fields.int(wide ? 8 : 4);
    const rate = fields.int(4);
    if (segmentDuration === null || mediaTime === null || rate === null) break;
    edits.push({ segmentDuration, mediaTime, rate: rate / 65_536 });
  }
  return edits;
}
