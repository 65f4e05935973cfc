/** Which frames of a video are examined, as numbers and as the expression that picks them inside ffmpeg. */
import type { FrameSampling } from '../../contract/result.ts';

/** What a pass may be asked for: the samplings of a plan, or a run of frames that somebody looks at. */
export type Sampling = FrameSampling | { readonly kind: 'range'; readonly from: number; readonly count: number };

/** The sampling in words, for the record. */
export const samplingText = (sampling: Sampling): string =>
  sampling.kind === 'every' || sampling.kind === 'evenly'
    ? `${sampling.kind} ${sampling.n}`
    : sampling.kind === 'range'
      ? `${sampling.count} from ${sampling.from}`
      : sampling.kind;

/**
 * `n` frame numbers spread evenly from the first to the last of `total`: numpy.linspace(0, total - 1, n) cut to
 * integers, as training pipelines sample; all frames where there are not more than `n`.
 */
export function evenlySpaced(total: number, n: number): number[] {
  if (total <= n) return Array.from({ length: total }, (_, i) => i);
  if (n === 1) return [0];
  const step = (total - 1) / (n - 1);
  return Array.from({ length: n }, (_, i) => (i === n - 1 ? total - 1 : Math.trunc(i * step)));
}

/** Number of frames a sampling gives of `total`; `keys` is the number of key frames. */
export function sampledCount(sampling: Sampling, total: number, keys: number): number {
  switch (sampling.kind) {
    case 'all':
      return total;
    case 'every':
      return Math.ceil(total / sampling.n);
    case 'evenly':
      return Math.min(total, sampling.n);
    case 'key':
      return keys;
    case 'range':
      return Math.max(0, Math.min(sampling.count, total - sampling.from));
  }
}

/**
 * The condition of ffmpeg's select filter over frame numbers `n`, or null where every frame is taken.
 * Constant work per frame however many are picked, in the same double arithmetic as {@link evenlySpaced}.
 */
export function selectExpression(sampling: Sampling, total: number): string | null {
  switch (sampling.kind) {
    case 'all':
      return null;
    case 'every':
      return sampling.n === 1 ? null : `not(mod(n,${sampling.n}))`;
    case 'key':
      return 'key';
    case 'range':
      return `between(n,${sampling.from},${sampling.from + sampling.count - 1})`;
    case 'evenly': {
      if (total <= sampling.n) return null;
      if (sampling.n === 1) return 'eq(n,0)';
      const step = (total - 1) / (sampling.n - 1);
      const last = sampling.n - 1;
      const hit = (i: string) => `lt(${i},${last})*eq(trunc((${i})*${step}),n)`;
      return `st(0,floor(n/${step}))*0+${hit('ld(0)')}+${hit('ld(0)+1')}+eq(n,${total - 1})`;
    }
  }
}

/** Whether frame `index` is taken; the same rule for pictures with pages, which ffmpeg does not decode. */
export function isSampled(sampling: Sampling, index: number, total: number): boolean {
  if (sampling.kind === 'every') return index % sampling.n === 0;
  if (sampling.kind === 'range') return index >= sampling.from && index < sampling.from + sampling.count;
  if (sampling.kind === 'evenly') return evenlySpaced(total, sampling.n).includes(index);
  return true;
}
