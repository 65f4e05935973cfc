import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, FacePoints } from '../../src/contract/result.ts';
import { Track } from '../../src/contract/result.ts';
import { assign, type Pair } from '../../src/engine/faces/assignment.ts';
import { iou } from '../../src/engine/faces/boxes.ts';
import { FaceTracker } from '../../src/engine/faces/track.ts';
import type { Face } from '../../src/engine/types.ts';

const pointsOf = ({ x, y, width, height }: Box): FacePoints => [
  [x + width * 0.3, y + height * 0.4],
  [x + width * 0.7, y + height * 0.4],
  [x + width * 0.5, y + height * 0.6],
  [x + width * 0.35, y + height * 0.8],
  [x + width * 0.65, y + height * 0.8],
];
const faceOf = (box: Box): Face => ({ box, points: pointsOf(box), probability: 0.99 });

interface Mover {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  readonly size: number;
}
const at = ({ x, y, vx, vy, size }: Mover, time: number): Box => ({
  x: x + vx * time,
  y: y + vy * time,
  width: size,
  height: size * 1.2,
});
const moment = (index: number, fps = 30) => ({ index, time: index / fps });

/** Noise in -1..1 that depends on its arguments alone. */
const noise = (a: number, b: number): number =>
  (Math.imul(a * 7919 + b * 104729 + 12345, 2654435761) >>> 8) / 2 ** 23 - 1;

describe('assignment', () => {
  /** The best total over all pairings, by trying them all. */
  const best = (pairs: readonly Pair[]): number => {
    const [first, ...rest] = pairs;
    if (first === undefined) return 0;
    const apart = rest.filter(({ left, right }) => left !== first.left && right !== first.right);
    return Math.max(first.affinity + best(apart), best(rest));
  };

  it('finds the greatest total, whatever the order of the pairs', () => {
    const pair = fc.record({
      left: fc.nat(3),
      right: fc.nat(3),
      affinity: fc.integer({ min: 1, max: 100 }).map((n) => n / 100),
    });
    const distinct = fc.uniqueArray(pair, { selector: ({ left, right }) => `${left} ${right}`, maxLength: 10 });
    fc.assert(
      fc.property(distinct, (pairs) => {
        const chosen = assign(pairs);
        const total = chosen.reduce((sum, { affinity }) => sum + affinity, 0);
        expect(total).toBeCloseTo(best(pairs), 9);
        expect(new Set(chosen.map(({ left }) => left)).size).toBe(chosen.length);
        expect(new Set(chosen.map(({ right }) => right)).size).toBe(chosen.length);
        const reversed = assign([...pairs].reverse()).reduce((sum, { affinity }) => sum + affinity, 0);
        expect(reversed).toBeCloseTo(total, 9);
      }),
    );
  });
});

