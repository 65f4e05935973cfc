import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateFindings } from '../../src/engine/signals/structure/metadata/dateRules.ts';
import { parseDate, parseZone } from '../../src/engine/signals/structure/metadata/dates.ts';
import { originFindings } from '../../src/engine/signals/structure/metadata/originRules.ts';
import { dimensionFindings, thumbnailFindings } from '../../src/engine/signals/structure/metadata/pixelRules.ts';
import { parseDump, type Tag, tagTree } from '../../src/engine/signals/structure/metadata/tags.ts';
import { compareThumbnail, type GreyImage } from '../../src/engine/signals/structure/metadata/thumbnail.ts';
import { printable, TreeBuilder } from '../../src/engine/signals/structure/tree.ts';

const tag = (place: string, name: string, value: string): Tag => {
  const [format = '', group = format] = place.split(':');
  return { format, group, name, value, raw: value };
};
const taken = (value: string): Tag => tag('EXIF:ExifIFD', 'DateTimeOriginal', value);
const dates = (tags: readonly Tag[], modified: string | null = null): string[] =>
  dateFindings(tags, modified).map((f) => f.type);
const origin = (...tags: readonly Tag[]): string[] => originFindings(tags).map((f) => f.type);

describe('dates', () => {
  it('parses what EXIF and XMP write and refuses what is no day', () => {
    expect(parseDate('2024:02:29 23:59:59.123+05:30')).toMatchObject({
      wall: Date.UTC(2024, 1, 29, 23, 59, 59),
      zone: 330,
    });
    expect(parseDate('2024-02-01')?.zone).toBeNull();
    for (const bad of [
      '2023:02:29 00:00:00',
      '2024:13:01 00:00:00',
      '0000:00:00 00:00:00',
      '2024:01:01 25:00:00',
      'yesterday',
      '',
    ]) {
      expect(parseDate(bad)).toBeNull();
    }
    expect([parseZone('Z'), parseZone('-0330'), parseZone('+99')]).toEqual([0, -210, null]);
  });

  it('says nothing about a camera that wrote one time everywhere', () => {
    const one = '2024:05:01 12:00:00';
    const tags = [
      taken(one),
      tag('EXIF:ExifIFD', 'CreateDate', one),
      tag('EXIF:IFD0', 'ModifyDate', one),
      tag('XMP:XMP-xmp', 'CreateDate', '2024:05:01 12:00:00+02:00'),
    ];
    expect(dates(tags, '2024-05-01T12:00:01Z')).toEqual([]);
  });

  it('names each contradiction', () => {
    const one = '2024:05:01 12:00:00';
    expect(dates([taken(one), tag('EXIF:IFD0', 'ModifyDate', '2024:04:30 12:00:00')])).toEqual([
      'metadata.modified-before-taken',
    ]);
    expect(dates([taken(one), tag('EXIF:IFD0', 'ModifyDate', '2024:05:02 12:00:00')])).toEqual([
      'metadata.modified-after-taken',
    ]);
    expect(dates([taken(one), tag('EXIF:ExifIFD', 'CreateDate', '2024:05:01 12:30:00')])).toEqual([
      'metadata.digitised-differs',
    ]);
    expect(dates([taken(one), tag('XMP:XMP-xmp', 'CreateDate', '2021:05:01 12:00:00')])).toEqual([
      'metadata.xmp-date-differs',
    ]);
    expect(dates([taken(one), tag('IPTC', 'DateCreated', '2021:05:01')])).toEqual(['metadata.iptc-date-differs']);
    expect(dates([taken('0000:00:00 00:00:00')])).toEqual(['metadata.date-blank']);
    expect(dates([taken('2024:15:01 12:00:00')])).toEqual(['metadata.date-invalid']);
    expect(dates([taken(one)], '2024-01-01T00:00:00Z')).toEqual(['metadata.taken-after-file']);
  });

  it('accepts every time zone against GPS and names what is none', () => {
    const gps = [tag('EXIF:GPS', 'GPSDateStamp', '2024:05:01'), tag('EXIF:GPS', 'GPSTimeStamp', '12:00:00')];
    const local = (minutes: number): Tag =>
      taken(
        new Date(Date.UTC(2024, 4, 1, 12, minutes)).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' '),
      );
    for (const quarter of [-720, -210, 0, 345, 765, 840]) expect(dates([local(quarter), ...gps])).toEqual([]);
    expect(dates([local(67), ...gps])).toEqual(['metadata.gps-time-odd']);
    expect(dates([local(3_000), ...gps])).toEqual(['metadata.gps-time-differs']);
    expect(dates([local(120), tag('EXIF:ExifIFD', 'OffsetTimeOriginal', '+02:00'), ...gps])).toEqual([]);
    expect(dates([local(120), tag('EXIF:ExifIFD', 'OffsetTimeOriginal', '-05:00'), ...gps])).toEqual([
      'metadata.gps-zone-differs',
    ]);
  });
});

