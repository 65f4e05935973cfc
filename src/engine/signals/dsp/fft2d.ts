/** Two-dimensional transforms of real planes on top of {@link Fft} and {@link RealFft}. */
import { Fft, RealFft } from './fft.ts';

/** Half spectrum of a real plane: `height` rows of `bins` = floor(width / 2) + 1 columns; the rest is the mirror. */
interface HalfSpectrum {
  readonly width: number;
  readonly height: number;
  readonly bins: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Columns transformed together: long inner loops, and a block that stays in the second-level cache. */
const COLUMNS = 16;

/** Forward transform of a real plane of width x height values, rows from the top; unscaled like SciPy's fft2. */
export function realFft2d(
  plane: Float64Array | Float32Array | Uint8Array,
  width: number,
  height: number,
): HalfSpectrum {
  const rows = new RealFft(width);
  const bins = rows.bins;
  const re = new Float64Array(bins * height);
  const im = new Float64Array(bins * height);
  for (let y = 0; y < height; y++) rows.forward(plane, y * width, re, im, y * bins);
  const columns = new Fft(height);
  const br = new Float64Array(COLUMNS * height);
  const bi = new Float64Array(COLUMNS * height);
  for (let x = 0; x < bins; x += COLUMNS) {
    const batch = Math.min(COLUMNS, bins - x);
    for (let y = 0, o = 0; y < height; y++) {
      for (let q = 0, i = y * bins + x; q < batch; q++, i++, o++) {
        br[o] = re[i];
        bi[o] = im[i];
      }
    }
    columns.forward(br, bi, batch);
    for (let y = 0, o = 0; y < height; y++) {
      for (let q = 0, i = y * bins + x; q < batch; q++, i++, o++) {
        re[i] = br[o];
        im[i] = bi[o];
      }
    }
  }
  return { width, height, bins, re, im };
}

/**
 * Complex transform of a plane in place, all columns and rows; `inverse` divides by the number of values.
 * Used for correlation by the convolution theorem.
 */
export function complexFft2d(re: Float64Array, im: Float64Array, width: number, height: number, inverse = false): void {
  const rows = new Fft(width);
  for (let y = 0; y < height; y++) {
    const a = re.subarray(y * width, (y + 1) * width);
    const b = im.subarray(y * width, (y + 1) * width);
    if (inverse) rows.inverse(a, b);
    else rows.forward(a, b);
  }
  // One batch over all columns: sample y of column x lies at y * width + x, exactly the interleaved layout.
  const columns = new Fft(height);
  if (inverse) columns.inverse(re, im, width);
  else columns.forward(re, im, width);
}
