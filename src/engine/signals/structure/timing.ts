/**
 * Irregularities in presentation times: frames that a constant frame rate would have and the container lacks, and
 * frames closer together than half an interval. Pixels are not looked at.
 */

/** Times of the frames of one video track, in seconds, presentation order, with the numbers of the key frames. */
export interface FrameTimes {
  /** Presentation times in seconds, rising, as a player shows them; below zero before the start of the edit list. */
  readonly times: Float64Array;
  /** `stated` by the container for each frame, or counted out from a `nominal` rate, where a gap cannot show. */
  readonly clock: 'stated' | 'nominal';
  /** Frames before the start of the edit list: players and decoders leave them out and count from the one after. */
  readonly hidden: number;
  /** Presentation indices of key frames, rising. */
  readonly keys: Uint32Array;
}

export interface TimingReport {
  /** Most common distance between frames in seconds (the median). */
  readonly interval: number;
  /** Share of distances within a quarter of the median. */
  readonly regular: number;
  /** False when fewer than 90 % of the distances are regular: the rate varies by design, and gaps mean nothing. */
  readonly constantRate: boolean;
  /** Places where 1.5 intervals or more pass: frames that would fit in between. `frame` is the one after the gap. */
  readonly gaps: readonly { readonly frame: number; readonly time: number; readonly missing: number }[];
  /** Frames at most half an interval after the one before. */
  readonly close: readonly { readonly frame: number; readonly time: number }[];
  readonly missing: number;
}

/** A constant rate is assumed above this share of regular distances. */
export const REGULAR_SHARE = 0.9;
/** Distances within this part of the median are regular: clocks of phones jitter by a few per cent. */
export const REGULAR_TOLERANCE = 0.25;
const MAX_LISTED = 1_000;

/** Examines frame times; null with fewer than 8 frames, where no median can be trusted. */
export function examineTiming(times: Float64Array): TimingReport | null {
  if (times.length < 8) return null;
  const steps = new Float64Array(times.length - 1);
  for (let i = 0; i < steps.length; i++) steps[i] = times[i + 1] - times[i];
  const interval = Float64Array.from(steps).sort()[Math.floor(steps.length / 2)];
  if (!(interval > 0)) return null;
  const gaps: { frame: number; time: number; missing: number }[] = [];
  const close: { frame: number; time: number }[] = [];
  let regularCount = 0;
  let missing = 0;
  for (let i = 0; i < steps.length; i++) {
    const ratio = steps[i] / interval;
    if (Math.abs(ratio - 1) <= REGULAR_TOLERANCE) regularCount++;
    if (ratio >= 1.5) {
      const count = Math.round(ratio) - 1;
      missing += count;
      if (gaps.length < MAX_LISTED) gaps.push({ frame: i + 1, time: times[i + 1], missing: count });
    } else if (ratio <= 0.5 && close.length < MAX_LISTED) {
      close.push({ frame: i + 1, time: times[i + 1] });
    }
  }
  const regular = regularCount / steps.length;
  return { interval, regular, constantRate: regular >= REGULAR_SHARE, gaps, close, missing };
}

export interface GopReport {
  /** Frames from each key frame to the next; the last, open-ended group is left out. */
  readonly lengths: readonly number[];
  readonly starts: readonly number[];
  readonly median: number;
  readonly longest: number;
  /** Share of groups as long as the most common length. */
  readonly modeShare: number;
  readonly mode: number;
  /** Whether all groups but the last are equally long. */
  readonly fixed: boolean;
  /** Frames before the first key frame in presentation order. */
  readonly leading: number;
}

/** Groups of pictures from key frames. Null with no key frame at all. */
export function examineGops(keys: Uint32Array): GopReport | null {
  if (keys.length === 0) return null;
  const lengths: number[] = [];
  const tally = new Map<number, number>();
  for (let i = 1; i < keys.length; i++) {
    const length = keys[i] - keys[i - 1];
    lengths.push(length);
    tally.set(length, (tally.get(length) ?? 0) + 1);
  }
  let mode = 0;
  let modeCount = 0;
  for (const [length, count] of tally) {
    if (count > modeCount || (count === modeCount && length < mode)) {
      mode = length;
      modeCount = count;
    }
  }
  const sorted = Float64Array.from(lengths).sort();
  return {
    lengths,
    starts: Array.from(keys),
    median: sorted.length === 0 ? 0 : sorted[Math.floor(sorted.length / 2)],
    longest: sorted.length === 0 ? 0 : sorted[sorted.length - 1],
    modeShare: lengths.length === 0 ? 0 : modeCount / lengths.length,
    mode,
    fixed: lengths.length > 0 && modeCount === lengths.length,
    leading: keys[0],
  };
}
