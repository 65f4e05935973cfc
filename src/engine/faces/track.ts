/**
 * Follows faces through a video from detections on some of its frames.
 *
 * Motion: constant velocity of the box (centre and size), its velocity smoothed over detections. Association: the
 * Hungarian pairing of detections with predicted boxes, first by intersection over union, then, for what is left, by
 * the distance of the centres in face sizes (fast movers whose boxes no longer overlap, and faces re-found after a
 * gap). No wall clock, no random number: the same detections give the same tracks.
 */
import type { Box, FacePoints, Track } from '../../contract/result.ts';
import type { Face, TrackedFace } from '../types.ts';
import { assign, type Pair } from './assignment.ts';
import { iou } from './boxes.ts';

/** A moment of the video: the source frame's number and its time in seconds. */
export interface Moment {
  readonly index: number;
  readonly time: number;
}

export interface TrackerOptions {
  /** Least overlap of a detection with a predicted box in the first round (0.25). */
  readonly minIou?: number;
  /** Greatest distance between centres in the second round, in face sizes (1). */
  readonly maxJump?: number;
  /** A face not seen for longer than this ends its track (1.5 s). */
  readonly maxGapSeconds?: number;
}

interface Sighting {
  readonly at: Moment;
  readonly face: Face;
}

/** State of one identity. `velocity` is the change of x, y, width and height per second. */
interface Trail {
  readonly id: number;
  last: Sighting;
  before: Sighting | null;
  velocity: Box;
  seenNow: boolean;
}

type TrackBox = Track['boxes'][number];

const STILL: Box = { x: 0, y: 0, width: 0, height: 0 };
/** Weight of the newest measured velocity; the rest stays with the past, so that jitter does not become motion. */
const NEW_VELOCITY = 0.6;
/** Faces whose sizes differ by more than this factor are not the same face half a second later. */
const MAX_SIZE_RATIO = 2;

const lerp = (a: number, b: number, t: number): number => a + (b - a) * t;

/** The box between two, by corners, which is the same as by origin and size. */
const between = (a: Box, b: Box, t: number): Box => ({
  x: lerp(a.x, b.x, t),
  y: lerp(a.y, b.y, t),
  width: lerp(a.width, b.width, t),
  height: lerp(a.height, b.height, t),
});

function pointsBetween(a: FacePoints | null, b: FacePoints | null, t: number): FacePoints | null {
  if (a === null || b === null) return null;
  const point = (p: readonly [number, number], q: readonly [number, number]): [number, number] => [
    lerp(p[0], q[0], t),
    lerp(p[1], q[1], t),
  ];
  return [point(a[0], b[0]), point(a[1], b[1]), point(a[2], b[2]), point(a[3], b[3]), point(a[4], b[4])];
}

/** Points carried along with a box that moved and grew. */
function pointsCarried(points: FacePoints | null, from: Box, to: Box): FacePoints | null {
  if (points === null) return null;
  const sx = from.width > 0 ? to.width / from.width : 1;
  const sy = from.height > 0 ? to.height / from.height : 1;
  const point = ([x, y]: readonly [number, number]): [number, number] => [
    to.x + (x - from.x) * sx,
    to.y + (y - from.y) * sy,
  ];
  return [point(points[0]), point(points[1]), point(points[2]), point(points[3]), point(points[4])];
}

/** Where a trail's box is expected at a time. The size never shrinks below half or grows beyond twice the last seen. */
function predicted({ last, velocity }: Trail, time: number): Box {
  const dt = time - last.at.time;
  const { box } = last.face;
  const width = Math.min(box.width * 2, Math.max(box.width / 2, box.width + velocity.width * dt));
  const height = Math.min(box.height * 2, Math.max(box.height / 2, box.height + velocity.height * dt));
  const centreX = box.x + box.width / 2 + (velocity.x + velocity.width / 2) * dt;
  const centreY = box.y + box.height / 2 + (velocity.y + velocity.height / 2) * dt;
  return { x: centreX - width / 2, y: centreY - height / 2, width, height };
}

const sizeOf = ({ width, height }: Box): number => Math.sqrt(Math.max(0, width * height));

/** Distance of the centres in mean face sizes; infinite where the sizes do not fit. */
function jump(a: Box, b: Box): number {
  const sizeA = sizeOf(a);
  const sizeB = sizeOf(b);
  if (!(sizeA > 0 && sizeB > 0) || Math.max(sizeA, sizeB) > MAX_SIZE_RATIO * Math.min(sizeA, sizeB))
    return Number.POSITIVE_INFINITY;
  const dx = a.x + a.width / 2 - b.x - b.width / 2;
  const dy = a.y + a.height / 2 - b.y - b.height / 2;
  return Math.hypot(dx, dy) / ((sizeA + sizeB) / 2);
}

export class FaceTracker {
  private readonly minIou: number;
  private readonly maxJump: number;
  private readonly maxGap: number;
  private trails: Trail[] = [];
  private readonly history: TrackBox[][] = [];
  private previous: Moment | null = null;

  constructor(options: TrackerOptions = {}) {
    this.minIou = options.minIou ?? 0.25;
    this.maxJump = options.maxJump ?? 1;
    this.maxGap = options.maxGapSeconds ?? 1.5;
  }

  /**
   * Takes the detections of a frame and says who is who, in the order given. Frames must come in rising time.
   * With `sceneCut` every identity ends first: nobody is followed across a cut.
   */
  update(at: Moment, faces: readonly Face[], sceneCut = false): TrackedFace[] {
    if (sceneCut) this.reset();
    // Strictly: a track that was quiet for longer has ended, also for a face that comes back to the same place.
    this.trails = this.trails.filter(({ last }) => at.time - last.at.time <= this.maxGap + 1e-9);
    const trailOf = this.associate(at, faces);
    for (const trail of this.trails) trail.seenNow = false;
    const tracked = faces.map((face, i): TrackedFace => {
      const trail = trailOf.get(i) ?? this.begin();
      this.see(trail, at, face);
      return { ...face, track: trail.id, detected: true };
    });
    this.previous = at;
    return tracked;
  }

