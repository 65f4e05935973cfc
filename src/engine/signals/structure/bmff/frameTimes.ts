/** Presentation times and key frames of a video track from `stts`, `ctts` and `stss`. */
import type { FrameTimes } from '../timing.ts';
import type { Runs, Track } from './tracks.ts';

/** Most frames expanded: 18 hours at 30 frames per second. A run may claim 2^32 samples in eight bytes. */
export const MAX_FRAMES = 2_000_000;

export type TrackTimes =
  | { readonly ok: true; readonly frames: FrameTimes }
  | { readonly ok: false; readonly reason: string };

/**
 * Expands the tables of one track into presentation order; refuses with a reason what they do not determine.
 * `start` is what {@link editStart} says of the track.
 */
export function frameTimes(track: Track, start: number): TrackTimes {
  const { sampleCount: count, timescale } = track;
  if (count === 0) return { ok: false, reason: 'the track has no sample table (fragmented or empty)' };
  if (track.limited) return { ok: false, reason: 'the tables of the file are larger than the limit' };
  if (!(timescale > 0)) return { ok: false, reason: 'the track has no time scale' };
  if (count > MAX_FRAMES) return { ok: false, reason: `the track claims ${count} samples, the limit is ${MAX_FRAMES}` };
  if (track.stts.total < count)
    return { ok: false, reason: 'the table of durations covers fewer samples than there are' };
  const pts = expandDecodeTimes(track.stts, count);
  if (track.ctts !== null) addOffsets(pts, track.ctts);
  return { ok: true, frames: inPresentationOrder(pts, syncFlags(track, count), timescale, start) };
}

/**
 * Seconds to add to media times so that they are those of a player: the first edit that plays media sets the start,
 * empty edits before it delay it. Later pieces of a list with several are not rearranged.
 */
export function editStart(track: Pick<Track, 'edits' | 'timescale'>, movieScale: number): number {
  let delay = 0;
  for (const edit of track.edits) {
    if (edit.mediaTime >= 0) return track.timescale > 0 ? delay - edit.mediaTime / track.timescale : 0;
    if (movieScale > 0) delay += edit.segmentDuration / movieScale;
  }
  return 0;
}

/** Half a tick of the finest common clock (90 kHz): rounding of the edit list hides no frame. */
const ROUNDING = 5e-6;

/** Sorts decode-ordered times and carries the key flags along. `isKey` is by decode index, `start` in seconds. */
export function inPresentationOrder(
  pts: Float64Array,
  isKey: Uint8Array,
  timescale: number,
  start: number,
): FrameTimes {
  const order = Uint32Array.from(pts, (_, i) => i).sort((a, b) => pts[a] - pts[b] || a - b);
  const times = new Float64Array(order.length);
  const keys: number[] = [];
  let hidden = 0;
  for (let i = 0; i < order.length; i++) {
    times[i] = pts[order[i]] / timescale + start;
    if (times[i] < -ROUNDING) hidden++;
    if (isKey[order[i]] === 1) keys.push(i);
  }
  return { times, clock: 'stated', hidden, keys: Uint32Array.from(keys) };
}

function expandDecodeTimes(runs: Runs, count: number): Float64Array {
  const dts = new Float64Array(count);
  let at = 0;
  let time = 0;
  for (let r = 0; r < runs.counts.length && at < count; r++) {
    for (let i = 0; i < runs.counts[r] && at < count; i++) {
      dts[at++] = time;
      time += runs.values[r];
    }
  }
  return dts;
}

function addOffsets(pts: Float64Array, runs: Runs): void {
  let at = 0;
  for (let r = 0; r < runs.counts.length && at < pts.length; r++) {
    for (let i = 0; i < runs.counts[r] && at < pts.length; i++) pts[at++] += runs.values[r];
  }
}

function syncFlags(track: Track, count: number): Uint8Array {
  const flags = new Uint8Array(count);
  if (track.sync === null) return flags.fill(1);
  for (const number of track.sync) if (number >= 1 && number <= count) flags[number - 1] = 1;
  return flags;
}
