import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsFrom } from '../../src/engine/media/frame-assembler.ts';
import { DamageLog, mergeWarnings, parseLogLine, printable } from '../../src/engine/media/log.ts';
import { channelsOf, InputTextReader } from '../../src/engine/media/stream-text.ts';

function read(...lines: string[]) {
  const reader = new InputTextReader();
  for (const text of lines) {
    const line = parseLogLine(text);
    if (line !== null) reader.add(line);
  }
  return reader.result();
}
const HEAD = "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':";

describe('a line of the log', () => {
  it('is taken apart into who, how loud and what', () => {
    expect(parseLogLine('[h264 @ 0x55aa] [error] error while decoding MB 3 4')).toEqual({
      context: 'h264',
      level: 'error',
      text: 'error while decoding MB 3 4',
    });
    expect(parseLogLine('[vist#0:0/h264 @ 0x1] [h264 @ 0x2] [warning] x')?.context).toBe('h264');
    expect(parseLogLine('[info]   Duration: 1')?.context).toBe(null);
    expect(parseLogLine('                    : [info] more of a tag')).toBe(null);
  });
});

describe('the description of an input', () => {
  it('gives codec, size, rate, colour and rotation of video', () => {
    const { streams, duration, start } = read(
      HEAD,
      '[info]   Duration: 01:00:10.50, start: 1.400000, bitrate: 6066 kb/s',
      '[info]   Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuvj420p(pc, bt709/bt709/iec61966-2-1, ' +
        'progressive), 1920x1080 [SAR 1:1 DAR 16:9], 5987 kb/s, 29.97 fps, 30 tbr, 15360 tbn (default)',
      '[info]     Side data:',
      '[info]       displaymatrix: rotation of -90.00 degrees',
    );
    expect({ duration, start }).toEqual({ duration: 3610.5, start: 1.4 });
    expect(streams).toMatchObject([
      {
        codec: 'h264',
        profile: 'High',
        width: 1920,
        height: 1080,
        pixelFormat: 'yuvj420p',
        frameRate: 29.97,
        rotation: 90,
        bitRate: 5987000,
        colorSpace: 'bt709/bt709/iec61966-2-1',
        colorRange: 'full',
        attachedPicture: false,
      },
    ]);
  });

  it('gives layout and format of sound, and leaves out what it cannot name', () => {
    const { streams, otherStreams } = read(
      HEAD,
      '[info]   Stream #0:0: Video: none, none, 90k tbr',
      '[info]   Stream #0:1(eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, 5.1(side), fltp, 320 kb/s (default)',
      '[info]   Stream #0:2: Subtitle: subrip',
      '[info]   Stream #0:3: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg), 320x240, 90k tbr, 90k tbn (attached pic)',
    );
    expect(otherStreams.map(({ index }) => index)).toEqual([0, 2]);
    expect(streams).toMatchObject([
      { kind: 'audio', channels: 6, sampleRate: 48000, layout: '5.1(side)', sampleFormat: 'fltp' },
      { kind: 'video', attachedPicture: true, frameRate: 90000 },
    ]);
  });

  it('prefers its own words to a tag that imitates a stream, and says so', () => {
    const { streams, forged } = read(
      HEAD,
      '[info]   Stream #0:0: Video: h264, yuv420p, 9999x9999, 99 fps',
      '[info]   Stream #0:0: Video: h264, yuv420p, 176x144, 25 fps',
    );
    expect(forged).toBe(true);
    expect(streams).toMatchObject([{ width: 176 }]);
  });

  it.each([
    ['mono', 1],
    ['7.1', 8],
    ['5.1(side)', 6],
    ['quad(side)', 4],
    ['12 channels', 12],
    ['2 channels (FL+FC)', 2],
    ['FL+FR+LFE', 3],
    ['nothing known', 0],
  ])('counts %s as %i channels', (layout, channels) => {
    expect(channelsOf(layout)).toBe(channels);
  });
});

describe('damage', () => {
  it('is told once per kind, with the number of messages and without the place of the file', () => {
    const log = new DamageLog('/secret/place/film.mkv');
    for (let i = 0; i < 1000; i++) {
      log.add({ context: 'h264', level: 'error', text: `concealing ${i} DC, ${i} AC errors in P frame` });
    }
    log.add({ context: null, level: 'error', text: 'file:/secret/place/film.mkv: corrupt input packet in stream 0' });
    log.add({ context: null, level: 'warning', text: 'Guessed Channel Layout for Input Stream #0.0 : mono' });
    const said = log.sentences();
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('999 more');
    expect(said.join()).not.toContain('secret');
  });

  it('of a later step replaces the same of an earlier one', () => {
    expect(mergeWarnings(['Damaged data: “a”.', 'x'], ['Damaged data: “a” and 3 more like it.'])).toEqual([
      'Damaged data: “a” and 3 more like it.',
      'x',
    ]);
  });

  it('in a hostile text cannot draw on a terminal or a report', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(printable(text).length).toBeLessThanOrEqual(160);
      }),
    );
  });
});

describe('ticks', () => {
  it('become seconds exactly where the start is a whole number of them', () => {
    expect(secondsFrom(0, [1, 15360])(512)).toBe(512 / 15360);
    expect(secondsFrom(1.4, [1, 90000])(126000 + 3600)).toBe(3600 / 90000);
    expect(secondsFrom(0.023222, [1, 1000])(123)).toBeCloseTo(0.099778, 9);
  });
});
