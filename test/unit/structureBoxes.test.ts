import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachBox, findBox, walkBoxes } from '../../src/engine/signals/structure/bmff/boxes.ts';
import {
  clockFindings,
  editFindings,
  summariseEdits,
  tableFindings,
} from '../../src/engine/signals/structure/bmff/containerRules.ts';
import { isoFrom1904, matrixRotation } from '../../src/engine/signals/structure/bmff/fields.ts';
import { editStart, frameTimes } from '../../src/engine/signals/structure/bmff/frameTimes.ts';
import { containerSignature, encoderBanners, foldRepeats } from '../../src/engine/signals/structure/bmff/signature.ts';
import { readTracks, type Track } from '../../src/engine/signals/structure/bmff/tracks.ts';
import { boxTree } from '../../src/engine/signals/structure/bmff/tree.ts';
import { KNOWN_WRITERS, matchWriters } from '../../src/engine/signals/structure/bmff/writers.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';
import { TreeBuilder } from '../../src/engine/signals/structure/tree.ts';
import { box, type MovieParts, movie, u32 } from './structureBytes.ts';

function trackOf(parts: MovieParts): Track {
  const source = memorySource(movie(parts));
  const moov = findBox(walkBoxes(source).boxes, 'moov');
  const track = moov === null ? undefined : readTracks(source, moov)[0];
  if (track === undefined) throw new Error('the test movie has no track');
  return track;
}

const plain: MovieParts = { stts: [[50, 40]], stss: [1, 26], samples: 50, mediaDuration: 2_000 };

describe('walking boxes', () => {
  it('gives every box its place, and the sizes of siblings add up to their parent', () => {
    const bytes = movie(plain);
    const { boxes, warnings } = walkBoxes(memorySource(bytes));
    expect(warnings).toEqual([]);
    expect(boxes.map((b) => b.type)).toEqual(['ftyp', 'mdat', 'moov']);
    for (const { box: item } of eachBox(boxes))
      expect(bytes.toString('latin1', item.offset + 4, item.offset + 8)).toBe(item.type);
    expect(boxes.reduce((sum, b) => sum + b.size, 0)).toBe(bytes.length);
  });

  it('reads 64-bit sizes and sizes to the end of the file', () => {
    const large = Buffer.concat([u32(1), Buffer.from('mdat'), u32(0, 24), Buffer.alloc(8)]);
    const open = Buffer.concat([u32(0), Buffer.from('free'), Buffer.alloc(5)]);
    const { boxes, warnings } = walkBoxes(memorySource(Buffer.concat([large, open])));
    expect(boxes.map((b) => [b.type, b.offset, b.size, b.header])).toEqual([
      ['mdat', 0, 24, 16],
      ['free', 24, 13, 8],
    ]);
    expect(warnings).toEqual([]);
  });

  it('cuts a box that claims more than its parent, and names it', () => {
    const child = Buffer.concat([u32(0x7fffffff), Buffer.from('trak')]);
    const walk = walkBoxes(memorySource(box('moov', child)));
    expect(walk.boxes[0]?.children[0]).toMatchObject({ type: 'trak', size: 8 });
    expect(walk.warnings.join()).toContain('trak at 8 claims 2147483647 bytes');
  });

  it('stops at a box smaller than its header instead of standing still', () => {
    const walk = walkBoxes(memorySource(Buffer.concat([u32(4), Buffer.from('free'), Buffer.alloc(100)])));
    expect(walk.boxes).toEqual([]);
    expect(walk.warnings).toHaveLength(1);
  });

  it('bounds depth and count', () => {
    let deep = box('moov');
    for (let i = 0; i < 60; i++) deep = box('moov', deep);
    const walk = walkBoxes(memorySource(deep));
    expect(walk.truncated).toBe(true);
    expect([...eachBox(walk.boxes)].length).toBeLessThanOrEqual(16);
    const many = Buffer.concat(Array.from({ length: 500 }, () => box('free')));
    expect(walkBoxes(memorySource(many), { maxBoxes: 100, maxDepth: 4 }).boxes).toHaveLength(100);
  });

  it('never throws and never grows beyond its input, whatever bytes are changed', () => {
    const good = movie({ ...plain, ctts: [[50, 80]], edits: [[2_000, 80]] });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 24 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          const source = memorySource(bytes.subarray(0, length));
          const { boxes } = walkBoxes(source);
          for (const { box: item } of eachBox(boxes)) {
            expect(item.size).toBeGreaterThanOrEqual(8);
            expect(item.offset + item.size).toBeLessThanOrEqual(length);
          }
          const moov = findBox(boxes, 'moov');
          const tracks = moov === null ? [] : readTracks(source, moov);
          for (const track of tracks) {
            expect(track.stts.counts.length * 8).toBeLessThanOrEqual(length);
            frameTimesBounded(track);
            summariseEdits(track, 1_000);
          }
          matchWriters(containerSignature(source, boxes, tracks));
          boxTree(source, boxes, new TreeBuilder());
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });
});

