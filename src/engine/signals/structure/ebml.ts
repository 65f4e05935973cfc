/** Walks Matroska and WebM files (RFC 8794, RFC 9559): a tree of the elements, and frames with their key flags. */
import type { StructureNode } from '../../../contract/result.ts';
import type { ByteSource } from './source.ts';
import { finishSteps, runSteps, type Steps } from './steps.ts';
import type { FrameTimes } from './timing.ts';
import type { OpenNode, TreeBuilder } from './tree.ts';

type Kind = 'master' | 'uint' | 'float' | 'text' | 'date' | 'block' | 'binary';

/** Elements that say something here; all others are listed by number. */
const ELEMENTS: Readonly<Record<number, readonly [string, Kind]>> = {
  440786851: ['EBML', 'master'],
  17026: ['DocType', 'text'],
  408125543: ['Segment', 'master'],
  290298740: ['SeekHead', 'binary'],
  357149030: ['Info', 'master'],
  2807729: ['TimestampScale', 'uint'],
  17545: ['Duration', 'float'],
  17505: ['DateUTC', 'date'],
  19840: ['MuxingApp', 'text'],
  22337: ['WritingApp', 'text'],
  31657: ['Title', 'text'],
  374648427: ['Tracks', 'master'],
  174: ['TrackEntry', 'master'],
  215: ['TrackNumber', 'uint'],
  131: ['TrackType', 'uint'],
  134: ['CodecID', 'text'],
  2352003: ['DefaultDuration', 'uint'],
  224: ['Video', 'master'],
  176: ['PixelWidth', 'uint'],
  186: ['PixelHeight', 'uint'],
  524531317: ['Cluster', 'master'],
  231: ['Timestamp', 'uint'],
  163: ['SimpleBlock', 'block'],
  160: ['BlockGroup', 'master'],
  161: ['Block', 'block'],
  251: ['ReferenceBlock', 'binary'],
  475249515: ['Cues', 'binary'],
  307544935: ['Tags', 'master'],
  29555: ['Tag', 'master'],
  26568: ['SimpleTag', 'master'],
  17827: ['TagName', 'text'],
  17543: ['TagString', 'text'],
  236: ['Void', 'binary'],
};
/** Blocks are media data: they feed the frame times and stay out of the tree. */
const HIDDEN = new Set(['SimpleBlock', 'BlockGroup', 'Block', 'ReferenceBlock']);
const MAX_ELEMENTS = 5_000_000;
const MAX_FRAMES = 1_000_000;

interface EbmlWalk {
  readonly tree: StructureNode | null;
  /** Frames of the first video track, null when there is none. */
  readonly frames: FrameTimes | null;
  readonly truncated: boolean;
}

interface Level {
  readonly id: number;
  readonly end: number;
  readonly unknownSize: boolean;
  readonly node: OpenNode | null;
}

interface State {
  scale: number;
  trackNumber: number;
  videoTrack: number | null;
  clusterTime: number;
  group: { time: number; key: boolean } | null;
  readonly frames: { time: number; key: boolean }[];
}

/** Walks a Matroska file in one go. Ends on any input; what cannot be read is named in the builder's warnings. */
export const walkEbml = (source: ByteSource, builder: TreeBuilder): EbmlWalk => finishSteps(walk(source, builder));

/** As {@link walkEbml}, but lets the process breathe and obeys cancel after each 20,000 elements. */
export const walkEbmlAsync = (source: ByteSource, builder: TreeBuilder, signal?: AbortSignal): Promise<EbmlWalk> =>
  runSteps(walk(source, builder), signal);

function* walk(source: ByteSource, builder: TreeBuilder): Steps<EbmlWalk> {
  const root = builder.node('file', 0, source.size);
  const stack: Level[] = [{ id: 0, end: source.size, unknownSize: false, node: root }];
  const state: State = { scale: 1_000_000, trackNumber: 0, videoTrack: null, clusterTime: 0, group: null, frames: [] };
  let truncated = false;
  let at = 0;
  for (let count = 0; at < source.size; count++) {
    if (count >= MAX_ELEMENTS || state.frames.length >= MAX_FRAMES) {
      truncated = true;
      break;
    }
    if (count % 20_000 === 19_999) yield;
    const head = source.read(at, 12);
    const id = readId(head);
    const size = id === null ? null : readSize(head, id.length);
    if (id === null || size === null) {
      builder.warn(`no element can be read at ${at}; the rest of the file is not walked`);
      break;
    }
    while (stack.length > 1 && (at >= stack[stack.length - 1].end || endsUnknown(stack[stack.length - 1], id.value))) {
      closeLevel(stack, state);
    }
    const parent = stack[stack.length - 1];
    const body = at + id.length + size.length;
    let end = size.value === null ? parent.end : body + size.value;
    const [name, kind] = ELEMENTS[id.value] ?? [`0x${id.value.toString(16)}`, 'binary'];
    if (end > parent.end) {
      builder.warn(`${name} at ${at} reaches beyond its parent`);
      end = parent.end;
    }
    const node = HIDDEN.has(name) ? null : builder.node(name, at, end - at);
    if (node !== null && parent.node !== null) parent.node.children.push(node);
    if (kind === 'master') {
      if (stack.length > 16) {
        builder.warn(`elements nested too deep at ${at}`);
        break;
      }
      if (name === 'BlockGroup') state.group = { time: Number.NaN, key: true };
      stack.push({ id: id.value, end, unknownSize: size.value === null, node });
      at = body;
      continue;
    }
    if (kind === 'block') readBlock(source.read(body, 12), name, state);
    else if (name === 'ReferenceBlock' && state.group !== null) state.group.key = false;
    else readValue(source, name, kind, body, Math.max(0, end - body), state, node, builder);
    at = Math.max(end, body);
  }
  while (stack.length > 1) closeLevel(stack, state);
  return { tree: root, frames: toFrames(state), truncated: truncated || builder.truncated };
}

