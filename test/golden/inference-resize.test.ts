import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { InputRule, ResizeKernel } from '../../src/contract/pack.ts';
import { imageTensor } from '../../src/engine/inference/preprocess.ts';
import { resize } from '../../src/engine/inference/resize.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { GOLDEN } from '../helpers/shared.ts';

async function load(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

const KERNELS: Readonly<Record<string, ResizeKernel>> = {
  'opencv-linear': 'opencv-linear',
  'opencv-area': 'area',
  'pil-bilinear': 'pil-bilinear',
  'pil-bicubic': 'pil-bicubic',
};

const Reference = z.object({
  imagenet_normalised_chw: z.record(
    z.string(),
    z.object({ mean: z.number(), std: z.number(), first: z.array(z.number()) }),
  ),
});
const reference = Reference.parse(JSON.parse(readFileSync(join(GOLDEN, 'resize.json'), 'utf8')));

const rule = (kernel: ResizeKernel): InputRule => ({
  kind: 'image',
  width: 224,
  height: 224,
  layout: 'NCHW',
  color: 'rgb',
  resize: kernel,
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
});

const cases = readdirSync(join(GOLDEN, 'resize')).map((file) => {
  const [picture = '', library = ''] = file.replace('.png', '').split('.');
  return { file, picture, library };
});

describe.each(cases)('$picture by $library', ({ file, picture, library }) => {
  const kernel = KERNELS[library];
  if (kernel === undefined) throw new Error(`no kernel for ${library}`);

  it('has the library’s pixels', async () => {
    const expected = await load(join(GOLDEN, 'resize', file));
    const got = resize(await load(join(GOLDEN, 'images', `${picture}.png`)), expected.width, expected.height, kernel);
    let differing = 0;
    let worst = 0;
    for (let i = 0; i < expected.data.length; i++) {
      const d = Math.abs(expected.data[i] - got.data[i]);
      if (d > 0) differing++;
      worst = Math.max(worst, d);
    }
    // Bit-exact but for area by a fraction: OpenCV sums in 32-bit floats there, so ties fall to either side.
    expect(worst).toBeLessThanOrEqual(library === 'opencv-area' ? 1 : 0);
    expect(differing / expected.data.length).toBeLessThanOrEqual(library === 'opencv-area' ? 0.001 : 0);
  });

  it('gives the normalised tensor’s statistics', async () => {
    const { data, dims } = imageTensor([await load(join(GOLDEN, 'images', `${picture}.png`))], rule(kernel));
    expect(dims).toEqual([1, 3, 224, 224]);
    const values = Array.from(data, Number);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
    const expected = reference.imagenet_normalised_chw[`${picture}.${library}`];
    // One grey level is 0.017 here; the mean over 150,528 values must agree far below that.
    expect(mean).toBeCloseTo(expected?.mean ?? Number.NaN, 4);
    expect(std).toBeCloseTo(expected?.std ?? Number.NaN, 4);
    const first = [0, 1, 2].flatMap((c) => values.slice(c * 224 * 224, c * 224 * 224 + 4));
    first.forEach((value, i) => {
      expect(value).toBeCloseTo(expected?.first[i] ?? Number.NaN, 5);
    });
  });
});
