import { describe, expect, it } from 'vitest';
import type { FrameSampling } from '../../src/contract/result.ts';
import { Evidence } from '../../src/contract/result.ts';
import { evenlySpaced } from '../../src/engine/media/sampling.ts';
import type { Frame } from '../../src/engine/types.ts';
import { collect } from '../helpers/collect.ts';
import { fixture, fixtureMissing } from '../helpers/fixtures.ts';

const frames = (sampling: FrameSampling = { kind: 'all' }, maxPixels?: number) => ({
  frames: { sampling, ...(maxPixels === undefined ? {} : { maxPixels }) },
});
const times = (list: readonly Frame[]) => list.map((frame) => frame.time);

describe('every container and codec', () => {
  it.each([
    ['h264.mp4', 'MP4', 'h264', 'aac'],
    ['h264-front.mp4', 'MP4', 'h264', 'aac'],
    ['h264.mov', 'QuickTime', 'h264', 'pcm_s16le'],
    ['h264.mkv', 'Matroska', 'h264', 'flac'],
    ['h264.ts', 'MPEG transport stream', 'h264', 'aac'],
    ['h264.m2ts', 'MPEG transport stream', 'h264', 'ac3'],
    ['h264.flv', 'FLV', 'h264', 'aac'],
    ['hevc.mp4', 'MP4', 'hevc', 'aac'],
    ['mpeg4.avi', 'AVI', 'mpeg4', 'mp3'],
    ['mjpeg.avi', 'AVI', 'mjpeg', 'pcm_s16le'],
    ['vp8.webm', 'WebM', 'vp8', 'vorbis'],
    ['vp9.webm', 'WebM', 'vp9', 'opus'],
    ['av1.mkv', 'Matroska', 'av1', 'opus'],
    ['mpeg2.mpg', 'MPEG program stream', 'mpeg2video', 'mp2'],
    ['theora.ogv', 'Ogg', 'theora', 'vorbis'],
    ['wmv2.wmv', 'ASF', 'wmv2', 'wmav2'],
  ])('%s: 50 frames and two seconds of sound in one pass', async (name, container, codec, sound) => {
    if (fixtureMissing(name) !== null) return;
    const got = await collect(fixture(name), { ...frames(), sound: { sampleRate: 16000 } });
    expect(got.frames.map((frame) => frame.index)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(times(got.frames).every((time, i, all) => i === 0 || time > (all[i - 1] ?? 0))).toBe(true);
    expect(got.frames[0]).toMatchObject({ width: 176, height: 144, key: true });
    expect(got.media.totalFrames).toBe(50);
    expect(got.samples.length / 16000).toBeGreaterThan(1.95);
    expect(got.samples.length / 16000).toBeLessThan(2.1);
    const evidence = Evidence.parse(got.media.evidenceAfter(got.pass));
    expect(evidence).toMatchObject({ container, extensionMatches: true, warnings: [] });
    expect(evidence.streams.map((stream) => stream.codec)).toEqual([codec, sound]);
    expect(got.media.mediaType).toBe('video');
  });

  it('an elementary stream without a clock', async () => {
    const got = await collect(fixture('mpeg1.m1v'), frames({ kind: 'evenly', n: 5 }));
    expect(got.frames.map((frame) => frame.index)).toEqual([0, 12, 24, 36, 49]);
  });
});

describe('time stamps', () => {
  it('are those of the container, to the tick, at a constant rate', async () => {
    const { frames: list, media } = await collect(fixture('h264.mp4'), frames());
    expect(times(list)).toEqual(Array.from({ length: 50 }, (_, i) => i / 25));
    expect(media.video).toMatchObject({ frameRate: 25, variableFrameRate: false });
  });

  it.each(['vfr.mp4', 'vfr.mkv'])('are exact where the rate varies: %s', async (name) => {
    const kept = Array.from({ length: 50 }, (_, i) => i).filter((i) => i < 10 || i % 3 === 0);
    const { frames: list, media } = await collect(fixture(name), frames());
    // Forty milliseconds are whole ticks in both containers.
    expect(times(list)).toEqual(kept.map((i) => i / 25));
    expect(media.video).toMatchObject({ variableFrameRate: true });
  });

  it('stay with their frames under every sampling', async () => {
    const all = await collect(fixture('h264.mkv'), frames());
    const key = new Map(all.frames.map((frame) => [frame.index, frame]));
    for (const sampling of [
      { kind: 'every', n: 7 },
      { kind: 'evenly', n: 16 },
      { kind: 'key' },
    ] satisfies FrameSampling[]) {
      const some = await collect(fixture('h264.mkv'), frames(sampling));
      expect(some.frames.length).toBeGreaterThan(0);
      for (const frame of some.frames) {
        const same = key.get(frame.index);
        expect(frame.time).toBe(same?.time);
        expect(frame.key).toBe(same?.key);
        expect(Buffer.from(frame.data).equals(Buffer.from(same?.data ?? []))).toBe(true);
      }
    }
  });
});

describe('sampling', () => {
  it.each<[FrameSampling, number[]]>([
    [{ kind: 'every', n: 20 }, [0, 20, 40]],
    [{ kind: 'evenly', n: 16 }, evenlySpaced(50, 16)],
    [{ kind: 'evenly', n: 1 }, [0]],
    [{ kind: 'evenly', n: 500 }, evenlySpaced(50, 500)],
    [{ kind: 'key' }, [0, 10, 20, 30, 40]],
  ])('%o', async (sampling, want) => {
    const got = await collect(fixture('h264.mp4'), frames(sampling));
    expect(got.frames.map((frame) => frame.index)).toEqual(want);
    expect(got.media.expectedFrames(sampling)).toBe(want.length);
  });

  it('of key frames does not decode the others', async () => {
    const got = await collect(fixture('h264.mp4'), frames({ kind: 'key' }));
    expect(got.pass.report()).toMatchObject({ framesDecoded: 5, framesGiven: 5 });
  });
});

describe('pixels', () => {
  it('of an odd size arrive whole and unshifted', async () => {
    const { frames: list } = await collect(fixture('odd-lossless.mkv'), frames());
    const first = list[0];
    expect(first).toMatchObject({ width: 333, height: 217 });
    expect(first?.data).toHaveLength(333 * 217 * 3);
    const odd = await collect(fixture('odd.mp4'), frames());
    // The same picture, once lossless and once through H.264: close everywhere means no row is shifted.
    let difference = 0;
    const other = odd.frames[0]?.data ?? new Uint8Array(0);
    first?.data.forEach((value, i) => {
      difference += Math.abs(value - (other[i] ?? 0));
    });
    expect(difference / (333 * 217 * 3)).toBeLessThan(8);
  });

  it.each([90, 180, 270])('of a film turned by %i degrees are upright', async (degrees) => {
    const plain = (await collect(fixture('silent.mp4'), frames({ kind: 'evenly', n: 1 }))).frames[0];
    const got = await collect(fixture(`rotated-${degrees}.mp4`), frames({ kind: 'evenly', n: 1 }));
    const turned = got.frames[0];
    if (plain === undefined || turned === undefined) throw new Error('no frame');
    expect(got.media.video?.rotation).toBe(degrees);
    expect(got.media.size).toEqual({ width: turned.width, height: turned.height });
    const { width, height } = plain;
    let difference = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [u, v] =
          degrees === 90 ? [height - 1 - y, x] : degrees === 180 ? [width - 1 - x, height - 1 - y] : [y, width - 1 - x];
        for (let c = 0; c < 3; c++) {
          const a = plain.data[(y * width + x) * 3 + c] ?? 0;
          const b = turned.data[(v * turned.width + u) * 3 + c] ?? 255;
          difference += Math.abs(a - b);
        }
      }
    }
    // Turning happens before the conversion to RGB, whose chroma is shared by blocks of two; edges differ a little.
    expect(difference / plain.data.length).toBeLessThan(3);
  });

  it('are scaled under a budget, and the result says how', async () => {
    const { frames: list, pass, media } = await collect(fixture('h264.mp4'), frames({ kind: 'evenly', n: 2 }, 5000));
    expect(list[0]).toMatchObject({ width: 78, height: 63 });
    expect(media.geometry({ sampling: { kind: 'all' }, maxPixels: 5000 })).toMatchObject({
      width: 78,
      sourceWidth: 176,
    });
    expect(pass.parameters).toMatchObject({ frameSize: '78x63', scaling: 'area' });
  });

  it('are the same in every run, and are not shared between frames', async () => {
    const once = await collect(fixture('h264.mp4'), frames());
    const again = await collect(fixture('h264.mp4'), frames());
    once.frames.forEach((frame, i) => {
      expect(Buffer.from(frame.data).equals(Buffer.from(again.frames[i]?.data ?? []))).toBe(true);
    });
    expect(new Set(once.frames.map((frame) => frame.data.buffer)).size).toBe(50);
  });
});

