import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { InputRule, ResizeKernel } from '../../src/contract/pack.ts';
import { sha256Hex } from '../../src/engine/inference/files.ts';
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

/** First 16 digits of the SHA-256 of what OpenCV 5.0 and Pillow make of {@link pattern}: sizes that grow, halve and tie. */
const DIGESTS: readonly (readonly [number, number, number, number, ResizeKernel, string])[] = [
  [448, 448, 224, 224, 'opencv-linear', 'ecffdb318ea6bf66'],
  [448, 448, 224, 224, 'area', 'ecffdb318ea6bf66'],
  [448, 448, 224, 224, 'nearest', 'f386f5821738784b'],
  [448, 448, 224, 224, 'pil-bilinear', 'c265e1d97c9b03a0'],
  [448, 448, 224, 224, 'pil-bicubic', '4cc417233a2a1a26'],
  [300, 200, 100, 100, 'opencv-linear', 'd5339c1536093947'],
  [300, 200, 100, 100, 'area', 'c5466d7c71f280f1'],
  [300, 200, 100, 100, 'nearest', 'b341891b7b7d2219'],
  [300, 200, 100, 100, 'pil-bilinear', '24af570100536dfe'],
  [300, 200, 100, 100, 'pil-bicubic', '25dc835486c0b102'],
  [57, 33, 256, 256, 'opencv-linear', '228c498687319f15'],
  [57, 33, 256, 256, 'area', '102aba1a2709a6af'],
  [57, 33, 256, 256, 'nearest', '61472277f2567e53'],
  [57, 33, 256, 256, 'pil-bilinear', '868aae437cedd192'],
  [57, 33, 256, 256, 'pil-bicubic', 'a546cd1d3201dd77'],
  [333, 217, 112, 300, 'opencv-linear', '8e3cd481c7f8487e'],
  [333, 217, 112, 300, 'area', '81924fb72123e451'],
  [333, 217, 112, 300, 'nearest', 'e3ffe9dbc31f7b2a'],
  [333, 217, 112, 300, 'pil-bilinear', 'f63443ef8d8679d5'],
  [333, 217, 112, 300, 'pil-bicubic', '66aa7b337443ae09'],
  [640, 480, 299, 299, 'opencv-linear', 'f4bc22a126c97d35'],
  [640, 480, 299, 299, 'nearest', 'c355330758c4ed24'],
  [640, 480, 299, 299, 'pil-bilinear', '9661cfcbd540900f'],
  [640, 480, 299, 299, 'pil-bicubic', 'fb8372e4491cb586'],
  [256, 256, 255, 255, 'opencv-linear', '7c64c2988920dd3a'],
  [256, 256, 255, 255, 'area', 'de381b90fa8f63ec'],
  [256, 256, 255, 255, 'nearest', '0b8e67a68e998ac1'],
  [256, 256, 255, 255, 'pil-bilinear', '96e9668ce2cb08cb'],
  [256, 256, 255, 255, 'pil-bicubic', '183f927879f784e6'],
  [2, 5, 7, 3, 'opencv-linear', '0bfe47fd9f60d15c'],
  [2, 5, 7, 3, 'area', '4aacf70025143af4'],
  [2, 5, 7, 3, 'nearest', '4569b08abe19bb6c'],
  [2, 5, 7, 3, 'pil-bilinear', 'ab0f03c8b70c459a'],
  [2, 5, 7, 3, 'pil-bicubic', '346b71e8148b1e57'],
];

const pattern = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const c = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    return (x * x * 3 + y * y * 5 + x * y * 7 + c * 50) & 255;
  }),
});

describe('a pattern made by rule', () => {
  it.each(DIGESTS)(
    'of %i x %i becomes %i x %i by %s bit for bit',
    (width, height, toWidth, toHeight, kernel, digest) => {
      expect(sha256Hex(resize(pattern(width, height), toWidth, toHeight, kernel).data).slice(0, 16)).toBe(digest);
    },
  );
});
