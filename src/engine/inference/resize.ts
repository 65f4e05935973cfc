/**
 * Resampling that answers as OpenCV and Pillow do, because a network that was trained on one library's pixels gives
 * other scores on another's. All kernels take and give 8-bit interleaved samples and round as their models do.
 */
import { VidimusError } from '../../contract/errors.ts';
import type { ResizeKernel } from '../../contract/pack.ts';
import type { RgbImage } from '../types.ts';
import { resizePillow } from './resize-pillow.ts';

const CHANNELS = 3;

/**
 * Resizes an RGB picture to `width` x `height`.
 *
 * `opencv-linear` is cv2.INTER_LINEAR, `area` cv2.INTER_AREA (a weighted mean when shrinking; when either side grows
 * OpenCV interpolates instead, and so do we), `pil-bilinear` and `pil-bicubic` are Pillow's with its support scaled
 * to the reduction, `nearest` takes the sample under the centre of each target pixel, as Pillow does.
 */
export function resize(image: RgbImage, width: number, height: number, kernel: ResizeKernel): RgbImage {
  if (!(width > 0 && height > 0 && image.width > 0 && image.height > 0)) {
    throw new VidimusError('bug', `A picture of ${image.width} x ${image.height} cannot become ${width} x ${height}.`);
  }
  if (image.width === width && image.height === height) return image;
  switch (kernel) {
    case 'nearest':
      return nearest(image, width, height);
    case 'opencv-linear':
      return linear(image, width, height, centreWeight);
    case 'area':
      return width <= image.width && height <= image.height
        ? area(image, width, height)
        : linear(image, width, height, areaWeight);
    case 'pil-bilinear':
    case 'pil-bicubic':
      return resizePillow(image, width, height, kernel === 'pil-bilinear' ? 'bilinear' : 'bicubic');
  }
}

/** Source index for each target index. The position is summed up step by step, as Pillow does, rounding and all. */
function nearestIndices(from: number, to: number): Int32Array {
  const step = from / to;
  const indices = new Int32Array(to);
  let at = step * 0.5;
  for (let i = 0; i < to; i++) {
    indices[i] = Math.min(from - 1, Math.floor(at));
    at += step;
  }
  return indices;
}

function nearest(image: RgbImage, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * CHANNELS);
  const columns = nearestIndices(image.width, width);
  const rows = nearestIndices(image.height, height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rows[y] * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]) * CHANNELS;
      data[to++] = image.data[from];
      data[to++] = image.data[from + 1];
      data[to++] = image.data[from + 2];
    }
  }
  return { width, height, data };
}

/** Where a target sample falls: index of the left neighbour and weight of the right one. */
type Placement = (target: number, scale: number, inverse: number) => readonly [number, number];

const centreWeight: Placement = (target, scale) => {
  const at = Math.fround((target + 0.5) * scale - 0.5);
  const left = Math.floor(at);
  return [left, Math.fround(at - left)];
};

const areaWeight: Placement = (target, scale, inverse) => {
  const left = Math.floor(target * scale);
  const weight = Math.fround(target + 1 - (left + 1) * inverse);
  return [left, weight <= 0 ? 0 : weight - Math.floor(weight)];
};

/** OpenCV's 8-bit linear path works on weights of 1/2^11. */
const LINEAR_ONE = 1 << 11;

/** Neighbours and their weights; both weights are rounded on their own, so a pair may miss the whole by one. */
interface Taps {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly weightLeft: Int32Array;
  readonly weightRight: Int32Array;
}

/** `settle`: beyond the edge OpenCV gives columns one weight; rows keep both, and their rounding. */
function linearTaps(from: number, to: number, place: Placement, settle: boolean): Taps {
  const left = new Int32Array(to);
  const right = new Int32Array(to);
  const weightLeft = new Int32Array(to);
  const weightRight = new Int32Array(to);
  const inverse = to / from;
  for (let i = 0; i < to; i++) {
    const [at, fraction] = place(i, 1 / inverse, inverse);
    left[i] = Math.min(from - 1, Math.max(0, at));
    right[i] = Math.min(from - 1, Math.max(0, at + 1));
    const weight = settle && left[i] === right[i] ? 0 : fraction;
    weightLeft[i] = roundHalfEven(Math.fround(1 - weight) * LINEAR_ONE);
    weightRight[i] = roundHalfEven(weight * LINEAR_ONE);
  }
  return { left, right, weightLeft, weightRight };
}

