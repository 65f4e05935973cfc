/**
 * Dense optical flow (G. Farneback, "Two-frame motion estimation based on polynomial expansion", SCIA 2003) by
 * OpenCV compiled to WebAssembly, and what it says inside and outside a region. See docs/methods/optical-flow.md.
 */
import { createRequire } from 'node:module';
import { VidimusError } from '../../../contract/errors.ts';
import type { Box } from '../../../contract/result.ts';

/** The few parts of OpenCV.js that are used here. */
interface CvMat {
  readonly data: Uint8Array;
  readonly data32F: Float32Array;
  delete(): void;
}
interface Cv {
  readonly Mat: (new (rows: number, columns: number, type: number) => CvMat) | undefined;
  readonly CV_8UC1: number;
  readonly CV_32FC2: number;
  onRuntimeInitialized?: () => void;
  calcOpticalFlowFarneback(
    previous: CvMat,
    next: CvMat,
    flow: CvMat,
    pyramidScale: number,
    levels: number,
    window: number,
    iterations: number,
    polyN: number,
    polySigma: number,
    flags: number,
  ): void;
}

/** OpenCV's order: pyramid scale, levels, window, iterations, polyN, polySigma, flags. */
export const FARNEBACK = [0.5, 3, 15, 3, 5, 1.2, 0] as const;

let loading: Promise<{ readonly cv: Cv }> | null = null;

/**
 * Loads OpenCV once (about half a second). The module has a `then` that resolves to itself, so it must never be
 * awaited or returned from an async function bare: it travels inside an object.
 */
function loadCv(): Promise<{ readonly cv: Cv }> {
  loading ??= new Promise<{ readonly cv: Cv }>((resolve, reject) => {
    try {
      const cv: Cv = createRequire(import.meta.url)('@techstark/opencv-js');
      if (cv.Mat !== undefined) resolve({ cv });
      else cv.onRuntimeInitialized = () => resolve({ cv });
    } catch (cause) {
      loading = null;
      reject(new VidimusError('tool.missing', 'Optical flow needs OpenCV, which could not be loaded.', { cause }));
    }
  });
  return loading;
}

/** Flow between pictures of one size; keeps three matrices in OpenCV's memory until {@link dispose}. */
export class Farneback {
  readonly width: number;
  readonly height: number;
  private readonly cv: Cv;
  private readonly previous: CvMat;
  private readonly current: CvMat;
  private readonly flow: CvMat;

  private constructor(cv: Cv, Mat: NonNullable<Cv['Mat']>, width: number, height: number) {
    this.cv = cv;
    this.width = width;
    this.height = height;
    this.previous = new Mat(height, width, cv.CV_8UC1);
    this.current = new Mat(height, width, cv.CV_8UC1);
    this.flow = new Mat(height, width, cv.CV_32FC2);
  }

  /** @throws VidimusError `tool.missing` when OpenCV cannot be loaded */
  static async create(width: number, height: number): Promise<Farneback> {
    const { cv } = await loadCv();
    if (cv.Mat === undefined) throw new VidimusError('tool.missing', 'OpenCV was loaded but did not start.');
    return new Farneback(cv, cv.Mat, width, height);
  }

  /**
   * Flow from `previous` to `current` (grey, width x height bytes): dx and dy in pixels, interleaved. The array is
   * OpenCV's own memory and is overwritten by the next call.
   */
  compute(previous: Uint8Array, current: Uint8Array): Float32Array {
    this.previous.data.set(previous);
    this.current.data.set(current);
    this.cv.calcOpticalFlowFarneback(this.previous, this.current, this.flow, ...FARNEBACK);
    return this.flow.data32F;
  }

  dispose(): void {
    for (const mat of [this.previous, this.current, this.flow]) mat.delete();
  }
}

/** Flow of one pair of frames. Lengths in pixels of the pictures the flow was computed on. */
interface FlowSummary {
  readonly meanMagnitude: number;
  /** Median displacement: the camera's, as long as most of the picture is background. */
  readonly camera: readonly [number, number];
}

