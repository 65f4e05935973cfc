/** The exhibit's own bytes, for the methods that read a JPEG's coefficients. */
import { open } from 'node:fs/promises';
import { VidimusError } from '../../../contract/errors.ts';
import { decodeJpeg } from '../../signals/picture/jpeg/decode.ts';
import { estimateQuality } from '../../signals/picture/jpeg/history.ts';

const MOST_BYTES = 256 * 1024 * 1024;
/** Coefficients take two bytes per sample. */
export const MOST_JPEG_PIXELS = 50e6;

/** The file if it is a JPEG of bearable size; null for other formats; a sentence where it cannot be examined. */
export async function jpegBytes(path: string): Promise<Uint8Array | string | null> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new VidimusError('evidence.read-failed', 'The picture file could not be opened again.', { cause });
  });
  try {
    const head = new Uint8Array(3);
    await file.read(head, 0, 3, 0);
    if (head[0] !== 0xff || head[1] !== 0xd8 || head[2] !== 0xff) return null;
    const { size } = await file.stat();
    if (size > MOST_BYTES) return `the file is larger than ${MOST_BYTES} bytes`;
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** Quality of the file's luminance table on the IJG scale; null where the file is no readable JPEG. */
export async function ownQuality(path: string): Promise<number | null> {
  const bytes = await jpegBytes(path);
  if (!(bytes instanceof Uint8Array)) return null;
  const decoded = decodeJpeg(bytes, MOST_JPEG_PIXELS);
  return decoded.ok ? estimateQuality(decoded.picture.components[0].quantisation).quality : null;
}