describe('sound', () => {
  it.each([
    'pcm16.wav',
    'pcm24.wav',
    'float.wav',
    'rf64.wav',
    'pcm16.w64',
    'pcm16.aiff',
    'pcm16.caf',
    'plain.mp3',
    'tagged.mp3',
    'sound.flac',
    'sound.aac',
    'sound.m4a',
    'vorbis.ogg',
    'sound.opus',
    'cover.mp3',
    'cover.flac',
    'cover.m4a',
    'sound-only.mp4',
  ])('%s is sound of two seconds with its tone', async (name) => {
    if (fixtureMissing(name) !== null) return;
    const { media, samples, pass } = await collect(fixture(name), { ...frames(), sound: { sampleRate: 16000 } });
    expect(media.mediaType).toBe('audio');
    expect(media.evidence.mime).toMatch(/^audio\//);
    expect(media.size).toBe(null);
    expect(Evidence.parse(media.evidenceAfter(pass)).warnings).toEqual([]);
    expect(Math.abs(samples.length / 16000 - 2)).toBeLessThan(0.06);
    // ffmpeg's sine has an amplitude of 1/8; 440 Hz cross zero 880 times a second.
    const middle = samples.subarray(8000, 24000);
    const crossings = middle.filter((v, i) => i > 0 && v >= 0 !== (middle[i - 1] ?? 0) >= 0).length;
    expect(Math.abs(crossings - 880)).toBeLessThanOrEqual(2);
    expect(Math.max(...middle)).toBeGreaterThan(0.11);
    expect(Math.max(...middle)).toBeLessThan(0.14);
  });

  it.each(['eight.wav', 'eight.flac'])('of eight channels is their mean, and the result says so: %s', async (name) => {
    const { samples, pass, media } = await collect(fixture(name), { sound: { sampleRate: 48000 } });
    expect(media.audio).toMatchObject({ channels: 8, layout: '7.1' });
    expect(pass.parameters['downmix']).toBe('mean of 8 channels (7.1)');
    expect(samples).toHaveLength(24000);
    for (const value of samples) expect(Math.abs(value - 0.5 / 8)).toBeLessThan(1e-4);
  });

  it('alone can be taken from a film, and pictures alone', async () => {
    const sound = await collect(fixture('h264.mp4'), { sound: { sampleRate: 22050, chunkSeconds: 0.25 } });
    expect(sound.frames).toEqual([]);
    // A quarter of a second at 22,050 Hz is 5,512.5 samples; the chunk says where it lies.
    expect(sound.chunks[1]?.time).toBe(5513 / 22050);
    const pictures = await collect(fixture('h264.mp4'), frames({ kind: 'key' }));
    expect(pictures.chunks).toEqual([]);
  });
});
