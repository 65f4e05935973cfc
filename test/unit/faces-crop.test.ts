import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CropRule } from '../../src/contract/pack.ts';
import type { FacePoints } from '../../src/contract/result.ts';
import { apply, inverse, rectangleMap, warp } from '../../src/engine/faces/affine.ts';
import { cropFace, eyeAngle, pointsInCrop } from '../../src/engine/faces/crop.ts';
import type { Face, RgbImage } from '../../src/engine/types.ts';

function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (Math.imul(i + 1, 2654435761) >>> 24) & 255;
  return { width, height, data };
}

const plain: CropRule = { margin: 0, square: false, align: 'none' };
const POINTS: FacePoints = [
  [40, 50],
  [60, 50],
  [50, 62],
  [42, 72],
  [58, 72],
];
const faceAt = (x: number, y: number, width: number, height: number, points: FacePoints | null = null): Face => ({
  box: { x, y, width, height },
  points,
  probability: 1,
});

/** Points turned by `angle` radians (clockwise as seen) around a centre. */
const turned = (points: FacePoints, angle: number, [cx, cy]: readonly [number, number]): FacePoints => {
  const turn = ([x, y]: readonly [number, number]): [number, number] => [
    cx + (x - cx) * Math.cos(angle) - (y - cy) * Math.sin(angle),
    cy + (x - cx) * Math.sin(angle) + (y - cy) * Math.cos(angle),
  ];
  return [turn(points[0]), turn(points[1]), turn(points[2]), turn(points[3]), turn(points[4])];
};

describe('crop without turning', () => {
  it('copies the picture byte by byte', () => {
    const image = picture(50, 40);
    const whole = cropFace(image, faceAt(0, 0, 50, 40), plain);
    expect(whole?.image).toEqual(image);
    expect(whole?.outside).toBe(0);
    const part = cropFace(image, faceAt(10.3, 4.8, 20.2, 15.9), plain);
    expect([part?.image.width, part?.image.height]).toEqual([20, 16]);
    for (let y = 0; y < 16; y++)
      expect(part?.image.data.slice(y * 60, y * 60 + 60)).toEqual(
        image.data.slice(((y + 5) * 50 + 10) * 3, ((y + 5) * 50 + 30) * 3),
      );
  });

  it('grows by the margin and takes the longer side for a square', () => {
    const image = picture(200, 200);
    const grown = cropFace(image, faceAt(50, 60, 40, 60), { margin: 0.5, square: false, align: 'none' });
    expect([grown?.image.width, grown?.image.height]).toEqual([60, 90]);
    const square = cropFace(image, faceAt(50, 60, 40, 60), { margin: 0.5, square: true, align: 'none' });
    expect([square?.image.width, square?.image.height]).toEqual([90, 90]);
    if (square === null) throw new Error('no crop');
    expect(apply(square.toSource, [45, 45])).toEqual([70, 90]);
  });

  it('paints what lies beyond the edge black, or repeats the edge', () => {
    const image: RgbImage = { width: 10, height: 10, data: new Uint8Array(300).fill(200) };
    const zero = cropFace(image, faceAt(-5, 0, 10, 10), plain);
    expect(zero?.outside).toBeCloseTo(0.5, 12);
    expect(zero?.image.data[0]).toBe(0);
    expect(zero?.image.data[5 * 3]).toBe(200);
    const repeated = cropFace(image, faceAt(-5, 0, 10, 10), plain, undefined, 'replicate');
    expect(repeated?.image.data.every((value) => value === 200)).toBe(true);
  });

  it('says null where nothing can be cut', () => {
    const image = picture(20, 20);
    expect(cropFace(image, faceAt(30, 30, 10, 10), plain)).toBeNull();
    expect(cropFace(image, faceAt(5, 5, 0, 10), plain)).toBeNull();
    expect(cropFace(image, faceAt(Number.NaN, 5, 5, 10), plain)).toBeNull();
    expect(cropFace(image, faceAt(5, 5, 10, 10), { ...plain, align: 'eyes' })).toBeNull();
    expect(cropFace(image, faceAt(5, 5, 10, 10), { ...plain, align: 'mouth' })).toBeNull();
  });

  it('bounds the size a box may ask for', () => {
    const crop = cropFace(picture(30, 30), faceAt(-5000, -2000, 10_000, 4000), plain);
    expect(crop?.image.width).toBe(1024);
    expect(crop?.image.height).toBe(410);
  });
});

