import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iou, type Scored, squared, suppress, toBox } from '../../src/engine/faces/boxes.ts';

const box = fc
  .record({
    x1: fc.integer({ min: -50, max: 200 }),
    y1: fc.integer({ min: -50, max: 200 }),
    w: fc.integer({ min: 1, max: 80 }),
    h: fc.integer({ min: 1, max: 80 }),
    score: fc.integer({ min: 0, max: 20 }).map((s) => s / 20),
  })
  .map(({ x1, y1, w, h, score }): Scored => ({ x1, y1, x2: x1 + w, y2: y1 + h, score }));

const overlap = (a: Scored, b: Scored): number => iou(toBox(a), toBox(b));

describe('overlap', () => {
  it('is 1 with itself, symmetric, 0..1, and 0 for boxes that only touch', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(overlap(a, a)).toBeCloseTo(1, 12);
        expect(overlap(a, b)).toBe(overlap(b, a));
        expect(overlap(a, b)).toBeGreaterThanOrEqual(0);
        expect(overlap(a, b)).toBeLessThanOrEqual(1);
      }),
    );
    expect(iou({ x: 0, y: 0, width: 10, height: 10 }, { x: 10, y: 0, width: 10, height: 10 })).toBe(0);
    expect(iou({ x: 0, y: 0, width: 10, height: 10 }, { x: 5, y: 0, width: 10, height: 10 })).toBeCloseTo(1 / 3, 12);
    expect(iou({ x: 0, y: 0, width: 0, height: 0 }, { x: 0, y: 0, width: 0, height: 0 })).toBe(0);
  });
});

describe('suppression', () => {
  it('keeps boxes that do not overlap too much, and drops only what a better box covers', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), (boxes) => {
        const kept = suppress(boxes, 0.4);
        for (const [i, a] of kept.entries())
          for (const b of kept.slice(i + 1)) {
            expect(overlap(a, b)).toBeLessThanOrEqual(0.4);
            expect(a.score).toBeGreaterThanOrEqual(b.score);
          }
        for (const dropped of boxes.filter((candidate) => !kept.includes(candidate)))
          expect(kept.some((better) => better.score >= dropped.score && overlap(better, dropped) > 0.4)).toBe(true);
      }),
    );
  });

  it('by the minimum drops a small box inside a large one, which the union keeps', () => {
    const large = { x1: 0, y1: 0, x2: 100, y2: 100, score: 0.9 };
    const small = { x1: 40, y1: 40, x2: 60, y2: 60, score: 0.8 };
    expect(suppress([small, large], 0.7)).toEqual([large, small]);
    expect(suppress([small, large], 0.7, 'minimum')).toEqual([large]);
  });

  it('lets the earlier of equal boxes win', () => {
    const first = { x1: 0, y1: 0, x2: 10, y2: 10, score: 0.5 };
    const second = { ...first };
    expect(suppress([first, second], 0.5)[0]).toBe(first);
  });
});

describe('shape', () => {
  it('squares around the same centre', () => {
    fc.assert(
      fc.property(box, (b) => {
        const s = squared(b);
        expect(s.x2 - s.x1).toBeCloseTo(s.y2 - s.y1, 9);
        expect(s.x2 - s.x1).toBeCloseTo(Math.max(b.x2 - b.x1, b.y2 - b.y1), 9);
        expect((s.x1 + s.x2) / 2).toBeCloseTo((b.x1 + b.x2) / 2, 9);
        expect((s.y1 + s.y2) / 2).toBeCloseTo((b.y1 + b.y2) / 2, 9);
      }),
    );
  });
});
