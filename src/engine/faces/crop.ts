/** Cuts faces and mouths out of a picture by the rule a model pack states ({@link CropRule}). */
import type { CropRule } from '../../contract/pack.ts';
import type { FacePoints } from '../../contract/result.ts';
import type { Face, RgbImage } from '../types.ts';
import { type Affine, apply, type Border, inverse, rectangleMap, warp } from './affine.ts';

/** A cut-out and the way back to the picture it came from. */
export interface FaceCrop {
  readonly image: RgbImage;
  /** Coordinates of the crop to coordinates of the picture. */
  readonly toSource: Affine;
  /** Share of the crop's area that lies beyond the picture's edge, 0..1 (exact for level crops, else to 1/256). */
  readonly outside: number;
}

/**
 * Side of a mouth crop without margin, in distances between the eyes. Lip-reading crops (96 px of a face whose eyes
 * stand about 68 px apart) show this much.
 */
const MOUTH_SIDE = 1.4;

/** A crop at its own size is never larger than this; a hostile box must not ask for gigabytes. */
const LARGEST_SIDE = 1024;

const middle = (a: readonly [number, number], b: readonly [number, number]): [number, number] => [
  (a[0] + b[0]) / 2,
  (a[1] + b[1]) / 2,
];

/** Angle of the line through the eyes in radians, clockwise as seen; 0 where the eyes are level. */
export const eyeAngle = ([left, right]: FacePoints): number => Math.atan2(right[1] - left[1], right[0] - left[0]);

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly across: number;
  readonly down: number;
  readonly angle: number;
}

/** The rectangle of the source that a rule asks for, or null where the rule needs points and there are none. */
function rectangleFor({ box, points }: Face, rule: CropRule): Rectangle | null {
  const grow = 1 + rule.margin;
  if (rule.align === 'mouth') {
    if (points === null) return null;
    const [x, y] = middle(points[3], points[4]);
    const side = Math.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1]) * MOUTH_SIDE * grow;
    return { x, y, across: side, down: side, angle: eyeAngle(points) };
  }
  const longer = Math.max(box.width, box.height);
  const across = (rule.square ? longer : box.width) * grow;
  const down = (rule.square ? longer : box.height) * grow;
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  if (rule.align === 'none') return { x, y, across, down, angle: 0 };
  return points === null ? null : { x, y, across, down, angle: eyeAngle(points) };
}

/** The level rectangle on whole pixels, so that a crop at its own size copies bytes and invents none. */
function snapped({ x, y, across, down }: Rectangle): Rectangle {
  const width = Math.max(1, Math.round(across));
  const height = Math.max(1, Math.round(down));
  return {
    x: Math.round(x - width / 2) + width / 2,
    y: Math.round(y - height / 2) + height / 2,
    across: width,
    down: height,
    angle: 0,
  };
}

/** Share of a level or turned rectangle that lies outside a picture. */
function outsideShare(rectangle: Rectangle, width: number, height: number): number {
  if (rectangle.angle === 0) {
    const { x, y, across, down } = rectangle;
    const inX = Math.max(0, Math.min(width, x + across / 2) - Math.max(0, x - across / 2));
    const inY = Math.max(0, Math.min(height, y + down / 2) - Math.max(0, y - down / 2));
    return 1 - (inX * inY) / (across * down);
  }
  const map = rectangleMap(rectangle, 16, 16);
  let out = 0;
  for (let i = 0; i < 256; i++) {
    const [x, y] = apply(map, [(i % 16) + 0.5, Math.floor(i / 16) + 0.5]);
    if (!(x >= 0 && y >= 0 && x < width && y < height)) out++;
  }
  return out / 256;
}

/**
 * Cuts a face (or, with `align: 'mouth'`, its mouth) out of a picture.
 *
 * - `margin` grows both sides of the box to (1 + margin) times their length around its centre; `square` takes the
 *   longer side for both.
 * - `align: 'eyes'` turns the crop around the box's centre until the eyes are level. `align: 'mouth'` centres a square
 *   of 1.4 eye distances times (1 + margin) between the corners of the mouth, levelled by the eyes (the mouth itself
 *   moves); `square` has no say there.
 * - `size` is the size of the result. Without it the crop keeps the picture's scale (at most 1024 px a side), and a
 *   level crop is moved to whole pixels so that every byte inside is a byte of the picture; network pre-processing then
 *   resizes it with the kernel its pack names.
 * - `border` is what stands beyond the picture's edge.
 *
 * Null where the rule needs points and the face has none, or where nothing of the crop lies in the picture: the caller
 * says "not assessed".
 */
export function cropFace(
  image: RgbImage,
  face: Face,
  rule: CropRule,
  size?: { readonly width: number; readonly height: number },
  border: Border = 'zero',
): FaceCrop | null {
  const wanted = rectangleFor(face, rule);
  if (wanted === null || !(wanted.across > 0 && wanted.down > 0) || !Object.values(wanted).every(Number.isFinite))
    return null;
  const rectangle = size === undefined && wanted.angle === 0 ? snapped(wanted) : wanted;
  const outside = outsideShare(rectangle, image.width, image.height);
  if (outside >= 1) return null;
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(rectangle.across, rectangle.down));
  const width = size?.width ?? Math.max(1, Math.round(rectangle.across * shrink));
  const height = size?.height ?? Math.max(1, Math.round(rectangle.down * shrink));
  const toSource = rectangleMap(rectangle, width, height);
  return { image: warp(image, toSource, width, height, border), toSource, outside };
}

/** A face's points in the coordinates of a crop. */
export function pointsInCrop(crop: FaceCrop, points: FacePoints): FacePoints {
  const back = inverse(crop.toSource);
  return [
    apply(back, points[0]),
    apply(back, points[1]),
    apply(back, points[2]),
    apply(back, points[3]),
    apply(back, points[4]),
  ];
}
