/** The queue: order, failures, pause, cancel, evidence that changes under it, kills, and what is left on the disk. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCase, type WritableCase } from '../../src/casework/case.ts';
import { findAnalysis, listAnalyses, listPacks, readResult, readSeries } from '../../src/casework/records/analyses.ts';
import { listCustody, listExhibits } from '../../src/casework/records/exhibits.ts';
import { listFindings } from '../../src/casework/records/findings.ts';
import {
  enqueue,
  jobCounts,
  listJobs,
  recoverJobs,
  retryJob,
  setPriority,
  startNextJob,
} from '../../src/casework/records/jobs.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { isPaused, setPaused, startQueue } from '../../src/workbench/queue.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { freshFolder, startCli } from '../helpers/cli.ts';
import { makeClip } from '../helpers/clips.ts';
import { GOLDEN, ROOT } from '../helpers/shared.ts';
import { fakeEngine } from './case-fake-engine.ts';
import { ANNA, evidenceFile, failure, newCase, take } from './case-support.ts';

const plan = makePlan({ artifacts: true });

async function withExhibits(n: number): Promise<{ made: WritableCase; folder: string }> {
  const made = newCase();
  const folder = freshFolder();
  for (let i = 1; i <= n; i += 1) await take(made, evidenceFile(folder, `file ${i}.bin`, 1000 + i), 'reference');
  for (const exhibit of listExhibits(made.db)) enqueue(made, exhibit.id, plan);
  return { made, folder };
}

describe('the queue', () => {
  it('does every job, stores result, series, packs, artefacts and custody, and does nothing twice', async () => {
    const { made } = await withExhibits(3);
    const engine = fakeEngine(1);
    const summary = await startQueue(made, engine, { concurrency: 1 }).done;
    expect(summary).toMatchObject({
      state: 'finished',
      words: 'finished',
      counts: { done: 3, queued: 0, running: 0, failed: 0 },
    });
    const [exhibit] = listExhibits(made.db);
    expect(exhibit.mediaType).toBe('audio');
    const [analysis] = listAnalyses(made.db, exhibit.id);
    expect(listPacks(made.db, analysis.id)).toMatchObject([
      { packId: 'aasist', version: '1.0.0', sha256: 'a'.repeat(64) },
    ]);
    const result = readResult(made.db, analysis.id);
    expect(result.series[0].y[3]).toBeNull();
    expect(readSeries(made.db, analysis.id)[0].y[3]).toBeNaN();
    expect(listCustody(made.db, exhibit.id).map(({ type }) => type)).toEqual(['received', 'analysed']);
    expect(
      existsSync(
        join(made.folder, 'artifacts', result.artifacts[0].sha256.slice(0, 2), `${result.artifacts[0].sha256}.png`),
      ),
    ).toBe(true);
    expect(readdirSync(join(made.folder, 'work'))).toEqual([]);
    const again = enqueue(made, exhibit.id, plan);
    expect(again.job).toBeNull();
    expect(again.known?.id).toBe(findAnalysis(made.db, exhibit.id, analysis.planHash)?.id);
    expect(enqueue(made, exhibit.id, plan, { again: 'new pack installed' }).job).toMatchObject({
      state: 'queued',
      reason: 'new pack installed',
    });
    expect(await verifyCase(made, { evidence: true })).toMatchObject({ sound: true });
    made.close();
  });

  it('takes the highest priority first, then the oldest, and no more at once than asked for', async () => {
    const { made } = await withExhibits(6);
    setPriority(made, listJobs(made.db)[4].id, 50);
    const engine = fakeEngine(30);
    const taken: string[] = [];
    await startQueue(made, engine, { concurrency: 2, onStart: (_, { originalName }) => taken.push(originalName) }).done;
    // Both lanes check their file's bytes before they call the engine, so the order of its calls is not that of taking.
    expect(taken.slice(0, 2)).toEqual(['file 5.bin', 'file 1.bin']);
    expect(engine.peak()).toBe(2);
    made.close();
  });

  it('goes on past failures and says the truth at the end; a retry has its reason', async () => {
    const { made, folder } = await withExhibits(4);
    writeFileSync(join(folder, 'broken.bin'), 'BROKEN');
    const broken = await take(made, join(folder, 'broken.bin'), 'reference');
    enqueue(made, broken.id, plan);
    rmSync(join(folder, 'file 2.bin'));
    appendFileSync(join(folder, 'file 3.bin'), 'more');
    const engine = fakeEngine(1);
    const summary = await startQueue(made, engine, { concurrency: 1 }).done;
    expect(summary.counts).toMatchObject({ done: 2, failed: 3 });
    expect(summary.words).toMatch(
      /^finished with 3 failures: 2 file 2\.bin: There is no file .*; 3 file 3\.bin: The bytes are not those of the intake.*; 5 broken\.bin: Nothing could be decoded\.$/,
    );
    expect(engine.begun).toHaveLength(3);
    const kinds = listFindings(made.db).map(({ kind, effect }) => `${kind} ${effect}`);
    expect(kinds).toEqual(['evidence-missing notice', 'hash-mismatch blocks-signing']);
    const failed = listJobs(made.db, 'failed');
    evidenceFile(folder, 'file 2.bin', 1002);
    retryJob(made, failed[0].id, 'the drive is back');
    expect(await startQueue(made, engine, {}).done).toMatchObject({
      words: 'finished',
      counts: { done: 3, failed: 2 },
    });
    expect(listJobs(made.db)[1]).toMatchObject({ state: 'done', attempts: 2, reason: 'the drive is back' });
    expect((await failure(() => retryJob(made, listJobs(made.db)[0].id, 'no'))).code).toBe('case.rule');
    made.close();
  });

  it('discards the result of a file that changed between verification and analysis', async () => {
    const { made } = await withExhibits(1);
    const summary = await startQueue(
      made,
      fakeEngine(1, (path) => appendFileSync(path, 'x')),
      {},
    ).done;
    expect(summary.words).toMatch(/changed between verification and analysis/);
    expect(listAnalyses(made.db, listExhibits(made.db)[0].id)).toEqual([]);
    expect(listFindings(made.db)).toMatchObject([{ kind: 'hash-mismatch', effect: 'blocks-signing' }]);
    expect(readdirSync(join(made.folder, 'work'))).toEqual([]);
    made.close();
  });

  it('pauses, also across closing, and goes on', async () => {
    const { made } = await withExhibits(4);
    const engine = fakeEngine(1);
    const queue = startQueue(made, engine, { concurrency: 1, onEnd: () => queue.pause() });
    expect(await queue.done).toMatchObject({ state: 'paused', words: 'paused, 3 still waiting' });
    made.close();
    const again = openCase(made.folder, { actor: ANNA });
    expect(isPaused(again)).toBe(true);
    expect((await startQueue(again, engine, {}).done).counts.done).toBe(1);
    setPaused(again, false);
    expect((await startQueue(again, engine, {}).done).counts.done).toBe(4);
    again.close();
  });

  it('cancels one job, waiting or running, and stops as a whole without calling anything failed', async () => {
    const { made } = await withExhibits(4);
    const jobs = listJobs(made.db);
    const queue = startQueue(made, fakeEngine(60), {
      concurrency: 1,
      onStart: (job) => {
        if (job.id !== jobs[0].id) return;
        queue.cancel(jobs[2].id, 'not relevant');
        setTimeout(() => queue.cancel(jobs[0].id, 'wrong file'), 20);
      },
    });
    expect(await queue.done).toMatchObject({ words: 'finished, 1 cancelled', counts: { done: 2, cancelled: 2 } });
    expect(
      listJobs(made.db, 'cancelled')
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['not relevant', 'wrong file']);
    for (const exhibit of listExhibits(made.db)) enqueue(made, exhibit.id, plan, { again: 'x' });
    const controller = new AbortController();
    const stopping = startQueue(made, fakeEngine(100), { concurrency: 2, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    expect(await stopping.done).toMatchObject({
      state: 'stopped',
      words: 'stopped, 4 still waiting',
      counts: { queued: 4, running: 0, failed: 0 },
    });
    made.close();
  });

  it('takes an exhibit under which the program ended three times for the cause', async () => {
    const { made } = await withExhibits(1);
    for (let i = 0; i < 3; i += 1) {
      expect(startNextJob(made)?.state).toBe('running');
      recoverJobs(made);
    }
    expect(listJobs(made.db)).toMatchObject([{ state: 'failed', errorCode: 'engine.crashed', interruptions: 3 }]);
    expect(startNextJob(made)).toBeNull();
    made.close();
  });

  it('sweeps what a kill left, and nothing else', async () => {
    const { made } = await withExhibits(1);
    await startQueue(made, fakeEngine(1), {}).done;
    const orphan = join(made.folder, 'artifacts', 'ff', `${'f'.repeat(64)}.png`);
    mkdirSync(join(made.folder, 'artifacts', 'ff'), { recursive: true });
    mkdirSync(join(made.folder, 'work', 'half'), { recursive: true });
    writeFileSync(orphan, 'half');
    writeFileSync(join(made.folder, 'work', 'half', 'x.png'), 'half');
    expect((await startQueue(made, fakeEngine(1), {}).done).swept).toBe(2);
    expect(existsSync(orphan)).toBe(false);
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
  });
});

describe('after kill -9', () => {
  it('goes on at the exhibit where it stopped; finished work is not repeated', async () => {
    const { made } = await withExhibits(12);
    made.close();
    const begun: string[] = [];
    let words = '';
    let kills = 0;
    for (let round = 0; words === '' && round < 40; round += 1) {
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', join(ROOT, 'test/integration/case-queue-child.ts'), made.folder],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let said = '';
      let ends = 0;
      await new Promise((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          ends = said.split('\n').filter((line) => line.startsWith('end')).length;
          if (ends >= 2 && kills < 4) setTimeout(() => child.kill('SIGKILL'), (round % 4) * 7);
        });
        child.on('close', resolve);
      });
      if (child.signalCode === 'SIGKILL') kills += 1;
      begun.push(...said.split('\n').filter((line) => line.startsWith('begin')));
      words =
        said
          .split('\n')
          .find((line) => line.startsWith('words'))
          ?.slice(6) ?? '';
      const opened = openCase(made.folder, { actor: ANNA });
      expect((await verifyCase(opened, { evidence: true })).chain).toEqual([]);
      opened.close();
    }
    expect(words).toBe('finished');
    expect(kills).toBeGreaterThanOrEqual(3);
    // Two ran at once at each kill, so at most two are begun again.
    expect(begun.length).toBeLessThanOrEqual(12 + 2 * kills);
    const opened = openCase(made.folder, { actor: ANNA });
    expect(jobCounts(opened.db)).toMatchObject({ done: 12, failed: 0 });
    for (const exhibit of listExhibits(opened.db)) expect(listAnalyses(opened.db, exhibit.id)).toHaveLength(1);
    expect((await verifyCase(opened, { evidence: true })).sound).toBe(true);
    expect(readdirSync(join(opened.folder, 'work'))).toEqual([]);
    opened.close();
  });

  it('of the real engine: the job fails with its reason, the queue goes on', async () => {
    const made = newCase();
    const folder = freshFolder();
    const clip = await take(made, makeClip(join(folder, 'clip.mp4'), 40, '1280x720'));
    const wav = await take(made, join(GOLDEN, 'audio/espeak-en-gb-16k.wav'));
    for (const { id } of [clip, wav]) enqueue(made, id, makePlan({ frames: { kind: 'all' } }));
    process.env['VIDIMUS_HOME'] = freshFolder();
    const workbench = openWorkbench({ engines: 1 });
    let killed = false;
    const summary = await startQueue(made, workbench, {
      concurrency: 1,
      onProgress: (_job, exhibit, progress) => {
        if (killed || exhibit.id !== clip.id || progress.stage !== 'decode') return;
        killed = true;
        for (const pid of workbench.enginePids()) process.kill(pid, 'SIGKILL');
      },
    }).done;
    await workbench.close();
    expect(summary.counts).toMatchObject({ failed: 1, done: 1 });
    expect(summary.words).toMatch(/finished with 1 failure: 1 clip\.mp4: The engine process ended.*SIGKILL/);
    expect(listAnalyses(made.db, wav.id)).toHaveLength(1);
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
  });

  it('of the program on the command line: the next start finishes', async () => {
    const made = newCase();
    const folder = freshFolder();
    await take(made, join(GOLDEN, 'audio/espeak-en-gb-16k.wav'));
    await take(made, makeClip(join(folder, 'clip.mp4'), 30, '1280x720'));
    made.close();
    const first = startCli(['case', 'analyze', made.folder, '--frames', '40', '--concurrency', '1', '--no-artifacts']);
    await new Promise<void>((resolve) => {
      first.child.stderr?.on('data', (text) => {
        if (String(text).includes('done'))
          setTimeout(() => {
            first.child.kill('SIGKILL');
            resolve();
          }, 600);
      });
      first.child.on('close', () => resolve());
    });
    expect((await first.done).signal).toBe('SIGKILL');
    const second = await startCli([
      'case',
      'analyze',
      made.folder,
      '--frames',
      '40',
      '--concurrency',
      '1',
      '--no-artifacts',
      '--json',
    ]).done;
    expect(second.code, second.stderr).toBe(0);
    const answer: unknown = JSON.parse(second.stdout);
    expect(answer).toMatchObject({
      known: 1,
      queued: 1,
      summary: { recovered: 1, words: 'finished', counts: { done: 2 } },
    });
  });
});
