import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
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
