/**
 * Photo-response non-uniformity: the fixed pattern of one sensor, and whether a picture carries it.
 *
 * References: Lukas, Fridrich and Goljan, IEEE TIFS 1 (2006); Chen, Fridrich, Goljan and Lukas, IEEE TIFS 3 (2008)
 * (maximum-likelihood reference); Goljan, IWDW 2008 (peak to correlation energy); Mihcak, Kozintsev and
 * Ramchandran, ICASSP 1999 (adaptive Wiener estimate; used here in the pixel domain).
 */
import { complexFft2d } from '../dsp/fft2d.ts';
import type { GreyPlane } from './grey.ts';

/** Pattern of one camera for the central region of pictures of one size. */
export interface PrnuReference {
  /** Size of the pictures the pattern was made from. */
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  readonly width: number;
  readonly height: number;
  readonly pattern: Float64Array;
  readonly pictures: number;
}

/** Side of the central region that is used: larger regions gain little and cost the transform. */
const REGION = 1024;
const NOISE_VARIANCE = 9;

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

function region(grey: GreyPlane): Plane {
  const width = Math.min(REGION, grey.width);
  const height = Math.min(REGION, grey.height);
  const x0 = Math.floor((grey.width - width) / 2);
  const y0 = Math.floor((grey.height - height) / 2);
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = grey.data[(y0 + y) * grey.width + x0 + x];
  }
  return { width, height, data };
}

/** Picture minus its adaptive Wiener estimate; the local variance is the smallest of four window sizes. */
function residual(plane: Plane): Float64Array {
  const { width, height, data } = plane;
  const n = width * height;
  const square = data.map((v) => v * v);
  const local = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let mean = data;
  for (const radius of [1, 2, 3, 4]) {
    const m = boxMean(data, width, height, radius);
    const q = boxMean(square, width, height, radius);
    for (let i = 0; i < n; i++) {
      const v = Math.max(0, q[i] - m[i] * m[i] - NOISE_VARIANCE);
      if (v < local[i]) local[i] = v;
    }
    if (radius === 1) mean = m;
  }
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = (data[i] - mean[i]) * (NOISE_VARIANCE / (local[i] + NOISE_VARIANCE));
  return out;
}

function boxMean(data: Float64Array, width: number, height: number, radius: number): Float64Array {
  const rows = new Float64Array(data.length);
  const out = new Float64Array(data.length);
  const pass = (from: Float64Array, to: Float64Array, length: number, step: number, start: number): void => {
    let sum = 0;
    let count = 0;
    for (let k = 0; k < Math.min(radius, length); k++, count++) sum += from[start + k * step];
    for (let k = 0; k < length; k++) {
      if (k + radius < length) {
        sum += from[start + (k + radius) * step];
        count++;
      }
      if (k - radius - 1 >= 0) {
        sum -= from[start + (k - radius - 1) * step];
        count--;
      }
      to[start + k * step] = sum / count;
    }
  };
  for (let y = 0; y < height; y++) pass(data, rows, width, 1, y * width);
  for (let x = 0; x < width; x++) pass(rows, out, height, width, x);
  return out;
}

/** Removes what belongs to whole rows and columns: readout and codec patterns that many cameras share. */
function zeroMean(data: Float64Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    let s = 0;
    for (let x = 0; x < width; x++) s += data[y * width + x];
    for (let x = 0; x < width; x++) data[y * width + x] -= s / width;
  }
  for (let x = 0; x < width; x++) {
    let s = 0;
    for (let y = 0; y < height; y++) s += data[y * width + x];
    for (let y = 0; y < height; y++) data[y * width + x] -= s / height;
  }
}

/**
 * Maximum-likelihood pattern of a camera: sum of residual times picture over sum of picture squared. Pictures are
 * added one at a time, so only their central regions are held.
 */
export class PrnuSum {
  readonly #size: { readonly width: number; readonly height: number };
  readonly #pattern: Float64Array;
  readonly #weight: Float64Array;
  #pictures = 0;

