/**
 * Shape of the power spectrum: azimuthal profile, its slope, and the peaks that up-sampling layers leave.
 *
 * References: van der Schaaf and van Hateren, Vision Research 36 (1996) (natural slope); Durall et al., CVPR 2020
 * (azimuthal profile of generated pictures); Zhang, Karaman and Chang, WIFS 2019; Frank et al., ICML 2020 (peaks).
 */
import { realFft2d } from '../dsp/fft2d.ts';
import type { GreyPlane } from './grey.ts';
import { median } from './stats.ts';

interface SpectrumShape {
  readonly side: number;
  /** Mean of ln power per ring of frequency k / side cycles per pixel, k = 0..side / 2. */
  readonly profile: Float64Array;
  /** Exponent of power over frequency between 0.05 and 0.35 cycles per pixel; natural pictures lie near -2. */
  readonly slope: number;
  /** ln power at 0.4..0.5 cycles per pixel minus the line fitted below; positive = more than expected. */
  readonly tail: number;
  /** Strongest of the places where up-sampling by 2, 4 or 8 repeats the spectrum, over its neighbourhood (ln). */
  readonly peak: number;
  readonly peakAt: readonly [number, number];
  /** ln power, zero frequency in the middle, side x side. */
  readonly spectrum: Float64Array;
}

/** Spectrum of the central square of up to 1024 pixels (a power of two); `null` below 128 pixels. */
export function spectrumShape(grey: GreyPlane): SpectrumShape | null {
  let side = 1024;
  while (side > Math.min(grey.width, grey.height)) side /= 2;
  if (side < 128) return null;
  const x0 = Math.floor((grey.width - side) / 2);
  const y0 = Math.floor((grey.height - side) / 2);
  const plane = new Float64Array(side * side);
  const hann = Float64Array.from({ length: side }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / side));
  let mean = 0;
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) mean += grey.data[(y0 + y) * grey.width + x0 + x];
  mean /= side * side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      plane[y * side + x] = (grey.data[(y0 + y) * grey.width + x0 + x] - mean) * hann[x] * hann[y];
    }
  }
  const { re, im, bins } = realFft2d(plane, side, side);
  const half = side / 2;
  const spectrum = plane;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < bins; x++) {
      const i = y * bins + x;
      const p = Math.log(1 + re[i] * re[i] + im[i] * im[i]);
      spectrum[((y + half) % side) * side + ((x + half) % side)] = p;
      if (x > 0 && x < half) spectrum[((side - y + half) % side) * side + (half - x)] = p;
    }
  }
  const profile = new Float64Array(half + 1);
  const count = new Float64Array(half + 1);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const r = Math.round(Math.hypot(x - half, y - half));
      if (r <= half) {
        profile[r] += spectrum[y * side + x];
        count[r]++;
      }
    }
  }
  for (let r = 0; r <= half; r++) profile[r] /= Math.max(1, count[r]);
  const line = fitLine(profile, Math.ceil(0.05 * side), Math.floor(0.35 * side));
  let tail = 0;
  let tailCount = 0;
  for (let r = Math.ceil(0.4 * side); r < half; r++, tailCount++) tail += profile[r] - line.at(r);
  let peak = 0;
  let peakAt: readonly [number, number] = [0, 0];
  const eighths = [0, 1, 2, 3, 4];
  for (const u of eighths) {
    for (const v of [-3, -2, -1, ...eighths]) {
      if (u === 0 && v <= 0) continue;
      // Multiples of an eighth are also where JPEG blocks show, so only those of a quarter count for up-sampling.
      if (u % 2 !== 0 || v % 2 !== 0) continue;
      const height = prominence(spectrum, side, half + (u * side) / 8, half + (v * side) / 8);
      if (height > peak) {
        peak = height;
        peakAt = [u / 8, v / 8];
      }
    }
  }
  return { side, profile, slope: line.slope, tail: tail / tailCount, peak, peakAt, spectrum };
}

function fitLine(profile: Float64Array, from: number, to: number): { slope: number; at(r: number): number } {
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  const n = to - from + 1;
  for (let r = from; r <= to; r++) {
    const x = Math.log(r);
    sx += x;
    sy += profile[r];
    sxx += x * x;
    sxy += x * profile[r];
  }
  const slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  const offset = (sy - slope * sx) / n;
  return { slope, at: (r) => offset + slope * Math.log(r) };
}

/** ln power of the strongest of 3 x 3 bins minus the median of the 15 x 15 around, the axis lines left out. */
function prominence(spectrum: Float64Array, side: number, cx: number, cy: number): number {
  const around: number[] = [];
  let top = Number.NEGATIVE_INFINITY;
  const half = side / 2;
  for (let dy = -7; dy <= 7; dy++) {
    for (let dx = -7; dx <= 7; dx++) {
      const x = (cx + dx + side) % side;
      const y = (cy + dy + side) % side;
      const v = spectrum[y * side + x];
      if (Math.abs(dx) <= 1 && Math.abs(dy) <= 1) top = Math.max(top, v);
      // A place on an axis is compared with the axis, a place off it with the plane.
      else if ((cx === half) === (x === half) && (cy === half) === (y === half)) around.push(v);
    }
  }
  // The strongest of nine exponentially distributed bins lies ln(9) or so above their median by itself.
  return Math.max(0, top - median(around) - 2.5);
}
