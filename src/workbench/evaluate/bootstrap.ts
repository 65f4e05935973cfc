/**
 * 95 % intervals by a bootstrap over sources (Field and Welsh 2007): files of one camera, person or recording are not
 * independent, so whole sources are drawn, separately for real and manipulated files.
 */
import type { Labelled, Tally } from './tally.ts';
import { inOrder, resampledTally } from './tally.ts';

/** A labelled score and the source it comes from. */
export interface Sourced extends Labelled {
  readonly source: string;
}

/** Seeded uniform numbers in [0, 1): xorshift128, so that the same files give the same interval everywhere. */
export function seeded(seed: number): () => number {
  let x = seed >>> 0 || 1;
  let y = 362436069;
  let z = 521288629;
  let w = 88675123;
  const next = (): number => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w / 4294967296;
  };
  // The first numbers still show the seed.
  for (let i = 0; i < 20; i++) next();
  return next;
}

export interface BootstrapOptions {
  readonly replicates?: number;
  readonly seed?: number;
}

/** An estimate with its 95 % interval; the interval is null where no resample gave a value. */
export interface Interval {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Named metrics of one tally; null where a metric does not exist for it. */
export type Metrics<K extends string> = Readonly<Record<K, number | null>>;

/** Places of the items of each source, by class. Where a class has one source only its files are drawn instead. */
function unitsOf(list: readonly Sourced[], fake: boolean): number[][] {
  const bySource = new Map<string, number[]>();
  list.forEach((item, i) => {
    if (item.fake !== fake) return;
    const members = bySource.get(item.source);
    if (members === undefined) bySource.set(item.source, [i]);
    else members.push(i);
  });
  const units = [...bySource.values()];
  return units.length > 1 ? units : units.flatMap((members) => members.map((i) => [i]));
}

/**
 * Percentile intervals of metrics over resampled sources; all metrics see the same resamples. Deterministic for a
 * list, a seed and a number of replicates (default 1000). `list` must hold both classes.
 */
export function bootstrap<K extends string>(
  list: readonly Sourced[],
  measure: (tally: Tally) => Metrics<K>,
  names: readonly K[],
  options: BootstrapOptions = {},
): Map<K, { low: number | null; high: number | null }> {
  const random = seeded(options.seed ?? 20160907);
  const ordered = inOrder(list);
  const classes = [unitsOf(ordered, false), unitsOf(ordered, true)];
  const values = new Map<K, number[]>(names.map((name) => [name, []]));
  const weights = new Uint32Array(ordered.length);
  for (let r = 0; r < (options.replicates ?? 1000); r++) {
    weights.fill(0);
    for (const units of classes) {
      for (let k = 0; k < units.length; k++) {
        for (const i of units[Math.floor(random() * units.length)] ?? []) weights[i] = (weights[i] ?? 0) + 1;
      }
    }
    const tally = resampledTally(ordered, weights);
    if (tally === null) continue;
    const metrics = measure(tally);
    for (const name of names) {
      const value = metrics[name];
      if (value !== null && Number.isFinite(value)) values.get(name)?.push(value);
    }
  }
  return new Map(
    names.map((name) => {
      const sorted = Float64Array.from(values.get(name) ?? []).sort();
      return [name, { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }];
    }),
  );
}

/** Quantile by linear interpolation (type 7 of Hyndman and Fan 1996) of rising values; null of none. */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0) return null;
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (at - Math.floor(at)) * (above - below);
}

/** Sources of one class. */
export const sourcesOf = (list: readonly Sourced[], fake: boolean): number =>
  new Set(list.filter((item) => item.fake === fake).map((item) => item.source)).size;
