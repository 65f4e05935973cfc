/** Entropy-coded segment reader and Huffman tables of JPEG (ITU-T T.81, annexes C and F). */

/** Look-up of 16-bit codes: `value[code >> (16 - length)]` is replaced by canonical ranges per length. */
export interface HuffmanTable {
  readonly maxCode: Int32Array;
  readonly offset: Int32Array;
  readonly values: Uint8Array;
  /** For the next 8 bits: length << 8 | value, or 0 where the code is longer. */
  readonly fast: Uint16Array;
}

/**
 * Builds a table from the 16 counts and the values of a DHT segment; null where the counts oversubscribe the code
 * space, which only a damaged or hostile file does.
 */
export function huffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable | null {
  const maxCode = new Int32Array(18).fill(-1);
  const offset = new Int32Array(18);
  const fast = new Uint16Array(256);
  let code = 0;
  let k = 0;
  for (let length = 1; length <= 16; length++) {
    offset[length] = k - code;
    const count = counts[length - 1];
    if (code + count > 1 << length) return null;
    for (let i = 0; i < count; i++, code++, k++) {
      if (length <= 8) fast.fill((length << 8) | values[k], code << (8 - length), (code + 1) << (8 - length));
    }
    maxCode[length] = count > 0 ? code - 1 : -1;
    code <<= 1;
  }
  return { maxCode, offset, values, fast };
}

/** Reads bits of one entropy-coded segment. Past its end it delivers zeros and says so in `ended`. */
export class BitReader {
  readonly #data: Uint8Array;
  /** Position of the next byte; at a marker it stays on the 0xFF. */
  position: number;
  ended = false;
  #bits = 0;
  #count = 0;

  constructor(data: Uint8Array, position: number) {
    this.#data = data;
    this.position = position;
  }

  #fill(): void {
    while (this.#count <= 16) {
      let byte = 0;
      if (this.position >= this.#data.length) this.#overrun();
      else {
        byte = this.#data[this.position];
        if (byte === 0xff) {
          const next = this.position + 1 < this.#data.length ? this.#data[this.position + 1] : 0xd9;
          if (next === 0) this.position += 2;
          else {
            byte = 0;
            this.#overrun();
          }
        } else this.position++;
      }
      this.#bits = ((this.#bits << 8) | byte) & 0x1ffffff;
      this.#count += 8;
    }
  }

  /** Padding bits that were never in the file; many of them mean that data is missing. */
  #padding = 0;
  #overrun(): void {
    this.#padding += 8;
    if (this.#padding > 64) this.ended = true;
  }

  /** The next `n` bits, 0 <= n <= 16, as an unsigned number. */
  read(n: number): number {
    if (n === 0) return 0;
    if (this.#count < n) this.#fill();
    this.#count -= n;
    return (this.#bits >>> this.#count) & ((1 << n) - 1);
  }

  /** A signed number of `n` bits in the sense of T.81 figure F.12. */
  readSigned(n: number): number {
    if (n === 0) return 0;
    const v = this.read(n);
    return v < 1 << (n - 1) ? v - (1 << n) + 1 : v;
  }

  /** The next Huffman symbol; an impossible code ends the segment and yields 0. */
  symbol(table: HuffmanTable): number {
    if (this.#count < 8) this.#fill();
    const entry = table.fast[(this.#bits >>> (this.#count - 8)) & 0xff];
    if (entry !== 0) {
      this.#count -= entry >> 8;
      return entry & 0xff;
    }
    let code = this.read(8);
    for (let length = 9; length <= 16; length++) {
      code = (code << 1) | this.read(1);
      if (code <= table.maxCode[length]) return table.values[code + table.offset[length]];
    }
    this.ended = true;
    return 0;
  }

  /** Drops the rest of the current byte and starts afresh behind a marker at `position`. */
  restart(position: number): void {
    this.position = position;
    this.#bits = 0;
    this.#count = 0;
    this.#padding = 0;
    this.ended = false;
  }
}
