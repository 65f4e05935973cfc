import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extensionFits, type FileFormat, FORMATS, sniff } from '../../src/engine/media/sniff.ts';

const reader = (bytes: Uint8Array) => async (offset: number, length: number) => bytes.subarray(offset, offset + length);
const bytesOf = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const of = async (...parts: (string | number[])[]) => (await sniff(reader(bytesOf(...parts))))?.id ?? null;
const zeros = (n: number) => new Array<number>(n).fill(0);
const format = (id: string): FileFormat => {
  const found = FORMATS.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

describe('the type of a file from its bytes', () => {
  it.each<[string, (string | number[])[]]>([
    ['jpeg', [[0xff, 0xd8, 0xff, 0xe0], zeros(20)]],
    ['gif', ['GIF89a', zeros(20)]],
    ['bmp', ['BM', zeros(12), [40, 0, 0, 0], zeros(40)]],
    ['tiff', [[0x4d, 0x4d, 0, 0x2a], zeros(20)]],
    ['webp', ['RIFF', zeros(4), 'WEBPVP8 ']],
    ['heic', [[0, 0, 0, 24], 'ftypheic', zeros(4), 'mif1heic']],
    ['avif', [[0, 0, 0, 28], 'ftypmif1', zeros(4), 'mif1avifmiaf']],
    ['mp4', [[0, 0, 0, 24], 'ftypisom', zeros(4), 'isommp42']],
    ['m4a', [[0, 0, 0, 24], 'ftypM4A ', zeros(4), 'M4A mp42']],
    ['mov', [[0, 0, 0, 20], 'ftypqt  ', zeros(4), 'qt  ']],
    ['mov', [[0, 0, 1, 0], 'moov', zeros(30)]],
    ['avi', ['RIFF', zeros(4), 'AVI LIST']],
    ['flv', ['FLV', [1, 5, 0, 0, 0, 9]]],
    ['mpeg-ps', [[0, 0, 1, 0xba, 0x44], zeros(30)]],
    ['wav', ['RIFF', zeros(4), 'WAVEfmt ']],
    ['rf64', ['RF64', [255, 255, 255, 255], 'WAVEds64']],
    ['flac', ['fLaC', zeros(40)]],
    ['adts', [[0xff, 0xf1, 0x50, 0x80, 0x40, 0x1f, 0xfc], zeros(3)]],
    ['mp3', [[0xff, 0xfb, 0x90, 0x64], zeros(40)]],
  ])('%s', async (id, parts) => {
    expect(await of(...parts)).toBe(id);
  });

  it('tells Matroska from WebM by the document type, and Opus from other Ogg', async () => {
    const ebml = (type: string) => [[0x1a, 0x45, 0xdf, 0xa3, 0x93, 0x42, 0x82, 0x80 | type.length], type, zeros(20)];
    expect(await of(...ebml('webm'))).toBe('webm');
    expect(await of(...ebml('matroska'))).toBe('matroska');
    expect(await of('OggS', zeros(24), 'OpusHead')).toBe('opus');
    expect(await of('OggS', zeros(24), [1], 'vorbis')).toBe('ogg');
  });

  it('asks several packets for a transport stream, of 188 and of 192 bytes', async () => {
    const packet = [[0x47], zeros(187)];
    expect(await of(...packet, ...packet, ...packet, ...packet, ...packet)).toBe('mpeg-ts');
    const timed = [zeros(4), [0x47], zeros(187)];
    expect(await of(...timed, ...timed, ...timed, ...timed, ...timed)).toBe('mpeg-ts');
    expect(await of('Gentlemen, this letter begins with the sync byte.', zeros(500))).toBe(null);
  });

  it('looks behind an ID3 tag however long its cover picture is', async () => {
    const size = 200_000;
    const tag = [[0x49, 0x44, 0x33, 3, 0, 0, (size >> 21) & 127, (size >> 14) & 127, (size >> 7) & 127, size & 127]];
    expect(await of(...tag, zeros(size), 'fLaC', zeros(40))).toBe('flac');
    expect(await of(...tag, zeros(size), [0xff, 0xfb, 0x90, 0x64], zeros(10))).toBe('mp3');
    expect(await of(...tag, zeros(10))).toBe(null);
  });

  it('is not fooled by text that begins like a signature', async () => {
    expect(await of('BMW is a maker of cars and motorcycles, says the letter.')).toBe(null);
    expect(await of('#EXTM3U\nfile:///etc/passwd')).toBe(null);
    expect(await of("ffconcat version 1.0\nfile 'x'")).toBe(null);
    expect(await of('%PDF-1.7')).toBe(null);
    expect(await of('PK\x03\x04')).toBe(null);
  });

  it('never throws, whatever the bytes', async () => {
    const heads = ['RIFF', 'OggS', 'ID3', 'BM', '\0\0\0\x18ftyp', '\x1a\x45\xdf\xa3', '\xff\xf1', 'fLaC', ''];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 600 }), async (head, tail) => {
        const found = await sniff(reader(Buffer.concat([Buffer.from(head, 'latin1'), tail])));
        expect(found === null || FORMATS.includes(found)).toBe(true);
      }),
    );
  });
});

describe('an extension', () => {
  it('fits by any of its usual spellings and in any case', () => {
    expect(extensionFits('holiday.JPG', format('jpeg'))).toBe(true);
    expect(extensionFits('.hidden', format('jpeg'))).toBe(true);
    expect(extensionFits('no extension', format('mp4'))).toBe(true);
    expect(extensionFits('film.m4a.mp4', format('mp4'))).toBe(true);
  });
  it('lies when it names another format', () => {
    expect(extensionFits('photo.png', format('jpeg'))).toBe(false);
    expect(extensionFits('voice.mp3', format('wav'))).toBe(false);
  });
});
