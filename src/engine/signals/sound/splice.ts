/**
 * Candidates for cuts and splices: jumps of the background noise, and single samples that do not follow from their
 * neighbours. See docs/methods/sound-splice.md.
 */
import { FrameFeed } from './feed.ts';
import { PowerSpectrum } from './spectrum.ts';
import { percentile } from './stats.ts';

/** Frame and step of the background measurement, seconds. */
const FRAME_SECONDS = 0.032;
const SPLICE_BANDS = [
  [150, 500],
  [500, 1500],
  [1500, 3500],
  [3500, 7500],
] as const;
export const FLOOR_PERCENTILE = 0.05;
/** Seconds compared on each side of a candidate. */
export const FLOOR_SIDE = 5;
/** How near the two quietest seconds of a side must lie in a band, and in how many bands. */
export const FLOOR_AGREEMENT_DB = 3;
const LEAST_BANDS = 2;
export const FLOOR_JUMP_DB = 6;
export const FLOOR_JUMP_SIGMAS = 2;
/** A second needs this many frames that are not digital silence. */
const LEAST_FRAMES = 10;

interface FloorJump {
  /** Boundary of the two sides in seconds; true to about three seconds, because words hide the background. */
  readonly seconds: number;
  /** Size of the mean change over the bands, dB. */
  readonly decibels: number;
  /** The change over the usual size of changes in this recording. */
  readonly sigmas: number;
}

/** The quiet twentieth of each band and second. Digital silence is left out: it is not background. */
export class NoiseFloor {
  private readonly feed: FrameFeed;
  private readonly perSecond: number;
  private readonly pending: number[][];
  private inSecond = 0;
  /** Floors in dB (power per frame, relative), one array per band; NaN where a second had too little sound. */
  readonly floors: number[][];

