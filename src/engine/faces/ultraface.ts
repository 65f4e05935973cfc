/**
 * UltraFace (version-RFB-320, Linzaer 2019): one graph of 320 x 240, R G B planes of (x - 127) / 128, answering
 * `scores` (places x 2, after softmax, class 1 = face) and `boxes` (places x 4, corners in 0..1 of the picture).
 * It gives no points. The picture is stretched to the input, as in training.
 */
import type { Face, RgbImage } from '../types.ts';
import { rectangleMap, warp } from './affine.ts';
import { type Scored, suppress, toBox } from './boxes.ts';
import { checkImage, checkMinFace, type FaceDetector, largestFirst } from './detector.ts';
import { type Network, outputNamed, runNetwork } from './network.ts';

export interface UltrafaceOptions {
  /** Faces whose longer side is shorter, in pixels of the picture, are left out (default 40). */
  readonly minFacePx?: number;
  /** Least probability (0.7). */
  readonly threshold?: number;
  /** Overlap above which the lesser of two boxes is dropped (0.3). */
  readonly suppression?: number;
}

const WIDTH = 320;
const HEIGHT = 240;
/** Anchors of the published graph: 3 at 40 x 30, 2 at 20 x 15 and 10 x 8, 3 at 5 x 4. */
const PLACES = 4420;

/** Builds the detector over a ready network. `dispose` releases it. */
export function createUltraface(
  pack: { readonly id: string; readonly version: string; readonly dispose?: () => Promise<void> },
  network: Network,
  options: UltrafaceOptions = {},
): FaceDetector {
  const { minFacePx = 40, threshold = 0.7, suppression = 0.3 } = options;
  checkMinFace(minFacePx);

  const detectOne = async (image: RgbImage, signal: AbortSignal | undefined): Promise<Face[]> => {
    const whole = { x: image.width / 2, y: image.height / 2, across: image.width, down: image.height, angle: 0 };
    const small = warp(image, rectangleMap(whole, WIDTH, HEIGHT), WIDTH, HEIGHT, 'replicate');
    const plane = WIDTH * HEIGHT;
    const data = new Float32Array(plane * 3);
    for (let i = 0; i < plane; i++)
      for (let c = 0; c < 3; c++) data[c * plane + i] = (small.data[i * 3 + c] - 127) / 128;
    const outputs = await runNetwork(network, { data, dims: [1, 3, HEIGHT, WIDTH] }, 'UltraFace', signal);
    const scores = outputNamed(outputs, 'scores', [1, PLACES, 2], 'UltraFace');
    const boxes = outputNamed(outputs, 'boxes', [1, PLACES, 4], 'UltraFace');
    const found: Scored[] = [];
    for (let i = 0; i < PLACES; i++) {
      const score = scores[i * 2 + 1];
      if (score <= threshold) continue;
      found.push({
        score,
        x1: boxes[i * 4] * image.width,
        y1: boxes[i * 4 + 1] * image.height,
        x2: boxes[i * 4 + 2] * image.width,
        y2: boxes[i * 4 + 3] * image.height,
      });
    }
    const faces = suppress(found, suppression).map(
      (box): Face => ({ box: toBox(box), points: null, probability: box.score }),
    );
    return largestFirst(faces.filter(({ box }) => Math.max(box.width, box.height) >= minFacePx));
  };

  return {
    id: pack.id,
    version: pack.version,
    parameters: { architecture: 'ultraface', minFacePx, threshold, suppression, inputSize: [WIDTH, HEIGHT] },
    detect: async (images, signal) => {
      for (const image of images) checkImage(image);
      const faces: Face[][] = [];
      for (const image of images) faces.push(await detectOne(image, signal));
      return faces;
    },
    dispose: async () => {
      await pack.dispose?.();
    },
  };
}
