/**
 * The geometry between MTCNN's networks: pyramid, proposals, regression, suppression and crops, with the rounding of
 * the published weights' own code.
 */
import type { Region } from './area.ts';
import { type Scored, suppress } from './boxes.ts';
import type { FloatTensor } from './network.ts';

/** A box on its way through the cascade; `offsets` move its corners, in units of its size. */
export interface Candidate extends Scored {
  readonly image: number;
  readonly offsets: readonly [number, number, number, number];
}

/** Step of P-Net's places and side of the square each one looks at, in pixels of its input. */
const PNET_STRIDE = 2;
export const PNET_CELL = 12;
/**
 * Boxes of one picture that enter one suppression, whose cost grows with their square. Photographs stay far below;
 * a picture made to answer everywhere keeps its most probable places.
 */
export const MAX_CANDIDATES = 10_000;

/** Scales of the pyramid: from 12 / minFacePx down, while the shorter side stays at least 12 px. */
export function pyramidScales(width: number, height: number, minFacePx: number, factor: number): number[] {
  const scales: number[] = [];
  let scale = PNET_CELL / minFacePx;
  let shorter = Math.min(width, height) * scale;
  while (shorter >= PNET_CELL) {
    scales.push(scale);
    scale *= factor;
    shorter *= factor;
  }
  return scales;
}

/** Places of one pyramid level whose probability reaches `threshold`, as boxes of the source picture. */
export function proposals(
  probability: FloatTensor,
  regression: FloatTensor,
  scale: number,
  threshold: number,
): Candidate[] {
  const [count, , height, width] = probability.dims;
  const found: Candidate[] = [];
  const plane = height * width;
  // The reference divides in single precision before it rounds down.
  const single = Math.fround(scale);
  for (let image = 0; image < count; image++) {
    const faceAt = (image * 2 + 1) * plane;
    const offsetAt = image * 4 * plane;
    for (let i = 0; i < plane; i++) {
      const score = probability.data[faceAt + i];
      if (score < threshold) continue;
      const left = (i % width) * PNET_STRIDE;
      const top = Math.floor(i / width) * PNET_STRIDE;
      found.push({
        image,
        score,
        x1: Math.floor(Math.fround((left + 1) / single)),
        y1: Math.floor(Math.fround((top + 1) / single)),
        x2: Math.floor(Math.fround((left + PNET_CELL) / single)),
        y2: Math.floor(Math.fround((top + PNET_CELL) / single)),
        offsets: [
          regression.data[offsetAt + i],
          regression.data[offsetAt + plane + i],
          regression.data[offsetAt + plane * 2 + i],
          regression.data[offsetAt + plane * 3 + i],
        ],
      });
    }
  }
  return found;
}

/** Box regression. R-Net and O-Net count the edge pixel as part of the box (`edge` 1), P-Net does not. */
export function regressed<T extends Candidate>(box: T, edge: 0 | 1): T {
  const width = box.x2 - box.x1 + edge;
  const height = box.y2 - box.y1 + edge;
  const [x1, y1, x2, y2] = box.offsets;
  return {
    ...box,
    x1: box.x1 + x1 * width,
    y1: box.y1 + y1 * height,
    x2: box.x2 + x2 * width,
    y2: box.y2 + y2 * height,
  };
}

/** The `count` most probable boxes; of equal ones the earlier. */
const strongest = <T extends Candidate>(boxes: readonly T[], count: number): readonly T[] =>
  boxes.length <= count ? boxes : [...boxes].sort((a, b) => b.score - a.score).slice(0, count);

/** Suppression picture by picture. */
export function suppressEach<T extends Candidate>(
  boxes: readonly T[],
  images: number,
  threshold: number,
  by: 'union' | 'minimum' = 'union',
): T[] {
  const groups: T[][] = Array.from({ length: images }, () => []);
  for (const box of boxes) groups[box.image]?.push(box);
  return groups.flatMap((group) => suppress(strongest(group, MAX_CANDIDATES), threshold, by));
}

/**
 * The part of a square that lies in the picture. The published weights' own code cuts there and stretches what is
 * left; it counts pixels from 1 and truncates towards zero. Null where nothing is left.
 */
export function cropRegion(box: Scored, width: number, height: number): Region | null {
  const x1 = Math.max(1, Math.trunc(box.x1)) - 1;
  const y1 = Math.max(1, Math.trunc(box.y1)) - 1;
  const x2 = Math.min(width, Math.trunc(box.x2));
  const y2 = Math.min(height, Math.trunc(box.y2));
  return x2 > x1 && y2 > y1 ? { x1, y1, x2, y2 } : null;
}
