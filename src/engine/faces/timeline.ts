/**
 * Streams frames past the tracker with a bounded delay: frames between two detections wait until the later one is
 * known, then leave with interpolated faces.
 */
import type { AnalysedFrame, Face, Frame } from '../types.ts';
import { FaceTracker, type TrackerOptions } from './track.ts';

export interface ScheduleOptions {
  /** Time between detections (0.5 s). 0 detects on every frame. */
  readonly detectEverySeconds?: number;
  /**
   * Most bytes of frames held back (256 MiB). A frame is detected early rather than let the line grow, so memory
   * depends neither on the frame rate nor on the size of the picture.
   */
  readonly maxDelayBytes?: number;
}

/**
 * Says on which frames faces should be detected: the first, one after a cut, when the interval is over, or when the
 * frames since the last detection have grown to the limit. Kept apart from the timeline so that a detection can be
 * started before the frames in front of it are settled.
 */
export class DetectionSchedule {
  private readonly every: number;
  private readonly maxDelay: number;
  private since = 0;
  private last: number | null = null;

  constructor(options: ScheduleOptions = {}) {
    this.every = options.detectEverySeconds ?? 0.5;
    this.maxDelay = options.maxDelayBytes ?? 256 * 2 ** 20;
  }

  /** Whether this frame, the next in order, should be looked at; ask once per frame. */
  wants(frame: Frame, sceneCut: boolean): boolean {
    this.since += frame.data.length;
    // Half a millisecond of grace: time stamps are rounded, and 0.4999 s is half a second.
    const due = this.last === null || frame.time - this.last >= this.every - 0.0005;
    if (!sceneCut && !due && this.since <= this.maxDelay) return false;
    this.last = frame.time;
    this.since = 0;
    return true;
  }
}

/**
 * Ask {@link DetectionSchedule} for every frame in order, detect when it says so, and {@link FaceTimeline.push} the
 * frame with the faces or null. Frames come back in order, each exactly once.
 */
export class FaceTimeline {
  readonly tracker: FaceTracker;
  private readonly waiting: { frame: Frame; sceneCut: boolean }[] = [];

  constructor(options: TrackerOptions = {}) {
    this.tracker = new FaceTracker(options);
  }

  /** Takes the next frame; `faces` is null where no detection was made. Returns the frames that are now settled. */
  push(frame: Frame, faces: readonly Face[] | null, sceneCut: boolean): AnalysedFrame[] {
    if (faces === null) {
      // After a cut without a detection nothing is known of the faces until the next one.
      const settled = sceneCut ? this.flush() : [];
      if (sceneCut) this.tracker.reset();
      this.waiting.push({ frame, sceneCut });
      return settled;
    }
    const settled = sceneCut ? this.flush() : [];
    const here = this.tracker.update(moment(frame), faces, sceneCut);
    const waiting = this.waiting.splice(0);
    const between = this.tracker.interpolate(waiting.map((entry) => moment(entry.frame)));
    settled.push(...waiting.map((entry, i) => ({ ...entry, faces: between[i] })));
    settled.push({ frame, faces: here, sceneCut });
    return settled;
  }

  /** Settles what still waits, carrying faces on by their motion: for the end of the video. */
  flush(): AnalysedFrame[] {
    const waiting = this.waiting.splice(0);
    const carried = this.tracker.extrapolate(waiting.map((entry) => moment(entry.frame)));
    return waiting.map((entry, i) => ({ ...entry, faces: carried[i] }));
  }
}

const moment = ({ index, time }: Frame): { index: number; time: number } => ({ index, time });
