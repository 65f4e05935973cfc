/**
 * Pillow's two-pass convolution resampling for 8-bit samples (Image.resize with BILINEAR or BICUBIC): the kernel is
 * stretched by the reduction, weights are fixed-point with 22 bits, and each pass rounds to 8 bits.
 */
import type { RgbImage } from '../types.ts';

const CHANNELS = 3;
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

const bilinear = (x: number): number => {
  const d = Math.abs(x);
  return d < 1 ? 1 - d : 0;
};

/** Keys' cubic with a = -0.5. */
const bicubic = (x: number): number => {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
};

const FILTERS = {
  bilinear: { weight: bilinear, support: 1 },
  bicubic: { weight: bicubic, support: 2 },
} as const;

interface Windows {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

function windows(from: number, to: number, filter: { weight: (x: number) => number; support: number }): Windows {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = filter.support * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * stride);
  const own = new Float64Array(stride);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(from, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let k = 0; k < last - first; k++) {
      own[k] = filter.weight((k + first - centre + 0.5) / stretch);
      sum += own[k];
    }
    for (let k = 0; k < last - first; k++) {
      const fixed = (sum === 0 ? own[k] : own[k] / sum) * (1 << PRECISION);
      weights[i * stride + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
    start[i] = first;
    count[i] = last - first;
  }
  return { start, count, weights, stride };
}

const clip = (sum: number): number => {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
};

/** Resizes an RGB picture as Pillow does. */
export function resizePillow(image: RgbImage, width: number, height: number, kind: keyof typeof FILTERS): RgbImage {
  let current = image;
  if (width !== image.width) current = horizontal(current, width, windows(image.width, width, FILTERS[kind]));
  if (height !== image.height) current = vertical(current, height, windows(image.height, height, FILTERS[kind]));
  return current;
}

function horizontal(image: RgbImage, width: number, taps: Windows): RgbImage {
  const data = new Uint8Array(width * image.height * CHANNELS);
  let to = 0;
  for (let y = 0; y < image.height; y++) {
    const base = y * image.width * CHANNELS;
    for (let x = 0; x < width; x++) {
      let from = base + taps.start[x] * CHANNELS;
      let r = HALF;
      let g = HALF;
      let b = HALF;
      const end = x * taps.stride + taps.count[x];
      for (let k = x * taps.stride; k < end; k++, from += CHANNELS) {
        const w = taps.weights[k];
        r += image.data[from] * w;
        g += image.data[from + 1] * w;
        b += image.data[from + 2] * w;
      }
      data[to++] = clip(r);
      data[to++] = clip(g);
      data[to++] = clip(b);
    }
  }
  return { width, height: image.height, data };
}

function vertical(image: RgbImage, height: number, taps: Windows): RgbImage {
  const line = image.width * CHANNELS;
  const data = new Uint8Array(line * height);
  const sums = new Int32Array(line);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < taps.count[y]; k++) {
      const w = taps.weights[y * taps.stride + k];
      const from = (taps.start[y] + k) * line;
      for (let i = 0; i < line; i++) sums[i] += image.data[from + i] * w;
    }
    for (let i = 0, to = y * line; i < line; i++) data[to + i] = clip(sums[i]);
  }
  return { width: image.width, height, data };
}
