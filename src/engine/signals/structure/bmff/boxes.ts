/**
 * Walks the boxes of an ISO base media file (ISO/IEC 14496-12: MP4, MOV, HEIF, AVIF, 3GP) by their headers alone.
 *
 * Sizes are hostile: every box advances by at least its header, children stay inside their parent, and depth and
 * count are bounded, so the walk ends on any input and memory depends on the number of boxes, not on the file.
 */
import type { ByteSource } from '../source.ts';
import { fourCc } from '../tree.ts';

/** One box. `size` includes the header of `header` bytes; `body` is where children or payload fields begin. */
export interface Box {
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  readonly header: number;
  readonly body: number;
  /** Lower-case hexadecimal user type of a `uuid` box. */
  readonly uuid: string | null;
  readonly children: readonly Box[];
}

/** Boxes of a file with every irregularity the walk met. */
export interface BoxWalk {
  readonly boxes: readonly Box[];
  readonly warnings: readonly string[];
  readonly truncated: boolean;
}

interface BoxLimits {
  readonly maxBoxes: number;
  readonly maxDepth: number;
}

const DEFAULTS: BoxLimits = { maxBoxes: 100_000, maxDepth: 16 };
const MAX_WARNINGS = 100;

/** Boxes that hold boxes right after their header. */
const CONTAINERS = new Set(
  'moov trak mdia minf dinf stbl edts udta mvex moof traf mfra ilst iprp ipco gmhd sinf schi wave strk tapt meco rinf'.split(
    ' ',
  ),
);
/** Bytes of fields between the header and the first child. */
const PREFIXED: Readonly<Record<string, number>> = { stsd: 8, dref: 8, iinf: 6 };
const VISUAL = new Set(
  'avc1 avc3 hvc1 hev1 dvh1 dvhe vp08 vp09 av01 mp4v encv jpeg mjpa mjpb s263 apch apcn apcs apco ap4h ap4x'.split(' '),
);
const SOUND = new Set(
  'mp4a enca ac-3 ec-3 alac fLaC Opus samr sawb twos sowt lpcm in24 in32 fl32 ulaw alaw'.split(' '),
);

/** Walks all boxes of a source. Never throws on content; read errors of the medium pass through. */
export function walkBoxes(source: ByteSource, limits: BoxLimits = DEFAULTS): BoxWalk {
  const warnings: string[] = [];
  let count = 0;
  let truncated = false;
  const warn = (text: string): void => {
    if (warnings.length < MAX_WARNINGS) warnings.push(text);
    else truncated = true;
  };

  const level = (start: number, end: number, depth: number, parent: string): Box[] => {
    const boxes: Box[] = [];
    let at = start;
    while (at < end) {
      if (end - at < 8) {
        // QuickTime ends a user data list with a 32-bit zero, which is not a box.
        const zero = source.read(at, end - at).every((b) => b === 0);
        if (!(parent === 'udta' && zero)) warn(`${end - at} stray bytes at ${at} at the end of ${parent}`);
        break;
      }
      if (count >= limits.maxBoxes) {
        truncated = true;
        break;
      }
      const head = readHeader(source, at, end, parent, warn);
      if (head === null) break;
      count++;
      const childStart = childrenStart(source, head, parent);
      let children: Box[] = [];
      if (childStart !== null && childStart <= at + head.size) {
        if (depth + 1 < limits.maxDepth) children = level(childStart, at + head.size, depth + 1, head.type);
        else {
          truncated = true;
          warn(`boxes nested deeper than ${limits.maxDepth} at ${at}`);
        }
      }
      boxes.push({ ...head, children });
      at += head.size;
    }
    return boxes;
  };

  return { boxes: level(0, source.size, 0, 'file'), warnings, truncated };
}

type Header = Omit<Box, 'children'>;

function readHeader(
  source: ByteSource,
  at: number,
  end: number,
  parent: string,
  warn: (text: string) => void,
): Header | null {
  const head = source.read(at, 32);
  if (head.length < 8) {
    warn(`the file ends inside a box header at ${at}`);
    return null;
  }
  const type = fourCc(head, 4);
  let size = head.readUInt32BE(0);
  let header = 8;
  if (size === 1) {
    if (head.length < 16) {
      warn(`the file ends inside the 64-bit size of ${type} at ${at}`);
      return null;
    }
    header = 16;
    const large = head.readBigUInt64BE(8);
    size = large > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(large);
  } else if (size === 0) {
    size = end - at;
    if (parent !== 'file') warn(`${type} at ${at} inside ${parent} has no size: it is taken to the end of ${parent}`);
  }
  let uuid: string | null = null;
  if (type === 'uuid' && head.length >= header + 16) {
    uuid = head.toString('hex', header, header + 16);
    header += 16;
  }
  if (size < header) {
    warn(`${type} at ${at} claims ${size} bytes, less than its own header; the rest of ${parent} is not read`);
    return null;
  }
  if (size > end - at) {
    warn(`${type} at ${at} claims ${size} bytes, ${parent} has ${end - at} left`);
    size = end - at;
    if (size < header) return null;
  }
  return { type, offset: at, size, header, body: at + header, uuid };
}

/** Where the children of a box begin, or null when it holds none. */
function childrenStart(source: ByteSource, box: Header, parent: string): number | null {
  if (CONTAINERS.has(box.type)) return box.body;
  const prefix = PREFIXED[box.type];
  if (prefix !== undefined) {
    const wide = box.type === 'iinf' && source.read(box.body, 1)[0] !== 0;
    return box.body + prefix + (wide ? 2 : 0);
  }
  if (box.type === 'meta') {
    // QuickTime's `meta` is a plain box, that of ISO 14496-12 has version and flags first.
    return source.read(box.body + 4, 4).toString('latin1') === 'hdlr' ? box.body : box.body + 4;
  }
  if (parent === 'ilst') return box.body;
  if (parent === 'stsd' && VISUAL.has(box.type)) return box.body + 78;
  if (parent === 'stsd' && SOUND.has(box.type)) {
    const version = source.read(box.body + 8, 2);
    const extra = version.length === 2 ? [0, 16, 36][version.readUInt16BE(0)] : 0;
    return box.body + 28 + (extra ?? 0);
  }
  return null;
}

/** The first box on a path of types, e.g. `mdia/minf/stbl`. */
export function findBox(boxes: readonly Box[], path: string): Box | null {
  let level = boxes;
  let found: Box | null = null;
  for (const type of path.split('/')) {
    found = level.find((box) => box.type === type) ?? null;
    if (found === null) return null;
    level = found.children;
  }
  return found;
}

/** Visits every box, parents first. */
export function* eachBox(boxes: readonly Box[], path = ''): Generator<{ box: Box; path: string }> {
  for (const box of boxes) {
    const here = path === '' ? box.type : `${path}/${box.type}`;
    yield { box, path: here };
    yield* eachBox(box.children, here);
  }
}

/** Bytes of a box after its header, at most `max`. */
export function payload(source: ByteSource, box: Box, max = 65_536): Buffer {
  return source.read(box.body, Math.min(max, box.offset + box.size - box.body));
}
