/**
 * Mel spectrograms with librosa's semantics. Slaney's scale is linear below 1 kHz and logarithmic above (M. Slaney,
 * "Auditory Toolbox", Interval Research TR 1998-010); HTK's is 2595 log10(1 + f/700).
 */
import type { MelRule } from '../../../contract/pack.ts';
import { centredFrames, PowerSpectrum } from './spectrum.ts';

const SLANEY_STEP = 200 / 3;
const SLANEY_KNEE_HZ = 1000;
const SLANEY_KNEE_MEL = SLANEY_KNEE_HZ / SLANEY_STEP;
const SLANEY_LOG_STEP = Math.log(6.4) / 27;

/** Hertz to mel. */
export function hzToMel(hz: number, scale: MelRule['scale']): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700);
  return hz >= SLANEY_KNEE_HZ ? SLANEY_KNEE_MEL + Math.log(hz / SLANEY_KNEE_HZ) / SLANEY_LOG_STEP : hz / SLANEY_STEP;
}

/** Mel to hertz. */
export function melToHz(mel: number, scale: MelRule['scale']): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  return mel >= SLANEY_KNEE_MEL
    ? SLANEY_KNEE_HZ * Math.exp(SLANEY_LOG_STEP * (mel - SLANEY_KNEE_MEL))
    : mel * SLANEY_STEP;
}

/** Triangular filters; each touches few bins, so only those are kept. */
interface MelBank {
  readonly nMels: number;
  readonly first: Int32Array;
  /** `start[m] .. start[m + 1]` are filter m's weights, for the bins from `first[m]` on. */
  readonly start: Int32Array;
  readonly weights: Float64Array;
}

type BankRule = Pick<MelRule, 'nFft' | 'nMels' | 'fMin' | 'fMax' | 'norm' | 'scale'>;

const banks = new Map<string, MelBank>();

/** Filter bank of `librosa.filters.mel`; banks are kept, since a file asks for the same one many times. */
export function melBank(rule: BankRule, sampleRate: number): MelBank {
  const { nFft, nMels, fMin, norm, scale } = rule;
  const fMax = rule.fMax ?? sampleRate / 2;
  const key = [nFft, nMels, fMin, fMax, norm, scale, sampleRate].join('|');
  const known = banks.get(key);
  if (known) return known;
  const low = hzToMel(fMin, scale);
  const high = hzToMel(fMax, scale);
  const edges = Float64Array.from({ length: nMels + 2 }, (_, i) =>
    melToHz(low + ((high - low) * i) / (nMels + 1), scale),
  );
  const first = new Int32Array(nMels);
  const start = new Int32Array(nMels + 1);
  const weights: number[] = [];
  for (let m = 0; m < nMels; m++) {
    const gain = norm === 'slaney' ? 2 / (edges[m + 2] - edges[m]) : 1;
    let begun = false;
    for (let k = 0; k <= nFft / 2; k++) {
      const f = (k * sampleRate) / nFft;
      const w = Math.min(
        (f - edges[m]) / (edges[m + 1] - edges[m]),
        (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1]),
      );
      if (w > 0) {
        if (!begun) first[m] = k;
        begun = true;
        weights.push(w * gain);
      } else if (begun) break;
    }
    start[m + 1] = weights.length;
  }
  const bank: MelBank = { nMels, first, start, weights: Float64Array.from(weights) };
  // A hostile plan could ask for endless different banks.
  if (banks.size >= 32) banks.clear();
  banks.set(key, bank);
  return bank;
}

/** Applies the bank to one frame's spectrum (power or magnitude); writes `nMels` values with the given stride. */
export function applyMel(
  bank: MelBank,
  spectrum: Float64Array,
  at: number,
  out: Float64Array,
  outAt: number,
  stride: number,
): void {
  const { first, start, weights } = bank;
  for (let m = 0, o = outAt; m < bank.nMels; m++, o += stride) {
    let sum = 0;
    const end = start[m + 1];
    for (let i = start[m], k = at + first[m]; i < end; i++, k++) sum += weights[i] * spectrum[k];
    out[o] = sum;
  }
}

/** A mel spectrogram, row-major `[nMels x frames]` as librosa and the networks want it. */
export interface MelSpectrogram {
  readonly data: Float32Array;
  readonly nMels: number;
  readonly frames: number;
}

/**
 * `librosa.feature.melspectrogram` followed by `power_to_db` where the rule has `db`.
 *
 * @param samples mono, -1..1, any length (also empty: one frame of zeros)
 * @param rule the pack's mel rule; `nFft` must be even
 * @param sampleRate hertz of `samples`
 * @returns float32 `[nMels x (1 + floor(length / hop))]`; decibels with `db`, else the filtered |STFT|^power
 */
export function melSpectrogram(samples: Float32Array, rule: MelRule, sampleRate: number): MelSpectrogram {
  const spectrum = new PowerSpectrum(rule.nFft);
  const bank = melBank(rule, sampleRate);
  const frames = centredFrames(samples.length, rule.hop);
  const bins = new Float64Array(spectrum.bins);
  const mel = new Float64Array(rule.nMels * frames);
  for (let t = 0; t < frames; t++) {
    spectrum.compute(samples, t * rule.hop - rule.nFft / 2, bins);
    if (rule.power !== 2) for (let k = 0; k < bins.length; k++) bins[k] **= rule.power / 2;
    applyMel(bank, bins, 0, mel, t, frames);
  }
  const data = new Float32Array(mel.length);
  if (rule.db === null) data.set(mel);
  else toDb(mel, data, rule.db);
  return { data, nMels: rule.nMels, frames };
}

function toDb(mel: Float64Array, out: Float32Array, rule: NonNullable<MelRule['db']>): void {
  let peak = 1e-10;
  for (let i = 0; i < mel.length; i++) if (mel[i] > peak) peak = mel[i];
  const scale = 10 / Math.LN10;
  const ref = rule.ref === 'max' ? scale * Math.log(peak) : 0;
  const floorPower = rule.topDb === null ? 1e-10 : Math.max(1e-10, peak * 10 ** (-rule.topDb / 10));
  const floor = scale * Math.log(floorPower) - ref;
  // Most cells of a clean recording lie below the floor, where the logarithm can be spared.
  for (let i = 0; i < mel.length; i++) out[i] = mel[i] > floorPower ? scale * Math.log(mel[i]) - ref : floor;
}
