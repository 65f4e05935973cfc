/** What every face detector offers, whatever network is behind it. */
import { VidimusError } from '../../contract/errors.ts';
import type { Parameters } from '../../contract/words.ts';
import type { Face, RgbImage } from '../types.ts';

/** Finds faces in upright pictures. */
export interface FaceDetector {
  /** The pack's id, as it is printed in results. */
  readonly id: string;
  readonly version: string;
  /** Every parameter that decides what is found, for the record of the run. */
  readonly parameters: Parameters;
  /**
   * Faces of each picture, largest first. Boxes and points are in the picture's own pixels and may reach beyond its
   * edge, as the networks extrapolate; probabilities are 0..1. The pictures may differ in size.
   *
   * @throws VidimusError `cancelled`, `inference.failed`, `pack.invalid`
   */
  detect(images: readonly RgbImage[], signal?: AbortSignal): Promise<Face[][]>;
  dispose(): Promise<void>;
}

/** Refuses a picture whose bytes are not its size; a kernel would read undefined and go on. */
export function checkImage(image: RgbImage): void {
  const { width, height, data } = image;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1)
    throw new VidimusError('bug', `A picture of ${width} × ${height} pixels came to face detection.`);
  if (data.length !== width * height * 3)
    throw new VidimusError('bug', `A picture of ${width} × ${height} pixels came with ${data.length} bytes.`);
}

/** Refuses a size that would make every search come back empty, or never end. */
export function checkMinFace(minFacePx: number): void {
  if (!(minFacePx > 0 && Number.isFinite(minFacePx)))
    throw new VidimusError('bug', `A smallest face of ${minFacePx} px was asked for.`);
}

const area = ({ box }: Face): number => box.width * box.height;

/** Largest first; equal areas by position, so the order never depends on the sort. */
export const largestFirst = (faces: readonly Face[]): Face[] =>
  [...faces].sort((a, b) => area(b) - area(a) || a.box.y - b.box.y || a.box.x - b.box.x);

/** Consecutive runs of pictures of one size, none with more than `pixels` pixels in total (but at least one picture). */
export function batchesBySize(images: readonly RgbImage[], pixels: number): RgbImage[][] {
  const batches: RgbImage[][] = [];
  for (const image of images) {
    const batch = batches.at(-1);
    const head = batch?.[0];
    const fits =
      head !== undefined &&
      head.width === image.width &&
      head.height === image.height &&
      ((batch?.length ?? 0) + 1) * image.width * image.height <= pixels;
    if (batch !== undefined && fits) batch.push(image);
    else batches.push([image]);
  }
  return batches;
}

/** Moves a face found in a picture shrunk by (`sx`, `sy`) back into the source's pixels. */
export function scaleFace(face: Face, sx: number, sy: number): Face {
  const { box, points } = face;
  const move = ([x, y]: readonly [number, number]): [number, number] => [x * sx, y * sy];
  return {
    box: { x: box.x * sx, y: box.y * sy, width: box.width * sx, height: box.height * sy },
    points:
      points === null ? null : [move(points[0]), move(points[1]), move(points[2]), move(points[3]), move(points[4])],
    probability: face.probability,
  };
}
