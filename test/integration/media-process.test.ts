import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runFfmpeg } from '../../src/engine/media/child.ts';
import { open, PLAN } from '../helpers/collect.ts';
import { fixture } from '../helpers/fixtures.ts';

const BOTH = { frames: { sampling: { kind: 'all' } }, sound: { sampleRate: 16000 } } as const;

/** Processes whose parent we are, without the one that lists them. */
function children(): string[] {
  const list = execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes('ffmpeg'));
}

describe.skipIf(process.platform === 'win32')('no process stays behind', () => {
  it('after the end', async () => {
    const media = await open(fixture('h264.mp4'));
    for await (const item of media.decode(BOTH)) expect(item.kind).toMatch(/frame|sound/);
    expect(children()).toEqual([]);
  });

  it('when the reader leaves, at once and without the rest', async () => {
    const media = await open(fixture('h264.mp4'));
    const pass = media.decode(BOTH);
    for await (const item of pass) {
      if (item.kind === 'frame') break;
    }
    expect(children()).toEqual([]);
    expect(pass.report().framesGiven).toBeLessThan(50);
  });

  it('when the reader throws', async () => {
    const media = await open(fixture('h264.mp4'));
    const read = async () => {
      for await (const item of media.decode(BOTH)) if (item.kind === 'frame') throw new Error('mine');
    };
    await expect(read()).rejects.toThrow('mine');
    expect(children()).toEqual([]);
  });

  it('when it is cancelled, even while the reader waits', async () => {
    const abort = new AbortController();
    const media = await open(fixture('h264.mp4'), { signal: abort.signal });
    let seen = 0;
    const read = async () => {
      for await (const item of media.decode(BOTH)) {
        if (item.kind === 'frame' && ++seen === 3) abort.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toBe(3);
    expect(children()).toEqual([]);
  });

  it('when the time is up', async () => {
    const plan = { ...PLAN, timeLimitSeconds: 60 };
    const media = await open(fixture('h264.mp4'), { plan });
    plan.timeLimitSeconds = 0.3;
    const read = async () => {
      for await (const item of media.decode(BOTH)) {
        if (item.kind === 'frame') await new Promise((done) => setTimeout(done, 100));
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'evidence.timeout' });
    expect(children()).toEqual([]);
  });

  it('and a pass is refused before it starts where the work is already cancelled', async () => {
    const media = await open(fixture('h264.mp4'));
    const pass = media.decode(BOTH, { signal: AbortSignal.abort() });
    const iterator = pass[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(children()).toEqual([]);
  });
});

/** Process ids of every ffmpeg that reads the file. */
function readersOf(path: string): string[] {
  const list = execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes('ffmpeg') && line.includes(`file:${path}`));
}

describe.skipIf(process.platform === 'win32')('a death', () => {
  it('of this process takes the decoder along', async () => {
    const path = fixture('h264.mov');
    const module = new URL('../../src/engine/media/media.ts', import.meta.url).href;
    const script =
      `const { openMedia } = await import(${JSON.stringify(module)});` +
      `const media = await openMedia(${JSON.stringify(path)}, { plan: { maxPixels: 1e8, timeLimitSeconds: 60 } });` +
      `for await (const item of media.decode({ frames: { sampling: { kind: 'all' } } })) {` +
      ` console.log(item.kind); await new Promise(() => setInterval(() => {}, 1000)); }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    for (let wait = 0; wait < 50 && readersOf(path).length > 0; wait++)
      await new Promise((done) => setTimeout(done, 100));
    expect(readersOf(path)).toEqual([]);
  });

  it('of the decoder is told and loses nothing that came before', async () => {
    const path = fixture('h264.mkv');
    const media = await open(path);
    const pass = media.decode(BOTH);
    let frames = 0;
    for await (const item of pass) {
      if (item.kind !== 'frame' || ++frames > 1) continue;
      for (const line of readersOf(path)) process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL');
    }
    // A film this small may have been decoded before the signal came.
    if (frames < 50) expect(media.evidenceAfter(pass).warnings.join()).toMatch(/stopped early|announces 50 frames/);
    expect(frames).toBe(pass.report().framesGiven);
  });

  it('before birth is a missing tool', async () => {
    const tool = {
      path: '/nonexistent/ffmpeg',
      origin: 'PATH',
      version: '0',
      release: [1, 0],
      resampler: 'swr',
    } as const;
    const run = runFfmpeg(tool, ['-version'], { timeLimitSeconds: 5, onLine: () => undefined });
    await expect(run).rejects.toMatchObject({ code: 'tool.missing' });
  });
});

describe('a slow reader', () => {
  it('holds the decoder back: little waits, nothing is lost', async () => {
    const media = await open(fixture('h264.mp4'));
    const pass = media.decode(BOTH);
    let frames = 0;
    let ahead = 0;
    for await (const item of pass) {
      if (item.kind !== 'frame') continue;
      frames++;
      if (frames < 5) await new Promise((done) => setTimeout(done, 50));
      ahead = Math.max(ahead, frames < 5 ? pass.report().framesGiven - frames : 0);
    }
    expect(frames).toBe(50);
    // A pipe's worth of these small frames may come at once before it is held.
    expect(ahead).toBeLessThan(12);
  });

  it('may keep frames, and gives memory back with recycle', async () => {
    const media = await open(fixture('h264.mp4'));
    const pass = media.decode(BOTH);
    const buffers = new Set<ArrayBufferLike>();
    for await (const item of pass) {
      if (item.kind !== 'frame') continue;
      buffers.add(item.frame.data.buffer);
      pass.recycle(item.frame);
    }
    expect(buffers.size).toBeLessThan(20);
  });
});
