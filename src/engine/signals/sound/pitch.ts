/**
 * Pitch by autocorrelation of windowed frames, divided by the window's own (P. Boersma, "Accurate short-term analysis
 * of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993).
 */
import { RealFft } from '../dsp/fft.ts';
import { hann } from './spectrum.ts';

const PITCH_LOWEST = 70;
const PITCH_HIGHEST = 400;

interface PitchFrame {
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
  private readonly fft: RealFft;
  private readonly re: Float64Array;
  private readonly spectrumRe: Float64Array;
  private readonly spectrumIm: Float64Array;
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
    this.fft = new RealFft(this.size);
    this.re = new Float64Array(this.size);
    this.spectrumRe = new Float64Array(this.fft.bins);
    this.spectrumIm = new Float64Array(this.fft.bins);
    this.window = hann(this.length);
    this.re.set(this.window);
    this.autocorrelate();
    this.windowCorrelation = this.re.slice(0, this.to + 2);
  }

  /** Power spectrum and back: the first half of `re` holds the autocorrelation afterwards. */
  private autocorrelate(): void {
    const { re, spectrumRe, spectrumIm, size } = this;
    this.fft.forward(re, 0, spectrumRe, spectrumIm);
    for (let k = 0; k < spectrumRe.length; k++) {
      const power = spectrumRe[k] * spectrumRe[k] + spectrumIm[k] * spectrumIm[k];
      re[k] = power;
      if (k > 0) re[size - k] = power;
    }
    // Even in k, so the forward transform is the inverse one up to its scale, which cancels in the quotients.
    this.fft.forward(re, 0, spectrumRe, spectrumIm);
    re.set(spectrumRe);
  }

  measure(buffer: Float32Array, offset: number): PitchFrame {
    const { re, window, length, windowCorrelation: w } = this;
    let mean = 0;
    for (let i = 0; i < length; i++) mean += buffer[offset + i] / length;
    re.fill(0);
    for (let i = 0; i < length; i++) re[i] = (buffer[offset + i] - mean) * window[i];
    this.autocorrelate();
    if (re[0] <= 1e-9) return { hertz: 0, strength: 0 };
    const norm = w[0] / re[0];
    // re[lag] becomes the correlation itself; one lag more on both sides for the parabola.
    for (let lag = this.from - 1; lag <= this.to + 1; lag++) re[lag] = (re[lag] * norm) / w[lag];
    let best = 0;
    let strength = 0;
    for (let lag = this.from; lag <= this.to; lag++) {
      const v = re[lag];
      if (v < re[lag - 1] || v <= re[lag + 1]) continue;
      // Shorter periods are preferred, or every multiple of a period would do as well.
      const weighted = v - 0.02 * Math.log2(lag / this.from);
      if (weighted > strength) {
        strength = weighted;
        best = lag;
      }
    }
    if (best === 0) return { hertz: 0, strength: 0 };
    const [a, b, c] = [re[best - 1], re[best], re[best + 1]];
    const curve = a - 2 * b + c;
    const shift = curve === 0 ? 0 : (a - c) / (2 * curve);
    return { hertz: this.sampleRate / (best + shift), strength: Math.min(1, b) };
  }
}
