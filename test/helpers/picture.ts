/** Pictures for tests: decoding, encoding and noise by rule. */
import sharp, { type JpegOptions } from 'sharp';
import type { RgbImage } from '../../src/engine/types.ts';

/** Decodes a file or buffer into upright R G B. */
export async function decode(source: string | Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(source)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Baseline JPEG without chroma subsampling unless asked. */
export function jpeg(image: RgbImage, quality: number, options: JpegOptions = {}): Promise<Uint8Array> {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:4:4', ...options })
    .toBuffer();
}

/** Resampled by a factor with a cubic kernel. */
export async function resized(image: RgbImage, factor: number): Promise<RgbImage> {
  const { data, info } = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(Math.round(image.width * factor), Math.round(image.height * factor), { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Seeded generator of standard normal numbers. */
export function normals(seed: number): () => number {
  let s = seed >>> 0;
  const uniform = (): number => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A copy with pixels replaced by `value(x, y, channel, old)`, rounded and cut. */
export function painted(
  image: RgbImage,
  value: (x: number, y: number, channel: number, old: number) => number,
): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) {
    const p = Math.floor(i / 3);
    data[i] = Math.max(
      0,
      Math.min(255, Math.round(value(p % image.width, Math.floor(p / image.width), i % 3, image.data[i]))),
    );
  }
  return { ...image, data };
}
