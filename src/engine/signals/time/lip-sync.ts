/**
 * Offset between the motion of a mouth and the loudness of the sound (J. Hershey and J. Movellan, "Audio vision: using
 * audio-visual synchrony to locate sounds", NIPS 1999). See docs/methods/lip-sync.md.
 */
import type { FacePoints } from '../../../contract/result.ts';
import type { RgbImage } from '../../types.ts';

const ACROSS = 16;
const DOWN = 12;
/** Samples of a mouth patch. */
export const MOUTH_SAMPLES = ACROSS * DOWN;

/**
 * Luma of the mouth, levelled by its corners: 1.4 mouth widths across and 1 down, centred a little below the corners'
 * middle. Returns false (nothing written) where the patch leaves the frame or the mouth is under 8 pixels wide.
 */
export function mouthPatch(frame: RgbImage, points: FacePoints, out: Float32Array): boolean {
  const [, , , left, right] = points;
  const ux = right[0] - left[0];
  const uy = right[1] - left[1];
  if (Math.hypot(ux, uy) < 8) return false;
  // Down, at a right angle to the line through the corners.
  const vx = -uy;
  const vy = ux;
  const cx = (left[0] + right[0]) / 2 + 0.1 * vx;
  const cy = (left[1] + right[1]) / 2 + 0.1 * vy;
  const { width, height, data } = frame;
  for (let r = 0, o = 0; r < DOWN; r++) {
    const v = (r + 0.5) / DOWN - 0.5;
    for (let c = 0; c < ACROSS; c++, o++) {
      const u = 1.4 * ((c + 0.5) / ACROSS - 0.5);
      const x = Math.round(cx + u * ux + v * vx);
      const y = Math.round(cy + u * uy + v * vy);
      if (x < 0 || y < 0 || x >= width || y >= height) return false;
      const p = 3 * (y * width + x);
      out[o] = (77 * data[p] + 150 * data[p + 1] + 29 * data[p + 2]) / 256;
    }
  }
  return true;
}

/** Mean absolute change between two patches once a common change of brightness is taken away, grey levels. */
export function mouthMotion(a: Float32Array, b: Float32Array): number {
  let shift = 0;
  for (let i = 0; i < a.length; i++) shift += (b[i] - a[i]) / a.length;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(b[i] - a[i] - shift);
  return sum / a.length;
}

export const SYNC_STEP = 0.02;
export const SYNC_LONGEST = 0.6;
export const SYNC_LEAST_SECONDS = 8;
/** Height of the peak over the scatter of all offsets from which an offset is stated. */
export const SYNC_CONFIDENCE = 3;
export const SYNC_LEAST_CORRELATION = 0.2;

export interface SyncResult {
  /** Seconds by which the sound is late (positive) or early (negative) against the mouth. */
  readonly offset: number;
  readonly correlation: number;
  /** (peak - mean) / standard deviation over the offsets farther than 0.2 s from the peak. */
  readonly confidence: number;
}

/**
 * Correlates mouth motion with loudness over offsets of +-0.6 s. Both are uniform series of one step that begin at the
 * same time; NaN marks what is unknown. Null when fewer than eight seconds are known of both, or either is constant.
 */
export function syncOffset(mouth: Float64Array, loudness: Float64Array): SyncResult | null {
  const span = Math.round(SYNC_LONGEST / SYNC_STEP);
  const least = SYNC_LEAST_SECONDS / SYNC_STEP;
  const values: number[] = [];
  for (let lag = -span; lag <= span; lag++) {
    const r = correlationAt(mouth, loudness, lag, least);
    if (r === null) return null;
    values.push(r);
  }
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  const far = values.filter((_, i) => Math.abs(i - best) * SYNC_STEP > 0.2);
  const mean = far.reduce((s, v) => s + v / far.length, 0);
  const deviation = Math.sqrt(far.reduce((s, v) => s + (v - mean) ** 2 / far.length, 0));
  return {
    offset: (best - span) * SYNC_STEP,
    correlation: values[best],
    confidence: deviation > 0 ? (values[best] - mean) / deviation : 0,
  };
}

/** Pearson correlation of mouth[i] with loudness[i + lag] over what is known of both. */
function correlationAt(mouth: Float64Array, loudness: Float64Array, lag: number, least: number): number | null {
  let n = 0;
  let mx = 0;
  let my = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  const to = Math.min(mouth.length, loudness.length - lag);
  for (let i = Math.max(0, -lag); i < to; i++) {
    const x = mouth[i];
    const y = loudness[i + lag];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    n++;
    mx += x;
    my += y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  // The largest offset shortens the overlap a little.
  if (n < least - 2 * (SYNC_LONGEST / SYNC_STEP)) return null;
  const vx = xx / n - (mx / n) ** 2;
  const vy = yy / n - (my / n) ** 2;
  return vx <= 1e-12 || vy <= 1e-12 ? null : (xy / n - (mx / n) * (my / n)) / Math.sqrt(vx * vy);
}

/** Puts irregular samples on the uniform grid by straight lines; farther than `reach` from a sample is NaN. */
export function onGrid(
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  start: number,
  count: number,
  reach: number,
): Float64Array {
  const out = new Float64Array(count).fill(Number.NaN);
  let i = 0;
  for (let k = 0; k < count; k++) {
    const t = start + k * SYNC_STEP;
    while (i + 1 < times.length && times[i + 1] <= t) i++;
    if (i + 1 >= times.length || times[i] > t || times[i + 1] - times[i] > reach) continue;
    const f = (t - times[i]) / (times[i + 1] - times[i]);
    out[k] = values[i] + f * (values[i + 1] - values[i]);
  }
  return out;
}
