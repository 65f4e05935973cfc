/** Level, offset, clipping and digital silence of streamed sound. See docs/methods/sound-level.md. */

/** A stretch of samples: first sample and how many. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

export interface LevelReport {
  readonly samples: number;
  readonly nonFinite: number;
  /** Mean of all samples. */
  readonly offset: number;
  /** RMS and largest magnitude, 1 = full scale. */
  readonly rms: number;
  readonly peak: number;
  /** Samples in runs at full scale, and in runs of one repeated value at high level. */
  readonly clippedSamples: number;
  readonly flatSamples: number;
  readonly zeroSamples: number;
  readonly clipped: readonly Run[];
  readonly flat: readonly Run[];
  /** Runs of exact zeros that last at least {@link ZERO_SECONDS}. */
  readonly zeros: readonly Run[];
  readonly clippedRuns: number;
  readonly flatRuns: number;
  readonly zeroRuns: number;
  /** RMS and peak of each second; the last may be shorter. */
  readonly rmsPerSecond: readonly number[];
  readonly peakPerSecond: readonly number[];
}

/** Full scale of 16 bits is 32767 / 32768; a little below, for decoders that round. */
export const CLIP_LEVEL = 0.9995;
export const CLIP_RUN = 3;
/** A sine as loud as a quarter of full scale repeats a 16-bit value four times at its crest only below 20 Hz. */
export const FLAT_LEVEL = 0.25;
export const FLAT_RUN = 4;
const FLAT_TOLERANCE = 1 / 65536;
export const ZERO_SECONDS = 0.02;
/** Longest lists kept; the counts go on. */
const MAX_RUNS = 1000;

/** Collects runs over chunk borders; keeps the first {@link MAX_RUNS} and counts the rest. */
class RunList {
  readonly runs: Run[] = [];
  count = 0;
  total = 0;
  private start = -1;
  private length = 0;
  private readonly least: number;

  constructor(least: number) {
    this.least = least;
  }

  extend(index: number): void {
    if (this.length === 0) this.start = index;
    this.length++;
  }

  end(): void {
    if (this.length >= this.least) {
      this.count++;
      this.total += this.length;
      if (this.runs.length < MAX_RUNS) this.runs.push({ start: this.start, length: this.length });
    }
    this.length = 0;
  }
}

/** Feed chunks with {@link push}, then read {@link report} once. */
export class LevelMeter {
  private readonly sampleRate: number;
  private readonly clipped = new RunList(CLIP_RUN);
  private readonly flat = new RunList(FLAT_RUN - 1);
  private readonly zeros: RunList;
  private readonly rmsPerSecond: number[] = [];
  private readonly peakPerSecond: number[] = [];
  private index = 0;
  private nonFinite = 0;
  private sum = 0;
  private squares = 0;
  private peak = 0;
  private secondSquares = 0;
  private secondPeak = 0;
  private secondCount = 0;
  private zeroSamples = 0;
  private previous = Number.NaN;

  constructor(sampleRate: number) {
    this.sampleRate = Math.round(sampleRate);
    this.zeros = new RunList(Math.ceil(ZERO_SECONDS * sampleRate));
  }

  push(samples: Float32Array): void {
    for (let i = 0; i < samples.length; i++) {
      let x = samples[i];
      if (!Number.isFinite(x)) {
        this.nonFinite++;
        x = 0;
      }
      const a = Math.abs(x);
      this.sum += x;
      this.secondSquares += x * x;
      if (a > this.secondPeak) this.secondPeak = a;
      if (x === 0) {
        this.zeroSamples++;
        this.zeros.extend(this.index);
      } else this.zeros.end();
      if (a >= CLIP_LEVEL) this.clipped.extend(this.index);
      else this.clipped.end();
      if (a >= FLAT_LEVEL && Math.abs(x - this.previous) <= FLAT_TOLERANCE) this.flat.extend(this.index);
      else this.flat.end();
      this.previous = x;
      this.index++;
      if (++this.secondCount === this.sampleRate) this.endSecond();
    }
  }

  private endSecond(): void {
    this.rmsPerSecond.push(Math.sqrt(this.secondSquares / this.secondCount));
    this.peakPerSecond.push(this.secondPeak);
    this.squares += this.secondSquares;
    this.peak = Math.max(this.peak, this.secondPeak);
    this.secondSquares = 0;
    this.secondPeak = 0;
    this.secondCount = 0;
  }

  report(): LevelReport {
    if (this.secondCount > 0) this.endSecond();
    for (const list of [this.clipped, this.flat, this.zeros]) list.end();
    const n = Math.max(1, this.index);
    return {
      samples: this.index,
      nonFinite: this.nonFinite,
      offset: this.sum / n,
      rms: Math.sqrt(this.squares / n),
      peak: this.peak,
      clippedSamples: this.clipped.total,
      // A run of n equal neighbours holds n + 1 samples.
      flatSamples: this.flat.total + this.flat.count,
      zeroSamples: this.zeroSamples,
      clipped: this.clipped.runs,
      flat: this.flat.runs.map((r) => ({ start: r.start - 1, length: r.length + 1 })),
      zeros: this.zeros.runs,
      clippedRuns: this.clipped.count,
      flatRuns: this.flat.count,
      zeroRuns: this.zeros.count,
      rmsPerSecond: this.rmsPerSecond,
      peakPerSecond: this.peakPerSecond,
    };
  }
}

/** Decibels relative to full scale of an amplitude; null for digital silence. */
export const dbfs = (amplitude: number): number | null => (amplitude > 0 ? 20 * Math.log10(amplitude) : null);
