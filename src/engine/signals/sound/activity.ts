/** Where a recording is loud enough to matter: trimming and frame activity. Deterministic, energy only. */
import { percentile } from './stats.ts';

/** Half-open range of samples. */
export interface SampleRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Range that remains when silence is cut off at both ends, with the rule of `librosa.effects.trim`: frames whose RMS
 * (zero padded, centred) is not more than `topDb` below the loudest frame are sound. All silence gives an empty range.
 */
export function trimSilence(samples: Float32Array, topDb = 60, frame = 2048, hop = 512): SampleRange {
  const n = samples.length;
  const frames = 1 + Math.floor(n / hop);
  const energy = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) energy[i + 1] = energy[i] + samples[i] * samples[i];
  const db = new Float64Array(frames);
  let max = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < frames; t++) {
    const from = Math.max(0, t * hop - frame / 2);
    const to = Math.min(n, t * hop + frame / 2);
    db[t] = 10 * Math.log10(Math.max(1e-10, (energy[Math.max(from, to)] - energy[from]) / frame));
    max = Math.max(max, db[t]);
  }
  // librosa calls all-zero input sound everywhere (0 dB below its own maximum); silence is not sound here.
  if (energy[n] === 0) return { start: 0, end: 0 };
  const loud = (v: number): boolean => v - max > -topDb;
  const first = db.findIndex(loud);
  if (first < 0) return { start: 0, end: 0 };
  return { start: first * hop, end: Math.min(n, (db.findLastIndex(loud) + 1) * hop) };
}

const ACTIVITY_ABOVE_FLOOR_DB = 9;
const ACTIVITY_BELOW_PEAK_DB = 25;
const ACTIVITY_LEAST_DB = -70;

/**
 * Activity of frames from their levels in dBFS: active is what lies 9 dB above the quiet tenth, at most 25 dB below
 * the loud twentieth, and above -70 dBFS. Speech is loud against both; steady noise is never 9 dB above itself.
 */
export function activeFrames(levels: ArrayLike<number>): Uint8Array {
  const threshold = Math.max(
    ACTIVITY_LEAST_DB,
    percentile(levels, 0.1) + ACTIVITY_ABOVE_FLOOR_DB,
    percentile(levels, 0.95) - ACTIVITY_BELOW_PEAK_DB,
  );
  return Uint8Array.from(levels, (v) => (v > threshold ? 1 : 0));
}

/** Frame activity of a whole signal: frames of `seconds`, without overlap. */
export function voiceActivity(samples: Float32Array, sampleRate: number, seconds = 0.02): Uint8Array {
  const length = Math.max(1, Math.round(seconds * sampleRate));
  const frames = Math.floor(samples.length / length);
  const levels = new Float64Array(frames);
  for (let t = 0; t < frames; t++) {
    let sum = 0;
    for (let i = t * length; i < (t + 1) * length; i++) sum += samples[i] * samples[i];
    levels[t] = 10 * Math.log10(Math.max(1e-12, sum / length));
  }
  return activeFrames(levels);
}
