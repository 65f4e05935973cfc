/**
 * Spectral features of a stretch of sound, with the definitions (and paddings) of librosa 0.11: see the method page
 * `sound-spectrum`. Every feature is the mean over frames.
 */
import { applyMel, melBank } from './mel.ts';
import { binFrequencies, centredFrames, PowerSpectrum, powerToDb } from './spectrum.ts';

/** Means over the frames of one stretch. Frequencies in hertz, contrast in decibels, the rest without unit. */
export interface SpectralFeatures {
  readonly centroid: number;
  readonly rolloff85: number;
  readonly bandwidth: number;
  readonly flatness: number;
  readonly zeroCrossingRate: number;
  readonly rms: number;
  /** 20 coefficients of 80 mel bands, orthonormal DCT-II of decibels. */
  readonly mfcc: Float64Array;
  /** 12 pitch classes from C, each frame scaled to a maximum of 1. */
  readonly chroma: Float64Array;
  /** Seven bands: 0-200, then octaves from 200 Hz, the last to Nyquist. */
  readonly contrast: Float64Array;
}

export const FEATURE_FFT = 1024;
export const FEATURE_HOP = 256;
const N_MELS = 80;
const N_MFCC = 20;
const N_CHROMA = 12;
const CONTRAST_BANDS = 7;
const CONTRAST_FMIN = 200;
const CONTRAST_QUANTILE = 0.02;

/** Rows of the orthonormal DCT-II: `count x n`. */
export function dctMatrix(count: number, n: number): Float64Array {
  const d = new Float64Array(count * n);
  for (let k = 0; k < count; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    for (let i = 0; i < n; i++) d[k * n + i] = scale * Math.cos((Math.PI * k * (2 * i + 1)) / (2 * n));
  }
  return d;
}

/** Chroma filter bank of Ellis (2007) as in `librosa.filters.chroma`: 12 x bins, tuning 0, C first. */
function chromaBank(nFft: number, sampleRate: number): Float64Array {
  const bins = nFft / 2 + 1;
  const position = new Float64Array(nFft + 1);
  for (let k = 1; k < nFft; k++) position[k] = N_CHROMA * Math.log2((k * sampleRate) / nFft / (440 / 16));
  // The bin of 0 Hz has no octave; it is put one and a half octaves below bin 1.
  position[0] = position[1] - 1.5 * N_CHROMA;
  const bank = new Float64Array(N_CHROMA * bins);
  const column = new Float64Array(N_CHROMA);
  for (let k = 0; k < bins; k++) {
    const width = Math.max(position[k + 1] - position[k], 1);
    let norm = 0;
    for (let c = 0; c < N_CHROMA; c++) {
      const d = ((((position[k] - c + 126) % 12) + 12) % 12) - 6;
      column[c] = Math.exp(-0.5 * ((2 * d) / width) ** 2);
      norm += column[c] * column[c];
    }
    const octave = Math.exp(-0.5 * ((position[k] / N_CHROMA - 5) / 2) ** 2) / Math.sqrt(norm);
    for (let c = 0; c < N_CHROMA; c++) bank[((c + 9) % N_CHROMA) * bins + k] = column[c] * octave;
  }
  return bank;
}

interface ContrastBand {
  readonly from: number;
  readonly to: number;
  readonly take: number;
}