  /** @param width, height size of every picture, upright in the same way */
  constructor(width: number, height: number) {
    this.#size = { width, height };
    const n = Math.min(REGION, width) * Math.min(REGION, height);
    this.#pattern = new Float64Array(n);
    this.#weight = new Float64Array(n);
  }

  /** Pictures added so far. */
  get pictures(): number {
    return this.#pictures;
  }

  /** @throws RangeError where the size is another */
  add(picture: GreyPlane): void {
    if (picture.width !== this.#size.width || picture.height !== this.#size.height) {
      throw new RangeError('the pictures of a reference must have one size');
    }
    const plane = region(picture);
    const noise = residual(plane);
    for (let i = 0; i < noise.length; i++) {
      // Clipped pixels carry no pattern.
      if (plane.data[i] >= 250) continue;
      this.#pattern[i] += noise[i] * plane.data[i];
      this.#weight[i] += plane.data[i] * plane.data[i];
    }
    this.#pictures++;
  }

  /**
   * The pattern of what was added; better thirty evenly lit pictures than two.
   *
   * @throws RangeError where fewer than two were
   */
  reference(): PrnuReference {
    if (this.#pictures < 2) throw new RangeError('a reference needs two pictures or more');
    const width = Math.min(REGION, this.#size.width);
    const height = Math.min(REGION, this.#size.height);
    const pattern = this.#pattern.map((v, i) => (this.#weight[i] > 0 ? v / this.#weight[i] : 0));
    zeroMean(pattern, width, height);
    return {
      pictureWidth: this.#size.width,
      pictureHeight: this.#size.height,
      width,
      height,
      pattern,
      pictures: this.#pictures,
    };
  }
}

interface PrnuMatch {
  /**
   * Peak to correlation energy at zero shift, with the sign of the correlation. Goljan, Fridrich and Filler (2009)
   * used 60 as threshold on millions of full-size pictures; it is not validated for the smaller region used here.
   */
  readonly pce: number;
  /** Normalised correlation at zero shift, -1..1: shown, never decided upon. */
  readonly correlation: number;
  readonly residual: Float64Array;
}

/** Compares a picture with a reference. @throws RangeError where the sizes do not fit */
export function prnuMatch(picture: GreyPlane, reference: PrnuReference): PrnuMatch {
  if (picture.width !== reference.pictureWidth || picture.height !== reference.pictureHeight) {
    throw new RangeError('the picture has not the size of the reference pictures');
  }
  const plane = region(picture);
  const { width, height } = plane;
  const noise = residual(plane);
  zeroMean(noise, width, height);
  const expected = Float64Array.from(reference.pattern, (v, i) => v * plane.data[i]);
  zeroMean(expected, width, height);
  // Both real planes in one complex transform: F = N + iE; the cross spectrum follows from F and its mirror.
  const re = noise.slice();
  const im = expected.slice();
  complexFft2d(re, im, width, height);
  const cr = new Float64Array(re.length);
  const ci = new Float64Array(re.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const j = ((height - y) % height) * width + ((width - x) % width);
      const nr = (re[i] + re[j]) / 2;
      const ni = (im[i] - im[j]) / 2;
      const er = (im[i] + im[j]) / 2;
      const ei = (re[j] - re[i]) / 2;
      cr[i] = nr * er + ni * ei;
      ci[i] = ni * er - nr * ei;
    }
  }
  complexFft2d(cr, ci, width, height, true);
  let energy = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    const dy = Math.min(y, height - y);
    for (let x = 0; x < width; x++) {
      if (dy <= 5 && Math.min(x, width - x) <= 5) continue;
      energy += cr[y * width + x] ** 2;
      count++;
    }
  }
  const norm = Math.sqrt(noise.reduce((s, v) => s + v * v, 0) * expected.reduce((s, v) => s + v * v, 0));
  const peak = cr[0];
  return {
    pce: energy > 0 && count > 0 ? (Math.sign(peak) * peak * peak) / (energy / count) : 0,
    correlation: norm > 0 ? peak / norm : 0,
    residual: noise,
  };
}
