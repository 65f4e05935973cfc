/**
 * Short-time power spectra of real signals, with librosa's conventions (McFee et al., "librosa: Audio and music
 * signal analysis in Python", SciPy 2015): periodic Hann window, no scaling, `center` with zero padding.
 */
import { Fft } from '../dsp/fft.ts';

/** Periodic Hann window of `n` points, as `scipy.signal.get_window('hann', n)`. */
export function hann(n: number): Float64Array {
  const w = new Float64Array(n);
  for (let i = 0; i < n; i++) w[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n);
  return w;
}

/**
 * |FFT|^2 of windowed real frames. A frame of N reals is transformed as N/2 complex numbers (even samples real,
 * odd samples imaginary) and untangled, which halves the work. Holds its buffers; not for use by two callers at once.
 */
export class PowerSpectrum {
  readonly nFft: number;
  /** Number of bins, nFft / 2 + 1. */
  readonly bins: number;
  private readonly window: Float64Array;
  private readonly fft: Fft;
  private readonly re: Float64Array;
  private readonly im: Float64Array;
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;

  /** `nFft` is even, at least 4 (fastest as a power of two); the window has `nFft` points (Hann when absent). */
  constructor(nFft: number, window: Float64Array = hann(nFft)) {
    if (nFft < 4 || nFft % 2 !== 0) throw new RangeError('nFft must be even, at least 4');
    if (window.length !== nFft) throw new RangeError('the window must have nFft points');
    this.nFft = nFft;
    this.bins = nFft / 2 + 1;
    this.window = window;
    const half = nFft / 2;
    this.fft = new Fft(half);
    this.re = new Float64Array(half);
    this.im = new Float64Array(half);
    this.cos = new Float64Array((half >> 1) + 1);
    this.sin = new Float64Array((half >> 1) + 1);
    for (let k = 0; k <= half / 2; k++) {
      this.cos[k] = Math.cos((2 * Math.PI * k) / nFft);
      this.sin[k] = Math.sin((2 * Math.PI * k) / nFft);
    }
  }

  /**
   * Power of the frame that starts at `offset` (may be negative, may run past the end: zeros there) into `out`,
   * from `outOffset` on, `bins` values.
   */
  compute(samples: Float32Array | Float64Array, offset: number, out: Float64Array, outOffset = 0): void {
    const { re, im, window, nFft } = this;
    const half = nFft >> 1;
    if (offset >= 0 && offset + nFft <= samples.length) {
      for (let i = 0, p = offset; i < half; i++, p += 2) {
        re[i] = samples[p] * window[2 * i];
        im[i] = samples[p + 1] * window[2 * i + 1];
      }
    } else {
      for (let i = 0, p = offset; i < half; i++, p += 2) {
        re[i] = p >= 0 && p < samples.length ? samples[p] * window[2 * i] : 0;
        im[i] = p + 1 >= 0 && p + 1 < samples.length ? samples[p + 1] * window[2 * i + 1] : 0;
      }
    }
    this.fft.forward(re, im);
    const { cos, sin } = this;
    const dc = re[0] + im[0];
    const ny = re[0] - im[0];
    out[outOffset] = dc * dc;
    out[outOffset + half] = ny * ny;
    for (let k = 1; k <= half >> 1; k++) {
      const m = half - k;
      const er = (re[k] + re[m]) / 2;
      const ei = (im[k] - im[m]) / 2;
      const or = (im[k] + im[m]) / 2;
      const oi = (re[m] - re[k]) / 2;
      const tr = or * cos[k] + oi * sin[k];
      const ti = oi * cos[k] - or * sin[k];
      const ar = er + tr;
      const ai = ei + ti;
      const br = er - tr;
      const bi = ei - ti;
      out[outOffset + k] = ar * ar + ai * ai;
      out[outOffset + m] = br * br + bi * bi;
    }
  }
}

/** Frames that librosa's `center=True` yields for a signal of `length` samples. */
export const centredFrames = (length: number, hop: number): number => 1 + Math.floor(length / hop);

/** Bin frequencies in hertz. */
export function binFrequencies(nFft: number, sampleRate: number): Float64Array {
  return Float64Array.from({ length: nFft / 2 + 1 }, (_, k) => (k * sampleRate) / nFft);
}

/**
 * 10 log10(max(amin, x)) with everything more than `topDb` below the maximum lifted to that floor, in place.
 * `ref` is subtracted in decibels; as librosa's `power_to_db`.
 */
export function powerToDb(values: Float64Array, ref: number, topDb: number | null, amin = 1e-10): void {
  const refDb = 10 * Math.log10(Math.max(amin, ref));
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const db = 10 * Math.log10(Math.max(amin, values[i])) - refDb;
    values[i] = db;
    if (db > max) max = db;
  }
  if (topDb === null) return;
  const floor = max - topDb;
  for (let i = 0; i < values.length; i++) if (values[i] < floor) values[i] = floor;
}