/** Damaged counts may ask for up to two million frames, which is allowed but slow; only small ones run here. */
function frameTimesBounded(track: Track): void {
  if (track.sampleCount < 10_000) frameTimes(track, 0);
  else expect(frameTimes({ ...track, sampleCount: 3_000_000 }, 0).ok).toBe(false);
}

describe('sample tables', () => {
  it('turns durations and offsets into presentation order with key frames', () => {
    // Decode order I P B B: offsets move the B frames before the P frame.
    const track = trackOf({
      stts: [[4, 10]],
      ctts: [
        [1, 10],
        [1, 30],
        [2, 0],
      ],
      stss: [1],
      samples: 4,
    });
    const times = frameTimes(track, 0);
    if (!times.ok) throw new Error(times.reason);
    expect(Array.from(times.frames.times)).toEqual([0.01, 0.02, 0.03, 0.04]);
    expect(Array.from(times.frames.keys)).toEqual([0]);
  });

  it('counts time as a player does: from the start of the edit list, delayed by empty edits', () => {
    const track = trackOf({
      ...plain,
      edits: [
        [300, -1],
        [1_800, 80],
      ],
    });
    expect(editStart(track, 1_000)).toBeCloseTo(0.22, 9);
    const times = frameTimes(track, editStart({ ...track, edits: track.edits.slice(1) }, 1_000));
    expect(times.ok && times.frames.hidden).toBe(2);
    expect(times.ok && times.frames.times[2]).toBeCloseTo(0, 9);
    expect(editStart({ edits: [], timescale: 1_000 }, 1_000)).toBe(0);
  });

  it('reads offsets below zero', () => {
    const track = trackOf({ stts: [[2, 10]], ctts: [[2, -5]], samples: 2 });
    expect(track.ctts?.values[0]).toBe(-5);
  });

  it('refuses a run that claims more samples than two million, and one that covers too few', () => {
    const claims = frameTimes(trackOf({ stts: [[0xffffffff, 1]], samples: 0xffffffff }), 0);
    expect(claims).toMatchObject({ ok: false });
    expect(frameTimes(trackOf({ stts: [[3, 1]], samples: 4 }), 0)).toEqual({
      ok: false,
      reason: 'the table of durations covers fewer samples than there are',
    });
  });

  it('takes every sample for a key frame where there is no table of them', () => {
    const times = frameTimes(trackOf({ stts: [[3, 10]], samples: 3 }), 0);
    expect(times.ok && Array.from(times.frames.keys)).toEqual([0, 1, 2]);
  });

  it('does not blame the file for what a limit of ours leaves out', () => {
    const limited = { ...trackOf({ ...plain, stts: [[49, 40]] }), limited: true };
    expect(tableFindings(limited)).toEqual([]);
    expect(frameTimes(limited, 0)).toMatchObject({ ok: false, reason: expect.stringContaining('limit') });
    // 64 tracks of 100,000 entries each are more than a file may have.
    const long = Array.from({ length: 100_000 }, () => [1, 40] as const);
    const one = movie({ stts: long, samples: 100_000 });
    const trak = findBox(walkBoxes(memorySource(one)).boxes, 'moov/trak');
    const bytes = trak === null ? one : one.subarray(trak.offset, trak.offset + trak.size);
    const source = memorySource(box('moov', ...Array.from({ length: 64 }, () => bytes)));
    const moov = findBox(walkBoxes(source).boxes, 'moov');
    const tracks = moov === null ? [] : readTracks(source, moov);
    expect(tracks).toHaveLength(64);
    expect(tracks.filter((track) => track.limited)).toHaveLength(23);
    expect(tracks.flatMap(tableFindings)).toEqual([]);
  });

  it('names tables that contradict each other', () => {
    expect(tableFindings(trackOf(plain))).toEqual([]);
    const wrong = tableFindings(trackOf({ ...plain, stts: [[49, 40]], stss: [1, 99] }));
    expect(wrong[0]?.description).toContain('stts covers 49 samples, stsz has 50');
    expect(wrong[0]?.description).toContain('stss names samples that are not there');
  });
});

