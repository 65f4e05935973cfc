/**
 * Duplicated and missing frames (W. Wang and H. Farid, "Exposing digital forgeries in video by detecting
 * duplication", ACM MM&Sec 2007, for the first). See docs/methods/frame-timing.md.
 */
import { median } from '../sound/stats.ts';

/** What is kept of each frame. `difference` is to the frame before it, in grey levels; null for the first. */
export interface FrameStep {
  readonly index: number;
  readonly time: number;
  /** Whether the picture equals the one before exactly, at every point that is looked at. */
  readonly same: boolean;
  readonly difference: number | null;
  readonly cut: boolean;
}

export const GAP_RATIO = 1.5;
/** Share of irregular intervals from which a stream counts as variable frame rate. */
const VARIABLE_SHARE = 0.05;
/** Share of equal neighbours from which a video counts as still (screen recording, slide, heavily compressed). */
export const STILL_SHARE = 0.3;
/** Motion that must be there on both sides of a duplicate, grey levels. */
export const MOTION_LEAST = 0.5;
export const JUMP_RATIO = 3;
const JUMP_LEAST = 4;
const JUMP_SIDE = 6;
const REGULAR_LEAST = 6;
const REGULAR_SHARE = 0.8;

interface DuplicateRun {
  /** First and last frame that repeat the frame before `from`. */
  readonly from: number;
  readonly to: number;
  readonly seconds: readonly [number, number];
}

export interface TimingReport {
  readonly frames: number;
  /** Neighbours in the source (index differs by one). */
  readonly pairs: number;
  readonly interval: number | null;
  readonly variable: boolean;
  readonly identicalPairs: number;
  readonly still: boolean;
  /** Period of a regular pattern of duplicates in frames (frame-rate conversion), or null. */
  readonly pattern: number | null;
  readonly duplicates: readonly DuplicateRun[];
  readonly gaps: readonly {
    readonly frame: number;
    readonly seconds: readonly [number, number];
    readonly missing: number;
  }[];
  readonly jumps: readonly {
    readonly frame: number;
    readonly seconds: readonly [number, number];
    readonly ratio: number;
  }[];
  /** Frames that begin a scene; `seconds` are the times of the frame before and of this one. */
  readonly cuts: readonly { readonly frame: number; readonly seconds: readonly [number, number] }[];
}

/** Judges a sequence of frames. Pure; `steps` are in decoding order. */
export function examineTiming(steps: readonly FrameStep[]): TimingReport {
  const intervals: number[] = [];
  for (let i = 1; i < steps.length; i++) {
    if (follows(steps, i)) intervals.push(steps[i].time - steps[i - 1].time);
  }
  const interval = intervals.length === 0 ? null : median(intervals);
  const odd = interval === null ? 0 : intervals.filter((d) => Math.abs(d - interval) > 0.25 * interval).length;
  const variable = intervals.length > 0 && odd / intervals.length > VARIABLE_SHARE;
  const runs = duplicateRuns(steps);
  const identicalPairs = runs.reduce((n, r) => n + r.to - r.from + 1, 0);
  const still = intervals.length > 0 && identicalPairs / intervals.length > STILL_SHARE;
  const pattern = regularPeriod(runs.map((r) => r.from));
  return {
    frames: steps.length,
    pairs: intervals.length,
    interval,
    variable,
    identicalPairs,
    still,
    pattern,
    duplicates: runs,
    gaps: interval === null || variable ? [] : gaps(steps, interval),
    jumps: motionJumps(steps, variable ? null : interval),
    cuts: steps.flatMap(({ cut, index, time }, i) =>
      cut && i > 0 ? [{ frame: index, seconds: [steps[i - 1].time, time] as const }] : [],
    ),
  };
}

const follows = (steps: readonly FrameStep[], i: number): boolean => i > 0 && steps[i].index === steps[i - 1].index + 1;

/** Runs of frames equal to the one before, amid motion on both sides (a still picture repeats by nature). */
function duplicateRuns(steps: readonly FrameStep[]): DuplicateRun[] {
  const runs: DuplicateRun[] = [];
  for (let i = 1; i < steps.length; i++) {
    if (!follows(steps, i) || !steps[i].same) continue;
    let end = i;
    while (end + 1 < steps.length && follows(steps, end + 1) && steps[end + 1].same) end++;
    runs.push({ from: steps[i].index, to: steps[end].index, seconds: [steps[i - 1].time, steps[end].time] });
    i = end;
  }
  return runs;
}

/** Runs with motion right before and right after; the others are still picture. */
export function amidMotion(steps: readonly FrameStep[], runs: readonly DuplicateRun[]): DuplicateRun[] {
  const at = new Map(steps.map((s, i) => [s.index, i]));
  const moves = (i: number): boolean => {
    const step = steps[i];
    return step !== undefined && !step.cut && (step.difference ?? 0) >= MOTION_LEAST;
  };
  return runs.filter((r) => moves((at.get(r.from) ?? 0) - 1) && moves((at.get(r.to) ?? steps.length) + 1));
}

function regularPeriod(starts: readonly number[]): number | null {
  if (starts.length < REGULAR_LEAST) return null;
  const counts = new Map<number, number>();
  for (let i = 1; i < starts.length; i++) {
    const d = starts[i] - starts[i - 1];
    counts.set(d, (counts.get(d) ?? 0) + 1);
  }
  for (const [d, n] of counts) {
    // A conversion by an uneven factor alternates between two neighbouring spacings.
    const near = Math.max(counts.get(d - 1) ?? 0, counts.get(d + 1) ?? 0);
    if ((n + near) / (starts.length - 1) >= REGULAR_SHARE) return d;
  }
  return null;
}

function gaps(steps: readonly FrameStep[], interval: number): TimingReport['gaps'] {
  const found: { frame: number; seconds: [number, number]; missing: number }[] = [];
  for (let i = 1; i < steps.length; i++) {
    const d = steps[i].time - steps[i - 1].time;
    if (!follows(steps, i) || d <= GAP_RATIO * interval) continue;
    found.push({
      frame: steps[i].index,
      seconds: [steps[i - 1].time, steps[i].time],
      missing: Math.max(1, Math.round(d / interval) - 1),
    });
  }
  return found;
}

/** One change between neighbours that is several times the changes around it, without a cut or a gap in time. */
function motionJumps(steps: readonly FrameStep[], interval: number | null): TimingReport['jumps'] {
  const found: { frame: number; seconds: [number, number]; ratio: number }[] = [];
  for (let i = 1; i < steps.length; i++) {
    const d = steps[i].difference ?? 0;
    if (d < JUMP_LEAST || steps[i].cut || !follows(steps, i)) continue;
    if (interval !== null && steps[i].time - steps[i - 1].time > GAP_RATIO * interval) continue;
    const around: number[] = [];
    let broken = false;
    for (let j = Math.max(1, i - JUMP_SIDE); j <= Math.min(steps.length - 1, i + JUMP_SIDE); j++) {
      if (j === i) continue;
      if (steps[j].cut || !follows(steps, j)) broken = true;
      // What repeats the frame before says nothing of the motion.
      else if (!steps[j].same) around.push(steps[j].difference ?? 0);
    }
    if (broken || around.length < JUMP_SIDE) continue;
    // Against the largest, not the usual, change: a knock or a flash takes more than one frame.
    const ratio = d / Math.max(...around, 0.25);
    if (ratio >= JUMP_RATIO) {
      found.push({ frame: steps[i].index, seconds: [steps[i - 1].time, steps[i].time], ratio });
    }
  }
  return found;
}
