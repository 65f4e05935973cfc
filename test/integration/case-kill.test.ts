/**
 * kill -9 in the middle of every kind of write. After each kill the database and the chain must hold, nothing that was
 * answered may be gone, and every exhibit must have its bytes. Two cases take turns, so that one child starts while
 * the other case is examined.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { openCase } from '../../src/casework/case.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';
import { ANNA, newCase } from './case-support.ts';

const KILLS = Number(process.env['VIDIMUS_KILLS'] ?? 200);
/** Kills after which a case is put away for a fresh one, so that examining it stays quick. */
const FRESH_AFTER = 20;
const cache = freshFolder('vidimus-compile-cache-');

interface Lane {
  folder: string;
  scratch: string;
  kills: number;
}

const writer = (lane: Lane, seed: number): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'test/integration/case-kill-child.ts'),
      lane.folder,
      lane.scratch,
      String(seed),
    ],
    { env: { ...process.env, NODE_COMPILE_CACHE: cache }, stdio: ['ignore', 'pipe', 'inherit'] },
  );

/** Starts a writer and kills it `ms` after its `writes`-th write was answered; tells what it said. */
function killed(lane: Lane, seed: number, writes: number, ms: number): Promise<string[]> {
  const child = writer(lane, seed);
  let said = '';
  let armed = false;
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      // The first line says that it is ready; the first write of a process is slow, and is hit by `writes` = 0.
      if (armed || said.split('\n').length - 2 < writes) return;
      armed = true;
      setTimeout(() => child.kill('SIGKILL'), ms);
    });
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(said.split('\n').slice(0, -1));
      else reject(new Error(`the writer ended by itself: ${said}`));
    });
  });
}

const Integrity = z.strictObject({ integrity_check: z.string() });
const Hash = z.strictObject({ hash: z.string() });

async function examine(lane: Lane, said: readonly string[], evidence: boolean): Promise<number> {
  const opened = openCase(lane.folder, { actor: ANNA });
  try {
    expect(opened.db.all(Integrity, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(opened.db.all(z.unknown(), 'PRAGMA foreign_key_check')).toEqual([]);
    const seen = await verifyCase(opened, { evidence });
    expect(seen.chain).toEqual([]);
    expect(seen.sound).toBe(true);
    const [seq, hash] = (said.at(-1) ?? '').split(' ');
    if (hash !== undefined)
      expect(opened.db.one(Hash, 'SELECT hash FROM audit WHERE seq = ?', Number(seq))).toEqual({ hash });
  } finally {
    opened.close();
  }
  return said.length - 1;
}

const freshLane = (): Lane => {
  const made = newCase();
  made.close();
  return { folder: made.folder, scratch: freshFolder('vidimus-kill-'), kills: 0 };
};

it(`holds after ${KILLS} kills at random moments`, { timeout: 1_200_000 }, async () => {
  let seed = 1;
  let left = KILLS;
  let answered = 0;
  const work = async (): Promise<void> => {
    let lane = freshLane();
    while (left > 0) {
      left -= 1;
      seed += 1;
      const writes = (seed * 7919) % 17;
      const ms = writes === 0 ? (seed * 31) % 60 : (seed * 31) % 7;
      answered += await examine(lane, await killed(lane, seed, writes, ms), seed % 5 === 0);
      lane.kills += 1;
      if (lane.kills >= FRESH_AFTER) {
        rmSync(lane.scratch, { recursive: true, force: true });
        lane = freshLane();
      }
    }
    rmSync(lane.scratch, { recursive: true, force: true });
  };
  const started = performance.now();
  const warm = writer(freshLane(), 0);
  await new Promise((resolve) => warm.on('close', resolve));
  await Promise.all([work(), work()]);
  console.log(`${KILLS} kills, ${answered} answered writes, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  expect(answered).toBeGreaterThan(KILLS);
});
