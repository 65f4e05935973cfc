/** The quantisation tables of a JPEG file (ITU-T T.81, B.2.4.1), read once for the marker tree and for coefficients. */

/** Position k of the order in the file lies at natural index ZIGZAG[k] = row * 8 + column (T.81, figure A.6). */
export const ZIGZAG: readonly number[] = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];

interface Table {
  /** Destination 0..3. */
  readonly id: number;
  readonly bits: 8 | 16;
  /** 64 values in natural order as they stand in the file; a zero is illegal and left to the caller. */
  readonly values: Uint16Array;
}

/**
 * The tables of one DQT segment.
 *
 * @param body the segment without marker and length
 * @returns the tables up to the first impossible one, and whether there was one
 */
export function quantisationTables(body: Uint8Array): { readonly tables: readonly Table[]; readonly damaged: boolean } {
  const tables: Table[] = [];
  for (let at = 0; at < body.length; ) {
    const bits = body[at] >> 4 === 0 ? 8 : 16;
    const id = body[at] & 15;
    if (body[at] >> 4 > 1 || id > 3 || body.length - at - 1 < bits * 8) return { tables, damaged: true };
    const values = new Uint16Array(64);
    for (let k = 0; k < 64; k++) {
      const p = at + 1 + (bits / 8) * k;
      values[ZIGZAG[k]] = bits === 8 ? body[p] : (body[p] << 8) | body[p + 1];
    }
    tables.push({ id, bits, values });
    at += 1 + bits * 8;
  }
  return { tables, damaged: false };
}