describe('origin', () => {
  const jpeg = tag('File', 'FileType', 'JPEG');

  it('says nothing about a camera file with its maker notes', () => {
    expect(
      origin(
        jpeg,
        tag('EXIF:IFD0', 'Make', 'Canon'),
        tag('EXIF:IFD0', 'Software', 'Firmware Version 1.0.2'),
        tag('MakerNotes:Canon', 'LensType', '50mm'),
      ),
    ).toEqual([]);
  });

  it('names declared synthesis, recipes and generators', () => {
    const source = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
    expect(origin(tag('XMP:XMP-iptcExt', 'DigitalSourceType', `${source}trainedAlgorithmicMedia`))).toEqual([
      'metadata.ai-source-type',
    ]);
    expect(origin(tag('XMP:XMP-iptcExt', 'DigitalSourceType', `${source}digitalCapture`))).toEqual([]);
    expect(origin(tag('PNG', 'Parameters', 'a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1'))).toEqual([
      'metadata.ai-recipe',
    ]);
    expect(origin(tag('PNG', 'Prompt', '{"3":{"class_type":"KSampler","inputs":{}}}'))).toEqual(['metadata.ai-recipe']);
    expect(origin(tag('XMP:XMP-photoshop', 'Credit', 'Made with Google AI'))).toEqual(['metadata.ai-generator-named']);
    expect(origin(tag('EXIF:IFD0', 'Software', 'Sora'))).toEqual(['metadata.ai-generator-named']);
    expect(origin(tag('XMP:XMP-iptcExt', 'AISystemUsed', 'x'))).toEqual(['metadata.ai-field']);
  });

  it('does not take a person or place for a generator, nor a declaration twice', () => {
    expect(
      origin(
        tag('EXIF:IFD0', 'ImageDescription', 'Sora and Gemini on the runway in Pika'),
        tag('EXIF:IFD0', 'Artist', 'Leonardo Kling'),
      ),
    ).toEqual([]);
    expect(origin(tag('CBOR', 'ActionsDigitalSourceType', 'trainedAlgorithmicMedia'))).toEqual([]);
  });

  it('weighs editors above converters and names each once', () => {
    const found = originFindings([
      tag('EXIF:IFD0', 'Software', 'Adobe Photoshop 25.1'),
      tag('XMP:XMP-xmp', 'CreatorTool', 'Adobe Photoshop 25.1'),
      tag('QuickTime:ItemList', 'Encoder', 'Lavf60.16.100'),
    ]);
    expect(found.map((f) => [f.type, f.severity])).toEqual([
      ['metadata.editor-named', 'medium'],
      ['metadata.editor-named', 'low'],
    ]);
  });

  it('names missing maker notes, a stale digest, history and screenshots', () => {
    const make = (name: string) => originFindings([jpeg, tag('EXIF:IFD0', 'Make', name)]);
    expect(make('NIKON CORPORATION')[0]).toMatchObject({ type: 'metadata.maker-notes-missing', severity: 'medium' });
    expect(make('Acme')[0]?.severity).toBe('low');
    expect(origin(tag('Photoshop', 'IPTCDigest', 'aa'), tag('File', 'CurrentIPTCDigest', 'bb'))).toEqual([
      'metadata.iptc-digest',
    ]);
    expect(origin(tag('Photoshop', 'IPTCDigest', 'aa'), tag('File', 'CurrentIPTCDigest', 'aa'))).toEqual([]);
    const history = originFindings([
      tag('XMP:XMP-xmpMM', 'History', '[{"action":"created"},{"action":"saved"},{"action":"saved"}]'),
    ]);
    expect(history[0]?.description).toContain('3 recorded actions (created, saved)');
    expect(origin(tag('EXIF:ExifIFD', 'UserComment', 'Screenshot'))).toEqual(['metadata.screenshot']);
  });
});

