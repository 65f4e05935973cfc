import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DetectionSchedule, FaceTimeline } from '../../src/engine/faces/timeline.ts';
import type { AnalysedFrame, Face, Frame } from '../../src/engine/types.ts';

const frame = (index: number, time = index / 30): Frame => ({
  index,
  time,
  key: false,
  width: 2,
  height: 2,
  data: new Uint8Array(12),
});
const face = (x: number): Face => ({ box: { x, y: 0, width: 50, height: 60 }, points: null, probability: 0.9 });

/** Runs a clip whose only face stands at x = index, detecting exactly where the schedule wants it. */
function play(
  frames: number,
  cuts: readonly number[],
  schedule = new DetectionSchedule(),
): { out: AnalysedFrame[]; detected: number[] } {
  const timeline = new FaceTimeline();
  const out: AnalysedFrame[] = [];
  const detected: number[] = [];
  for (let i = 0; i < frames; i++) {
    const cut = cuts.includes(i);
    const wants = schedule.wants(frame(i), cut);
    if (wants) detected.push(i);
    out.push(...timeline.push(frame(i), wants ? [face(i)] : null, cut));
  }
  out.push(...timeline.flush());
  return { out, detected };
}

describe('timeline', () => {
  it('gives back every frame once and in order, with the face where it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 79 }), { maxLength: 3 }),
        (frames, cuts) => {
          const { out } = play(frames, cuts);
          expect(out.map((entry) => entry.frame.index)).toEqual(Array.from({ length: frames }, (_, i) => i));
          expect(out.filter(({ sceneCut }) => sceneCut).map((entry) => entry.frame.index)).toEqual(
            cuts.filter((cut) => cut < frames).sort((a, b) => a - b),
          );
          // Between detections the position is exact; after the last one of a scene it is carried on by the motion,
          // which is unknown in a scene with a single detection.
          for (const { frame: seen, faces } of out) {
            expect(faces).toHaveLength(1);
            expect(Math.abs(faces[0].box.x - seen.index)).toBeLessThan(15.001);
          }
        },
      ),
    );
  });

  it('detects at the first frame, after cuts and every half second', () => {
    const { out, detected } = play(61, [40]);
    expect(detected).toEqual([0, 15, 30, 40, 55]);
    expect(out.map(({ faces }) => faces[0].track)).toEqual(out.map((entry) => (entry.frame.index < 40 ? 0 : 1)));
    for (const { frame: seen, faces } of out.slice(0, 31)) expect(faces[0].box.x).toBeCloseTo(seen.index, 9);
  });

  it('holds no more frames than it was given memory for', () => {
    const { detected } = play(31, [], new DetectionSchedule({ maxDelayBytes: 12 * 4 }));
    expect(detected).toEqual([0, 5, 10, 15, 20, 25, 30]);
  });

  it('detects every frame when asked to', () => {
    const { detected } = play(5, [], new DetectionSchedule({ detectEverySeconds: 0 }));
    expect(detected).toEqual([0, 1, 2, 3, 4]);
  });

  it('knows nothing after a cut that nobody looked at', () => {
    const timeline = new FaceTimeline();
    timeline.push(frame(0), [face(0)], false);
    expect(timeline.push(frame(1), null, false)).toEqual([]);
    const settled = timeline.push(frame(2), null, true);
    expect(settled.map((entry) => [entry.frame.index, entry.faces.length])).toEqual([[1, 1]]);
    const rest = timeline.push(frame(3), [face(3)], false);
    expect(rest.map((entry) => [entry.frame.index, entry.faces.length, entry.sceneCut])).toEqual([
      [2, 0, true],
      [3, 1, false],
    ]);
  });
});