describe('crop with level eyes', () => {
  it('undoes a known turn to less than half a pixel', () => {
    const image = picture(100, 100);
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (angle) => {
        const level = cropFace(image, faceAt(30, 30, 40, 50, POINTS), { margin: 0, square: true, align: 'eyes' });
        const points = turned(POINTS, angle, [50, 55]);
        const crop = cropFace(image, faceAt(30, 30, 40, 50, points), { margin: 0, square: true, align: 'eyes' });
        if (crop === null || level === null) throw new Error('no crop');
        const expected = pointsInCrop(level, POINTS).flat();
        for (const [i, value] of pointsInCrop(crop, points).flat().entries())
          expect(Math.abs(value - expected[i])).toBeLessThan(0.5);
        expect(eyeAngle(pointsInCrop(crop, points))).toBeCloseTo(0, 6);
      }),
    );
  });

  it('brings the picture itself back: a turned blob stands where it stood', () => {
    // A smooth blob off the centre, drawn turned by 0.4 rad; after levelling its centre of mass is where it was.
    const draw = (x0: number, y0: number): RgbImage => {
      const data = new Uint8Array(100 * 100 * 3);
      for (let y = 0; y < 100; y++)
        for (let x = 0; x < 100; x++)
          data.fill(
            250 * Math.exp(-((x + 0.5 - x0) ** 2 + (y + 0.5 - y0) ** 2) / 30),
            (y * 100 + x) * 3,
            (y * 100 + x) * 3 + 3,
          );
      return { width: 100, height: 100, data };
    };
    const points = turned(POINTS, 0.4, [50, 50]);
    const [mouth] = [points[3]];
    const crop = cropFace(draw(mouth[0], mouth[1]), faceAt(20, 20, 60, 60, points), {
      margin: 0,
      square: true,
      align: 'eyes',
    });
    if (crop === null) throw new Error('no crop');
    let sx = 0;
    let sy = 0;
    let mass = 0;
    for (let i = 0; i < crop.image.width * crop.image.height; i++) {
      const value = crop.image.data[i * 3];
      sx += value * ((i % crop.image.width) + 0.5);
      sy += value * (Math.floor(i / crop.image.width) + 0.5);
      mass += value;
    }
    const [x, y] = POINTS[3];
    expect(Math.abs(sx / mass - (x - 20))).toBeLessThan(0.5);
    expect(Math.abs(sy / mass - (y - 20))).toBeLessThan(0.5);
  });
});

describe('mouth crop', () => {
  it('centres the mouth and measures its side by the eyes', () => {
    const crop = cropFace(
      picture(100, 100),
      faceAt(30, 30, 40, 50, POINTS),
      { margin: 0, square: true, align: 'mouth' },
      { width: 88, height: 88 },
    );
    if (crop === null) throw new Error('no crop');
    const [, , , left, right] = pointsInCrop(crop, POINTS);
    expect((left[0] + right[0]) / 2).toBeCloseTo(44, 6);
    expect((left[1] + right[1]) / 2).toBeCloseTo(44, 6);
    // 16 of the 1.4 x 20 source pixels across.
    expect(right[0] - left[0]).toBeCloseTo((16 / 28) * 88, 6);
  });
});

describe('sampler', () => {
  it('averages when it shrinks: a checkerboard turns grey, not striped', () => {
    const data = new Uint8Array(64 * 64 * 3);
    for (let i = 0; i < 64 * 64; i++) data.fill(((i % 64) + Math.floor(i / 64)) % 2 === 0 ? 255 : 0, i * 3, i * 3 + 3);
    const whole = { x: 32, y: 32, across: 64, down: 64, angle: 0 };
    const small = warp({ width: 64, height: 64, data }, rectangleMap(whole, 16, 16), 16, 16, 'replicate');
    for (const value of small.data) expect(Math.abs(value - 127.5)).toBeLessThan(1);
  });

  it('maps there and back', () => {
    const number = fc.double({ min: -100, max: 100, noNaN: true });
    const length = fc.double({ min: 1, max: 100, noNaN: true });
    fc.assert(
      fc.property(number, number, length, length, number, number, number, (x, y, across, down, angle, px, py) => {
        const map = rectangleMap({ x, y, across, down, angle }, 30, 20);
        const [qx, qy] = apply(inverse(map), apply(map, [px, py]));
        expect(qx).toBeCloseTo(px, 6);
        expect(qy).toBeCloseTo(py, 6);
        const [cx, cy] = apply(map, [15, 10]);
        expect(cx).toBeCloseTo(x, 6);
        expect(cy).toBeCloseTo(y, 6);
      }),
    );
  });
});
