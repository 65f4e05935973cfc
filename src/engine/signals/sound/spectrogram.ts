/** Pictures of spectra over time: decibels to colours, and an overview of a recording of any length. */
import { FrameFeed } from './feed.ts';
import { hann, PowerSpectrum } from './spectrum.ts';

/** Anchors of the colour map, dark to light with rising lightness, so that it also reads in grey. */
const ANCHORS = [
  [4, 6, 28],
  [46, 22, 98],
  [122, 30, 109],
  [196, 58, 80],
  [240, 126, 40],
  [250, 202, 72],
  [252, 250, 214],
] as const;

/** 256 colours, three bytes each. */
export function spectrogramPalette(): Uint8Array {
  const out = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (ANCHORS.length - 1);
    const low = Math.min(ANCHORS.length - 2, Math.floor(at));
    for (let c = 0; c < 3; c++) out[3 * i + c] = ANCHORS[low][c] + (ANCHORS[low + 1][c] - ANCHORS[low][c]) * (at - low);
  }
  return out;
}

/** Maps decibels to palette indices: `top` is the lightest colour, `range` below it the darkest. */
export function toIndices(decibels: ArrayLike<number>, top: number, range: number): Uint8Array {
  return Uint8Array.from(decibels, (v) => Math.max(0, Math.min(255, Math.round(255 * (1 + (v - top) / range)))));
}

export const OVERVIEW_FFT = 512;
const MOST_COLUMNS = 2048;

/**
 * Power over time and frequency in at most 2048 columns. When they are full, neighbours are averaged and each column
 * covers twice the time, so memory does not grow with the recording.
 */
export class SpectrogramOverview {
  readonly bins: number;
  private readonly feed: FrameFeed;
  private readonly columns: Float64Array;
  private readonly current: Float64Array;
  private filled = 0;
  private perColumn = 1;
  private inColumn = 0;

  constructor() {
    const spectrum = new PowerSpectrum(OVERVIEW_FFT, hann(OVERVIEW_FFT));
    // Without the bin of 0 Hz the picture has a height that is a power of two.
    this.bins = spectrum.bins - 1;
    this.columns = new Float64Array(MOST_COLUMNS * this.bins);
    this.current = new Float64Array(this.bins);
    const power = new Float64Array(spectrum.bins);
    this.feed = new FrameFeed(OVERVIEW_FFT, OVERVIEW_FFT / 2, (buffer, offset) => {
      spectrum.compute(buffer, offset, power);
      for (let k = 0; k < this.bins; k++) this.current[k] += power[k + 1];
      if (++this.inColumn === this.perColumn) this.endColumn();
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
  }

  /** Samples from one column to the next. */
  get step(): number {
    return (this.perColumn * OVERVIEW_FFT) / 2;
  }

  private endColumn(): void {
    const { columns, bins, current } = this;
    for (let k = 0; k < bins; k++) columns[this.filled * bins + k] = current[k] / this.inColumn;
    current.fill(0);
    this.inColumn = 0;
    if (++this.filled < MOST_COLUMNS) return;
    for (let c = 0; c < MOST_COLUMNS / 2; c++) {
      for (let k = 0; k < bins; k++) {
        columns[c * bins + k] = (columns[2 * c * bins + k] + columns[(2 * c + 1) * bins + k]) / 2;
      }
    }
    this.filled = MOST_COLUMNS / 2;
    this.perColumn *= 2;
  }

  /** Palette indices, high frequencies on top, 80 dB from the loudest cell down; null without a whole column. */
  picture(): { indices: Uint8Array; width: number; height: number } | null {
    const width = this.filled;
    if (width === 0) return null;
    const { bins, columns } = this;
    const decibels = new Float64Array(width * bins);
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < width; c++) {
      for (let k = 0; k < bins; k++) {
        const v = 10 * Math.log10(columns[c * bins + k] + 1e-12);
        decibels[(bins - 1 - k) * width + c] = v;
        if (v > top) top = v;
      }
    }
    return { indices: toIndices(decibels, top, 80), width, height: bins };
  }
}
