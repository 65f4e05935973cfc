/** Long-term spectrum and the edge of its band. See docs/methods/sound-band.md. */
import { FrameFeed } from './feed.ts';
import { hann, PowerSpectrum } from './spectrum.ts';

export const BAND_FFT = 2048;
export const EDGE_DROP_DB = 18;
const EDGE_LOWEST_HZ = 1500;
/** Above this share of Nyquist every converter and resampler rolls off. */
export const EDGE_HIGHEST = 0.9;
const NEAR_HZ = 100;
const FAR_HZ = 500;
const SMOOTH_HZ = 100;
/** Frames quieter than this (dBFS) say nothing about the band. */
const LEAST_DBFS = -80;

/** Averages the power spectrum of all frames that are not silent. */
export class LongTermSpectrum {
  readonly sampleRate: number;
  readonly nFft: number;
  private readonly feed: FrameFeed;
  private readonly sum: Float64Array;
  private count = 0;

  constructor(sampleRate: number, nFft = BAND_FFT) {
    this.sampleRate = sampleRate;
    this.nFft = nFft;
    const window = hann(nFft);
    let gain = 0;
    for (const w of window) gain += w * w;
    const spectrum = new PowerSpectrum(nFft, window);
    const power = new Float64Array(spectrum.bins);
    this.sum = new Float64Array(spectrum.bins);
    const least = 10 ** (LEAST_DBFS / 10) * gain * nFft;
    this.feed = new FrameFeed(nFft, nFft, (buffer, offset) => {
      spectrum.compute(buffer, offset, power);
      let total = 0;
      for (let k = 0; k < power.length; k++) total += power[k];
      if (2 * total < least) return;
      for (let k = 0; k < power.length; k++) this.sum[k] += power[k];
      this.count++;
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
  }

  /** Frames that counted. */
  get frames(): number {
    return this.count;
  }

  /** Mean power per bin in dB (relative); -200 where there is none. */
  decibels(): Float64Array {
    const n = Math.max(1, this.count);
    return this.sum.map((v) => Math.max(-200, 10 * Math.log10(v / n + 1e-30)));
  }
}

interface BandEdge {
  /** Frequency at which the level has fallen half way, hertz. */
  readonly hertz: number;
  /** How far the level falls across the edge, dB. */
  readonly dropDb: number;
}

/**
 * The steepest wall in a long-term spectrum: the level falls by at least 18 dB within 200 Hz (averages of 400 Hz each
 * side) and nothing above comes back to within 15 dB of the level below. Null where there is none.
 */
export function bandEdge(decibels: Float64Array, sampleRate: number): BandEdge | null {
  const nyquist = sampleRate / 2;
  const hz = nyquist / (decibels.length - 1);
  const bin = (f: number): number => Math.round(f / hz);
  const smooth = boxcar(decibels, Math.max(1, bin(SMOOTH_HZ)));
  const prefix = new Float64Array(decibels.length + 1);
  for (let k = 0; k < decibels.length; k++) prefix[k + 1] = prefix[k] + decibels[k];
  const average = (from: number, to: number): number => (prefix[to] - prefix[from]) / Math.max(1, to - from);
  const above = new Float64Array(decibels.length + 1).fill(Number.NEGATIVE_INFINITY);
  for (let k = decibels.length - 1; k >= 0; k--) above[k] = Math.max(above[k + 1], smooth[k]);
  let best: { at: number; drop: number; below: number; over: number } | null = null;
  for (let k = bin(EDGE_LOWEST_HZ); k < bin(EDGE_HIGHEST * nyquist); k++) {
    const below = average(k - bin(FAR_HZ), k - bin(NEAR_HZ));
    const over = average(k + bin(NEAR_HZ), Math.min(decibels.length, k + bin(FAR_HZ)));
    const drop = below - over;
    if (drop < EDGE_DROP_DB || above[k + bin(NEAR_HZ)] > below - 15) continue;
    if (best === null || drop > best.drop) best = { at: k, drop, below, over };
  }
  if (best === null) return null;
  const middle = (best.below + best.over) / 2;
  let at = Math.max(0, best.at - bin(FAR_HZ));
  while (at < decibels.length - 1 && smooth[at] > middle) at++;
  return { hertz: at * hz, dropDb: best.drop };
}

function boxcar(values: Float64Array, width: number): Float64Array {
  const half = width >> 1;
  const out = new Float64Array(values.length);
  for (let k = 0; k < values.length; k++) {
    const from = Math.max(0, k - half);
    const to = Math.min(values.length, k + half + 1);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i];
    out[k] = sum / (to - from);
  }
  return out;
}
