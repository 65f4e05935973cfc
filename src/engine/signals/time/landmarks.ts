/** How far five points of a face move against the motion of the head. See docs/methods/landmark-motion.md. */
import type { FacePoints } from '../../../contract/result.ts';

interface PointMotion {
  /** RMS distance of the points from where a similarity transform of the whole face puts them, / eye distance. */
  readonly jitter: number;
  /** Shift of the face's centre, / eye distance; rotation in radians; change of size as a quotient. */
  readonly shift: number;
  readonly rotation: number;
  readonly scale: number;
}

/** Distance between the eyes. */
export const eyeDistance = (p: FacePoints): number => Math.hypot(p[1][0] - p[0][0], p[1][1] - p[0][1]);

/**
 * Least-squares similarity (rotation, scale, shift; Umeyama, IEEE TPAMI 13, 1991) from one frame's points to the
 * next's, and what it leaves over. Null when the eyes coincide.
 */
export function pointMotion(from: FacePoints, to: FacePoints): PointMotion | null {
  const eyes = (eyeDistance(from) + eyeDistance(to)) / 2;
  if (!(eyes > 0)) return null;
  const a = centred(from);
  const b = centred(to);
  // As complex numbers the transform is one factor: sum(conj(a) b) / sum |a|^2.
  let re = 0;
  let im = 0;
  let norm = 0;
  for (let i = 0; i < 5; i++) {
    re += a.x[i] * b.x[i] + a.y[i] * b.y[i];
    im += a.x[i] * b.y[i] - a.y[i] * b.x[i];
    norm += a.x[i] ** 2 + a.y[i] ** 2;
  }
  if (norm === 0) return null;
  re /= norm;
  im /= norm;
  let rest = 0;
  for (let i = 0; i < 5; i++) {
    rest += (b.x[i] - re * a.x[i] + im * a.y[i]) ** 2 + (b.y[i] - im * a.x[i] - re * a.y[i]) ** 2;
  }
  return {
    jitter: Math.sqrt(rest / 5) / eyes,
    shift: Math.hypot(b.mx - a.mx, b.my - a.my) / eyes,
    rotation: Math.atan2(im, re),
    scale: Math.hypot(re, im),
  };
}

function centred(p: FacePoints): { x: Float64Array; y: Float64Array; mx: number; my: number } {
  const x = Float64Array.from(p, (q) => q[0]);
  const y = Float64Array.from(p, (q) => q[1]);
  const mx = x.reduce((s, v) => s + v / 5, 0);
  const my = y.reduce((s, v) => s + v / 5, 0);
  return { x: x.map((v) => v - mx), y: y.map((v) => v - my), mx, my };
}
