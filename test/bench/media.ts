/**
 * How much our decoding costs over ffmpeg's own: wall time, processor time and peak memory, medians of several runs.
 *
 *     node test/bench/media.ts [FILE] [RUNS]
 *
 * Without a file a clip of 1080p30 with sound is made first. Each run is a process of its own, and the variants take
 * turns so that other load on the machine meets all of them alike.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameSampling } from '../../src/contract/result.ts';
import { openMedia } from '../../src/engine/media/media.ts';
import { findFfmpeg } from '../../src/engine/media/tools.ts';
import { ROOT } from '../helpers/shared.ts';

const SECONDS = 20;
const EIGHTH = 640 * 360;

interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes: number;
}

function clip(ffmpeg: string): string {
  const path = join(ROOT, '.cache/bench', `clip-${SECONDS}s.mp4`);
  if (existsSync(path)) return path;
  mkdirSync(join(ROOT, '.cache/bench'), { recursive: true });
  const picture = `testsrc2=size=1920x1080:rate=30:duration=${SECONDS},noise=alls=12:allf=t`;
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=duration=${SECONDS}`];
  args.push('-c:v', 'libx264', '-preset', 'fast', '-b:v', '8M', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path);
  if (spawnSync(ffmpeg, args, { stdio: 'inherit' }).status !== 0) throw new Error('the clip could not be made');
  return path;
}

/** Runs a program and takes its costs, with those of its children, from the system's accounts. */
function timed(program: string, args: string[]): Cost {
  const started = process.hrtime.bigint();
  const run = spawnSync('/usr/bin/time', ['-f', '%U %S %M', program, ...args], { encoding: 'utf8' });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  const [user = 0, system = 0, kilobytes = 0] = (run.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (run.status !== 0) throw new Error(run.stderr);
  const own = /^wall ([\d.]+) rss (\d+)$/m.exec(run.stdout);
  return {
    wall: own === null ? wall : Number(own[1]),
    cpu: user + system,
    megabytes: own === null ? kilobytes / 1024 : Number(own[2]) / 1024,
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function ours(path: string, sampling: FrameSampling, maxPixels: number | null): Promise<void> {
  const media = await openMedia(path, { plan: { maxPixels: 100e6, timeLimitSeconds: 600 } });
  const started = process.hrtime.bigint();
  const pass = media.decode({
    frames: { sampling, ...(maxPixels === null ? {} : { maxPixels }) },
    sound: { sampleRate: 16000 },
  });
  for await (const item of pass) if (item.kind === 'frame') pass.recycle(item.frame);
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(`wall ${wall} rss ${process.resourceUsage().maxRSS}`);
}

async function main(file: string | undefined, runs: number): Promise<void> {
  const ffmpeg = (await findFfmpeg()).path;
  const path = file ?? clip(ffmpeg);
  const quiet = ['-v', 'error', '-nostdin', '-i', path];
  const self = fileURLToPath(import.meta.url);
  const our = (kind: string) => () => timed(process.execPath, [self, '--one', path, kind]);
  const theirs =
    (...args: string[]) =>
    () =>
      timed(ffmpeg, [...quiet, ...args]);
  const raw = ['-f', 'rawvideo', '-y', '/dev/null', '-map', '0:a?', '-ac', '1', '-ar', '16000', '-f', 'null', '-'];
  const variants: [string, () => Cost][] = [
    ['ffmpeg, decode to null', theirs('-f', 'null', '-')],
    ['ffmpeg, to RGB in /dev/null', theirs('-map', '0:v', '-pix_fmt', 'rgb24', ...raw)],
    ['ours, every frame', our('all')],
    ['ffmpeg, to RGB 640x360', theirs('-map', '0:v', '-vf', 'scale=640:360:flags=area', '-pix_fmt', 'rgb24', ...raw)],
    ['ours, every frame at 640x360', our('small')],
    ['ours, 30 frames evenly', our('evenly')],
    ['ours, key frames', our('key')],
  ];
  const costs = variants.map(() => [] as Cost[]);
  for (let run = 0; run < runs; run++) {
    for (const [i, [, work]] of variants.entries()) costs[i]?.push(work());
  }
  const base = median((costs[0] ?? []).map((cost) => cost.wall));
  console.log(`${path}, medians of ${runs}`);
  variants.forEach(([name], i) => {
    const of = (key: keyof Cost) => median((costs[i] ?? []).map((cost) => cost[key]));
    console.log(
      `${name.padEnd(32)} ${of('wall').toFixed(2)} s (${(of('wall') / base).toFixed(2)} x null)  ` +
        `cpu ${of('cpu').toFixed(2)} s  peak ${of('megabytes').toFixed(0)} MB`,
    );
  });
}

const [first, second, third] = process.argv.slice(2);
if (first === '--one' && second !== undefined) {
  const sampling: FrameSampling =
    third === 'evenly' ? { kind: 'evenly', n: 30 } : third === 'key' ? { kind: 'key' } : { kind: 'all' };
  await ours(second, sampling, third === 'small' ? EIGHTH : null);
} else {
  await main(first, Number(second ?? 5));
}