describe('tracker', () => {
  it('never swaps movers that stay apart, in whatever order they are detected', () => {
    const speeds = fc.array(
      fc.record({ vx: fc.integer({ min: -60, max: 60 }), vy: fc.integer({ min: -20, max: 20 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(speeds, fc.nat(1000), (list, seed) => {
        const movers = list.map((v, i): Mover => ({ x: 300, y: 300 * i, ...v, vy: 0, size: 80 + 5 * i }));
        const tracker = new FaceTracker();
        const idOf = new Map<number, number>();
        for (let k = 0; k <= 8; k++) {
          const order = movers.map((_, i) => i).sort((a, b) => noise(a + seed, k) - noise(b + seed, k));
          const jitter = (i: number): Box => {
            const box = at(movers[i], k * 0.5);
            return { ...box, x: box.x + 3 * noise(i, k + seed), y: box.y + 3 * noise(i + 50, k + seed) };
          };
          const tracked = tracker.update(
            moment(k * 15),
            order.map((i) => faceOf(jitter(i))),
          );
          for (const [slot, mover] of order.entries()) {
            const id = tracked[slot].track;
            expect(idOf.get(mover) ?? id).toBe(id);
            idOf.set(mover, id);
          }
        }
        expect(tracker.toTracks()).toHaveLength(movers.length);
      }),
    );
  });

  it('keeps two who cross apart, because it knows where each is going', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 140 }),
        fc.integer({ min: 40, max: 140 }),
        fc.nat(1000),
        (left, right, seed) => {
          const a: Mover = { x: 0, y: 100, vx: left, vy: 0, size: 100 };
          const b: Mover = { x: 600, y: 130, vx: -right, vy: 0, size: 100 };
          const tracker = new FaceTracker();
          let first: [number, number] | null = null;
          for (let k = 0; k * 0.25 <= 1200 / (left + right); k++) {
            const wobble = (mover: Mover, n: number): Box => {
              const box = at(mover, k * 0.25);
              return { ...box, x: box.x + noise(n, k + seed), y: box.y + noise(n + 9, k + seed) };
            };
            const flip = noise(k, seed) > 0;
            const faces = [faceOf(wobble(a, 1)), faceOf(wobble(b, 2))];
            const tracked = tracker.update(moment(k * 8, 32), flip ? [...faces].reverse() : faces);
            const ids: [number, number] = flip
              ? [tracked[1].track, tracked[0].track]
              : [tracked[0].track, tracked[1].track];
            first ??= ids;
            expect(ids).toEqual(first);
          }
        },
      ),
    );
  });

  it('follows a face that jumps further than its own width between detections', () => {
    const tracker = new FaceTracker();
    const mover: Mover = { x: 0, y: 0, vx: 150, vy: 0, size: 80 };
    const ids = [0, 1, 2, 3, 4].map((k) => tracker.update(moment(k * 15), [faceOf(at(mover, k * 0.5))])[0].track);
    expect(new Set(ids)).toEqual(new Set([0]));
  });

  it('finds a face again after a gap, and not after too long a gap', () => {
    const mover: Mover = { x: 0, y: 0, vx: 30, vy: 0, size: 80 };
    for (const [missed, same] of [
      [1, true],
      [2, true],
      [4, false],
    ] as const) {
      const tracker = new FaceTracker();
      tracker.update(moment(0), [faceOf(at(mover, 0))]);
      tracker.update(moment(15), [faceOf(at(mover, 0.5))]);
      for (let k = 0; k < missed; k++) {
        expect(tracker.update(moment(30 + k * 15), [])).toEqual([]);
        expect(tracker.predict(moment(31 + k * 15))).toEqual([]);
        expect(tracker.interpolate([moment(29 + k * 15)])).toEqual([[]]);
      }
      const time = 1 + missed * 0.5;
      const [found] = tracker.update(moment(time * 30), [faceOf(at(mover, time))]);
      expect(found.track === 0).toBe(same);
      // The gap stays a gap: nothing is invented for the time in which the face was lost.
      expect(tracker.interpolate([moment(time * 30 - 3)])).toEqual([[]]);
    }
  });

  it('also re-finds a face that stopped when it was lost', () => {
    const tracker = new FaceTracker();
    const mover: Mover = { x: 0, y: 0, vx: 100, vy: 0, size: 80 };
    tracker.update(moment(0), [faceOf(at(mover, 0))]);
    tracker.update(moment(15), [faceOf(at(mover, 0.5))]);
    tracker.update(moment(30), []);
    tracker.update(moment(45), []);
    expect(tracker.update(moment(60), [faceOf(at(mover, 0.5))])[0].track).toBe(0);
  });

  it('tells two faces of one centre apart by their size', () => {
    const tracker = new FaceTracker();
    const large = faceOf({ x: 100, y: 100, width: 100, height: 120 });
    const small = faceOf({ x: 120, y: 124, width: 60, height: 72 });
    expect(tracker.update(moment(0), [large, small]).map(({ track }) => track)).toEqual([0, 1]);
    expect(tracker.update(moment(15), [small, large]).map(({ track }) => track)).toEqual([1, 0]);
  });

  it('does not take a face of another size for the same', () => {
    const tracker = new FaceTracker();
    tracker.update(moment(0), [faceOf({ x: 100, y: 100, width: 200, height: 240 })]);
    const [other] = tracker.update(moment(15), [faceOf({ x: 180, y: 190, width: 40, height: 50 })]);
    expect(other.track).toBe(1);
  });

  it('interpolates boxes and points on the straight line between detections', () => {
    const tracker = new FaceTracker();
    const mover: Mover = { x: 10, y: 20, vx: 60, vy: -30, size: 90 };
    tracker.update(moment(0), [faceOf(at(mover, 0))]);
    tracker.update(moment(15), [{ ...faceOf(at(mover, 0.5)), probability: 0.8 }]);
    const moments = [3, 7, 12].map((index) => moment(index));
    for (const [i, faces] of tracker.interpolate(moments).entries()) {
      const box = at(mover, moments[i].time);
      expect(faces).toHaveLength(1);
      const [face] = faces;
      expect(iou(face.box, box)).toBeCloseTo(1, 9);
      for (const [k, value] of (face.points ?? pointsOf(box)).flat().entries())
        expect(value).toBeCloseTo(pointsOf(box).flat()[k], 9);
      expect([face.detected, face.track, face.probability]).toEqual([false, 0, 0.8]);
    }
    const tracks = tracker.toTracks().map((track) => Track.parse(track));
    expect(tracks).toHaveLength(1);
    expect(tracks[0].boxes.map(({ frame, detected }) => [frame, detected])).toEqual([
      [0, true],
      [3, false],
      [7, false],
      [12, false],
      [15, true],
    ]);
    expect([tracks[0].firstFrame, tracks[0].lastFrame]).toEqual([0, 15]);
  });

  it('predicts causally with the same velocity and records nothing', () => {
    const tracker = new FaceTracker();
    const mover: Mover = { x: 10, y: 20, vx: 60, vy: 15, size: 90 };
    tracker.update(moment(0), [faceOf(at(mover, 0))]);
    tracker.update(moment(15), [faceOf(at(mover, 0.5))]);
    const [guess] = tracker.predict(moment(24));
    expect(iou(guess.box, at(mover, 0.8))).toBeCloseTo(1, 9);
    expect(guess.points?.[2][0]).toBeCloseTo(pointsOf(at(mover, 0.8))[2][0], 9);
    expect(tracker.toTracks()[0].boxes).toHaveLength(2);
  });

  it('starts anew after a scene cut, even at the same place', () => {
    const tracker = new FaceTracker();
    const face = faceOf({ x: 10, y: 10, width: 50, height: 60 });
    tracker.update(moment(0), [face]);
    expect(tracker.update(moment(15), [face], true)[0].track).toBe(1);
    expect(tracker.interpolate([moment(7)])).toEqual([[]]);
    expect(tracker.update(moment(30), [face])[0].track).toBe(1);
  });

  it('gives the same answer twice and survives time stamps that stand still', () => {
    const run = () => {
      const tracker = new FaceTracker();
      for (let k = 0; k < 6; k++)
        tracker.update({ index: k, time: k < 3 ? 0 : 0.1 }, [faceOf({ x: 10 + k, y: 10, width: 50, height: 60 })]);
      tracker.interpolate([{ index: 4, time: 0.1 }]);
      return tracker.toTracks();
    };
    expect(run()).toEqual(run());
    expect(run()).toHaveLength(1);
    for (const { box } of run()[0].boxes) expect(Object.values(box).every(Number.isFinite)).toBe(true);
  });

  it('has nothing to say of empty frames', () => {
    const tracker = new FaceTracker();
    expect(tracker.update(moment(0), [])).toEqual([]);
    expect(tracker.predict(moment(1))).toEqual([]);
    expect(tracker.interpolate([moment(0)])).toEqual([[]]);
    expect(tracker.toTracks()).toEqual([]);
  });
});