  constructor(sampleRate: number) {
    const nFft = 2 ** Math.round(Math.log2(FRAME_SECONDS * sampleRate));
    this.perSecond = Math.max(1, Math.round((2 * sampleRate) / nFft));
    const hop = Math.round(sampleRate / this.perSecond);
    const spectrum = new PowerSpectrum(nFft);
    const power = new Float64Array(spectrum.bins);
    const ranges = SPLICE_BANDS.map(([from, to]) => [
      Math.round((from * nFft) / sampleRate),
      Math.min(spectrum.bins - 1, Math.round((to * nFft) / sampleRate)),
    ]).filter(([from, to]) => to > from);
    this.pending = ranges.map(() => []);
    this.floors = ranges.map(() => []);
    this.feed = new FrameFeed(nFft, hop, (buffer, offset) => {
      if (!hasZeroRun(buffer, offset, nFft)) {
        spectrum.compute(buffer, offset, power);
        for (let b = 0; b < ranges.length; b++) {
          let sum = 0;
          for (let k = ranges[b][0]; k < ranges[b][1]; k++) sum += power[k];
          this.pending[b].push(10 * Math.log10(sum / (nFft * nFft) + 1e-15));
        }
      }
      if (++this.inSecond === this.perSecond) this.endSecond();
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
  }

  private endSecond(): void {
    for (let b = 0; b < this.pending.length; b++) {
      const levels = this.pending[b];
      this.floors[b].push(levels.length < LEAST_FRAMES ? Number.NaN : percentile(levels, FLOOR_PERCENTILE));
      levels.length = 0;
    }
    this.inSecond = 0;
  }

  /** Whole seconds measured. */
  get seconds(): number {
    return this.floors[0]?.length ?? 0;
  }

  /** Mean floor over the bands for each second, null where it is unknown. */
  series(): (number | null)[] {
    return Array.from({ length: this.seconds }, (_, t) => {
      let sum = 0;
      for (const band of this.floors) sum += band[t] / this.floors.length;
      return Number.isNaN(sum) ? null : sum;
    });
  }

  /** Boundaries where the floor on both sides differs by more than it does elsewhere in the recording. */
  jumps(): FloorJump[] {
    const sizes: number[] = [];
    for (let t = FLOOR_SIDE; t + FLOOR_SIDE <= this.seconds; t++) {
      const changes = this.floors
        .map((band) => quiet(band, t) - quiet(band, t - FLOOR_SIDE))
        .filter((v) => !Number.isNaN(v));
      // Another background is louder or quieter throughout; words that fill one band more are not.
      const mean = changes.reduce((a, v) => a + v, 0) / Math.max(1, changes.length);
      sizes.push(changes.length < LEAST_BANDS ? 0 : Math.abs(mean));
    }
    // The lower quartile, because one jump in a short recording touches more than half of the boundaries.
    const sigma = 3.14 * percentile(sizes, 0.25) + 1;
    const found: FloorJump[] = [];
    for (let i = 0; i < sizes.length; i++) {
      const size = sizes[i];
      if (size < FLOOR_JUMP_DB || size < FLOOR_JUMP_SIGMAS * sigma) continue;
      const jump = { seconds: i + FLOOR_SIDE, decibels: size, sigmas: size / sigma };
      const last = found.at(-1);
      if (last === undefined || jump.seconds - last.seconds > FLOOR_SIDE) found.push(jump);
      else if (size > last.decibels) found[found.length - 1] = jump;
    }
    return found;
  }
}

/**
 * Level of the background between the words on one side: the second lowest of its seconds, which one drop-out cannot
 * move. NaN where the lowest lies farther below: then the pauses are too few to have shown the background twice.
 */
function quiet(band: readonly number[], from: number): number {
  const known = band.slice(from, from + FLOOR_SIDE).filter((v) => !Number.isNaN(v));
  if (known.length < FLOOR_SIDE - 1) return Number.NaN;
  known.sort((a, b) => a - b);
  const [lowest = Number.NaN, second = Number.NaN] = known;
  return second - lowest <= FLOOR_AGREEMENT_DB ? second : Number.NaN;
}

/** Sixteen exact zeros in a row are no noise of a microphone. */
function hasZeroRun(buffer: Float32Array, offset: number, length: number): boolean {
  let run = 0;
  for (let i = offset; i < offset + length; i++) {
    run = buffer[i] === 0 ? run + 1 : 0;
    if (run === 16) return true;
  }
  return false;
}

/** Samples on each side that set what is usual, and those next to the candidate that may share the step. */
const CLICK_SIDE = 80;
const CLICK_NEAR = 3;
/** 8 was reached in 6 % of recordings of real speech, 12 in 3 % (docs/methods/rates.md). */
export const CLICK_RATIO = 12;
export const CLICK_LEAST = 0.003;
/** Longest list kept; the count goes on. */
const MAX_CLICKS = 1000;

interface Click {
  /** Sample number. */
  readonly sample: number;
  /** Second difference there over the largest among its neighbours. */
  readonly ratio: number;
}

/**
 * Steps of one sample: the second difference is many times the largest within five milliseconds around it. A cut
 * without cross-fade leaves one; a band-limited source cannot, because its second difference is smooth.
 */
export class StepFinder {
  private readonly feed: FrameFeed;
  private readonly second: Float64Array;
  private readonly block = 1024;
  readonly clicks: Click[] = [];
  count = 0;

  constructor() {
    const length = this.block + 2 * CLICK_SIDE + 2;
    this.second = new Float64Array(length - 2);
    this.feed = new FrameFeed(length, this.block, (buffer, offset, index) => {
      this.scan(buffer, offset, index * this.block);
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
  }

  private scan(buffer: Float32Array, offset: number, start: number): void {
    const { second } = this;
    for (let i = 0; i < second.length; i++) {
      const at = offset + i;
      second[i] = Math.abs(buffer[at + 2] - 2 * buffer[at + 1] + buffer[at]);
    }
    for (let i = CLICK_SIDE; i < CLICK_SIDE + this.block; i++) {
      const v = second[i];
      if (v < CLICK_LEAST || v < second[i - 1] || v <= second[i + 1]) continue;
      let usual = 0;
      for (let d = CLICK_NEAR; d <= CLICK_SIDE; d++) {
        if (second[i - d] > usual) usual = second[i - d];
        if (second[i + d] > usual) usual = second[i + d];
        if (usual * CLICK_RATIO > v) break;
      }
      if (usual * CLICK_RATIO > v) continue;
      // From or to digital silence is reported as silence, not again as a step.
      if (allZero(buffer, offset + i - 14, 12) || allZero(buffer, offset + i + 5, 12)) continue;
      this.count++;
      if (this.clicks.length < MAX_CLICKS) {
        this.clicks.push({ sample: start + i + 1, ratio: v / Math.max(usual, 1e-6) });
      }
    }
  }
}

function allZero(buffer: Float32Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (buffer[i] !== 0) return false;
  return true;
}