  /**
   * Causal guess for a frame after the last {@link update}: faces seen there, moved on by their velocity. Nothing is
   * recorded, because {@link interpolate} knows better once the next detection is in.
   */
  predict(at: Moment): TrackedFace[] {
    return this.trails
      .filter((trail) => trail.seenNow && at.time - trail.last.at.time <= this.maxGap)
      .map((trail) => this.carried(trail, at));
  }

  /**
   * Faces of frames between the last two calls of {@link update}: boxes and points drawn straight from one sighting
   * to the next, the probability the lesser of the two. A face that is missing at either end is in none of them: a
   * box is never carried into a span in which the face was lost.
   */
  interpolate(moments: readonly Moment[]): TrackedFace[][] {
    return moments.map((at) => {
      const faces: TrackedFace[] = [];
      for (const { id, last, before, seenNow } of this.trails) {
        if (!seenNow || before === null || !(before.at.index <= at.index && at.index <= last.at.index)) continue;
        const span = last.at.time - before.at.time;
        // Frames are told apart by number, for the time stamps of damaged files may stand still or run backwards.
        const t = span > 0 ? Math.min(1, Math.max(0, (at.time - before.at.time) / span)) : 0;
        const face: TrackedFace = {
          box: between(before.face.box, last.face.box, t),
          points: pointsBetween(before.face.points, last.face.points, t),
          probability: Math.min(before.face.probability, last.face.probability),
          track: id,
          detected: false,
        };
        faces.push(face);
        this.record(at, face);
      }
      return faces;
    });
  }

  /**
   * Recorded version of {@link predict}, for frames that no detection will follow (end of the video, before a cut).
   */
  extrapolate(moments: readonly Moment[]): TrackedFace[][] {
    return moments.map((at) => {
      const faces = this.predict(at);
      for (const face of faces) this.record(at, face);
      return faces;
    });
  }

  /** Ends every identity, as at a scene cut. What was recorded stays. */
  reset(): void {
    this.trails = [];
    this.previous = null;
  }

  /** Every identity with what was recorded of it, frames rising. */
  toTracks(): Track[] {
    return this.history.map((entries, id) => {
      const boxes = [...entries].sort((a, b) => a.frame - b.frame);
      return { id, firstFrame: boxes[0].frame, lastFrame: boxes[boxes.length - 1].frame, boxes };
    });
  }

  private carried(trail: Trail, at: Moment): TrackedFace {
    const { face } = trail.last;
    const box = predicted(trail, at.time);
    return {
      box,
      points: pointsCarried(face.points, face.box, box),
      probability: face.probability,
      track: trail.id,
      detected: false,
    };
  }

  private begin(): Trail {
    const id = this.history.length;
    this.history.push([]);
    const nowhere: Sighting = {
      at: { index: -1, time: Number.NEGATIVE_INFINITY },
      face: { box: STILL, points: null, probability: 0 },
    };
    const trail: Trail = { id, last: nowhere, before: null, velocity: STILL, seenNow: false };
    this.trails.push(trail);
    return trail;
  }

  private see(trail: Trail, at: Moment, face: Face): void {
    const { last } = trail;
    const dt = at.time - last.at.time;
    if (Number.isFinite(dt) && dt > 0) {
      const measured: Box = {
        x: (face.box.x - last.face.box.x) / dt,
        y: (face.box.y - last.face.box.y) / dt,
        width: (face.box.width - last.face.box.width) / dt,
        height: (face.box.height - last.face.box.height) / dt,
      };
      trail.velocity = trail.velocity === STILL ? measured : between(trail.velocity, measured, NEW_VELOCITY);
    }
    // Only the sighting at the update just before can be interpolated from; an older one leaves a gap.
    trail.before = last.at.index === this.previous?.index ? last : null;
    trail.last = { at, face };
    trail.seenNow = true;
    this.record(at, { ...face, track: trail.id, detected: true });
  }

  private record(at: Moment, { box, points, probability, track, detected }: TrackedFace): void {
    this.history[track]?.push({ frame: at.index, time: at.time, box, points, probability, detected });
  }

  /** Which trail each detection continues: index of the detection -> trail. */
  private associate(at: Moment, faces: readonly Face[]): Map<number, Trail> {
    const found = new Map<number, Trail>();
    const taken = new Set<Trail>();
    const expected = this.trails.map((trail) => predicted(trail, at.time));
    const round = (affinity: (trail: Trail, box: Box, expected: Box) => number): void => {
      const pairs: Pair[] = [];
      for (const [left, trail] of this.trails.entries()) {
        if (taken.has(trail)) continue;
        for (const [right, face] of faces.entries()) {
          if (found.has(right)) continue;
          const value = affinity(trail, face.box, expected[left]);
          if (value > 0) pairs.push({ left, right, affinity: value });
        }
      }
      for (const { left, right } of assign(pairs)) {
        found.set(right, this.trails[left]);
        taken.add(this.trails[left]);
      }
    };
    round((_, box, guess) => {
      const overlap = iou(box, guess);
      return overlap >= this.minIou ? overlap : 0;
    });
    // A face that was lost may also have stopped where it was last seen.
    round((trail, box, guess) => {
      const distance = trail.seenNow ? jump(box, guess) : Math.min(jump(box, guess), jump(box, trail.last.face.box));
      return this.maxJump - distance;
    });
    return found;
  }
}