function linear(image: RgbImage, width: number, height: number, place: Placement): RgbImage {
  const columns = linearTaps(image.width, width, place, true);
  const rows = linearTaps(image.height, height, place, false);
  const stride = image.width * CHANNELS;
  const line = width * CHANNELS;
  const data = new Uint8Array(line * height);
  const fillRow = (row: number, out: Int32Array) => {
    const base = row * stride;
    for (let x = 0, i = 0; x < width; x++) {
      const a = base + columns.left[x] * CHANNELS;
      const b = base + columns.right[x] * CHANNELS;
      const v = columns.weightLeft[x];
      const w = columns.weightRight[x];
      for (let c = 0; c < CHANNELS; c++) out[i++] = image.data[a + c] * v + image.data[b + c] * w;
    }
  };
  let upper = new Int32Array(line);
  let lower = new Int32Array(line);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < height; y++) {
    const top = rows.left[y];
    const bottom = rows.right[y];
    if (top === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (top !== upperRow) fillRow(top, upper);
    upperRow = top;
    if (bottom !== lowerRow) fillRow(bottom, lower);
    lowerRow = bottom;
    const v = rows.weightLeft[y];
    const w = rows.weightRight[y];
    for (let i = 0, to = y * line; i < line; i++) {
      // OpenCV drops four bits before and sixteen after each product, so that vector units can use 16-bit lanes.
      data[to + i] = (((v * (upper[i] >> 4)) >> 16) + ((w * (lower[i] >> 4)) >> 16) + 2) >> 2;
    }
  }
  return { width, height, data };
}

interface Spans {
  readonly start: Int32Array;
  readonly weights: readonly Float64Array[];
}

/** Which source samples a target sample covers, and how much of each. */
function areaSpans(from: number, to: number): Spans {
  const scale = from / to;
  const start = new Int32Array(to);
  const weights: Float64Array[] = [];
  for (let i = 0; i < to; i++) {
    const begin = i * scale;
    const end = Math.min(from, begin + scale);
    const first = Math.floor(begin);
    const last = Math.min(from, Math.ceil(end - 1e-9));
    start[i] = first;
    const own = new Float64Array(last - first);
    let sum = 0;
    for (let s = first; s < last; s++) {
      own[s - first] = Math.min(end, s + 1) - Math.max(begin, s);
      sum += own[s - first];
    }
    for (let k = 0; k < own.length; k++) own[k] /= sum;
    weights.push(own);
  }
  return { start, weights };
}

function area(image: RgbImage, width: number, height: number): RgbImage {
  const columns = areaSpans(image.width, width);
  const rows = areaSpans(image.height, height);
  const line = width * CHANNELS;
  const data = new Uint8Array(line * height);
  const sums = new Float64Array(line);
  // OpenCV halves pictures with integers, (a + b + c + d + 2) / 4; everything else it rounds as the processor does.
  const round = image.width === 2 * width && image.height === 2 * height ? Math.round : roundHalfEven;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    const rowWeights = rows.weights[y];
    for (let k = 0; k < rowWeights.length; k++) {
      const base = (rows.start[y] + k) * image.width * CHANNELS;
      const rowWeight = rowWeights[k];
      for (let x = 0, i = 0; x < width; x++, i += CHANNELS) {
        const own = columns.weights[x];
        let from = base + columns.start[x] * CHANNELS;
        let r = 0;
        let g = 0;
        let b = 0;
        for (let j = 0; j < own.length; j++, from += CHANNELS) {
          const w = own[j];
          r += w * image.data[from];
          g += w * image.data[from + 1];
          b += w * image.data[from + 2];
        }
        sums[i] += rowWeight * r;
        sums[i + 1] += rowWeight * g;
        sums[i + 2] += rowWeight * b;
      }
    }
    for (let i = 0, to = y * line; i < line; i++) data[to + i] = round(sums[i]);
  }
  return { width, height, data };
}

/** Rounds as the processor does by default; exact halves are common when two by two pixels are averaged. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (Math.abs(fraction - 0.5) < 1e-9) return floor + (floor & 1);
  return fraction < 0.5 ? floor : floor + 1;
}
