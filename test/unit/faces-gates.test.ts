import { describe, expect, it } from 'vitest';
import type { FacePoints } from '../../src/contract/result.ts';
import { faceFacts, outsideEnvelope, yawDegrees } from '../../src/engine/faces/gates.ts';
import type { Face, RgbImage } from '../../src/engine/types.ts';

const grey = (width: number, height: number, value: (x: number, y: number) => number): RgbImage => {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.fill(value(i % width, Math.floor(i / width)), i * 3, i * 3 + 3);
  return { width, height, data };
};
const face = (x: number, y: number, width: number, height: number, points: FacePoints | null = null): Face => ({
  box: { x, y, width, height },
  points,
  probability: 1,
});

/** The simple head of the yaw formula, turned: eyes at ±0.5, nose 0.5 in front. */
const head = (degrees: number): FacePoints => {
  const angle = (degrees * Math.PI) / 180;
  const at = (x: number, z: number, y: number): [number, number] => [
    100 + 60 * (x * Math.cos(angle) + z * Math.sin(angle)),
    100 + 60 * y,
  ];
  return [at(-0.5, 0, 0), at(0.5, 0, 0), at(0, 0.5, 0.6), at(-0.35, 0.2, 1.1), at(0.35, 0.2, 1.1)];
};

describe('face facts', () => {
  it('measures luma and the variance of the Laplacian by their definitions', () => {
    // Stripes of 100 and 140, two pixels wide: the Laplacian is +40 or -40 everywhere inside.
    const image = grey(32, 32, (x) => (x % 4 < 2 ? 100 : 140));
    const facts = faceFacts(image, face(0, 0, 32, 32));
    expect(facts.brightness).toBe(120);
    expect(facts.sharpness).toBeCloseTo(1600, 9);
    expect(facts.sizePx).toBe(32);
    expect(facts.visible).toBe(1);
    const flat = faceFacts(
      grey(8, 8, () => 77),
      face(0, 0, 8, 8),
    );
    expect([flat.brightness, flat.sharpness]).toEqual([77, 0]);
  });

  it('measures sharpness of large faces at 128 px, so that the size of the picture tells nothing', () => {
    // The stripes four times as large, averaged back to two pixels: the same picture as above.
    const stripes = (width: number) => (x: number) => (x % (2 * width) < width ? 100 : 140);
    const small = faceFacts(grey(128, 128, stripes(2)), face(0, 0, 128, 128));
    const large = faceFacts(grey(512, 512, stripes(8)), face(0, 0, 512, 512));
    expect(small.sharpness).toBeCloseTo(1600, 9);
    expect(large.sharpness).toBeCloseTo(1600, 9);
    expect(large.brightness).toBe(120);
    // Stripes finer than a cell average to one grey.
    const fine = faceFacts(grey(512, 256, stripes(1)), face(0, 0, 512, 256));
    expect(fine.sharpness).toBe(0);
  });

  it('weighs the colours by BT.601', () => {
    const green = { width: 4, height: 4, data: Uint8Array.from({ length: 48 }, (_, i) => (i % 3 === 1 ? 255 : 0)) };
    expect(faceFacts(green, face(0, 0, 4, 4)).brightness).toBe(Math.round(255 * 0.587));
  });

  it('looks only at what is visible and says how much that is', () => {
    const image = grey(20, 20, () => 50);
    const facts = faceFacts(image, face(-10, 0, 20, 20));
    expect(facts.visible).toBeCloseTo(0.5, 12);
    expect(facts.brightness).toBe(50);
    const gone = faceFacts(image, face(40, 40, 10, 10));
    expect([gone.visible, gone.brightness, gone.sharpness]).toEqual([0, null, null]);
    expect(faceFacts(image, face(0, 0, 2, 20)).sharpness).toBeNull();
  });

  it('estimates yaw and roll with their signs', () => {
    for (const yaw of [-60, -30, 0, 15, 45]) expect(yawDegrees(head(yaw))).toBeCloseTo(yaw, 6);
    const [left, right, nose, a, b] = head(0);
    const tilted: FacePoints = [left, [right[0], right[1] + 60], nose, a, b];
    expect(
      faceFacts(
        grey(8, 8, () => 0),
        face(0, 0, 8, 8, tilted),
      ).rollDegrees,
    ).toBeCloseTo(45, 9);
    expect(
      yawDegrees([
        [5, 5],
        [5, 5],
        [6, 6],
        [4, 8],
        [6, 8],
      ]),
    ).toBeNull();
  });
});

describe('envelope', () => {
  const image = grey(64, 64, () => 20);
  it('is silent inside and names every limit that is broken', () => {
    const facts = faceFacts(image, face(0, 0, 50, 60, head(40)));
    expect(outsideEnvelope(facts, {})).toEqual([]);
    expect(outsideEnvelope(facts, { minFacePx: 50, maxYawDegrees: 45, minBrightness: 20, minSharpness: 0 })).toEqual(
      [],
    );
    expect(
      outsideEnvelope(facts, { minFacePx: 64, maxYawDegrees: 30, minBrightness: 40, minSharpness: 10 }),
    ).toHaveLength(4);
  });

  it('takes what could not be measured for a reason', () => {
    const facts = faceFacts(image, face(100, 100, 50, 60));
    expect(outsideEnvelope(facts, { maxYawDegrees: 30, minBrightness: 40, minSharpness: 1 })).toHaveLength(3);
  });
});