/** A region against its surroundings, after the camera's motion is taken away. */
export interface RegionFlow {
  readonly inside: number;
  readonly around: number;
  /** Mean grey difference between the first picture and the second one followed along the flow. */
  readonly residualInside: number;
  readonly residualAround: number;
}

/** Mean length and median vector of a flow field. */
export function summariseFlow(flow: Float32Array, width: number, height: number): FlowSummary {
  let sum = 0;
  const n = width * height;
  // Math.hypot guards against overflow, which pixels do not need, and costs ten times as much.
  for (let i = 0; i < n; i++) sum += Math.sqrt(flow[2 * i] * flow[2 * i] + flow[2 * i + 1] * flow[2 * i + 1]);
  const stride = Math.max(1, Math.floor(n / 4096));
  const count = Math.ceil(n / stride);
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  for (let i = 0, o = 0; i < n; i += stride, o++) {
    x[o] = flow[2 * i];
    y[o] = flow[2 * i + 1];
  }
  x.sort();
  y.sort();
  return { meanMagnitude: sum / n, camera: [x[count >> 1], y[count >> 1]] };
}

/**
 * Compares a box with the ring around it (half the box's size wide). The box is in pixels of the flow field. Null when
 * box or ring have fewer than 64 pixels inside the picture.
 */
export function regionFlow(
  flow: Float32Array,
  previous: Uint8Array,
  current: Uint8Array,
  size: { readonly width: number; readonly height: number },
  box: Box,
  camera: readonly [number, number],
): RegionFlow | null {
  const { width, height } = size;
  const clampX = (v: number): number => Math.max(0, Math.min(width, Math.round(v)));
  const clampY = (v: number): number => Math.max(0, Math.min(height, Math.round(v)));
  const [x0, x1] = [clampX(box.x), clampX(box.x + box.width)];
  const [y0, y1] = [clampY(box.y), clampY(box.y + box.height)];
  const [ox0, ox1] = [clampX(box.x - box.width / 2), clampX(box.x + 1.5 * box.width)];
  const [oy0, oy1] = [clampY(box.y - box.height / 2), clampY(box.y + 1.5 * box.height)];
  let inside = 0;
  let around = 0;
  let residualInside = 0;
  let residualAround = 0;
  let nInside = 0;
  let nAround = 0;
  for (let y = oy0; y < oy1; y++) {
    for (let x = ox0; x < ox1; x++) {
      const p = y * width + x;
      const dx = flow[2 * p];
      const dy = flow[2 * p + 1];
      const motion = Math.sqrt((dx - camera[0]) * (dx - camera[0]) + (dy - camera[1]) * (dy - camera[1]));
      const residual = Math.abs(bilinear(current, width, height, x + dx, y + dy) - previous[p]);
      if (x >= x0 && x < x1 && y >= y0 && y < y1) {
        inside += motion;
        residualInside += residual;
        nInside++;
      } else {
        around += motion;
        residualAround += residual;
        nAround++;
      }
    }
  }
  if (nInside < 64 || nAround < 64) return null;
  return {
    inside: inside / nInside,
    around: around / nAround,
    residualInside: residualInside / nInside,
    residualAround: residualAround / nAround,
  };
}

function bilinear(image: Uint8Array, width: number, height: number, x: number, y: number): number {
  const cx = Math.max(0, Math.min(width - 1.001, x));
  const cy = Math.max(0, Math.min(height - 1.001, y));
  const ix = Math.floor(cx);
  const iy = Math.floor(cy);
  const fx = cx - ix;
  const fy = cy - iy;
  const p = iy * width + ix;
  const right = ix + 1 < width ? 1 : 0;
  const down = iy + 1 < height ? width : 0;
  return (
    (image[p] * (1 - fx) + image[p + right] * fx) * (1 - fy) +
    (image[p + down] * (1 - fx) + image[p + down + right] * fx) * fy
  );
}