describe('pixels', () => {
  it('holds stated dimensions against the picture', () => {
    const stated = (w: number, h: number): Tag[] => [
      tag('EXIF:ExifIFD', 'ExifImageWidth', String(w)),
      tag('EXIF:ExifIFD', 'ExifImageHeight', String(h)),
    ];
    const types = (w: number, h: number) =>
      dimensionFindings(stated(w, h), { width: 400, height: 300 }).map((f) => f.type);
    expect(types(400, 300)).toEqual([]);
    expect(types(300, 400)).toEqual(['metadata.dimensions-turned']);
    expect(types(800, 600)).toEqual(['metadata.dimensions-differ']);
    expect(dimensionFindings(stated(1, 1), null)).toEqual([]);
  });

  const scene = (width: number, height: number, paint: (x: number, y: number) => number): GreyImage => {
    const data = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = paint(x / width, y / height);
    return { width, height, data };
  };
  const hills = (x: number, y: number): number => 128 + 60 * Math.sin(9 * x + 2 * y) + 50 * Math.cos(7 * y - 3 * x);

  it('finds a scaled copy equal, also darker and with less contrast', () => {
    const same = compareThumbnail(
      scene(480, 320, hills),
      scene(160, 107, (x, y) => 20 + 0.7 * hills(x, y)),
    );
    expect(same?.correlation).toBeGreaterThan(0.99);
    expect(same?.fit).toBe('same');
    expect(same === null ? [] : thumbnailFindings(same)).toEqual([]);
  });

  it('sees through black bars and a cut through the middle', () => {
    const bars = compareThumbnail(
      scene(480, 320, hills),
      scene(160, 120, (x, y) => (Math.abs(y - 0.5) > 0.444 ? 0 : hills(x, (y - 0.5) / 0.889 + 0.5))),
    );
    expect(bars).toMatchObject({ fit: 'bars' });
    expect(bars?.correlation).toBeGreaterThan(0.97);
    const cut = compareThumbnail(
      scene(480, 320, hills),
      scene(160, 160, (x, y) => hills((x - 0.5) / 1.5 + 0.5, y)),
    );
    expect(cut).toMatchObject({ fit: 'cut' });
    expect(cut?.correlation).toBeGreaterThan(0.97);
  });

  it('names another picture, a changed part and another shape', () => {
    const other = compareThumbnail(
      scene(480, 320, hills),
      scene(160, 107, (x, y) => hills(y, 1 - x)),
    );
    expect(other === null ? [] : thumbnailFindings(other).map((f) => f.type)).toEqual(['metadata.thumbnail-differs']);
    const patched = (x: number, y: number): number =>
      x > 0.5 && x < 0.63 && y > 0.5 && y < 0.63 ? 255 - hills(x, y) : hills(x, y);
    const part = compareThumbnail(scene(480, 320, patched), scene(160, 107, hills));
    expect(part === null ? [] : thumbnailFindings(part).map((f) => f.type)).toEqual([
      'metadata.thumbnail-part-differs',
    ]);
    const squeezed = compareThumbnail(scene(480, 320, hills), scene(160, 160, hills));
    expect(squeezed === null ? [] : thumbnailFindings(squeezed).map((f) => f.type)).toEqual([
      'metadata.thumbnail-aspect',
    ]);
  });

  it('refuses flat pictures', () => {
    expect(
      compareThumbnail(
        scene(480, 320, () => 90),
        scene(160, 107, hills),
      ),
    ).toBeNull();
  });
});

describe('dump of ExifTool', () => {
  it('keeps duplicates, long numbers and structures as text', () => {
    const dump = parseDump(
      JSON.stringify([
        {
          SourceFile: 'x',
          'ExifTool:ExifToolVersion': { val: '13.59' },
          'ExifTool:Copy1:Warning': { val: 'odd' },
          'EXIF:IFD0:Make': { val: 'Acme' },
          'EXIF:IFD1:Copy1:Orientation': { val: 'Normal', num: '1' },
          'IPTC:Keywords': { val: ['a', 'b'] },
          'XMP:XMP-xmpMM:History': { val: [{ action: 'saved' }] },
          'XMP:XMP-x:Number': { val: '00182452582182452582' },
        },
      ]),
    );
    expect(dump.version).toBe('13.59');
    expect(dump.complaints).toEqual(['odd']);
    expect(dump.tags).toEqual([
      { format: 'EXIF', group: 'IFD0', name: 'Make', value: 'Acme', raw: 'Acme' },
      { format: 'EXIF', group: 'IFD1', name: 'Orientation', value: 'Normal', raw: '1' },
      { format: 'IPTC', group: 'IPTC', name: 'Keywords', value: 'a, b', raw: 'a, b' },
      {
        format: 'XMP',
        group: 'XMP-xmpMM',
        name: 'History',
        value: '[{"action":"saved"}]',
        raw: '[{"action":"saved"}]',
      },
      { format: 'XMP', group: 'XMP-x', name: 'Number', value: '00182452582182452582', raw: '00182452582182452582' },
    ]);
    expect(tagTree(dump, new TreeBuilder())?.children.map((node) => node.name)).toEqual([
      'EXIF IFD0',
      'EXIF IFD1',
      'IPTC',
      'XMP XMP-xmpMM',
      'XMP XMP-x',
    ]);
  });

  it('answers anything else with a complaint', () => {
    for (const text of ['', 'null', '[]', '{}', '[3]', 'Out of memory!']) {
      expect(parseDump(text)).toMatchObject({ tags: [], complaints: ['ExifTool gave no readable answer'] });
    }
  });

  it('accepts any tags without throwing', () => {
    const anything = fc.array(
      fc.record({
        format: fc.string(),
        group: fc.string(),
        name: fc.constantFrom(
          'Software',
          'History',
          'Make',
          'DateTimeOriginal',
          'GPSTimeStamp',
          'GPSDateStamp',
          'Parameters',
        ),
        value: fc.string({ unit: 'binary' }),
        raw: fc.string(),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(anything, (tags) => {
        dateFindings(tags, null);
        originFindings(tags);
        dimensionFindings(tags, { width: 3, height: 3 });
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

it('escapes what could deceive a reader of the screen', () => {
  expect(printable('a\u202Egpj.exe\u0000\n')).toBe('a\\u{202e}gpj.exe\\u{0}\\u{a}');
  expect(printable('x'.repeat(30), 10)).toBe('xxxxxxxxxx… (30 characters)');
  expect(printable('Grüße 日本')).toBe('Grüße 日本');
});
