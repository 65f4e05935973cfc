/** Pictures for print, made by the engine process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { freshFolder } from '../helpers/cli.ts';
import { failure } from './case-support.ts';
import { sample } from './reporting-support.ts';

const workbench = openWorkbench();
afterAll(() => workbench.close());
const folder = freshFolder();
const plan = { maxPixels: 100_000_000, timeLimitSeconds: 60 };
let n = 0;
const ask = (
  path: string,
  changes: { frame?: number; maxSide?: number; format?: 'png' | 'jpeg'; out?: string } = {},
) => {
  n += 1;
  const request = {
    path,
    frame: 0,
    maxSide: 1600,
    format: 'png' as const,
    out: join(folder, `${n}.png`),
    plan,
    ...changes,
  };
  return { request, done: workbench.call('media.picture', request) };
};

describe('media.picture', () => {
  it('gives the frame that was asked for, upright and small enough, and names what it read', async () => {
    const clip = sample('clip.mp4');
    const { request, done } = ask(clip, { frame: 37, maxSide: 240 });
    const made = await done;
    const sha256 = createHash('sha256').update(readFileSync(clip)).digest('hex');
    expect(made).toMatchObject({
      frame: 37,
      seconds: 1.48,
      width: 240,
      height: 180,
      sourceWidth: 480,
      sourceSha256: sha256,
    });
    expect(createHash('sha256').update(readFileSync(request.out)).digest('hex')).toBe(made.sha256);
    expect(await sharp(request.out).metadata()).toMatchObject({ format: 'png', width: 240, height: 180, channels: 3 });
  });

  it('shows other pictures for other frames and the same bytes for the same one', async () => {
    const clip = sample('clip.mp4');
    const [a, b, c] = await Promise.all([
      ask(clip, { frame: 0 }).done,
      ask(clip, { frame: 99 }).done,
      ask(clip, { frame: 0 }).done,
    ]);
    expect(a.sha256).toBe(c.sha256);
    expect(a.sha256).not.toBe(b.sha256);
    expect(b.frame).toBe(99);
  });

  it('turns a picture as its orientation says and never enlarges', async () => {
    const path = join(folder, 'turned.jpg');
    await sharp({ create: { width: 60, height: 40, channels: 3, background: '#fff' } })
      .withMetadata({ orientation: 6 })
      .toFile(path);
    expect(await ask(path, { format: 'jpeg' }).done).toMatchObject({ width: 40, height: 60, sourceWidth: 40 });
  });

  it('fails by name for sound, frames that are not there, damaged files and outputs that are', async () => {
    const code = async (made: ReturnType<typeof ask>) => {
      const error = await failure(() => made.done);
      expect(existsSync(made.request.out) && made.request.out !== taken).toBe(false);
      return error.code;
    };
    const taken = join(folder, 'taken.png');
    writeFileSync(taken, 'mine');
    expect(await code(ask(sample('speech.flac')))).toBe('evidence.no-content');
    expect(await code(ask(sample('clip.mp4'), { frame: 5000 }))).toBe('evidence.no-content');
    expect(await code(ask(sample('landscape.jpg'), { out: taken }))).toBe('output.failed');
    expect(readFileSync(taken, 'utf8')).toBe('mine');
    expect(await code(ask(join(folder, 'none.jpg')))).toBe('evidence.not-found');
    const broken = join(folder, 'broken.jpg');
    writeFileSync(broken, readFileSync(sample('landscape.jpg')).subarray(0, 40));
    expect(await code(ask(broken))).toMatch(/^evidence\./);
  });
});
