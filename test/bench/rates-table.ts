/**
 * Tables in Markdown of what picture-rates.ts and sound-rates.ts wrote: node test/bench/rates-table.ts HALF FILE…
 *
 * HALF is `tune` or `test`. Rates come with Wilson's 95 % interval.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ARTIFACT_TYPES, INCONSISTENCY_TYPES } from '../../src/engine/detectors/sound-counts.ts';
import { interval } from './rates.ts';

const Alarm = z.tuple([z.string(), z.string()]).rest(z.unknown());
const Row = z.object({
  half: z.string(),
  group: z.string(),
  label: z.string().optional(),
  name: z.string(),
  what: z.string().optional(),
  quality: z.number().optional(),
  detector: z.string().optional(),
  seconds: z.number().nullable().optional(),
  alarms: z.array(Alarm),
});
type Row = z.infer<typeof Row>;

const [half, ...files] = process.argv.slice(2);
if (half === undefined || files.length === 0) {
  console.error('usage: rates-table.ts tune|test FILE…');
  process.exit(2);
}
// A clip that two runs measured counts once, as the last one saw it.
const rows = new Map<string, Row>();
for (const line of files.flatMap((f) => readFileSync(f, 'utf8').split('\n'))) {
  if (line === '') continue;
  const row = Row.parse(JSON.parse(line));
  if (row.half === half) rows.set([row.group, row.name, row.what, row.quality, row.detector].join('\t'), row);
}
const all = [...rows.values()];
const percent = (v: number): string => (100 * v).toFixed(v < 0.1 && v > 0 ? 1 : 0);
const rate = (k: number, n: number): string => {
  const [from, to] = interval(k, n);
  return `${k}/${n} = ${percent(n === 0 ? 0 : k / n)} % (${percent(from)}–${percent(to)})`;
};
const grouped = <K extends string>(list: readonly Row[], key: (row: Row) => K): Map<K, Row[]> => Map.groupBy(list, key);

/** Three encodings of one picture are not independent, so each quality has its own column and interval. */
function pictures(list: readonly Row[]): void {
  const qualities = [...new Set(list.map((r) => r.quality))].sort();
  console.log(`| set | case | detector | ${qualities.map((q) => `stored at ${q}`).join(' | ')} |`);
  console.log(`|---|---|---|${qualities.map(() => '---|').join('')}`);
  const cell = (r: readonly Row[]): string => {
    const with_ = (levels: readonly string[]): number =>
      r.filter((x) => x.alarms.some(([, level]) => levels.includes(level))).length;
    const some = with_(['low', 'medium', 'high']);
    return `${rate(some, r.length)}${some > 0 ? `; medium ${with_(['medium'])}, high ${with_(['high'])}` : ''}`;
  };
  const cases = grouped(list, (r) => [r.group, r.what, r.detector].join(' | '));
  for (const [key, of] of [...cases].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`| ${key} | ${qualities.map((q) => cell(of.filter((r) => r.quality === q))).join(' | ')} |`);
  }
}

function sound(list: readonly Row[]): void {
  const types = [...INCONSISTENCY_TYPES, ...ARTIFACT_TYPES].filter((t) =>
    list.some((r) => r.alarms.some(([type]) => type === t)),
  );
  console.log(
    `| recordings | n | mean s | ${types.join(' | ')} | any | medium or high |\n|---|---|---|${types.map(() => '---|').join('')}---|---|`,
  );
  const line = (name: string, r: readonly Row[], intervals: boolean): void => {
    const cell = (test: (alarm: Row['alarms'][number]) => boolean): string => {
      const k = r.filter((x) => x.alarms.some(test)).length;
      return intervals ? rate(k, r.length) : String(k);
    };
    const seconds = r.reduce((s, x) => s + (x.seconds ?? 0), 0) / r.length;
    const cells = types.map((t) => cell(([type]) => type === t));
    const more = [cell(() => true), cell(([, level]) => level !== 'low')];
    console.log(`| ${name} | ${r.length} | ${seconds.toFixed(1)} | ${[...cells, ...more].join(' | ')} |`);
  };
  for (const label of ['real', 'synthetic']) {
    const of = list.filter((r) => r.label === label);
    for (const [group, r] of [...grouped(of, (r) => r.group)].sort(([a], [b]) => a.localeCompare(b))) {
      line(`${label}: ${group}`, r, false);
    }
    if (of.length > 0) line(`**all ${label}**`, of, true);
  }
}

const still = all.filter((r) => r.label === undefined);
if (still.length > 0) pictures(still);
if (still.length < all.length) sound(all.filter((r) => r.label !== undefined));
