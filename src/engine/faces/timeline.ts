/**
 * Streams frames past the tracker with a bounded delay: frames between two detections wait until the later one is
 * known, then leave with interpolated faces.
 */
import type { AnalysedFrame, Face, Frame } from '../types.ts';
import { FaceTracker, type TrackerOptions } from './track.ts';

export interface TimelineOptions extends TrackerOptions {
  /** Time between detections (0.5 s). 0 detects on every frame. */
  readonly detectEverySeconds?: number;
  /**
   * Most bytes of frames held back (256 MiB). A frame is detected early rather than let the line grow, so memory
   * depends neither on the frame rate nor on the size of the picture.
   */
  readonly maxDelayBytes?: number;
}

/**
 * Ask {@link FaceTimeline.wants} for every frame in order, detect when it says so, and {@link FaceTimeline.push} the
 * frame with the faces or null. Frames come back in order, each exactly once.
 */
export class FaceTimeline {
  readonly tracker: FaceTracker;
  private readonly every: number;
  private readonly maxDelay: number;
  private held = 0;
  private readonly waiting: { frame: Frame; sceneCut: boolean }[] = [];
  private lastDetection: number | null = null;

  constructor(options: TimelineOptions = {}) {
    this.tracker = new FaceTracker(options);
    this.every = options.detectEverySeconds ?? 0.5;
    this.maxDelay = options.maxDelayBytes ?? 256 * 2 ** 20;
  }

  /** Whether faces should be detected on this frame: the first, one after a cut, or when the interval is over. */
  wants(frame: Frame, sceneCut: boolean): boolean {
    if (sceneCut || this.lastDetection === null || this.held + frame.data.length > this.maxDelay) return true;
    // Half a millisecond of grace: time stamps are rounded, and 0.4999 s is half a second.
    return frame.time - this.lastDetection >= this.every - 0.0005;
  }

  /** Takes the next frame; `faces` is null where no detection was made. Returns the frames that are now settled. */
  push(frame: Frame, faces: readonly Face[] | null, sceneCut: boolean): AnalysedFrame[] {
    if (faces === null) {
      // After a cut without a detection nothing is known of the faces until the next one.
      const settled = sceneCut ? this.flush() : [];
      if (sceneCut) {
        this.tracker.reset();
        this.lastDetection = null;
      }
      this.waiting.push({ frame, sceneCut });
      this.held += frame.data.length;
      return settled;
    }
    const settled = sceneCut ? this.flush() : [];
    const here = this.tracker.update(moment(frame), faces, sceneCut);
    const waiting = this.release();
    const between = this.tracker.interpolate(waiting.map((entry) => moment(entry.frame)));
    settled.push(...waiting.map((entry, i) => ({ ...entry, faces: between[i] })));
    settled.push({ frame, faces: here, sceneCut });
    this.lastDetection = frame.time;
    return settled;
  }

  /** Settles what still waits, carrying faces on by their motion: for the end of the video. */
  flush(): AnalysedFrame[] {
    const waiting = this.release();
    const carried = this.tracker.extrapolate(waiting.map((entry) => moment(entry.frame)));
    return waiting.map((entry, i) => ({ ...entry, faces: carried[i] }));
  }

  private release(): { frame: Frame; sceneCut: boolean }[] {
    this.held = 0;
    return this.waiting.splice(0);
  }
}

const moment = ({ index, time }: Frame): { index: number; time: number } => ({ index, time });
