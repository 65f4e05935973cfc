/**
 * The twelve classical features of a picture: spectrum, noise, sharpness, blocking.
 *
 * They describe a picture as it is given; none is evidence by itself. The numbers equal those of OpenCV and SciPy
 * (test/golden): spectrum, sharpness and blocking to 1e-6 relative, noise within 2 %.
 */
import type { RgbImage } from '../../types.ts';
import { realFft2d } from '../dsp/fft2d.ts';
import { blockingScore, type GreyPlane, greyOf, laplacianVariance } from './grey.ts';
import { denoiseColoured } from './nlm.ts';

/** Magnitudes |F| of the whole two-dimensional spectrum of the grey picture, unscaled. */
interface SpectrumFeatures {
  /** 1 - share of the sum of magnitudes in the central half of both frequency axes; 0..1. */
  readonly high_freq_ratio: number;
  /** Shannon entropy of the magnitudes as a distribution (each plus 1e-10), in nats. */
  readonly spectral_entropy: number;
  readonly magnitude_mean: number;
  readonly magnitude_std: number;
}

/** Statistics of picture minus non-local-means picture, in grey levels (squared for the variances). */
interface NoiseFeatures {
  readonly noise_variance: number;
  /** Mean absolute residual. */
  readonly noise_mean: number;
  readonly noise_var_r: number;
  readonly noise_var_g: number;
  readonly noise_var_b: number;
  /** Largest over smallest channel variance; at least 1 unless the picture has no residual. */
  readonly noise_var_ratio: number;
}

/** All twelve. `blocking_score` is null where a side is shorter than 9 pixels. */
export interface PictureFeatures extends SpectrumFeatures, NoiseFeatures {
  readonly sharpness: number;
  readonly blocking_score: number | null;
}

/** Spectral features of a grey plane of any size. */
function spectrumFeatures(grey: GreyPlane): SpectrumFeatures {
  const { width, height } = grey;
  const { re, im, bins } = realFft2d(grey.data, width, height);
  const n = width * height;
  // Central half after the zero frequency has been moved to floor(n / 2), for an index and for its mirror.
  const inMiddle = (length: number): Uint8Array => {
    const from = Math.floor(length / 4);
    const to = Math.floor((3 * length) / 4);
    const half = Math.floor(length / 2);
    return Uint8Array.from({ length }, (_, i) => {
      const s = (i + half) % length;
      return s >= from && s < to ? 1 : 0;
    });
  };
  const rows = inMiddle(height);
  const columns = inMiddle(width);
  const magnitude = re;
  let total = 0;
  let squares = 0;
  let middle = 0;
  for (let y = 0; y < height; y++) {
    const mirrorRow = rows[(height - y) % height];
    let rowSum = 0;
    for (let x = 0, i = y * bins; x < bins; x++, i++) {
      const square = re[i] * re[i] + im[i] * im[i];
      const m = Math.sqrt(square);
      magnitude[i] = m;
      const twice = x > 0 && 2 * x < width;
      rowSum += twice ? 2 * m : m;
      squares += twice ? 2 * square : square;
      if (rows[y] + columns[x] === 2) middle += m;
      if (twice && mirrorRow + columns[width - x] === 2) middle += m;
    }
    total += rowSum;
  }
  if (total === 0) return { high_freq_ratio: 0, spectral_entropy: Math.log(n), magnitude_mean: 0, magnitude_std: 0 };
  // Entropy of q = (m / total + e) / (1 + n e).
  const e = 1e-10;
  const norm = 1 + n * e;
  let entropy = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * bins; x < bins; x++, i++) {
      const q = (magnitude[i] / total + e) / norm;
      const h = q * Math.log(q);
      entropy -= x > 0 && 2 * x < width ? 2 * h : h;
    }
  }
  const mean = total / n;
  return {
    high_freq_ratio: 1 - middle / total,
    spectral_entropy: entropy,
    magnitude_mean: mean,
    magnitude_std: Math.sqrt(Math.max(0, squares / n - mean * mean)),
  };
}

/** Residual statistics from a picture and its denoised version, both width x height x 3. */
function noiseFeatures(picture: Uint8Array, denoised: Uint8Array): NoiseFeatures {
  const sum = [0, 0, 0];
  const squares = [0, 0, 0];
  let absolute = 0;
  for (let i = 0; i < picture.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      const d = picture[i + c] - denoised[i + c];
      sum[c] += d;
      squares[c] += d * d;
      absolute += d < 0 ? -d : d;
    }
  }
  const n = picture.length / 3;
  const variance = [0, 1, 2].map((c) => squares[c] / n - (sum[c] / n) ** 2);
  const mean = (sum[0] + sum[1] + sum[2]) / (3 * n);
  return {
    noise_variance: (squares[0] + squares[1] + squares[2]) / (3 * n) - mean * mean,
    noise_mean: absolute / (3 * n),
    noise_var_r: variance[0],
    noise_var_g: variance[1],
    noise_var_b: variance[2],
    noise_var_ratio: Math.max(...variance) / (Math.min(...variance) + 1e-10),
  };
}

/** The twelve features of a picture of at least one pixel. `signal` is obeyed between tiles of the denoising. */
export async function pictureFeatures(image: RgbImage, signal?: AbortSignal): Promise<PictureFeatures> {
  const denoising = denoiseColoured(image, signal);
  // The threads denoise while this one transforms. A rejection is awaited below, so it must not count as unhandled.
  denoising.catch(() => undefined);
  const grey = greyOf(image);
  const spectrum = spectrumFeatures(grey);
  const rest = { sharpness: laplacianVariance(grey), blocking_score: blockingScore(grey) };
  return { ...spectrum, ...noiseFeatures(image.data, await denoising), ...rest };
}
