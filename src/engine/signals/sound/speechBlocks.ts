/**
 * Removal of silence before a network listens: the rule that our speech packs were trained with.
 *
 * Recordings and synthesis differ in their pauses (digital zero, fade-outs, room tone), and a network that learns
 * pauses learns the data set (Müller et al., "Speech is Silver, Silence is Golden", ASVspoof workshop 2021).
 */

/** 20 ms at 16 kHz. */
const BLOCK = 320;
const PERCENTILE = 0.95;
/** 40 dB below the reference. */
const RELATIVE = 0.01;
const ABSOLUTE = 1e-4;
/** 100 ms kept before and after speech. */
const MARGIN = 5;

/** Speech joined together, and for each of its blocks where it began. */
export interface JoinedSpeech {
  readonly samples: Float32Array;
  /** Start in `samples` and in the source of every kept run, both in samples. */
  readonly runs: readonly { readonly at: number; readonly source: number; readonly length: number }[];
}

/**
 * Cuts pauses out of mono samples (-1..1, 16 kHz). Blocks of 320 samples; the reference is the 95th percentile of their
 * root mean squares by nearest rank; a block is speech at or above a hundredth of it and above 1e-4; five blocks on
 * either side of speech are kept.
 */
export function joinSpeech(samples: Float32Array): JoinedSpeech {
  const count = Math.ceil(samples.length / BLOCK);
  const levels = new Float64Array(count);
  for (let b = 0; b < count; b++) {
    const end = Math.min(samples.length, (b + 1) * BLOCK);
    let sum = 0;
    for (let i = b * BLOCK; i < end; i++) sum += samples[i] * samples[i];
    levels[b] = Math.sqrt(sum / (end - b * BLOCK));
  }
  const reference = count === 0 ? 0 : levels.slice().sort()[Math.ceil(PERCENTILE * count) - 1];
  const keep = new Uint8Array(count);
  for (let b = 0; b < count; b++) {
    if (levels[b] >= reference * RELATIVE && levels[b] > ABSOLUTE) {
      keep.fill(1, Math.max(0, b - MARGIN), Math.min(count, b + MARGIN + 1));
    }
  }
  const runs: { at: number; source: number; length: number }[] = [];
  let total = 0;
  for (let b = 0; b < count; b++) {
    if (keep[b] === 0) continue;
    const length = Math.min(samples.length, (b + 1) * BLOCK) - b * BLOCK;
    const last = runs.at(-1);
    if (last !== undefined && last.source + last.length === b * BLOCK) last.length += length;
    else runs.push({ at: total, source: b * BLOCK, length });
    total += length;
  }
  const joined = new Float32Array(total);
  for (const run of runs) joined.set(samples.subarray(run.source, run.source + run.length), run.at);
  return { samples: joined, runs };
}

/** Where in the source a sample of the joined speech lies. */
export function sourceOf(joined: JoinedSpeech, at: number): number {
  let low = 0;
  let high = joined.runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (joined.runs[middle].at <= at) low = middle;
    else high = middle - 1;
  }
  const run = joined.runs[low];
  return run === undefined ? at : run.source + Math.min(at - run.at, run.length);
}

/** Starts of windows of `length` every `hop` samples, with one that ends at the end. One window where all fits in it. */
export function windowStarts(total: number, length: number, hop: number): number[] {
  if (total <= length) return total === 0 ? [] : [0];
  const starts: number[] = [];
  for (let s = 0; s + length <= total; s += hop) starts.push(s);
  const last = starts[starts.length - 1];
  if (last + length < total) starts.push(total - length);
  return starts;
}

/** `samples` repeated from the beginning until there are `length` of them; longer input is cut. */
export function tile(samples: Float32Array, length: number): Float32Array {
  if (samples.length >= length) return samples.subarray(0, length);
  const out = new Float32Array(length);
  for (let at = 0; at < length; at += samples.length)
    out.set(samples.subarray(0, Math.min(samples.length, length - at)), at);
  return out;
}
