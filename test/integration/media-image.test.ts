import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/contract/result.ts';
import { collect } from '../helpers/collect.ts';
import { fixture } from '../helpers/fixtures.ts';

const ALL = { frames: { sampling: { kind: 'all' } } } as const;
const W = 320;
const H = 240;
const raw = () => readFileSync(fixture('base.rgb'));

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

describe('pictures', () => {
  it.each([
    ['picture.png', 'PNG'],
    ['picture.tiff', 'TIFF'],
    ['picture.webp', 'WebP'],
    ['picture.bmp', 'BMP'],
    ['alpha.png', 'PNG'],
    ['deep.png', 'PNG'],
  ])('%s comes out pixel by pixel', async (name, container) => {
    const { frames, media, pass } = await collect(fixture(name), ALL);
    expect(Buffer.from(frames[0]?.data ?? []).equals(raw())).toBe(true);
    expect(frames[0]).toMatchObject({ width: W, height: H, index: 0, time: 0, key: true });
    expect(Evidence.parse(media.evidenceAfter(pass))).toMatchObject({ container, duration: null });
    expect(media).toMatchObject({ mediaType: 'image', totalFrames: 1, size: { width: W, height: H } });
  });

  it.each(['picture.jpg', 'picture.avif', 'picture.gif', 'grey.jpg', 'cmyk.jpg'])(
    '%s comes out close',
    async (name) => {
      const { frames, media } = await collect(fixture(name), ALL);
      expect(frames[0]?.data).toHaveLength(W * H * 3);
      // Lossy, dithered, without colour, through inks: each within what its format takes away.
      const limit = { 'grey.jpg': 70, 'cmyk.jpg': 40, 'picture.gif': 16 }[name] ?? 8;
      expect(meanDifference(frames[0]?.data ?? new Uint8Array(0), raw())).toBeLessThan(limit);
      expect(media.evidence.streams[0]).toMatchObject({ kind: 'image', width: W, height: H });
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('with EXIF orientation %i are turned upright', async (orientation) => {
    const { frames, media, pass } = await collect(fixture(`orientation-${orientation}.jpg`), ALL);
    const stored = raw();
    const frame = frames[0];
    if (frame === undefined) throw new Error('no picture');
    const turned = orientation >= 5;
    expect(frame).toMatchObject(turned ? { width: H, height: W } : { width: W, height: H });
    expect(media.size).toEqual({ width: frame.width, height: frame.height });
    expect(media.evidence.streams[0]).toMatchObject({ width: W, height: H, orientation });
    expect(String(pass.parameters['orientation'])).toContain(
      orientation === 1 ? 'as stored' : `${orientation} applied`,
    );
    // TIFF 6.0, tag 274: where row and column 0 of the stored picture lie.
    const place: Record<number, (x: number, y: number) => [number, number]> = {
      1: (x, y) => [x, y],
      2: (x, y) => [W - 1 - x, y],
      3: (x, y) => [W - 1 - x, H - 1 - y],
      4: (x, y) => [x, H - 1 - y],
      5: (x, y) => [y, x],
      6: (x, y) => [H - 1 - y, x],
      7: (x, y) => [H - 1 - y, W - 1 - x],
      8: (x, y) => [y, W - 1 - x],
    };
    let sum = 0;
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const [u, v] = place[orientation]?.(x, y) ?? [0, 0];
        for (let c = 0; c < 3; c++) {
          sum += Math.abs((stored[(y * W + x) * 3 + c] ?? 0) - (frame.data[(v * frame.width + u) * 3 + c] ?? 0));
        }
      }
    }
    expect(sum / stored.length).toBeLessThan(6);
  });

  it('state what was done to their samples', async () => {
    expect((await collect(fixture('alpha.png'), ALL)).pass.parameters['alpha']).toBe('dropped, colours as stored');
    expect((await collect(fixture('deep.png'), ALL)).pass.parameters['depth']).toBe('16 bit to 8 bit by libvips');
    expect((await collect(fixture('cmyk.jpg'), ALL)).pass.parameters['colorSpace']).toContain('CMYK');
  });

  it.each(['animated.gif', 'animated.webp'])('that move give their pages at their times: %s', async (name) => {
    const { frames, media } = await collect(fixture(name), ALL);
    expect(frames.map((frame) => frame.time)).toEqual([0, 0.1, 0.3, 0.6]);
    expect(frames.map((frame) => frame.data[0])).toEqual([0, 60, 120, 180]);
    expect(frames[0]).toMatchObject({ width: 64, height: 48 });
    expect(media).toMatchObject({ totalFrames: 4, evidence: { duration: 1 } });
    const two = await collect(fixture(name), { frames: { sampling: { kind: 'evenly', n: 2 } } });
    expect(two.frames.map((frame) => frame.index)).toEqual([0, 3]);
  });

  it('of one pixel are pictures', async () => {
    const { frames } = await collect(fixture('one.png'), ALL);
    expect([...(frames[0]?.data ?? [])]).toEqual([0x12, 0x34, 0x56]);
  });
});
