/** The size in the header of a Windows bitmap, which sharp does not read, before ffmpeg decodes it. */
import { open } from 'node:fs/promises';
import { VidimusError } from '../../contract/errors.ts';

/** First bytes of a file. */
export async function readHead(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Width and height in pixels of a BMP from its first 26 bytes.
 *
 * @throws VidimusError evidence.damaged where the header is cut off or gives no size
 */
export function bmpSize(head: Uint8Array): { width: number; height: number } {
  if (head.length >= 26) {
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const old = view.getUint32(14, true) === 12;
    const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
    // Negative heights mark rows from the top.
    const height = Math.abs(old ? view.getUint16(20, true) : view.getInt32(22, true));
    if (width > 0 && height > 0) return { width, height };
  }
  throw new VidimusError('evidence.damaged', 'The header of the bitmap gives no size.');
}
