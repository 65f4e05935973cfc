/** Turns walked boxes into a tree for display, with the fields that an examiner reads. */
import type { StructureNode } from '../../../../contract/result.ts';
import type { ByteSource } from '../source.ts';
import type { OpenNode, TreeBuilder } from '../tree.ts';
import { type Box, payload } from './boxes.ts';
import { Fields, isoFrom1904, readFileType, readHandler, readKeys, readTextItem, readTimes } from './fields.ts';

/** Builds the tree of a file; the root stands for the file itself. */
export function boxTree(source: ByteSource, boxes: readonly Box[], builder: TreeBuilder): StructureNode {
  const root = builder.node('file', 0, source.size) ?? {
    name: 'file',
    offset: 0,
    size: source.size,
    fields: [],
    children: [],
  };
  const grow = (parent: OpenNode, level: readonly Box[], depth: number): void => {
    for (const box of level) {
      const node = builder.node(box.type, box.offset, box.size);
      if (node === null) return;
      addFields(source, box, node, builder);
      parent.children.push(node);
      if (depth < builder.limits.maxDepth) grow(node, box.children, depth + 1);
      else if (box.children.length > 0) builder.truncated = true;
    }
  };
  grow(root, boxes, 1);
  return root;
}

type Print = (name: string, value: string | number | null) => void;
type Reader = (source: ByteSource, box: Box, put: Print) => void;

const date = (seconds: number | null): string =>
  seconds === null ? 'cut off' : (isoFrom1904(seconds) ?? `${seconds} (not set)`);

const tableCount: Reader = (source, box, put) => {
  put('entries', new Fields(payload(source, box, 8)).skip(4).uint(4));
};

const brands: Reader = (source, box, put) => {
  const type = readFileType(source, box);
  put('major brand', type?.major ?? null);
  put('minor version', type?.minor ?? null);
  put('compatible brands', type?.compatible.join(', ') ?? null);
};

const READERS: Readonly<Record<string, Reader>> = {
  ftyp: brands,
  styp: brands,
  mvhd(source, box, put) {
    const times = readTimes(source, box);
    put('created', date(times.created));
    put('modified', date(times.modified));
    put('time scale', times.rest.uint(4));
    put('duration', times.rest.uint(times.version === 1 ? 8 : 4));
    put('next track', times.rest.skip(76).uint(4));
  },
  tkhd(source, box, put) {
    const times = readTimes(source, box);
    put('flags', `0x${times.flags.toString(16)}`);
    put('created', date(times.created));
    put('modified', date(times.modified));
    put('track', times.rest.uint(4));
    put('duration', times.rest.skip(4).uint(times.version === 1 ? 8 : 4));
  },
  mdhd(source, box, put) {
    const times = readTimes(source, box);
    put('created', date(times.created));
    put('modified', date(times.modified));
    put('time scale', times.rest.uint(4));
    put('duration', times.rest.uint(times.version === 1 ? 8 : 4));
    put('language', language(times.rest.uint(2)));
  },
  hdlr(source, box, put) {
    const handler = readHandler(source, box);
    put('type', handler?.type ?? null);
    put('maker', handler?.maker ?? null);
    put('name', handler?.name ?? null);
  },
  keys(source, box, put) {
    readKeys(source, box).forEach((name, i) => {
      put(String(i + 1), name);
    });
  },
  elst(source, box, put) {
    const fields = new Fields(payload(source, box, 4_096));
    const wide = fields.uint(1) === 1;
    const count = fields.skip(3).uint(4);
    put('entries', count);
    for (let i = 1; i <= Math.min(count ?? 0, 50); i++) {
      const duration = fields.uint(wide ? 8 : 4);
      const start = fields.int(wide ? 8 : 4);
      const rate = fields.int(4);
      if (rate === null) return;
      put(`edit ${i}`, `duration ${duration}, media time ${start}, rate ${rate / 65_536}`);
    }
  },
  avcC(source, box, put) {
    const bytes = payload(source, box, 4);
    if (bytes.length === 4) put('profile, constraints, level', `${bytes[1]}, 0x${bytes[2]?.toString(16)}, ${bytes[3]}`);
  },
  stsz(source, box, put) {
    const fields = new Fields(payload(source, box, 12)).skip(4);
    put('constant size', fields.uint(4));
    put('samples', fields.uint(4));
  },
  stts: tableCount,
  ctts: tableCount,
  stss: tableCount,
  stsc: tableCount,
  stco: tableCount,
  co64: tableCount,
  stsd: tableCount,
};

function addFields(source: ByteSource, box: Box, node: StructureNode, builder: TreeBuilder): void {
  const put: Print = (name, value) => {
    builder.field(node, name, value ?? 'cut off');
  };
  if (box.uuid !== null) put('user type', box.uuid);
  if (box.header === 16 && box.type !== 'uuid') put('size field', '64 bit');
  const text = box.children.length === 0 ? readTextItem(source, box) : null;
  if (text !== null) put('text', text);
  READERS[box.type]?.(source, box, put);
}

/** ISO 639-2 code packed in three times five bits; QuickTime's numbers below 0x400 are printed as they are. */
function language(packed: number | null): string | number | null {
  if (packed === null || packed < 0x400) return packed;
  return [10, 5, 0].map((shift) => String.fromCharCode(0x60 + ((packed >> shift) & 31))).join('');
}
