import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { ZIGZAG } from '../../src/engine/signals/quantisation.ts';
import { parseJpegMarkers, parseJpegMarkersAsync } from '../../src/engine/signals/structure/jpeg.ts';
import { jpegFindings, jpegTree } from '../../src/engine/signals/structure/jpegTree.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';
import { TreeBuilder } from '../../src/engine/signals/structure/tree.ts';
import { segment } from './structureBytes.ts';

let baseline: Buffer;
let progressive: Buffer;

beforeAll(async () => {
  const raw = { width: 80, height: 56, channels: 3 } as const;
  const pixels = Buffer.from(Array.from({ length: raw.width * raw.height * 3 }, (_, i) => (i * 2_654_435_761) >>> 24));
  baseline = await sharp(pixels, { raw }).jpeg({ quality: 75, optimiseCoding: false }).toBuffer();
  progressive = await sharp(pixels, { raw }).jpeg({ quality: 75, progressive: true }).toBuffer();
});

const parse = (bytes: Uint8Array) => parseJpegMarkers(memorySource(bytes));
const types = (bytes: Uint8Array): string[] => jpegFindings(memorySource(bytes), parse(bytes)).map((f) => f.type);
/** Puts a segment after the start of the image. */
const insert = (bytes: Buffer, extra: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 2), extra, bytes.subarray(2)]);

