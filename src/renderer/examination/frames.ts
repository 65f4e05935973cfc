/** Frames and times. Times that the analysis recorded are exact; those between them are worked out and say so. */
import type { AnalysisResult, Track } from '../../contract/result.ts';

export interface FrameTime {
  readonly seconds: number;
  /** As the container states it; otherwise worked out from its neighbours or the frame rate. */
  readonly exact: boolean;
}

export interface FrameClock {
  /** Frames in the source; 1 for a picture, 0 where there are none. */
  readonly count: number;
  timeOf(frame: number): FrameTime;
  /** The frame that is shown at a time. */
  frameAt(seconds: number): number;
}

/** Recorded frame numbers with their times, rising and without doubles. */
export function knownTimes(result: AnalysisResult | null): readonly (readonly [number, number])[] {
  if (result === null || result.mediaType !== 'video') return [];
  const times = new Map<number, number>();
  for (const { frame, time } of result.frameAnalysis) times.set(frame, time);
  for (const track of result.tracks) for (const { frame, time } of track.boxes) times.set(frame, time);
  return [...times].sort(([a], [b]) => a - b);
}

/** @param known frame numbers and times in seconds, rising */
export function frameClock(
  count: number,
  fps: number | null,
  known: readonly (readonly [number, number])[],
): FrameClock {
  const rate = fps !== null && fps > 0 ? fps : 25;
  const timeOf = (frame: number): FrameTime => {
    const after = lowerBound(known, frame);
    const b = known[after];
    if (b !== undefined && b[0] === frame) return { seconds: b[1], exact: true };
    const a = known[after - 1];
    if (a !== undefined && b !== undefined) {
      return { seconds: a[1] + ((frame - a[0]) / (b[0] - a[0])) * (b[1] - a[1]), exact: false };
    }
    const one = a ?? b;
    const seconds = one === undefined ? frame / rate : one[1] + (frame - one[0]) / rate;
    return { seconds: Math.max(0, seconds), exact: false };
  };
  const frameAt = (seconds: number): number => {
    let from = 0;
    let to = Math.max(0, count - 1);
    // The last frame whose time is not after the moment; a microsecond forgives rounding.
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (timeOf(middle).seconds <= seconds + 1e-6) from = middle;
      else to = middle - 1;
    }
    return from;
  };
  return { count, timeOf, frameAt };
}

function lowerBound(known: readonly (readonly [number, number])[], frame: number): number {
  let from = 0;
  let to = known.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((known[middle]?.[0] ?? 0) < frame) from = middle + 1;
    else to = middle;
  }
  return from;
}

export type TrackBox = Track['boxes'][number];

/** The box of a track in exactly this frame; null where the engine recorded none. Nothing is interpolated. */
export function boxInFrame(track: Track, frame: number): TrackBox | null {
  const { boxes } = track;
  let from = 0;
  let to = boxes.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((boxes[middle]?.frame ?? 0) < frame) from = middle + 1;
    else to = middle;
  }
  const box = boxes[from];
  return box !== undefined && box.frame === frame ? box : null;
}
