import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputRule } from '../../src/contract/pack.ts';
import { clipTensor, fitImage, imageTensor } from '../../src/engine/inference/preprocess.ts';
import {
  featureTensor,
  sequenceTensor,
  spectrogramTensor,
  waveformTensor,
} from '../../src/engine/inference/preprocess-sound.ts';
import { resize } from '../../src/engine/inference/resize.ts';
import type { RgbImage } from '../../src/engine/types.ts';

/** Pixel (x, y) channel c holds a value that names it. */
const picture = (width: number, height: number, base = 0): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (base + i) % 256),
});

const rule = (change: Partial<InputRule>): InputRule => ({
  kind: 'image',
  layout: 'NCHW',
  color: 'rgb',
  scale: 1,
  mean: [0],
  std: [1],
  ...change,
});

describe('pictures as tensors', () => {
  it('follow layout, colour order, scale, mean and deviation', () => {
    const image = picture(2, 1);
    expect(Array.from(imageTensor([image], rule({})).data)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(Array.from(imageTensor([image], rule({ color: 'bgr' })).data)).toEqual([2, 5, 1, 4, 0, 3]);
    const last = imageTensor([image], rule({ layout: 'NHWC' }));
    expect([last.dims, Array.from(last.data)]).toEqual([
      [1, 1, 2, 3],
      [0, 1, 2, 3, 4, 5],
    ]);
    const normal = imageTensor([image], rule({ scale: 0.5, mean: [1, 2, 3], std: [1, 2, 4] }));
    expect(Array.from(normal.data)).toEqual([-1, 0.5, -0.75, 0, -0.5, -0.125]);
  });

  it('weigh colours as BT.601 for grey', () => {
    const image: RgbImage = {
      width: 4,
      height: 1,
      data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255),
    };
    const { dims, data } = imageTensor([image], rule({ color: 'gray' }));
    expect([dims, Array.from(data)]).toEqual([
      [1, 1, 1, 4],
      [76, 150, 29, 255],
    ]);
  });

  it('keep frames in order in every clip layout', () => {
    const clip = [picture(2, 2, 0), picture(2, 2, 100)];
    const at = { NTCHW: [1, 2, 3, 2, 2], NCTHW: [1, 3, 2, 2, 2], NTHWC: [1, 2, 2, 2, 3] } as const;
    for (const layout of ['NTCHW', 'NCTHW', 'NTHWC'] as const) {
      const { dims, data } = clipTensor([clip], rule({ kind: 'clip', layout, frames: 2 }));
      expect(dims).toEqual(at[layout]);
      // Frame 1, channel 2, row 1, column 0.
      const index = { NTCHW: 12 + 2 * 4 + 2, NCTHW: 2 * 8 + 4 + 2, NTHWC: 12 + 2 * 3 + 2 }[layout];
      expect(data[index]).toBe(100 + 2 * 3 + 2);
    }
    expect(() => clipTensor([clip.slice(1)], rule({ layout: 'NTCHW', frames: 2 }))).toThrow('2 frames');
  });

  it('cut the centre as torchvision does', () => {
    const fitted = fitImage(
      picture(301, 200),
      rule({ width: 224, height: 224, resizeShorter: 256, resize: 'pil-bilinear' }),
    );
    expect([fitted.width, fitted.height]).toEqual([224, 224]);
    const plain = fitImage(picture(9, 4), rule({ width: 4, height: 4, resizeShorter: 4, resize: 'nearest' }));
    // (9 - 4) / 2 = 2.5 goes to 2.
    expect(plain.data[0]).toBe(2 * 3);
  });
});

describe('resampling', () => {
  it('keeps a flat picture flat and stays within the picture’s own values', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const kernel = fc.constantFrom('nearest', 'opencv-linear', 'area', 'pil-bilinear', 'pil-bicubic');
    fc.assert(
      fc.property(size, size, size, size, kernel, fc.nat(255), (w, h, toW, toH, kind, grey) => {
        const flat = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(grey) };
        const out = resize(flat, toW, toH, kind);
        expect(out.data.length).toBe(toW * toH * 3);
        // OpenCV's shifted products may lose one level; the others are exact.
        for (const value of out.data)
          expect(Math.abs(value - grey)).toBeLessThanOrEqual(kind === 'opencv-linear' || kind === 'area' ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('sound as tensors', () => {
  it('cuts long windows and fills short ones as the rule says', () => {
    const sound = rule({ kind: 'waveform', layout: 'NL', samples: 5 });
    const short = Float32Array.of(1, 2, 3);
    expect(Array.from(waveformTensor([short], { ...sound, pad: 'repeat' }).data)).toEqual([1, 2, 3, 1, 2]);
    expect(Array.from(waveformTensor([short], { ...sound, pad: 'zero' }).data)).toEqual([1, 2, 3, 0, 0]);
    expect(Array.from(waveformTensor([Float32Array.of(1, 2, 3, 4, 5, 6)], sound).data)).toEqual([1, 2, 3, 4, 5]);
    expect(waveformTensor([short], { ...sound, layout: 'NCL' }).dims).toEqual([1, 1, 5]);
    expect(
      Array.from(waveformTensor([Float32Array.of(1, -4)], { ...sound, samples: 2, normalizeLevel: 'peak' }).data),
    ).toEqual([0.25, -1]);
    expect(
      Array.from(waveformTensor([new Float32Array(2)], { ...sound, samples: 2, normalizeLevel: 'rms' }).data),
    ).toEqual([0, 0]);
  });

  it('pads spectrograms along time', () => {
    const mel = { bands: 2, frames: 2, data: Float32Array.of(1, 2, 3, 4) };
    const wide = rule({ kind: 'mel', layout: 'NCHL', width: 3 });
    expect(Array.from(spectrogramTensor([mel], wide).data)).toEqual([1, 2, 0, 3, 4, 0]);
    expect(spectrogramTensor([mel], { ...wide, pad: 'repeat' })).toEqual({
      dims: [1, 1, 2, 3],
      data: Float32Array.of(1, 2, 1, 3, 4, 3),
    });
  });

  it('normalises features one by one', () => {
    const scaled = rule({ kind: 'features', layout: 'NL', features: ['a', 'b'], mean: [1, 2], std: [2, 4] });
    expect(Array.from(featureTensor([[3, 10]], scaled).data)).toEqual([1, 2]);
    expect(() => featureTensor([[3]], scaled)).toThrow('2 values');
    expect(
      sequenceTensor(
        [
          [
            [3, 10],
            [1, 2],
          ],
        ],
        { ...scaled, layout: 'NTF' },
      ),
    ).toEqual({ dims: [1, 2, 2], data: Float32Array.of(1, 2, 0, 0) });
  });
});