describe('edit lists', () => {
  const find = (edits: MovieParts['edits'], extra: Partial<MovieParts> = {}) => {
    const track = trackOf({ ...plain, ...extra, ...(edits === undefined ? {} : { edits }) });
    const summary = summariseEdits(track, 1_000);
    return { summary, types: editFindings(track, summary).map((finding) => finding.type) };
  };

  it('finds nothing in a list that plays all', () => {
    expect(find([[2_000, 0]])).toEqual({ summary: { playing: 1, hiddenSeconds: 0, oddRate: false }, types: [] });
    // The start of a file with B frames: media time equals the first composition offset.
    expect(find([[2_000, 80]], { ctts: [[50, 80]] }).summary.hiddenSeconds).toBeCloseTo(0, 9);
  });

  it('finds media that is not played, once for overlapping pieces', () => {
    const trimmed = find([[1_000, 500]]);
    expect(trimmed.summary.hiddenSeconds).toBeCloseTo(1, 9);
    expect(trimmed.types).toEqual(['container.hidden-media']);
    const twice = find([
      [1_000, 0],
      [1_500, 500],
    ]);
    expect(twice.summary.hiddenSeconds).toBeCloseTo(0, 9);
    expect(twice.types).toEqual(['container.several-edits']);
  });

  it('counts no empty edit as a piece', () => {
    expect(
      find([
        [300, -1],
        [2_000, 0],
      ]).summary.playing,
    ).toBe(1);
  });
});

describe('clocks', () => {
  const at = (iso: string): number => Date.parse(iso) / 1_000 + 2_082_844_800;
  const types = (created: number, modified: number, trackCreated: number, file: string | null = null): string[] =>
    clockFindings({ times: { created, modified }, timescale: 1_000 }, [trackOf({ ...plain, trackCreated })], file).map(
      (f) => f.type,
    );

  it('accepts clocks that agree', () => {
    const day = at('2024-05-01T10:00:00Z');
    expect(types(day, day + 60, day, '2024-05-01T10:05:00Z')).toEqual([]);
    expect(isoFrom1904(day)).toBe('2024-05-01T10:00:00.000Z');
  });

  it('names a blank clock, a reversed one, a strange track and a time after the file', () => {
    const day = at('2024-05-01T10:00:00Z');
    expect(types(0, 0, 0)).toEqual(['container.time-blank']);
    expect(types(day, day - 10, day)).toEqual(['container.modified-before-created']);
    expect(types(day, day, day - 10 * 86_400)).toEqual(['container.track-time-differs']);
    expect(types(day, day, day, '2024-04-01T00:00:00Z')).toEqual(['container.created-after-file']);
  });
});

describe('signature and writers', () => {
  const signatureOf = (parts: MovieParts) => {
    const source = memorySource(movie(parts));
    const { boxes } = walkBoxes(source);
    const moov = findBox(boxes, 'moov');
    return containerSignature(source, boxes, moov === null ? [] : readTracks(source, moov));
  };

  it('depends on structure and not on how much there is', () => {
    const one = signatureOf(plain);
    const longer = signatureOf({ ...plain, stts: [[500, 40]], samples: 500, stss: [1, 100, 200] });
    expect(longer.sha256).toBe(one.sha256);
    expect(signatureOf({ ...plain, ctts: [[50, 80]] }).sha256).not.toBe(one.sha256);
    expect(signatureOf({ ...plain, handlerName: 'VideoHandle' }).sha256).not.toBe(one.sha256);
  });

  it('recognises a writer only by all of its marks', () => {
    const ids = (parts: MovieParts): string[] => matchWriters(signatureOf(parts)).map((m) => m.writer.id);
    expect(ids(plain)).toEqual(['lavf-untagged']);
    expect(ids({ ...plain, handlerName: 'GoPro AVC' })).toContain('gopro');
    expect(ids({ ...plain, handlerName: 'VideoHandle' })).toContain('android-mpeg4writer');
    expect(ids(plain)).not.toContain('android-mpeg4writer');
  });

  it('has unique names and at least one mark each', () => {
    expect(new Set(KNOWN_WRITERS.map((w) => w.id)).size).toBe(KNOWN_WRITERS.length);
    for (const known of KNOWN_WRITERS) expect(known.marks.length).toBeGreaterThan(0);
  });

  it('folds repeats of one, two and three', () => {
    expect(foldRepeats(['a', 'b', 'b', 'c', 'd', 'c', 'd', 'e'])).toEqual(['a', 'b+', '(c/d)+', 'e']);
    expect(foldRepeats(['s', 'm', 'd', 's', 'm', 'd'])).toEqual(['(s/m/d)+']);
  });

  it('finds the banner of an encoder between other bytes', () => {
    const bytes = Buffer.concat([Buffer.from([0, 1, 6, 5]), Buffer.from('x264 - core 164 - options: crf=23\0rest')]);
    expect(encoderBanners(bytes)).toEqual(['x264 - core 164 - options: crf=23']);
  });
});

it('reads rotations from matrices', () => {
  const one = 0x10000;
  expect([
    matrixRotation(one, 0, 0, one),
    matrixRotation(0, one, -one, 0),
    matrixRotation(-one, 0, 0, -one),
    matrixRotation(0, -one, one, 0),
  ]).toEqual([0, 90, 180, 270]);
  expect(matrixRotation(-one, 0, 0, one)).toBeNull();
});
