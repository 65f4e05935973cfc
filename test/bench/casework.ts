/**
 * Casework at size: `node test/bench/casework.ts`. 100,000 exhibits (records alone, without bytes), a million points
 * of series, and the rate of re-verification beside sha256sum. One line per figure.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { verifyChain, verifyRecords } from '../../src/casework/audit/verify.ts';
import { createCase, openCase, openCaseForReading } from '../../src/casework/case.ts';
import { hashFile, sha256File } from '../../src/casework/evidence/hash.ts';
import { addAnalysis, readResult, readSeries } from '../../src/casework/records/analyses.ts';
import { insertExhibit, listExhibits, type Measured } from '../../src/casework/records/exhibits.ts';
import { search } from '../../src/casework/records/search.ts';
import { ANNA, resultFor } from '../integration/case-support.ts';

const EXHIBITS = Number(process.env['VIDIMUS_BENCH_EXHIBITS'] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'vidimus-bench-'));
const say = (name: string, value: number, unit: string): void =>
  console.log(`${name.padEnd(60)} ${value.toFixed(value < 10 ? 2 : 0).padStart(9)} ${unit}`);
const seconds = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
/** Median of `runs` times in ms. */
async function median(runs: number, work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i += 1) times.push((await seconds(work)) * 1000);
  return times.sort((a, b) => a - b)[runs >> 1];
}

console.log(`load ${loadavg()[0].toFixed(1)}`);
const made = createCase(
  join(folder, 'case'),
  { number: 'bench', agency: null, matter: null, description: null },
  { actor: ANNA },
);
const WORDS = ['harbour', 'Straße', 'メッセージ', 'interview', 'камера', 'phone', 'garage', 'night'];
const measured = (i: number): Measured => {
  const hash = (algorithm: string): string => createHash(algorithm).update(String(i)).digest('hex');
  return {
    originalName: `IMG_${i} ${WORDS[i % 8]}.jpg`,
    originalPath: `/media/drive/DCIM/${i % 100}/IMG_${i}.jpg`,
    bytes: i * 7,
    mediaType: i % 3 === 0 ? 'video' : 'image',
    fileModifiedUtc: '2026-01-01T00:00:00.000Z',
    sha256: hash('sha256'),
    sha512: hash('sha512'),
    md5: hash('md5'),
    storage: 'reference',
    path: `/media/drive/DCIM/${i % 100}/IMG_${i}.jpg`,
  };
};
const single = await seconds(() => {
  for (let i = 0; i < 200; i += 1) insertExhibit(made, measured(i), { itemNumber: `s${i}` }, 'bench');
});
say('insert one by one, each durable', 200 / single, 'exhibits/s');
const before = process.cpuUsage();
const bulk = await seconds(() => {
  for (let start = 200; start < EXHIBITS; start += 1000)
    made.db.transaction(() => {
      for (let i = start; i < Math.min(EXHIBITS, start + 1000); i += 1) insertExhibit(made, measured(i), {}, 'bench');
    });
});
say(`insert ${EXHIBITS} in transactions of 1000, with custody and audit`, (EXHIBITS - 200) / bulk, 'exhibits/s');
const { user, system } = process.cpuUsage(before);
say('  processor time per exhibit, whatever else the machine does', (user + system) / 1000 / (EXHIBITS - 200), 'ms');
const all = listExhibits(made.db, { limit: EXHIBITS });
say('list page of 100, first', await median(21, () => listExhibits(made.db)), 'ms');
say('list page of 100, last', await median(21, () => listExhibits(made.db, { after: all[all.length - 101].id })), 'ms');
say(
  'list page of 100 videos, middle',
  await median(21, () => listExhibits(made.db, { mediaType: 'video', after: all[all.length >> 1].id })),
  'ms',
);
say('search one exhibit by name', await median(21, () => search(made.db, 'IMG_77777')), 'ms');
say(
  `search a word in every 8th exhibit, best 50 of ${EXHIBITS / 8}`,
  await median(5, () => search(made.db, 'harbour')),
  'ms',
);
say(
  'search two letters of a script without blanks',
  await median(5, () => search(made.db, 'メッセージ IMG_1002')),
  'ms',
);
made.close();
say('database', statSync(join(folder, 'case', 'case.db')).size / 1e6, 'MB');
say('open for reading (quick check)', await median(3, () => openCaseForReading(join(folder, 'case')).close()), 'ms');
say(
  'open for writing (quick check)',
  await median(3, () => openCase(join(folder, 'case'), { actor: ANNA }).close()),
  'ms',
);
const opened = openCase(join(folder, 'case'), { actor: ANNA });
say(
  'verify chain and all records',
  await seconds(() => {
    const verdict = verifyChain(opened.db);
    if (verdict.problems.length + verifyRecords(opened.db, verdict.records).length > 0) throw new Error('not sound');
  }),
  's',
);

const result = resultFor(all[0], 100);
const n = 1_000_000;
const big = {
  ...result,
  series: [
    {
      ...result.series[0],
      x: Array.from({ length: n }, (_, i) => i / 100),
      y: Array.from({ length: n }, (_, i) => Math.sin(i / 50)),
    },
  ],
};
let analysis = '';
say(
  'write 1 million points (whole result, hashed)',
  (await seconds(() => {
    analysis = addAnalysis(opened, all[0].id, big, new Date()).id;
  })) * 1000,
  'ms',
);
say('read 1 million points as typed arrays', await median(5, () => readSeries(opened.db, analysis)), 'ms');
say(
  'read 1 million points as the result document, hash checked',
  (await seconds(() => readResult(opened.db, analysis))) * 1000,
  'ms',
);
opened.close();

const file = join(folder, 'big.bin');
const out = openSync(file, 'w');
const block = Buffer.alloc(8 << 20, 0x3c);
for (let i = 0; i < 64; i += 1) writeSync(out, block);
closeSync(out);
const megabytes = statSync(file).size / 1e6;
for (const round of [1, 2]) {
  say(`verify (SHA-256), round ${round}`, megabytes / (await seconds(() => sha256File(file))), 'MB/s');
  say(`sha256sum, round ${round}`, megabytes / (await seconds(() => execFileSync('sha256sum', [file]))), 'MB/s');
}
say('intake (SHA-256, SHA-512, MD5)', megabytes / (await seconds(() => hashFile(file))), 'MB/s');
rmSync(folder, { recursive: true, force: true });
