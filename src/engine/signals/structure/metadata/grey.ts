/** Decodes a picture to grey at a small size for the comparison with its thumbnail. */
import sharp from 'sharp';
import type { GreyImage } from './thumbnail.ts';

/** Longest side after decoding: enough for a grid of 64 cells, little memory for any picture. */
const SIDE = 512;

/** Grey picture as stored (no rotation), at most 512 pixels a side; null when it cannot be decoded. */
export async function decodeGrey(input: string | Buffer, maxPixels: number): Promise<GreyImage | null> {
  try {
    const { data, info } = await sharp(input, { limitInputPixels: maxPixels, failOn: 'none', sequentialRead: true })
      .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#000000' })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const grey = new Uint8Array(info.width * info.height);
    for (let i = 0; i < grey.length; i++) grey[i] = data[i * info.channels];
    return { width: info.width, height: info.height, data: grey };
  } catch {
    return null;
  }
}
