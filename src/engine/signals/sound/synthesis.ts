/**
 * Traces that speech synthesis may leave: a pitch that is too even, pauses without room noise or breath, and lines in
 * the spectrum at multiples of a frame rate (Pons et al., "Upsampling artifacts in neural audio synthesis", ICASSP
 * 2021; Frank and Schoenherr, "WaveFake", NeurIPS 2021). Measurements only: see docs/methods/synthesis-artefacts.md.
 */
import { FrameFeed } from './feed.ts';
import { PitchMeter } from './pitch.ts';
import { PowerSpectrum } from './spectrum.ts';
import { median, percentile } from './stats.ts';

const STEP = 0.01;
export const VOICED_STRENGTH = 0.7;
/** Frames of one fit of the pitch (70 ms) and how many fits make a statement. */
const FIT = 7;
export const LEAST_FITS = 100;
/**
 * Loudest level in dBFS at which a pause counts as without room noise, and the least perturbation of a voice: beyond
 * what any recording of real speech had that the thresholds were set on (docs/methods/rates.md).
 */
export const ROOM_NOISE_DBFS = -92;
export const OVER_REGULAR_PERCENT = 0.1;
/** A breath: unvoiced, this far above the room noise and this far below the voice, for so many seconds. */
const BREATH_ABOVE_DB = 6;
const BREATH_BELOW_VOICE_DB = 15;
const BREATH_SECONDS = [0.12, 0.8] as const;
const COMB_FFT = 8192;
const COMB_LOWEST = 1500;
const COMB_SPACING = [40, 500] as const;
export const COMB_DB = 3;
const COMB_SHARE = 0.8;

export interface SynthesisReport {
  readonly seconds: number;
  readonly voicedSeconds: number;
  readonly pauseSeconds: number;
  /** Median RMS deviation of the pitch from a parabola over 70 ms, percent; null without enough voiced sound. */
  readonly pitchPerturbation: number | null;
  /** Width of the middle 90 % of the pitch, semitones. */
  readonly pitchRange: number | null;
  readonly pitchMedian: number | null;
  /** Level of the quietest tenth of frames, dBFS; null while all frames are digital silence. */
  readonly roomNoise: number | null;
  /** Share of the pause frames that are digitally silent. */
  readonly silentPauses: number | null;
  readonly breaths: number;
  /** Height of lines at multiples of one spacing over what lies between, dB, with the spacing in hertz. */
  readonly comb: { readonly decibels: number; readonly hertz: number } | null;
}

/** Growing list of float32: a hundredth of a second costs eight bytes. */
class Track {
  private data = new Float32Array(4096);
  length = 0;