/** A level of unknown size ends where an element begins that cannot be inside it. */
function endsUnknown(level: Level, next: number): boolean {
  return (
    level.unknownSize && level.id === 0x1f43b675 && (next === 0x1f43b675 || next === 0x1c53bb6b || next === 0x1254c367)
  );
}

function closeLevel(stack: Level[], state: State): void {
  const level = stack.pop();
  if (level?.id === 0xa0 && state.group !== null) {
    if (!Number.isNaN(state.group.time)) state.frames.push(state.group);
    state.group = null;
  }
}

/** Element number of 1 to 4 bytes, its length marker kept as RFC 8794 writes numbers. */
function readId(head: Buffer): { value: number; length: number } | null {
  const length = head.length === 0 ? 9 : Math.clz32(head[0]) - 23;
  if (length > 4 || head.length < length) return null;
  return { value: head.readUIntBE(0, length), length };
}

/** Size of 1 to 8 bytes; `value` is null for "unknown". */
function readSize(head: Buffer, at: number): { value: number | null; length: number } | null {
  const first = head[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (head.length < at + length) return null;
  let value = first & (0xff >> length);
  let unknown = value === 0xff >> length;
  for (let i = 1; i < length; i++) {
    unknown &&= head[at + i] === 0xff;
    value = value * 256 + head[at + i];
  }
  return { value: unknown ? null : Math.min(value, Number.MAX_SAFE_INTEGER / 2), length };
}

/** Track number, relative time and key flag of a block; lacing does not matter for video. */
function readBlock(head: Buffer, name: string, state: State): void {
  const track = readSize(head, 0);
  if (track === null || head.length < track.length + 3 || track.value !== state.videoTrack) return;
  const time = state.clusterTime + head.readInt16BE(track.length);
  if (name === 'SimpleBlock') state.frames.push({ time, key: (head[track.length + 2] & 0x80) !== 0 });
  else if (state.group !== null) state.group.time = time;
}

function readValue(
  source: ByteSource,
  name: string,
  kind: Kind,
  body: number,
  size: number,
  state: State,
  node: OpenNode | null,
  builder: TreeBuilder,
): void {
  if (kind === 'binary') return;
  const bytes = source.read(body, Math.min(size, kind === 'text' ? 2_000 : 8));
  let value: string | number = '';
  if (kind === 'text') value = bytes.toString('utf8').replace(/\0+$/, '');
  else if (kind === 'float')
    value = bytes.length === 8 ? bytes.readDoubleBE(0) : bytes.length === 4 ? bytes.readFloatBE(0) : 0;
  else if (kind === 'date') value = dateText(bytes);
  else for (const byte of bytes) value = Number(value) * 256 + byte;
  if (node !== null) builder.field(node, 'value', value);
  const number = Number(value);
  if (name === 'TimestampScale' && number > 0) state.scale = number;
  else if (name === 'TrackNumber') state.trackNumber = number;
  else if (name === 'TrackType' && number === 1) state.videoTrack ??= state.trackNumber;
  else if (name === 'Timestamp') state.clusterTime = number;
}

/** Nanoseconds since 2001-01-01 as ISO 8601. */
function dateText(bytes: Buffer): string {
  if (bytes.length < 8) return 'cut off';
  const ms = Number(bytes.readBigInt64BE(0) / 1_000_000n) + Date.UTC(2001, 0, 1);
  return Math.abs(ms) > 8.64e15 ? 'no date' : new Date(ms).toISOString();
}

function toFrames(state: State): FrameTimes | null {
  if (state.videoTrack === null || state.frames.length === 0) return null;
  const sorted = [...state.frames].sort((a, b) => a.time - b.time);
  const keys: number[] = [];
  const times = Float64Array.from(sorted, (frame, i) => {
    if (frame.key) keys.push(i);
    return (frame.time * state.scale) / 1e9;
  });
  return { times, clock: 'stated', hidden: 0, keys: Uint32Array.from(keys) };
}
