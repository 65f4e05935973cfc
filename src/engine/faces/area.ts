/**
 * Resampling by area with integer windows: output cell i of n averages the source samples
 * floor(i·size/n) up to ceil((i+1)·size/n), neighbours sharing a sample where they meet inside it
 * (adaptive average pooling, the resampler MTCNN was published with).
 */
import type { RgbImage } from '../types.ts';

/** Integer region of a picture; x2 and y2 are exclusive. */
export interface Region {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Window bounds of `count` cells over `size` samples starting at `offset`, each times `stride`. */
function windows(offset: number, size: number, count: number, stride: number): { from: Int32Array; to: Int32Array } {
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = (offset + Math.floor((i * size) / count)) * stride;
    to[i] = (offset + Math.ceil(((i + 1) * size) / count)) * stride;
  }
  return { from, to };
}

/**
 * Summed-area table of an RGB picture (Crow 1984), so that any window costs four look-ups whatever its size.
 *
 * Sums wrap modulo 2^32; a difference is exact while a window holds fewer than 2^31 / 255 = 8.4 million samples.
 */
export class SummedArea {
  readonly width: number;
  readonly height: number;
  private readonly sums: Int32Array;

  /** @param storage reused when it is large enough; the table then lives only until the next use of it */
  constructor(image: RgbImage, storage?: Int32Array) {
    const { width, height, data } = image;
    this.width = width;
    this.height = height;
    const row = (width + 1) * 3;
    const length = row * (height + 1);
    const sums = storage !== undefined && storage.length >= length ? storage : new Int32Array(length);
    sums.fill(0, 0, row);
    for (let y = 0; y < height; y++) {
      let out = (y + 1) * row;
      let above = out - row + 3;
      sums[out++] = 0;
      sums[out++] = 0;
      sums[out++] = 0;
      let r = 0;
      let g = 0;
      let b = 0;
      const end = (y + 1) * width * 3;
      for (let at = y * width * 3; at < end; at += 3) {
        r = (r + data[at]) | 0;
        g = (g + data[at + 1]) | 0;
        b = (b + data[at + 2]) | 0;
        sums[out] = (sums[above] + r) | 0;
        sums[out + 1] = (sums[above + 1] + g) | 0;
        sums[out + 2] = (sums[above + 2] + b) | 0;
        out += 3;
        above += 3;
      }
    }
    this.sums = sums;
  }

  /** Entries a table for a picture of this size needs. */
  static storageFor(width: number, height: number): number {
    return (width + 1) * (height + 1) * 3;
  }

  /**
   * Writes `region`, resampled to `width` x `height`, as three planes R, G, B of (value + `shift`) * `scale` into
   * `target` from `at` on. The region must lie inside the picture and hold at least one sample.
   */
  sample(
    region: Region,
    width: number,
    height: number,
    target: Float32Array,
    at: number,
    shift: number,
    scale: number,
  ): void {
    const { sums } = this;
    const row = (this.width + 1) * 3;
    const columns = windows(region.x1, region.x2 - region.x1, width, 3);
    const rows = windows(region.y1, region.y2 - region.y1, height, row);
    const plane = width * height;
    const { from, to } = columns;
    let out = at;
    for (let y = 0; y < height; y++) {
      const top = rows.from[y];
      const bottom = rows.to[y];
      const tall = (bottom - top) / row;
      for (let x = 0; x < width; x++, out++) {
        const left = from[x];
        const right = to[x];
        const a = top + left;
        const b = top + right;
        const c = bottom + left;
        const d = bottom + right;
        const weight = scale / (((right - left) / 3) * tall);
        const base = shift * scale;
        target[out] = ((sums[d] - sums[b] - sums[c] + sums[a]) | 0) * weight + base;
        target[out + plane] = ((sums[d + 1] - sums[b + 1] - sums[c + 1] + sums[a + 1]) | 0) * weight + base;
        target[out + plane * 2] = ((sums[d + 2] - sums[b + 2] - sums[c + 2] + sums[a + 2]) | 0) * weight + base;
      }
    }
  }
}

/** Rows that one 16-bit lane can add up: 257 x 255 = 65535. */
const LANE_ROWS = 257;

/**
 * Sums of the rows `top` to `bottom` (exclusive) of bytes, `row` bytes each, into `band`. Where rows start on a word,
 * four bytes are added at a time in two pairs of 16-bit lanes, which is exact up to {@link LANE_ROWS} rows.
 */
function sumRows(source: Uint8Array, row: number, top: number, bottom: number, band: Int32Array): void {
  if (row % 4 !== 0 || source.byteOffset % 4 !== 0 || bottom - top > LANE_ROWS) {
    band.fill(0);
    for (let line = top; line < bottom; line++)
      for (let x = 0, at = line * row; x < row; x++, at++) band[x] = (band[x] + source[at]) | 0;
    return;
  }
  const words = new Int32Array(source.buffer, source.byteOffset, source.length >> 2);
  const across = row >> 2;
  for (let word = 0, out = 0; word < across; word++, out += 4) {
    let even = 0;
    let odd = 0;
    for (let line = top, at = top * across + word; line < bottom; line++, at += across) {
      const four = words[at];
      even = (even + (four & 0xff00ff)) | 0;
      odd = (odd + ((four >>> 8) & 0xff00ff)) | 0;
    }
    band[out] = even & 0xffff;
    band[out + 1] = odd & 0xffff;
    band[out + 2] = even >>> 16;
    band[out + 3] = odd >>> 16;
  }
}

/** One row of cells from the sums of `tall` rows. A function of its own: V8 optimises by calls more than by loops. */
function averageCells(
  band: Int32Array,
  from: Int32Array,
  to: Int32Array,
  tall: number,
  data: Uint8Array,
  at: number,
): void {
  for (let x = 0, out = at; x < from.length; x++, out += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    const end = to[x];
    for (let i = from[x]; i < end; i += 3) {
      r = (r + band[i]) | 0;
      g = (g + band[i + 1]) | 0;
      b = (b + band[i + 2]) | 0;
    }
    const weight = 3 / ((end - from[x]) * tall);
    data[out] = (r * weight + 0.5) | 0;
    data[out + 1] = (g * weight + 0.5) | 0;
    data[out + 2] = (b * weight + 0.5) | 0;
  }
}

/**
 * The picture at `width` x `height` (neither larger than the source), rounded to bytes.
 * One pass over the rows and no table, so it serves pictures of any size.
 */
export function shrinkByArea(image: RgbImage, width: number, height: number): RgbImage {
  const { data: source } = image;
  const { from, to } = windows(0, image.width, width, 3);
  const rows = windows(0, image.height, height, 1);
  const row = image.width * 3;
  const band = new Int32Array(row);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const top = rows.from[y];
    const bottom = rows.to[y];
    sumRows(source, row, top, bottom, band);
    averageCells(band, from, to, bottom - top, data, y * width * 3);
  }
  return { width, height, data };
}
