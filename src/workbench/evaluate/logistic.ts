/**
 * Logistic calibration: scores to natural log LRs (Brümmer and du Preez 2006), and temperature scaling (Guo et al.,
 * ICML 2017). Both classes weigh one half each, so the share of manipulated files in the folder is not learned.
 */
import { VidimusError } from '../../contract/errors.ts';
import { softplus2 } from './likelihood.ts';
import type { Labelled } from './tally.ts';

/** Logits beyond this are rounding of the network's last digits; the engine limits them to the same value. */
const CLAMP = 1e-7;

/** ln(p / (1 − p)) with p kept between 1e-7 and 1 − 1e-7. */
export function logit(p: number): number {
  const q = Math.min(1 - CLAMP, Math.max(CLAMP, p));
  return Math.log(q / (1 - q));
}

/** natural log LR = slope · x + offset. */
export interface LogisticMap {
  readonly slope: number;
  readonly offset: number;
}

/** Ridge on the slope of standardised x: a normal prior of standard deviation 10, which stops separable sets only. */
const RIDGE = 0.01;

/**
 * Fits the map by Newton's method with step halving; the objective is convex, so the start does not matter. `x` is any
 * finite number, for scores their {@link logit}.
 * @throws VidimusError calibration.useless when the slope is not positive
 */
export function fitLogistic(list: readonly { readonly x: number; readonly fake: boolean }[]): LogisticMap {
  const fakes = list.filter((item) => item.fake).length;
  const weight = (fake: boolean): number => 0.5 / (fake ? fakes : list.length - fakes);
  let mean = 0;
  for (const { x, fake } of list) mean += weight(fake) * x;
  let variance = 0;
  for (const { x, fake } of list) variance += weight(fake) * (x - mean) ** 2;
  const sd = Math.sqrt(variance);
  if (list.every(({ x }) => x === list[0]?.x))
    throw new VidimusError('evaluation.constant', 'All files have the same score.');
  const z = list.map(({ x, fake }) => ({ z: (x - mean) / sd, sign: fake ? 1 : -1, w: weight(fake) }));
  const ridge = RIDGE / list.length;
  const loss = (a: number, b: number): number =>
    z.reduce((sum, item) => sum + item.w * Math.LN2 * softplus2(-item.sign * (a * item.z + b)), (ridge * a * a) / 2);
  let a = 0;
  let b = 0;
  let current = loss(a, b);
  for (let step = 0; step < 200; step++) {
    let ga = ridge * a;
    let gb = 0;
    let haa = ridge;
    let hab = 0;
    let hbb = 0;
    for (const item of z) {
      const p = 1 / (1 + Math.exp(item.sign * (a * item.z + b)));
      ga -= item.w * item.sign * p * item.z;
      gb -= item.w * item.sign * p;
      const h = item.w * p * (1 - p);
      haa += h * item.z * item.z;
      hab += h * item.z;
      hbb += h;
    }
    if (Math.hypot(ga, gb) < 1e-12) break;
    // A trace of damping keeps the matrix invertible where all files are far from the boundary.
    const damping = 1e-12;
    const det = (haa + damping) * (hbb + damping) - hab * hab;
    const da = ((hbb + damping) * ga - hab * gb) / det;
    const db = ((haa + damping) * gb - hab * ga) / det;
    let size = 1;
    let next = loss(a - da, b - db);
    while (next > current && size > 1e-10) {
      size /= 2;
      next = loss(a - size * da, b - size * db);
    }
    if (!(next < current)) break;
    a -= size * da;
    b -= size * db;
    current = next;
  }
  if (!(a > 0)) throw new VidimusError('calibration.useless', 'Higher scores do not go with manipulated files here.');
  return { slope: a / sd, offset: b - (a * mean) / sd };
}

/**
 * The temperature that minimises the cross-entropy of tempered scores, 0.05..20, by golden section over its logarithm
 * (the cross-entropy is convex in 1 / T).
 */
export function fitTemperature(list: readonly Labelled[]): number {
  const fakes = list.filter((item) => item.fake).length;
  const items = list.map(({ score, fake }) => ({
    x: (fake ? -1 : 1) * logit(score),
    w: 1 / (fake ? fakes : list.length - fakes),
  }));
  const loss = (logT: number): number => items.reduce((sum, { x, w }) => sum + w * softplus2(x / Math.exp(logT)), 0);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  for (let i = 0; i < 60; i++) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (loss(left) <= loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
