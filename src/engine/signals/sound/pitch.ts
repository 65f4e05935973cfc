/**
 * Pitch by autocorrelation of windowed frames, divided by the window's own (P. Boersma, "Accurate short-term analysis
 * of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993).
 */
import { Fft } from '../dsp/fft.ts';
import { hann } from './spectrum.ts';

export const PITCH_LOWEST = 70;
export const PITCH_HIGHEST = 400;

export interface PitchFrame {
  /** Fundamental frequency in hertz; 0 where no period is found. */
  readonly hertz: number;
  /** Height of the autocorrelation at the period, 0..1. */
  readonly strength: number;
}

/** Measures frames of {@link length} samples: three periods of the lowest pitch. */
export class PitchMeter {
  readonly length: number;
  private readonly sampleRate: number;
  private readonly size: number;
  private readonly fft: Fft;
  private readonly re: Float64Array;
  private readonly im: Float64Array;
  private readonly window: Float64Array;
  private readonly windowCorrelation: Float64Array;
  private readonly from: number;
  private readonly to: number;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
    this.length = Math.round((3 / PITCH_LOWEST) * sampleRate);
    this.from = Math.floor(sampleRate / PITCH_HIGHEST);
    this.to = Math.ceil(sampleRate / PITCH_LOWEST);
    this.size = 2 ** Math.ceil(Math.log2(this.length + this.to + 2));
    this.fft = new Fft(this.size);
    this.re = new Float64Array(this.size);
    this.im = new Float64Array(this.size);
    this.window = hann(this.length);
    this.re.set(this.window);
    this.autocorrelate();
    this.windowCorrelation = this.re.slice(0, this.to + 2);
  }

  /** Power spectrum and back, in place: `re` holds the autocorrelation afterwards. */
  private autocorrelate(): void {
    const { re, im } = this;
    this.fft.forward(re, im);
    for (let k = 0; k < this.size; k++) {
      re[k] = re[k] * re[k] + im[k] * im[k];
      im[k] = 0;
    }
    // Even in k, so the forward transform is the inverse one up to its scale, which cancels in the quotients.
    this.fft.forward(re, im);
  }

  measure(buffer: Float32Array, offset: number): PitchFrame {
    const { re, im, window, length, windowCorrelation: w } = this;
    let mean = 0;
    for (let i = 0; i < length; i++) mean += buffer[offset + i] / length;
    re.fill(0);
    im.fill(0);
    for (let i = 0; i < length; i++) re[i] = (buffer[offset + i] - mean) * window[i];
    this.autocorrelate();
    if (re[0] <= 1e-9) return { hertz: 0, strength: 0 };
    const norm = w[0] / re[0];
    const at = (lag: number): number => (re[lag] * norm) / w[lag];
    let best = 0;
    let strength = 0;
    for (let lag = this.from; lag <= this.to; lag++) {
      const v = at(lag);
      if (v < at(lag - 1) || v <= at(lag + 1)) continue;
      // Shorter periods are preferred, or every multiple of a period would do as well.
      const weighted = v - 0.02 * Math.log2(lag / this.from);
      if (weighted > strength) {
        strength = weighted;
        best = lag;
      }
    }
    if (best === 0) return { hertz: 0, strength: 0 };
    const [a, b, c] = [at(best - 1), at(best), at(best + 1)];
    const curve = a - 2 * b + c;
    const shift = curve === 0 ? 0 : (a - c) / (2 * curve);
    return { hertz: this.sampleRate / (best + shift), strength: Math.min(1, b) };
  }
}