/** Bin ranges of spectral contrast (Jiang et al., ICME 2002) with librosa's borders. */
function contrastBands(frequencies: Float64Array): ContrastBand[] {
  const bands: ContrastBand[] = [];
  for (let b = 0; b < CONTRAST_BANDS; b++) {
    const low = b === 0 ? 0 : CONTRAST_FMIN * 2 ** (b - 1);
    const high = CONTRAST_FMIN * 2 ** b;
    let from = frequencies.findIndex((f) => f >= low);
    let to = frequencies.findLastIndex((f) => f <= high) + 1;
    if (b > 0) from--;
    if (b === CONTRAST_BANDS - 1) to = frequencies.length;
    const take = Math.max(1, roundHalfEven(CONTRAST_QUANTILE * (to - from)));
    bands.push({ from, to: b < CONTRAST_BANDS - 1 ? to - 1 : to, take });
  }
  return bands;
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** Mean of the `take` smallest and largest magnitudes of a band, without sorting it whole. */
function extremes(magnitude: Float64Array, band: ContrastBand, low: Float64Array, high: Float64Array): void {
  const { from, to, take } = band;
  let kept = 0;
  for (let k = from; k < to; k++) {
    const v = magnitude[k];
    if (kept < take) {
      low[kept] = v;
      high[kept] = v;
      kept++;
      for (let i = kept - 1; i > 0 && low[i] < low[i - 1]; i--) swap(low, i);
      for (let i = kept - 1; i > 0 && high[i] > high[i - 1]; i--) swap(high, i);
      continue;
    }
    if (v < low[take - 1]) {
      low[take - 1] = v;
      for (let i = take - 1; i > 0 && low[i] < low[i - 1]; i--) swap(low, i);
    }
    if (v > high[take - 1]) {
      high[take - 1] = v;
      for (let i = take - 1; i > 0 && high[i] > high[i - 1]; i--) swap(high, i);
    }
  }
}

function swap(a: Float64Array, i: number): void {
  const t = a[i];
  a[i] = a[i - 1];
  a[i - 1] = t;
}

function meanOf(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  return sum / count;
}

/** Computes {@link SpectralFeatures} for stretches at one sample rate; keeps its tables and buffers. */
export class FeatureExtractor {
  private readonly spectrum = new PowerSpectrum(FEATURE_FFT);
  private readonly frequencies: Float64Array;
  private readonly chromaBank: Float64Array;
  private readonly bands: readonly ContrastBand[];
  private readonly dct = dctMatrix(N_MFCC, N_MELS);
  private readonly low = new Float64Array(64);
  private readonly high = new Float64Array(64);
  private readonly sampleRate: number;

  /** @param sampleRate hertz, above 12.8 kHz (the contrast bands end at 12.8 kHz / 2). */
  constructor(sampleRate: number) {
    if (sampleRate <= CONTRAST_FMIN * 2 ** (CONTRAST_BANDS - 1)) {
      throw new RangeError('spectral contrast needs a sample rate above 12.8 kHz');
    }
    this.sampleRate = sampleRate;
    this.frequencies = binFrequencies(FEATURE_FFT, sampleRate);
    this.chromaBank = chromaBank(FEATURE_FFT, sampleRate);
    this.bands = contrastBands(this.frequencies);
  }

  /** Features of one stretch (any length from one sample on). */
  extract(samples: Float32Array): SpectralFeatures {
    const { spectrum, frequencies, bands, low, high } = this;
    const bins = spectrum.bins;
    const frames = centredFrames(samples.length, FEATURE_HOP);
    const power = new Float64Array(bins);
    const magnitude = new Float64Array(bins);
    const bank = melBank(
      { nFft: FEATURE_FFT, nMels: N_MELS, fMin: 0, fMax: null, norm: 'slaney', scale: 'slaney' },
      this.sampleRate,
    );
    const mel = new Float64Array(N_MELS * frames);
    const peaks = new Float64Array(CONTRAST_BANDS * frames);
    const valleys = new Float64Array(CONTRAST_BANDS * frames);
    const chroma = new Float64Array(N_CHROMA);
    let centroid = 0;
    let rolloff = 0;
    let bandwidth = 0;
    let flatness = 0;
    for (let t = 0; t < frames; t++) {
      spectrum.compute(samples, t * FEATURE_HOP - FEATURE_FFT / 2, power);
      applyMel(bank, power, 0, mel, t * N_MELS, 1);
      let sum = 0;
      let moment = 0;
      let logs = 0;
      let powers = 0;
      for (let k = 0; k < bins; k++) {
        const m = Math.sqrt(power[k]);
        magnitude[k] = m;
        sum += m;
        moment += m * frequencies[k];
        const p = power[k] > 1e-10 ? power[k] : 1e-10;
        logs += Math.log(p);
        powers += p;
      }
      flatness += Math.exp(logs / bins) / (powers / bins);
      if (sum > TINY) {
        const c = moment / sum;
        centroid += c;
        rolloff += rolloffOf(magnitude, frequencies, 0.85 * sum);
        let spread = 0;
        for (let k = 0; k < bins; k++) spread += magnitude[k] * (frequencies[k] - c) ** 2;
        bandwidth += Math.sqrt(spread / sum);
      }
      for (let b = 0; b < CONTRAST_BANDS; b++) {
        extremes(magnitude, bands[b], low, high);
        valleys[b * frames + t] = meanOf(low, bands[b].take);
        peaks[b * frames + t] = meanOf(high, bands[b].take);
      }
      this.addChroma(power, chroma);
    }
    for (let c = 0; c < N_CHROMA; c++) chroma[c] /= frames;
    const time = timeDomain(samples);
    return {
      centroid: centroid / frames,
      rolloff85: rolloff / frames,
      bandwidth: bandwidth / frames,
      flatness: flatness / frames,
      zeroCrossingRate: time.zeroCrossingRate,
      rms: time.rms,
      mfcc: this.mfcc(mel, frames),
      chroma,
      contrast: contrastOf(peaks, valleys, frames),
    };
  }

  private addChroma(power: Float64Array, chroma: Float64Array): void {
    const bins = this.spectrum.bins;
    const raw = new Float64Array(N_CHROMA);
    let max = 0;
    for (let c = 0; c < N_CHROMA; c++) {
      let sum = 0;
      for (let k = 0, p = c * bins; k < bins; k++, p++) sum += this.chromaBank[p] * power[k];
      raw[c] = sum;
      if (sum > max) max = sum;
    }
    const divisor = max < TINY ? 1 : max;
    for (let c = 0; c < N_CHROMA; c++) chroma[c] += raw[c] / divisor;
  }

  private mfcc(mel: Float64Array, frames: number): Float64Array {
    powerToDb(mel, 1, 80);
    // The DCT is linear, so the mean of the coefficients is the DCT of the mean.
    const mean = new Float64Array(N_MELS);
    for (let t = 0; t < frames; t++) for (let m = 0; m < N_MELS; m++) mean[m] += mel[t * N_MELS + m] / frames;
    const out = new Float64Array(N_MFCC);
    for (let k = 0; k < N_MFCC; k++) {
      for (let m = 0; m < N_MELS; m++) out[k] += this.dct[k * N_MELS + m] * mean[m];
    }
    return out;
  }
}

/** Smallest normal float32, below which librosa leaves a column unscaled. */
const TINY = 2 ** -126;

function rolloffOf(magnitude: Float64Array, frequencies: Float64Array, threshold: number): number {
  let sum = 0;
  for (let k = 0; k < magnitude.length; k++) {
    sum += magnitude[k];
    if (sum >= threshold) return frequencies[k];
  }
  return frequencies[frequencies.length - 1];
}

function contrastOf(peaks: Float64Array, valleys: Float64Array, frames: number): Float64Array {
  powerToDb(peaks, 1, 80);
  powerToDb(valleys, 1, 80);
  const out = new Float64Array(CONTRAST_BANDS);
  for (let b = 0; b < CONTRAST_BANDS; b++) {
    for (let t = 0; t < frames; t++) out[b] += (peaks[b * frames + t] - valleys[b * frames + t]) / frames;
  }
  return out;
}

/** RMS (zero padding at the ends) and zero crossings (edge padding), both as means over centred frames. */
function timeDomain(samples: Float32Array): { rms: number; zeroCrossingRate: number } {
  const n = samples.length;
  const frames = centredFrames(n, FEATURE_HOP);
  const energy = new Float64Array(n + 1);
  const crossings = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) {
    energy[i + 1] = energy[i] + samples[i] * samples[i];
    crossings[i + 1] = crossings[i] + (i > 0 && negative(samples[i]) !== negative(samples[i - 1]) ? 1 : 0);
  }
  let rms = 0;
  let zcr = 0;
  for (let t = 0; t < frames; t++) {
    const from = Math.max(0, t * FEATURE_HOP - FEATURE_FFT / 2);
    const to = Math.min(n, t * FEATURE_HOP + FEATURE_FFT / 2);
    rms += Math.sqrt(Math.max(0, energy[to] - energy[from]) / FEATURE_FFT);
    // The first sample of a frame has no predecessor in it, so its crossing does not count.
    const first = t * FEATURE_HOP - FEATURE_FFT / 2 >= 0 ? Math.min(n, from + 1) : from;
    zcr += (crossings[to] - crossings[first]) / FEATURE_FFT;
  }
  return { rms: rms / frames, zeroCrossingRate: zcr / frames };
}

const negative = (x: number): boolean => x < -1e-10;
