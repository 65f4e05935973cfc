/** Writes small indexed PNG pictures (ISO/IEC 15948), the same bytes on every machine. */
import { constants, crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const FILTER_UP = 2;

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/**
 * PNG of palette indices, rows from the top. A row like the one above it is written as its difference, which is zero
 * throughout: magnified maps shrink to almost nothing.
 *
 * @param palette R G B for each index, at most 256
 *
 * Run-length matching only: the full matcher of zlib finds other matches on processors with other hash instructions,
 * and the artefact's hash must not depend on the machine.
 */
export function encodeIndexedPng(indices: Uint8Array, width: number, height: number, palette: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    const row = indices.subarray(y * width, (y + 1) * width);
    const above = y === 0 ? null : indices.subarray((y - 1) * width, y * width);
    if (above !== null && row.every((v, x) => v === above[x])) rows[y * (width + 1)] = FILTER_UP;
    else rows.set(row, y * (width + 1) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 6, strategy: constants.Z_RLE })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}
