import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Structure } from '../../src/contract/result.ts';
import { aviFrames } from '../../src/engine/signals/structure/avi.ts';
import { pngTree, riffTree } from '../../src/engine/signals/structure/chunks.ts';
import { walkEbml } from '../../src/engine/signals/structure/ebml.ts';
import { jsonTree } from '../../src/engine/signals/structure/jsonTree.ts';
import { sniffFormat } from '../../src/engine/signals/structure/sniff.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';
import { TreeBuilder } from '../../src/engine/signals/structure/tree.ts';

/** An element of EBML with an 8-byte size. */
function element(id: number, body: Buffer | readonly number[]): Buffer {
  const hex = id.toString(16);
  const data = Buffer.from(body);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(data.length) | (1n << 56n));
  return Buffer.concat([Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'), size, data]);
}
const simpleBlock = (track: number, time: number, key: boolean): Buffer =>
  element(0xa3, [0x80 | track, time >> 8, time & 255, key ? 0x80 : 0, 1, 2, 3]);
const tracks = element(0x1654ae6b, element(0xae, Buffer.concat([element(0xd7, [1]), element(0x83, [1])])));
const cluster = (time: number, ...blocks: Buffer[]): Buffer =>
  element(0x1f43b675, Buffer.concat([element(0xe7, [time >> 8, time & 255]), ...blocks]));
const group = (time: number, reference: boolean): Buffer =>
  element(
    0xa0,
    Buffer.concat([element(0xa1, [0x81, time >> 8, time & 255, 0, 9]), ...(reference ? [element(0xfb, [1])] : [])]),
  );
const head = element(0x1a45dfa3, element(0x4282, Buffer.from('webm')));

describe('Matroska', () => {
  const file = Buffer.concat([
    head,
    element(
      0x18538067,
      Buffer.concat([
        tracks,
        cluster(0, simpleBlock(1, 0, true), simpleBlock(2, 5, true), simpleBlock(1, 40, false)),
        cluster(80, group(0, false), group(40, true)),
      ]),
    ),
  ]);

  it('reads times and key flags of the video track from both kinds of blocks', () => {
    const { frames } = walkEbml(memorySource(file), new TreeBuilder());
    expect(Array.from(frames?.times ?? [])).toEqual([0, 0.04, 0.08, 0.12]);
    expect(Array.from(frames?.keys ?? [])).toEqual([0, 2]);
  });

  it('reads clusters of unknown size, as live recordings have them', () => {
    const unknown = (id: string, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from(id, 'hex'), Buffer.from('01ffffffffffffff', 'hex'), body]);
    const live = unknown(
      '18538067',
      Buffer.concat([
        tracks,
        unknown('1f43b675', Buffer.concat([element(0xe7, [0]), simpleBlock(1, 0, true)])),
        unknown('1f43b675', Buffer.concat([element(0xe7, [50]), simpleBlock(1, 0, false)])),
      ]),
    );
    const { frames, tree } = walkEbml(memorySource(Buffer.concat([head, live])), new TreeBuilder());
    expect(Array.from(frames?.times ?? [])).toEqual([0, 0.05]);
    expect(tree?.children[1]?.children.map((node) => node.name)).toEqual(['Tracks', 'Cluster', 'Cluster']);
  });

  it('never throws on damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(file.length),
        (changes, length) => {
          const bytes = Buffer.from(file);
          for (const [at, value] of changes) bytes[at] = value;
          walkEbml(memorySource(bytes.subarray(0, length)), new TreeBuilder());
        },
      ),
      { numRuns: 500, seed: 2 },
    );
  });
});

describe('chunks', () => {
  it('lists a PNG and notices wrong checksums, cut ends and data after the end', async () => {
    const png = await sharp({ create: { width: 9, height: 7, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const builder = new TreeBuilder();
    const tree = pngTree(memorySource(png), builder);
    expect(builder.warnings).toEqual([]);
    expect(tree?.children[0]).toMatchObject({ name: 'IHDR', offset: 8, size: 25 });
    expect(tree?.children[0]?.fields.slice(0, 2)).toEqual([
      { name: 'width', value: '9' },
      { name: 'height', value: '7' },
    ]);
    const warnings = (bytes: Buffer): string => {
      const own = new TreeBuilder();
      pngTree(memorySource(bytes), own);
      return own.warnings.join();
    };
    const wrong = Buffer.from(png);
    wrong[17] = 99;
    expect(warnings(wrong)).toContain('checksum of IHDR');
    expect(warnings(png.subarray(0, png.length - 4))).toContain('IEND is missing');
    expect(warnings(png.subarray(0, png.length - 14))).toContain('cut off');
    expect(warnings(Buffer.concat([png, Buffer.from('x')]))).toContain('1 bytes follow the end');
  });

  it('lists nested RIFF lists, odd sizes padded', () => {
    const chunk = (id: string, body: Buffer): Buffer => {
      const size = Buffer.alloc(4);
      size.writeUInt32LE(body.length);
      return Buffer.concat([Buffer.from(id), size, body, Buffer.alloc(body.length & 1)]);
    };
    const file = chunk(
      'RIFF',
      Buffer.concat([
        Buffer.from('AVI '),
        chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk('ISFT', Buffer.from('Lavf59'))])),
        chunk('LIST', Buffer.concat([Buffer.from('movi'), chunk('00dc', Buffer.alloc(3))])),
        chunk('JUNK', Buffer.alloc(5)),
      ]),
    );
    const builder = new TreeBuilder();
    const riff = riffTree(memorySource(file), builder)?.children[0];
    expect(builder.warnings).toEqual([]);
    expect(riff?.children.map((node) => node.name)).toEqual(['LIST', 'LIST', 'JUNK']);
    expect(riff?.children[0]?.children[0]?.fields).toEqual([{ name: 'text', value: 'Lavf59' }]);
    expect(riff?.children[1]?.children).toEqual([]);
  });

  it('never throws on random bytes, and its trees fit the contract', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('RIFF', '\x89PNG\r\n\x1a\n', 'RIFX'),
        (bytes, start) => {
          const source = memorySource(Buffer.concat([Buffer.from(start, 'latin1'), bytes]));
          for (const tree of [riffTree(source, new TreeBuilder()), pngTree(source, new TreeBuilder())]) {
            if (tree !== null)
              Structure.parse({ id: 'x', detector: 'x', kind: 'chunks', title: 'x', truncated: false, tree });
          }
          sniffFormat(source);
          aviFrames(source);
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });
});

it('keeps trees within their limits and says that it cut them', () => {
  const builder = new TreeBuilder({ maxNodes: 20, maxDepth: 4, maxText: 10, maxTotalText: 400 });
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = { deep };
  const tree = jsonTree(
    'root',
    { deep, list: Array.from({ length: 100 }, (_, i) => ({ i })), text: 'y'.repeat(500) },
    builder,
  );
  expect(builder.truncated).toBe(true);
  expect(JSON.stringify(tree).length).toBeLessThan(2_500);
});
