/**
 * Key frames of an AVI file from its index (`idx1`). AVI states no time per frame: the times are those of the nominal
 * rate, and a frame that was not recorded stands in the index as a chunk without bytes.
 */
import type { TrackTimes } from './bmff/frameTimes.ts';
import type { ByteSource } from './source.ts';
import { fourCc } from './tree.ts';

const KEY_FRAME = 0x10;
const MAX_FRAMES = 2_000_000;
const ENTRY = 16;

interface Place {
  readonly at: number;
  readonly size: number;
}

/** Frames of the first video stream; refused for files with more than one RIFF segment, whose index is partial. */
export function aviFrames(source: ByteSource): TrackTimes {
  const first = source.read(0, 8);
  const end = first.length < 8 ? 0 : Math.min(source.size, 8 + first.readUInt32LE(4));
  if (fourCc(source.read(end, 12), 8) === 'AVIX') {
    return { ok: false, reason: 'the file has several segments (OpenDML), whose index is not read' };
  }
  const stream = firstVideoStream(source, end);
  if (stream === null) return { ok: false, reason: 'the file has no video stream' };
  const index = findChunk(source, 12, end, 'idx1');
  if (index === null) return { ok: false, reason: 'the file has no index' };
  const bytes = source.read(index.at, Math.min(index.size, MAX_FRAMES * ENTRY));
  const wanted = String(stream.number).padStart(2, '0');
  const keys: number[] = [];
  const times: number[] = [];
  for (let at = 0; at + ENTRY <= bytes.length; at += ENTRY) {
    const id = fourCc(bytes, at);
    if (!id.startsWith(wanted) || !/d[cb]$/.test(id)) continue;
    if ((bytes.readUInt32LE(at + 4) & KEY_FRAME) !== 0) keys.push(times.length);
    times.push(times.length * stream.interval);
  }
  if (times.length === 0) return { ok: false, reason: 'the index names no video frame' };
  return {
    ok: true,
    frames: { times: Float64Array.from(times), clock: 'nominal', hidden: 0, keys: Uint32Array.from(keys) },
  };
}

/** Number and seconds per frame of the first stream of type `vids`. */
function firstVideoStream(source: ByteSource, end: number): { number: number; interval: number } | null {
  const headers = findChunk(source, 12, end, 'LIST', 'hdrl');
  if (headers === null) return null;
  let at = headers.at + 4;
  for (let number = 0; number < 100; number++) {
    const list = findChunk(source, at, headers.at + headers.size, 'LIST', 'strl');
    if (list === null) return null;
    const header = findChunk(source, list.at + 4, list.at + list.size, 'strh');
    const bytes = header === null ? Buffer.alloc(0) : source.read(header.at, 28);
    if (bytes.length === 28 && fourCc(bytes) === 'vids') {
      const scale = bytes.readUInt32LE(20);
      const rate = bytes.readUInt32LE(24);
      return scale > 0 && rate > 0 ? { number, interval: scale / rate } : null;
    }
    at = list.at + list.size + (list.size & 1);
  }
  return null;
}

/** Body of the first chunk with this name (and form, for lists) between two places. */
function findChunk(source: ByteSource, from: number, end: number, name: string, form?: string): Place | null {
  let at = from;
  for (let count = 0; at + 8 <= end && count < 10_000; count++) {
    const head = source.read(at, 12);
    if (head.length < 8) return null;
    const size = Math.min(head.readUInt32LE(4), end - at - 8);
    if (fourCc(head) === name && (form === undefined || (size >= 4 && fourCc(head, 8) === form)))
      return { at: at + 8, size };
    at += 8 + size + (size & 1);
  }
  return null;
}
