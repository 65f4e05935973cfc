/** Facts about one face that decide whether a detector may speak of it, and the comparison with a pack's envelope. */
import type { Envelope } from '../../contract/pack.ts';
import type { FacePoints } from '../../contract/result.ts';
import type { Face, RgbImage } from '../types.ts';
import { eyeAngle } from './crop.ts';

/**
 * What can be measured of a face in one picture. Whether something covers the face is not among it: five points
 * cannot tell, so occlusion stays unknown and no gate claims otherwise.
 */
export interface FaceFacts {
  /** Shorter side of the box, in pixels of the picture. */
  readonly sizePx: number;
  /** Share of the box inside the picture, 0..1. */
  readonly visible: number;
  /**
   * Variance of the Laplacian (4-neighbour, Pech-Pacheco 2000) over the luma of the visible box, shrunk by area where
   * it is longer than {@link SHARPNESS_SIDE}; grey levels squared, higher = sharper. Null where less than 3 x 3 pixels
   * are visible. Networks see faces at about that size: the same face in a larger picture must not count as blurred.
   */
  readonly sharpness: number | null;
  /** Mean luma (BT.601) of the visible box, 0..255. Null where nothing is visible. */
  readonly brightness: number | null;
  /** Turn of the head about the vertical in degrees, positive = nose towards the right of the picture. Approximate. */
  readonly yawDegrees: number | null;
  /** Tilt of the line through the eyes in degrees, clockwise as seen. */
  readonly rollDegrees: number | null;
}

/** How far the tip of the nose stands before the plane of the eyes, in distances between the eyes (an average head). */
const NOSE_DEPTH = 0.5;
const DEGREES = 180 / Math.PI;

/**
 * Yaw from five points: with the eyes at ±1/2 and the nose 0.5 in front of them, turning the head by ψ moves the
 * nose by 0.5·sin ψ and draws the eyes together to cos ψ, so ψ = atan(offset / (0.5 · eye distance)), the offset
 * measured along the line of the eyes. Heads differ: expect errors around 10 degrees, and less than a right angle
 * always. Null where the eyes coincide.
 */
export function yawDegrees(points: FacePoints): number | null {
  const [left, right, nose] = points;
  const dx = right[0] - left[0];
  const dy = right[1] - left[1];
  const distance = Math.hypot(dx, dy);
  if (!(distance > 0)) return null;
  const fromMiddleX = nose[0] - (left[0] + right[0]) / 2;
  const fromMiddleY = nose[1] - (left[1] + right[1]) / 2;
  const offset = (fromMiddleX * dx + fromMiddleY * dy) / distance;
  return Math.atan2(offset, NOSE_DEPTH * distance) * DEGREES;
}

/** Longer side in pixels at which the sharpness of larger faces is measured. */
const SHARPNESS_SIDE = 128;

interface Luma {
  readonly data: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** The picture at a size at which its longer side is at most `longest`: means of whole pixels, rounded to levels. */
function shrunk(luma: Luma, longest: number): Luma {
  const scale = longest / Math.max(luma.width, luma.height);
  if (scale >= 1) return luma;
  const width = Math.max(1, Math.round(luma.width * scale));
  const height = Math.max(1, Math.round(luma.height * scale));
  const data = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * luma.height) / height);
    const bottom = Math.ceil(((y + 1) * luma.height) / height);
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * luma.width) / width);
      const right = Math.ceil(((x + 1) * luma.width) / width);
      let sum = 0;
      for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) sum += luma.data[v * luma.width + u];
      data[y * width + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return { data, width, height };
}

/** Variance of the 4-neighbour Laplacian inside a picture, or null where there is no inside. */
function laplacianVariance({ data, width, height }: Luma): number | null {
  if (width < 3 || height < 3) return null;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
      const v = data[at - 1] + data[at + 1] + data[at - width] + data[at + width] - 4 * data[at];
      sum += v;
      squares += v * v;
    }
  const count = (width - 2) * (height - 2);
  return squares / count - (sum / count) ** 2;
}

/** Mean luma of a region's whole pixels, and its sharpness. */
function lumaFacts(
  image: RgbImage,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): { brightness: number | null; sharpness: number | null } {
  const width = x2 - x1;
  const height = y2 - y1;
  if (width < 1 || height < 1) return { brightness: null, sharpness: null };
  // BT.601 in 16-bit fixed point, rounded to whole grey levels as 8-bit converters do.
  const luma = new Int32Array(width * height);
  let total = 0;
  for (let y = 0, out = 0; y < height; y++)
    for (let x = 0, at = ((y + y1) * image.width + x1) * 3; x < width; x++, at += 3, out++) {
      const grey = (image.data[at] * 19595 + image.data[at + 1] * 38470 + image.data[at + 2] * 7471 + 32768) >> 16;
      luma[out] = grey;
      total += grey;
    }
  const sharpness = laplacianVariance(shrunk({ data: luma, width, height }, SHARPNESS_SIDE));
  return { brightness: total / (width * height), sharpness };
}

/** Measures a face in its picture. */
export function faceFacts(image: RgbImage, { box, points }: Face): FaceFacts {
  const x1 = Math.max(0, Math.round(box.x));
  const y1 = Math.max(0, Math.round(box.y));
  const x2 = Math.min(image.width, Math.round(box.x + box.width));
  const y2 = Math.min(image.height, Math.round(box.y + box.height));
  const seenX = Math.max(0, Math.min(image.width, box.x + box.width) - Math.max(0, box.x));
  const seenY = Math.max(0, Math.min(image.height, box.y + box.height) - Math.max(0, box.y));
  const area = box.width * box.height;
  return {
    sizePx: Math.min(box.width, box.height),
    visible: area > 0 ? (seenX * seenY) / area : 0,
    ...lumaFacts(image, x1, y1, x2, y2),
    yawDegrees: points === null ? null : yawDegrees(points),
    rollDegrees: points === null ? null : eyeAngle(points) * DEGREES,
  };
}

/**
 * Why a face lies outside the envelope a pack was validated in; empty where nothing says so. A limit whose fact could
 * not be measured counts as a reason, because unknown is not inside.
 */
export function outsideEnvelope(facts: FaceFacts, envelope: Envelope): string[] {
  const reasons: string[] = [];
  const atLeast = (limit: number | undefined, value: number | null, name: string, unit: string): void => {
    if (limit === undefined) return;
    if (value === null) reasons.push(`${name} could not be measured; at least ${limit}${unit} is needed`);
    else if (value < limit) reasons.push(`${name} is ${value.toFixed(1)}${unit}, below ${limit}${unit}`);
  };
  atLeast(envelope.minFacePx, facts.sizePx, 'the face', ' px');
  atLeast(envelope.minSharpness, facts.sharpness, 'sharpness (variance of the Laplacian)', '');
  atLeast(envelope.minBrightness, facts.brightness, 'mean luma', '');
  if (envelope.maxYawDegrees !== undefined) {
    const { yawDegrees: yaw } = facts;
    if (yaw === null) reasons.push('the turn of the head could not be estimated');
    else if (Math.abs(yaw) > envelope.maxYawDegrees)
      reasons.push(`the head is turned by about ${Math.abs(yaw).toFixed(0)}°, beyond ${envelope.maxYawDegrees}°`);
  }
  return reasons;
}
