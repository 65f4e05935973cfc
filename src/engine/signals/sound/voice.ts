/**
 * Whether the voice and its channel stay the same: the Bayesian information criterion between neighbouring stretches
 * of active sound (S. Chen and P. Gopalakrishnan, "Speaker, environment and channel change detection and clustering
 * via the Bayesian information criterion", DARPA 1998). See docs/methods/voice-consistency.md.
 */
import { activeFrames } from './activity.ts';
import { dctMatrix } from './features.ts';
import { FrameFeed } from './feed.ts';
import { applyMel, melBank } from './mel.ts';
import { PowerSpectrum } from './spectrum.ts';

const COEFFICIENTS = 12;
const MELS = 32;
/** Step between frames in seconds; frames of 32 ms overlap by little, so that they are nearly independent. */
const STEP = 0.025;
/** Frames in which activity is judged together (5 s), and active frames in one unit of a segment (2 s). */
const BLOCK = 200;
const UNIT = 80;
/** Units on each side of a boundary. */
export const VOICE_UNITS = 2;
/** Weight of the penalty, and the excess over it per frame that is called a change (measured: see the page). */
export const VOICE_PENALTY = 1;
export const VOICE_CHANGE = 0.4;

interface Unit {
  readonly from: number;
  readonly to: number;
  readonly sum: Float64Array;
  readonly products: Float64Array;
}

interface VoiceBoundary {
  /** End of the left and begin of the right side, seconds. */
  readonly seconds: number;
  /** Delta BIC per frame; above 0 two models describe the sides better than one. */
  readonly change: number;
}

/** Feed chunks with {@link push}; {@link boundaries} compares neighbouring stretches of active sound. */
export class VoiceConsistency {
  private readonly feed: FrameFeed;
  private readonly coefficients = new Float64Array(BLOCK * COEFFICIENTS);
  private readonly levels = new Float64Array(BLOCK);
  private readonly dct = dctMatrix(COEFFICIENTS + 1, MELS);
  private readonly units: Unit[] = [];
  private readonly step: number;
  private held = 0;
  private frame = 0;
  private unit: { from: number; sum: Float64Array; products: Float64Array; count: number };
  private active = 0;

  constructor(sampleRate: number) {
    const nFft = 2 ** Math.round(Math.log2(0.032 * sampleRate));
    const hop = Math.round(STEP * sampleRate);
    this.step = hop / sampleRate;
    const spectrum = new PowerSpectrum(nFft);
    const power = new Float64Array(spectrum.bins);
    const rule = { nFft, nMels: MELS, fMin: 100, fMax: Math.min(7600, sampleRate / 2) } as const;
    const bank = melBank({ ...rule, norm: 'none', scale: 'htk' }, sampleRate);
    const mel = new Float64Array(MELS);
    this.unit = emptyUnit();
    this.feed = new FrameFeed(nFft, hop, (buffer, offset) => {
      let energy = 0;
      for (let i = 0; i < nFft; i++) energy += buffer[offset + i] * buffer[offset + i];
      this.levels[this.held] = 10 * Math.log10(energy / nFft + 1e-12);
      spectrum.compute(buffer, offset, power);
      applyMel(bank, power, 0, mel, 0, 1);
      // A floor of -80 dB below full scale keeps the logarithm of rounding noise out.
      for (let m = 0; m < MELS; m++) mel[m] = Math.log(mel[m] + 1e-8 * nFft);
      for (let c = 0; c < COEFFICIENTS; c++) {
        let sum = 0;
        for (let m = 0; m < MELS; m++) sum += this.dct[(c + 1) * MELS + m] * mel[m];
        this.coefficients[this.held * COEFFICIENTS + c] = sum;
      }
      if (++this.held === BLOCK) this.endBlock();
    });
  }

  push(samples: Float32Array): void {
    this.feed.push(samples);
  }

  private endBlock(): void {
    const active = activeFrames(this.levels.subarray(0, this.held));
    for (let i = 0; i < this.held; i++) {
      if (active[i] === 1) this.add(i, (this.frame + i) * this.step);
    }
    this.frame += this.held;
    this.held = 0;
  }

  private add(i: number, seconds: number): void {
    const { unit } = this;
    if (unit.count === 0) unit.from = seconds;
    const at = i * COEFFICIENTS;
    for (let a = 0, p = 0; a < COEFFICIENTS; a++) {
      const x = this.coefficients[at + a];
      unit.sum[a] += x;
      for (let b = 0; b <= a; b++, p++) unit.products[p] += x * this.coefficients[at + b];
    }
    this.active++;
    if (++unit.count === UNIT) {
      this.units.push({ from: unit.from, to: seconds, sum: unit.sum, products: unit.products });
      this.unit = emptyUnit();
    }
  }

  /** Seconds of active sound seen (in whole blocks; call after {@link boundaries}). */
  get activeSeconds(): number {
    return this.active * this.step;
  }

  /** Call once, at the end. Empty when there are not enough active frames for two sides. */
  boundaries(): VoiceBoundary[] {
    if (this.held > 0) this.endBlock();
    const out: VoiceBoundary[] = [];
    for (let u = VOICE_UNITS; u + VOICE_UNITS <= this.units.length; u++) {
      const left = this.units.slice(u - VOICE_UNITS, u);
      const right = this.units.slice(u, u + VOICE_UNITS);
      out.push({ seconds: (this.units[u - 1].to + this.units[u].from) / 2, change: deltaBic(left, right) });
    }
    return out;
  }
}

const emptyUnit = (): { from: number; sum: Float64Array; products: Float64Array; count: number } => ({
  from: 0,
  sum: new Float64Array(COEFFICIENTS),
  products: new Float64Array((COEFFICIENTS * (COEFFICIENTS + 1)) / 2),
  count: 0,
});

function deltaBic(left: readonly Unit[], right: readonly Unit[]): number {
  const n1 = left.length * UNIT;
  const n2 = right.length * UNIT;
  const n = n1 + n2;
  const parameters = COEFFICIENTS + (COEFFICIENTS * (COEFFICIENTS + 1)) / 2;
  const gain = n * logDet([...left, ...right], n) - n1 * logDet(left, n1) - n2 * logDet(right, n2);
  return (gain / 2 - (VOICE_PENALTY / 2) * parameters * Math.log(n)) / n;
}

/** Logarithm of the determinant of the covariance, by Cholesky, with a small ridge against flat input. */
function logDet(units: readonly Unit[], n: number): number {
  const d = COEFFICIENTS;
  const mean = new Float64Array(d);
  const cov = new Float64Array(d * d);
  for (const u of units) for (let a = 0; a < d; a++) mean[a] += u.sum[a] / n;
  for (let a = 0, p = 0; a < d; a++) {
    for (let b = 0; b <= a; b++, p++) {
      let sum = 0;
      for (const u of units) sum += u.products[p];
      cov[a * d + b] = sum / n - mean[a] * mean[b] + (a === b ? 1e-3 : 0);
    }
  }
  let log = 0;
  for (let a = 0; a < d; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = cov[a * d + b];
      for (let k = 0; k < b; k++) sum -= cov[a * d + k] * cov[b * d + k];
      if (a === b) {
        const root = Math.sqrt(Math.max(sum, 1e-6));
        cov[a * d + a] = root;
        log += 2 * Math.log(root);
      } else cov[a * d + b] = sum / cov[b * d + b];
    }
  }
  return log;
}
