import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMedia } from '../../src/engine/media/media.ts';
import { findFfmpeg } from '../../src/engine/media/tools.ts';
import { collect, open, PLAN } from '../helpers/collect.ts';
import { fixture } from '../helpers/fixtures.ts';

const BOTH = { frames: { sampling: { kind: 'all' } }, sound: { sampleRate: 16000 } } as const;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vidimus-bad-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('damage', () => {
  it('that takes the index of an MP4 is named', async () => {
    const error = await open(fixture('truncated.mp4')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'evidence.damaged', exitCode: 3 });
    expect(error).toMatchObject({ detail: expect.stringContaining('moov') });
  });

  it('behind the index leaves what comes before it, with a warning', async () => {
    const { frames, samples, media, pass } = await collect(fixture('truncated-front.mp4'), BOTH);
    expect(frames.length).toBeGreaterThan(20);
    expect(frames.length).toBeLessThan(50);
    expect(samples.length).toBeGreaterThan(10000);
    expect(media.evidenceAfter(pass).warnings.join('\n')).toContain('ends early');
  });

  it('inside a film is decoded around, and told', async () => {
    const { frames, media, pass } = await collect(fixture('corrupt.mkv'), BOTH);
    expect(frames.length).toBeGreaterThan(10);
    expect(media.evidenceAfter(pass).warnings.length).toBeGreaterThan(0);
  });

  it.each(['truncated.jpg', 'truncated.png'])(
    'of a picture leaves its upper part, with a warning: %s',
    async (name) => {
      const { frames, media, pass } = await collect(fixture(name), BOTH);
      const whole = await collect(fixture(name.replace('truncated', 'picture')), BOTH);
      const rows = 320 * 3 * 60;
      const upper = frames[0]?.data.subarray(0, rows) ?? new Uint8Array(0);
      expect(Buffer.from(upper).equals(Buffer.from(whole.frames[0]?.data.subarray(0, rows) ?? []))).toBe(true);
      expect(media.evidenceAfter(pass).warnings.join()).toContain('The picture is damaged');
      expect(whole.pass.report().warnings).toEqual([]);
    },
  );

  it.each(['header-only.jpg', 'truncated.bmp'])('that leaves nothing is an error: %s', async (name) => {
    await expect(collect(fixture(name), BOTH)).rejects.toMatchObject({ code: 'evidence.damaged' });
  });

  it('of sound leaves what there is', async () => {
    const { samples, media, pass } = await collect(fixture('truncated.wav'), BOTH);
    expect(samples.length).toBeGreaterThan(15000);
    expect(media.evidenceAfter(pass).warnings.length).toBeGreaterThan(0);
  });
});

describe('nothing to examine', () => {
  it('sound of no length', async () => {
    await expect(collect(fixture('no-samples.wav'), BOTH)).rejects.toMatchObject({ code: 'evidence.no-content' });
  });
  it('a container without video and sound', async () => {
    await expect(open(fixture('subtitles.mkv'))).rejects.toMatchObject({ code: 'evidence.no-content' });
  });
  it('a film without its video stream is sound', async () => {
    expect(await open(fixture('sound-only.mp4'))).toMatchObject({ mediaType: 'audio', totalFrames: 0, video: null });
  });
  it('HEIC without its decoder says so', async () => {
    await expect(open(fixture('only-heic.heic'))).rejects.toMatchObject({
      code: 'evidence.unsupported',
      message: expect.stringContaining('HEIC'),
    });
  });
});

describe('too much', () => {
  it.each(['bomb.png', 'bomb.bmp'])('%s is refused by its header, without decoding it', async (name) => {
    const before = process.memoryUsage().rss;
    await expect(open(fixture(name))).rejects.toMatchObject({
      code: 'evidence.too-large',
      message: expect.stringContaining('megapixels'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
  });
  it('a film above the limit of pixels', async () => {
    const plan = { ...PLAN, maxPixels: 10_000 };
    await expect(openMedia(fixture('h264.mp4'), { plan })).rejects.toMatchObject({ code: 'evidence.too-large' });
  });
});

describe('a text inside the file', () => {
  it('cannot forge what ffmpeg says', async () => {
    const { frames, media } = await collect(fixture('forged.mkv'), BOTH);
    expect(media.video).toMatchObject({ width: 176, height: 144 });
    expect(frames.map((frame) => frame.time)).toEqual(Array.from({ length: 50 }, (_, i) => i / 25));
  });
});

describe('the original', () => {
  it('is not written to, and nothing appears beside it', async () => {
    const path = join(folder, 'h264.mp4');
    copyFileSync(fixture('h264.mp4'), path);
    const state = () => execFileSync('ls', ['-lA', '--time-style=full-iso', folder], { encoding: 'utf8' });
    const before = state();
    const { media } = await collect(path, BOTH);
    await media.verifyUnchanged({ rehash: true });
    expect(state()).toBe(before);
  });
});

describe('ffmpeg', () => {
  it('that is named and does not run is an error, and no other steps in', async () => {
    await expect(findFfmpeg({ ...process.env, FFMPEG_BIN: '/nonexistent/ffmpeg' })).rejects.toMatchObject({
      code: 'tool.missing',
    });
    await expect(findFfmpeg({ ...process.env, FFMPEG_BIN: '/bin/true' })).rejects.toMatchObject({
      code: 'tool.missing',
    });
  });
  it('that is nowhere is an error with advice', async () => {
    const found = findFfmpeg({ PATH: folder });
    // ffmpeg-static, where it is installed with its file, stands in for PATH.
    await found.then(
      (tool) => expect(tool.origin).toBe('ffmpeg-static'),
      (error: unknown) =>
        expect(error).toMatchObject({ code: 'tool.missing', advice: expect.stringContaining('doctor') }),
    );
  });
  it('says its version and its resampler', async () => {
    const tool = await findFfmpeg();
    expect(tool.version).toMatch(/\d/);
    expect(['soxr', 'swr']).toContain(tool.resampler);
  });
});