  push(v: number): void {
    if (this.length === this.data.length) {
      const grown = new Float32Array(2 * this.data.length);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = v;
  }

  get values(): Float32Array {
    return this.data.subarray(0, this.length);
  }
}

/** Feed chunks with {@link push}, then read {@link report}. */
export class SynthesisMeter {
  private readonly feed: FrameFeed;
  private readonly combFeed: FrameFeed;
  private readonly pitch = new Track();
  private readonly level = new Track();
  private readonly logs: Float64Array;
  private combFrames = 0;
  private readonly sampleRate: number;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
    const meter = new PitchMeter(sampleRate);
    const hop = Math.round(STEP * sampleRate);
    const from = (meter.length - hop) >> 1;
    this.feed = new FrameFeed(meter.length, hop, (buffer, offset) => {
      let energy = 0;
      for (let i = offset + from; i < offset + from + hop; i++) energy += buffer[i] * buffer[i];
      const db = energy > 0 ? 10 * Math.log10(energy / hop) : Number.NEGATIVE_INFINITY;
      this.level.push(db);
      if (db < -60) {
        this.pitch.push(0);
        return;
      }
      const { hertz, strength } = meter.measure(buffer, offset);
      this.pitch.push(strength >= VOICED_STRENGTH ? hertz : 0);
    });
    const spectrum = new PowerSpectrum(COMB_FFT);
    const power = new Float64Array(spectrum.bins);
    this.logs = new Float64Array(spectrum.bins);
    this.combFeed = new FrameFeed(COMB_FFT, COMB_FFT / 2, (buffer, offset) => {
      spectrum.compute(buffer, offset, power);
      let total = 0;
      for (let k = 0; k < power.length; k++) total += power[k];
      if (total < 1e-6 * COMB_FFT) return;
      for (let k = 0; k < power.length; k++) this.logs[k] += 10 * Math.log10(power[k] + 1e-12 * total);
      this.combFrames++;
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
    this.combFeed.push(samples);
  }

  report(): SynthesisReport {
    const pitch = this.pitch.values;
    const level = this.level.values;
    const voiced = pitch.filter((h) => h > 0);
    const sounding = level.filter((v) => v > Number.NEGATIVE_INFINITY);
    const voiceLevel = voiced.length === 0 ? null : median(level.filter((_, i) => pitch[i] > 0));
    const roomNoise = sounding.length === 0 ? null : percentile(sounding, 0.1);
    let pauses = 0;
    let silent = 0;
    if (voiceLevel !== null) {
      for (let i = 0; i < level.length; i++) {
        if (pitch[i] > 0 || level[i] > voiceLevel - 30) continue;
        pauses++;
        if (level[i] === Number.NEGATIVE_INFINITY) silent++;
      }
    }
    return {
      seconds: level.length * STEP,
      voicedSeconds: voiced.length * STEP,
      pauseSeconds: pauses * STEP,
      pitchPerturbation: perturbation(pitch),
      pitchRange:
        voiced.length < LEAST_FITS ? null : 12 * Math.log2(percentile(voiced, 0.95) / percentile(voiced, 0.05)),
      pitchMedian: voiced.length === 0 ? null : median(voiced),
      roomNoise,
      silentPauses: pauses === 0 ? null : silent / pauses,
      breaths: voiceLevel === null || roomNoise === null ? 0 : breaths(pitch, level, roomNoise, voiceLevel),
      comb:
        this.combFrames === 0
          ? null
          : comb(
              this.logs.map((v) => v / this.combFrames),
              this.sampleRate,
            ),
    };
  }
}

/**
 * RMS residual of log pitch about a parabola, over seven voiced frames each; the median over all fits in percent.
 * A parabola follows intonation; what is left is cycle-to-cycle irregularity, averaged over the frame.
 */
function perturbation(pitch: Float32Array): number | null {
  const residuals: number[] = [];
  const y = new Float64Array(FIT);
  for (let i = 0; i + FIT <= pitch.length; i++) {
    let ok = true;
    for (let j = 0; j < FIT && ok; j++) {
      ok = pitch[i + j] > 0 && (j === 0 || Math.abs(Math.log(pitch[i + j] / pitch[i + j - 1])) < 0.1);
      if (ok) y[j] = Math.log(pitch[i + j]);
    }
    if (ok) residuals.push(parabolaResidual(y));
  }
  return residuals.length < LEAST_FITS ? null : 100 * median(residuals);
}

/** Orthogonal polynomials on -3..3 give the fit without a system of equations. */
function parabolaResidual(y: Float64Array): number {
  let mean = 0;
  let slope = 0;
  let curve = 0;
  let squares = 0;
  for (let i = 0; i < FIT; i++) {
    const x = i - 3;
    mean += y[i] / FIT;
    slope += (y[i] * x) / 28;
    curve += (y[i] * (x * x - 4)) / 84;
  }
  for (let i = 0; i < FIT; i++) {
    const x = i - 3;
    squares += (y[i] - mean - slope * x - curve * (x * x - 4)) ** 2;
  }
  // Seven points less three parameters.
  return Math.sqrt(squares / (FIT - 3));
}

function breaths(pitch: Float32Array, level: Float32Array, roomNoise: number, voiceLevel: number): number {
  const low = roomNoise + BREATH_ABOVE_DB;
  const high = voiceLevel - BREATH_BELOW_VOICE_DB;
  let count = 0;
  let run = 0;
  for (let i = 0; i <= level.length; i++) {
    if (i < level.length && pitch[i] === 0 && level[i] > low && level[i] < high) {
      run++;
      continue;
    }
    if (run * STEP >= BREATH_SECONDS[0] && run * STEP <= BREATH_SECONDS[1]) count++;
    run = 0;
  }
  return count;
}

/** Searches the spacing whose multiples stand out most from the running median of the long-term log spectrum. */
function comb(logs: Float64Array, sampleRate: number): { decibels: number; hertz: number } | null {
  const hz = sampleRate / COMB_FFT;
  const from = Math.round(COMB_LOWEST / hz);
  // The band's own edge is no comb.
  const to = Math.round((0.45 * sampleRate) / hz);
  const half = Math.round(60 / hz);
  const excess = new Float64Array(logs.length);
  for (let k = from; k < to; k++) excess[k] = logs[k] - median(logs.subarray(k - half, k + half + 1));
  // A spacing must be so exact that the last multiple is still met within half a bin.
  const resolution = hz / (2 * ((to * hz) / COMB_SPACING[0]));
  const tried: { decibels: number; hertz: number }[] = [];
  for (let f: number = COMB_SPACING[0]; f <= COMB_SPACING[1]; f += resolution * (f / COMB_SPACING[0])) {
    let on = 0;
    let off = 0;
    let n = 0;
    for (let m = Math.ceil((from * hz) / f); (m + 0.5) * f < to * hz; m++, n++) {
      on += excess[Math.round((m * f) / hz)];
      off += excess[Math.round(((m + 0.5) * f) / hz)];
    }
    if (n >= 6) tried.push({ decibels: (on - off) / n, hertz: f });
  }
  if (tried.length === 0) return null;
  const top = Math.max(...tried.map((t) => t.decibels));
  // Every multiple of the true spacing meets lines only, so the smallest of the good ones is it.
  const first = tried.findIndex((t) => t.decibels >= COMB_SHARE * top);
  let best = tried[first];
  for (let i = first; i < tried.length && tried[i].hertz < 1.02 * tried[first].hertz; i++) {
    if (tried[i].decibels > best.decibels) best = tried[i];
  }
  return best;
}
