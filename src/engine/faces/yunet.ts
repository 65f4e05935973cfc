/**
 * YuNet: Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023.
 *
 * The graph takes B G R planes of 0..255 whose sides are multiples of 32, and answers for each stride s of 8, 16, 32
 * and each of its places: cls_s and obj_s (1 value, probability = sqrt(cls · obj)), bbox_s (4) and kps_s (10).
 */
import { VidimusError } from '../../contract/errors.ts';
import type { FacePoints } from '../../contract/result.ts';
import type { Face, RgbImage } from '../types.ts';
import { shrinkByArea } from './area.ts';
import { type Scored, suppress, toBox } from './boxes.ts';
import { batchesBySize, checkImage, checkMinFace, type FaceDetector, largestFirst, scaleFace } from './detector.ts';
import { type FloatTensor, type Network, outputNamed, runNetwork } from './network.ts';

export interface YunetOptions {
  /** Faces whose longer side is shorter, in pixels of the picture, are left out (default 40). */
  readonly minFacePx?: number;
  /** Least probability (0.6). */
  readonly threshold?: number;
  /** Overlap above which the lesser of two boxes is dropped (0.3). */
  readonly suppression?: number;
  /**
   * Pictures with a longer side are shrunk to it (1280), but never so far that a face of minFacePx falls below
   * 12 px, the smallest the network was trained on.
   */
  readonly maxSide?: number;
  /** Input size of a graph that takes only one; pictures are shrunk to fit and padded. */
  readonly fixed?: { readonly width: number; readonly height: number };
}

const STRIDES = [8, 16, 32] as const;
const ALIGN = 32;
const SMALLEST_FACE = 12;
const BATCH_PIXELS = 4_000_000;

interface Candidate extends Scored {
  readonly points: FacePoints;
}

/** Places of one picture of the batch that reach `threshold`, in pixels of the network's input. */
function decode(
  outputs: Readonly<Record<string, FloatTensor>>,
  count: number,
  image: number,
  width: number,
  height: number,
  threshold: number,
): Candidate[] {
  const found: Candidate[] = [];
  for (const stride of STRIDES) {
    const columns = width / stride;
    const places = columns * (height / stride);
    const cls = outputNamed(outputs, `cls_${stride}`, [count, places, 1], 'YuNet');
    const obj = outputNamed(outputs, `obj_${stride}`, [count, places, 1], 'YuNet');
    const bbox = outputNamed(outputs, `bbox_${stride}`, [count, places, 4], 'YuNet');
    const kps = outputNamed(outputs, `kps_${stride}`, [count, places, 10], 'YuNet');
    for (let place = 0, i = image * places; place < places; place++, i++) {
      const score = Math.sqrt(Math.min(1, Math.max(0, cls[i])) * Math.min(1, Math.max(0, obj[i])));
      if (score < threshold) continue;
      const column = place % columns;
      const row = Math.floor(place / columns);
      const centreX = (column + bbox[i * 4]) * stride;
      const centreY = (row + bbox[i * 4 + 1]) * stride;
      const halfWidth = (Math.exp(bbox[i * 4 + 2]) * stride) / 2;
      const halfHeight = (Math.exp(bbox[i * 4 + 3]) * stride) / 2;
      const point = (k: number): [number, number] => [
        (kps[i * 10 + k * 2] + column) * stride,
        (kps[i * 10 + k * 2 + 1] + row) * stride,
      ];
      found.push({
        score,
        x1: centreX - halfWidth,
        y1: centreY - halfHeight,
        x2: centreX + halfWidth,
        y2: centreY + halfHeight,
        points: [point(0), point(1), point(2), point(3), point(4)],
      });
    }
  }
  return found;
}

/** B G R planes of a picture in the upper left corner of a black canvas. */
function writePlanes(image: RgbImage, width: number, height: number, target: Float32Array, at: number): void {
  const plane = width * height;
  for (let y = 0, from = 0; y < image.height; y++) {
    let out = at + y * width;
    for (let x = 0; x < image.width; x++, from += 3, out++) {
      target[out] = image.data[from + 2];
      target[out + plane] = image.data[from + 1];
      target[out + plane * 2] = image.data[from];
    }
  }
}

const aligned = (size: number): number => Math.ceil(size / ALIGN) * ALIGN;

/** Builds the detector over a ready network. `dispose` releases it. */
export function createYunet(
  pack: { readonly id: string; readonly version: string; readonly dispose?: () => Promise<void> },
  network: Network,
  options: YunetOptions = {},
): FaceDetector {
  const { minFacePx = 40, threshold = 0.6, suppression = 0.3, maxSide = 1280, fixed } = options;
  checkMinFace(minFacePx);
  if (fixed !== undefined && (fixed.width % ALIGN !== 0 || fixed.height % ALIGN !== 0))
    throw new VidimusError('pack.invalid', `YuNet's input must be a multiple of ${ALIGN} on both sides.`);

  const shrinkFor = ({ width, height }: RgbImage): number => {
    if (fixed !== undefined) return Math.min(1, fixed.width / width, fixed.height / height);
    return Math.min(1, Math.max(maxSide / Math.max(width, height), SMALLEST_FACE / minFacePx));
  };

  const detectBatch = async (images: readonly RgbImage[], signal: AbortSignal | undefined): Promise<Face[][]> => {
    const { width, height } = images[0];
    const shrink = shrinkFor(images[0]);
    const workWidth = Math.max(1, Math.round(width * shrink));
    const workHeight = Math.max(1, Math.round(height * shrink));
    const canvasWidth = fixed?.width ?? aligned(workWidth);
    const canvasHeight = fixed?.height ?? aligned(workHeight);
    const each = canvasWidth * canvasHeight * 3;
    const data = new Float32Array(images.length * each);
    for (const [i, image] of images.entries())
      writePlanes(
        shrink < 1 ? shrinkByArea(image, workWidth, workHeight) : image,
        canvasWidth,
        canvasHeight,
        data,
        i * each,
      );
    const dims = [images.length, 3, canvasHeight, canvasWidth];
    const outputs = await runNetwork(network, { data, dims }, 'YuNet', signal);
    return images.map((_, i) => {
      const boxes = decode(outputs, images.length, i, canvasWidth, canvasHeight, threshold);
      const faces = suppress(boxes, suppression).map(
        (box): Face =>
          scaleFace(
            { box: toBox(box), points: box.points, probability: box.score },
            width / workWidth,
            height / workHeight,
          ),
      );
      return largestFirst(faces.filter(({ box }) => Math.max(box.width, box.height) >= minFacePx));
    });
  };

  return {
    id: pack.id,
    version: pack.version,
    parameters: {
      architecture: 'yunet',
      minFacePx,
      threshold,
      suppression,
      ...(fixed === undefined ? { maxSide } : { inputSize: [fixed.width, fixed.height] }),
    },
    detect: async (images, signal) => {
      for (const image of images) checkImage(image);
      const faces: Face[][] = [];
      // A graph of fixed size was also traced with a batch of one.
      const pixels = fixed === undefined ? BATCH_PIXELS : 1;
      for (const batch of batchesBySize(images, pixels)) faces.push(...(await detectBatch(batch, signal)));
      return faces;
    },
    dispose: async () => {
      await pack.dispose?.();
    },
  };
}