describe('markers of a JPEG', () => {
  it('covers the file without gap or overlap', () => {
    for (const bytes of [baseline, progressive]) {
      const { segments, complete, trailer, warnings } = parse(bytes);
      expect(warnings).toEqual([]);
      expect(complete).toBe(true);
      expect(trailer).toBeNull();
      let at = 0;
      for (const item of segments) {
        expect(item.offset).toBe(at);
        at += item.size;
      }
      expect(at).toBe(bytes.length);
    }
  });

  it('reads frame, tables and scans', () => {
    const jpeg = parse(baseline);
    expect(jpeg.frame).toMatchObject({ kind: 'SOF0', precision: 8, width: 80, height: 56 });
    expect(jpeg.frame?.components.map((c) => `${c.h}x${c.v}`)).toEqual(['2x2', '1x1', '1x1']);
    expect(jpeg.huffman.map((table) => `${table.class}${table.id}`)).toEqual(['DC0', 'AC0', 'DC1', 'AC1']);
    expect(jpeg.scans).toBe(1);
    expect(parse(progressive).frame?.kind).toBe('SOF2');
    expect(parse(progressive).scans).toBeGreaterThan(1);
  });

  it('undoes the zigzag: the tables of T.81, Annex K.1 at quality 50 come out in rows', async () => {
    // MozJPEG's default tables differ from Annex K; table 0 asks for the classic ones.
    const bytes = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#456' } })
      .jpeg({ quality: 50, quantisationTable: 0 })
      .toBuffer();
    const [luminance] = parse(bytes).quantisation;
    expect(Array.from(luminance?.values.subarray(0, 16) ?? [])).toEqual([
      16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    ]);
    expect(new Set(ZIGZAG).size).toBe(64);
  });

  it('knows the standard Huffman tables from optimised ones', () => {
    expect(parse(baseline).huffman.every((table) => table.standard)).toBe(true);
    expect(parse(progressive).huffman.some((table) => !table.standard)).toBe(true);
  });

  it('has one signature for one encoder and setting, another for another', async () => {
    const other = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#888' } })
      .jpeg({ quality: 75, optimiseCoding: false })
      .toBuffer();
    expect(parse(other).signature).toBe(parse(baseline).signature);
    expect(parse(progressive).signature).not.toBe(parse(baseline).signature);
  });

  it('is not led astray by markers inside a segment', () => {
    const inner = Buffer.concat([Buffer.from('Exif\0\0'), baseline]);
    const jpeg = parse(insert(baseline, segment(0xe1, inner)));
    expect(jpeg.segments.filter((item) => item.name === 'SOI')).toHaveLength(1);
    expect(jpeg.segments[1]?.name).toBe('APP1 Exif');
  });

  it('gives the same answer in steps', async () => {
    expect(await parseJpegMarkersAsync(memorySource(progressive))).toEqual(parse(progressive));
    await expect(parseJpegMarkersAsync(memorySource(baseline), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('finds a marker that lies across two blocks of reading', () => {
    const sos = parse(baseline).segments.find((item) => item.name === 'SOS');
    const start = (sos?.body ?? 0) + (sos?.bodySize ?? 0);
    // The entropy-coded data is made to end exactly at the 8 MiB block: 0xFF in one, 0xD9 in the next.
    const bytes = Buffer.concat([
      baseline.subarray(0, start),
      Buffer.alloc(8 * 1024 * 1024 - 1),
      Buffer.from([0xff, 0xd9]),
    ]);
    const jpeg = parse(bytes);
    expect(jpeg.complete).toBe(true);
    expect(jpeg.segments.at(-1)?.offset).toBe(bytes.length - 2);
  });
});

describe('what is unusual', () => {
  it('says nothing about a plain baseline file', () => {
    expect(types(baseline)).toEqual([]);
  });

  it('names what follows the end, by its kind', () => {
    const kind = (tail: Buffer) => parse(Buffer.concat([baseline, tail])).trailer?.kind;
    expect(kind(Buffer.alloc(16))).toBe('zeros');
    expect(kind(baseline)).toBe('jpeg');
    expect(kind(Buffer.from('\0\0\0\x18ftypmp42'))).toBe('bmff');
    expect(kind(Buffer.from('hidden words'))).toBe('unknown');
    const [finding] = jpegFindings(memorySource(baseline), parse(Buffer.concat([baseline, Buffer.from('abc')])));
    expect(finding).toMatchObject({
      type: 'jpeg.data-after-end',
      severity: 'medium',
      where: { bytes: [baseline.length, baseline.length + 3] },
    });
  });

  it('names a cut file, comments of programs, segments of Adobe, and progressive files with EXIF', () => {
    expect(types(baseline.subarray(0, baseline.length - 40))).toEqual(['jpeg.cut-off']);
    expect(types(insert(baseline, segment(0xfe, Buffer.from('CREATOR: gd-jpeg v1.0'))))).toEqual([
      'jpeg.writer-comment',
    ]);
    expect(types(insert(baseline, segment(0xec, Buffer.from('Ducky\0'))))).toEqual(['jpeg.editor-segments']);
    expect(types(insert(progressive, segment(0xe1, Buffer.from('Exif\0\0'))))).toEqual(['jpeg.progressive-with-exif']);
  });

  it('names damaged tables and impossible lengths', () => {
    expect(parse(insert(baseline, segment(0xdb, [0x00, 1, 2]))).warnings.join()).toContain('quantisation table');
    expect(parse(insert(baseline, segment(0xc4, [0x00]))).warnings.join()).toContain('Huffman table');
    expect(parse(insert(baseline, Buffer.from([0xff, 0xe5, 0, 1]))).warnings.join()).toContain('impossible length 1');
  });
});

it('never throws and ends on changed and random bytes', () => {
  const change = fc.tuple(fc.nat(4_000), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 30 }),
      fc.boolean(),
      fc.uint8Array({ maxLength: 300 }),
      (changes, use, random) => {
        const bytes = use ? Buffer.from(progressive) : Buffer.concat([Buffer.from([0xff, 0xd8]), random]);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const source = memorySource(bytes);
        const jpeg = parseJpegMarkers(source);
        for (const item of jpeg.segments) expect(item.offset + item.size).toBeLessThanOrEqual(bytes.length);
        jpegFindings(source, jpeg);
        jpegTree(source, jpeg, new TreeBuilder());
      },
    ),
    { numRuns: 600, seed: 11 },
  );
});
