/** Builds the bytes of boxes and JPEG segments for tests. */

/** A box of ISO 14496-12 with its size in front. */
export function box(type: string, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** 32-bit big-endian numbers; negative ones in two's complement. */
export const u32 = (...values: readonly number[]): Buffer => numbers(values);

function numbers(values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    out.writeUInt32BE(value >>> 0, i * 4);
  });
  return out;
}

/** A JPEG segment with marker and length. */
export function segment(marker: number, body: Buffer | readonly number[]): Buffer {
  const data = Buffer.from(body);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** What a movie made by {@link movie} holds. */
export interface MovieParts {
  readonly stts: readonly (readonly [number, number])[];
  readonly ctts?: readonly (readonly [number, number])[];
  readonly stss?: readonly number[];
  readonly samples: number;
  readonly edits?: readonly (readonly [duration: number, mediaTime: number])[];
  readonly created?: number;
  readonly modified?: number;
  readonly trackCreated?: number;
  readonly timescale?: number;
  readonly mediaDuration?: number;
  readonly handlerName?: string;
}

const counted = (pairs: readonly (readonly number[])[]): Buffer => numbers([0, pairs.length, ...pairs.flat()]);

/** A movie with one video track whose tables are given; the movie's time scale is 1000. */
export function movie(parts: MovieParts): Buffer {
  const { created = 0, modified = 0, trackCreated = created, timescale = 1_000 } = parts;
  const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const tables = [
    box('stts', counted(parts.stts)),
    ...(parts.ctts === undefined ? [] : [box('ctts', counted(parts.ctts))]),
    ...(parts.stss === undefined ? [] : [box('stss', u32(0, parts.stss.length, ...parts.stss))]),
    box('stsz', u32(0, 100, parts.samples)),
    box('stco', u32(0, 1, 40)),
  ];
  const edits =
    parts.edits === undefined
      ? []
      : [box('edts', box('elst', counted(parts.edits.map(([duration, time]) => [duration, time, 0x10000]))))];
  const trak = box(
    'trak',
    box('tkhd', u32(7, trackCreated, modified, 1, 0, 0, 0, 0, 0, 0), matrix, u32(640 << 16, 480 << 16)),
    ...edits,
    box(
      'mdia',
      box('mdhd', u32(0, trackCreated, modified, timescale, parts.mediaDuration ?? 0, 0x55c40000)),
      box(
        'hdlr',
        u32(0, 0),
        Buffer.from('vide'),
        u32(0, 0, 0),
        Buffer.from(`${parts.handlerName ?? 'VideoHandler'}\0`),
      ),
      box('minf', box('stbl', ...tables)),
    ),
  );
  const mvhd = box(
    'mvhd',
    u32(0, created, modified, 1_000, 5_000, 0x10000, 0x01000000, 0, 0),
    matrix,
    Buffer.alloc(24),
    u32(2),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('isom'), u32(512), Buffer.from('isomiso2avc1mp41')),
    box('mdat', Buffer.alloc(64)),
    box('moov', mvhd, trak),
  ]);
}
