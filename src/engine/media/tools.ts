/** Finds ffmpeg and says what it can do. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';

/** An ffmpeg that answered. */
export interface Ffmpeg {
  readonly path: string;
  readonly origin: 'FFMPEG_BIN' | 'packaged' | 'ffmpeg-static' | 'PATH';
  /** As it names itself, for example `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** Numeric release; development builds without one count as new. */
  readonly release: readonly [number, number];
  /** Resampler for sound: soxr where the build has it, else ffmpeg's own. */
  readonly resampler: 'soxr' | 'swr';
}

type Environment = Readonly<Record<string, string | undefined>>;

const known = new Map<string, Promise<Ffmpeg>>();

/**
 * The ffmpeg to use: FFMPEG_BIN, the packaged copy (below VIDIMUS_RESOURCES), ffmpeg-static, then PATH.
 * One that is named by FFMPEG_BIN and does not run is an error: another must not step in silently.
 *
 * @throws VidimusError tool.missing
 */
export async function findFfmpeg(environment: Environment = process.env): Promise<Ffmpeg> {
  const chosen = environment['FFMPEG_BIN'];
  if (chosen !== undefined && chosen !== '') return await ask(chosen, 'FFMPEG_BIN');
  const failures: string[] = [];
  for (const [path, origin] of await candidates(environment)) {
    try {
      return await ask(path, origin);
    } catch (thrown) {
      failures.push(`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  throw new VidimusError('tool.missing', 'ffmpeg was not found; it decodes video and sound.', {
    detail: failures.join('\n') || 'no candidate',
  });
}

async function candidates(environment: Environment): Promise<[string, Ffmpeg['origin']][]> {
  const exe = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const list: [string, Ffmpeg['origin']][] = [];
  const resources = environment['VIDIMUS_RESOURCES'];
  if (resources) list.push([join(resources, exe), 'packaged'], [join(resources, 'bin', exe), 'packaged']);
  const bundled = await staticPath();
  if (bundled !== null) list.push([bundled, 'ffmpeg-static']);
  // An empty entry of PATH means the current folder, which may be the evidence's: never run a program from there.
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) list.push([join(folder, exe), 'PATH']);
  return list.filter(([path]) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** ffmpeg-static is optional and its download fails without a network, so both module and file may be absent. */
async function staticPath(): Promise<string | null> {
  try {
    const name = 'ffmpeg-static';
    const module: unknown = await import(name);
    if (typeof module !== 'object' || module === null || !('default' in module)) return null;
    return typeof module.default === 'string' ? module.default : null;
  } catch {
    return null;
  }
}

function ask(path: string, origin: Ffmpeg['origin']): Promise<Ffmpeg> {
  const key = `${origin} ${path}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = askOnce(path, origin);
    known.set(key, answer);
    // A failure is not remembered: the examiner may install ffmpeg and try again.
    answer.catch(() => known.delete(key));
  }
  return answer;
}

async function askOnce(path: string, origin: Ffmpeg['origin']): Promise<Ffmpeg> {
  const text = await new Promise<string>((done, fail) => {
    const refuse = (why: string) =>
      fail(new VidimusError('tool.missing', `The ffmpeg at ${path} (${origin}) does not run: ${why}.`));
    const child = spawn(path, ['-hide_banner', '-version'], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.on('error', (error) => refuse(error.message));
    child.on('close', (code) => (code === 0 ? done(out) : refuse(`exit status ${code}`)));
  });
  const version = /^ffmpeg version (\S+)/m.exec(text)?.[1];
  if (version === undefined) {
    throw new VidimusError('tool.missing', `The program at ${path} (${origin}) is not ffmpeg.`);
  }
  const numbers = /^n?(\d+)\.(\d+)/.exec(version);
  return {
    path,
    origin,
    version,
    release: numbers === null ? [99, 0] : [Number(numbers[1]), Number(numbers[2])],
    resampler: text.includes('--enable-libsoxr') ? 'soxr' : 'swr',
  };
}

/** True where ffmpeg is of this release or a later one. */
export const atLeast = (tool: Ffmpeg, major: number, minor: number): boolean =>
  tool.release[0] > major || (tool.release[0] === major && tool.release[1] >= minor);

/** Arguments that belong before every input: no network, no questions, bounded allocations and threads. */
export function inputArguments(path: string, demuxer: string, maxPixels: number | null): string[] {
  return [
    ['-protocol_whitelist', 'file,pipe'],
    ['-max_alloc', String(MAX_ALLOC)],
    ['-threads', String(Math.min(8, availableParallelism()))],
    maxPixels === null ? [] : ['-max_pixels', String(maxPixels)],
    // The sniffed type names the demuxer, so ffmpeg cannot take the bytes for a play list or a script.
    ['-f', demuxer],
    ['-i', `file:${path}`],
  ].flat();
}

/** Arguments that start every command line. */
export const GLOBAL_ARGUMENTS: readonly string[] = [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-loglevel',
  'repeat+level+info',
];

/** Largest single allocation ffmpeg may make: a 100 megapixel picture of 8 bytes per pixel, with room. */
const MAX_ALLOC = 1 << 30;
