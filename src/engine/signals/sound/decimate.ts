/** Streaming low-pass and decimation by an integer factor. */

/** Taps per unit of the decimation factor; the transition band is then about a quarter of the new rate. */
const TAPS_PER_FACTOR = 16;
const CUTOFF = 0.25;

/** Blackman-windowed sinc, cut off at a quarter of the new rate; computes only the samples that are kept. */
export class Decimator {
  /** New rate in hertz, near the one asked for. */
  readonly rate: number;
  /** Seconds by which the filter delays; the output carries no leading transient of its own beyond it. */
  readonly delay: number;
  private readonly factor: number;
  private readonly taps: Float64Array;
  private history: Float32Array;
  private phase = 0;

  constructor(sampleRate: number, target: number) {
    this.factor = Math.max(1, Math.round(sampleRate / target));
    this.rate = sampleRate / this.factor;
    const n = this.factor === 1 ? 1 : TAPS_PER_FACTOR * this.factor + 1;
    this.taps = new Float64Array(n);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const x = i - (n - 1) / 2;
      const f = CUTOFF / this.factor;
      const sinc = x === 0 ? 2 * f : Math.sin(2 * Math.PI * f * x) / (Math.PI * x);
      const w =
        n === 1 ? 1 : 0.42 - 0.5 * Math.cos((2 * Math.PI * i) / (n - 1)) + 0.08 * Math.cos((4 * Math.PI * i) / (n - 1));
      this.taps[i] = sinc * w;
      sum += this.taps[i];
    }
    for (let i = 0; i < n; i++) this.taps[i] /= sum;
    this.delay = (n - 1) / 2 / sampleRate;
    this.history = new Float32Array(n - 1);
  }

  /** The decimated samples that this chunk completes. */
  push(samples: Float32Array): Float32Array {
    const { taps, factor } = this;
    const joined = new Float32Array(this.history.length + samples.length);
    joined.set(this.history);
    joined.set(samples, this.history.length);
    const count = this.phase < samples.length ? Math.floor((samples.length - 1 - this.phase) / factor) + 1 : 0;
    const out = new Float32Array(count);
    let at = this.phase;
    for (let o = 0; o < count; o++, at += factor) {
      let sum = 0;
      for (let i = 0; i < taps.length; i++) sum += taps[i] * joined[at + i];
      out[o] = sum;
    }
    this.phase = at - samples.length;
    this.history = joined.slice(joined.length - this.history.length);
    return out;
  }
}
