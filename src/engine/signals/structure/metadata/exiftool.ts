/**
 * Runs ExifTool once per call as a child without a shell, on a link with a harmless name in a private folder:
 * ExifTool treats some names as commands or options, so an exhibit's own name never reaches it. The child reads
 * stdin from nowhere, ends with the call, and is killed at the time limit or on cancel.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, resolve } from 'node:path';
import { cancelled, throwIfCancelled, VidimusError } from '../../../../contract/errors.ts';

/** How to start ExifTool: a program and the arguments that come first. */
export interface ExifToolCommand {
  readonly program: string;
  readonly first: readonly string[];
}

/** The command, or the reason why there is none on this machine. */
type ExifToolFinding =
  | { readonly ok: true; readonly command: ExifToolCommand }
  | { readonly ok: false; readonly reason: string };

/** Finds the packaged ExifTool and, except on Windows, perl in `path` (default: the PATH of this process). */
export function findExifTool(path: string = process.env['PATH'] ?? ''): ExifToolFinding {
  const windows = process.platform === 'win32';
  const script = packagedScript(windows ? 'exiftool-vendored.exe' : 'exiftool-vendored.pl');
  if (script === null) return { ok: false, reason: 'ExifTool is not installed with the program' };
  if (windows) return { ok: true, command: { program: script, first: [] } };
  const perl = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'perl'))
    .find((file) => existsSync(file));
  if (perl === undefined) return { ok: false, reason: 'perl missing: ExifTool needs it on this system' };
  return { ok: true, command: { program: perl, first: [script] } };
}

function packagedScript(name: string): string | null {
  try {
    const near = createRequire(createRequire(import.meta.url).resolve('exiftool-vendored'));
    const module = near(name) as unknown;
    // Inside a packaged application the script lies unpacked beside the archive, where perl can read it.
    const file = typeof module === 'string' ? module.replace(/\bapp\.asar\b/, 'app.asar.unpacked') : null;
    return file !== null && existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

export interface ExifToolOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the child is killed. */
  readonly timeoutMs?: number;
  /** Bytes of output after which the child is killed. */
  readonly maxOutput?: number;
}

/** What came out; `cut` names the limit that ended the child early. */
interface ExifToolOutput {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly cut: 'time' | 'size' | null;
}

/**
 * Runs ExifTool with `args` on one file.
 *
 * @throws VidimusError cancelled, tool.missing (the program could not be started)
 */
export async function runExifTool(
  command: ExifToolCommand,
  path: string,
  args: readonly string[],
  options: ExifToolOptions = {},
): Promise<ExifToolOutput> {
  throwIfCancelled(options.signal);
  if (process.platform === 'win32') {
    // Links need a privilege there, and NTFS has no names with pipes or line breaks.
    return await spawnOnce(command, [...args, '-charset', 'filename=utf8', resolve(path)], options);
  }
  const folder = await mkdtemp(join(tmpdir(), 'vidimus-exif-'));
  try {
    const extension = /^\.[a-z0-9]{1,8}$/i.exec(extname(path))?.[0] ?? '';
    const link = join(folder, `exhibit${extension}`);
    await symlink(resolve(path), link);
    return await spawnOnce(command, [...args, link], options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function spawnOnce(
  command: ExifToolCommand,
  args: readonly string[],
  options: ExifToolOptions,
): Promise<ExifToolOutput> {
  const { signal, timeoutMs = 30_000, maxOutput = 16 * 1024 * 1024 } = options;
  return new Promise((done, fail) => {
    // `-config ''` keeps a configuration file of the user, which is Perl code, from being run.
    const child = spawn(command.program, [...command.first, '-config', '', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', SystemRoot: process.env['SystemRoot'] ?? '' },
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let cut: ExifToolOutput['cut'] = null;
    const kill = (why: ExifToolOutput['cut']): void => {
      cut ??= why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => kill('time'), timeoutMs);
    const abort = (): void => kill(null);
    signal?.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxOutput) kill('size');
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < 8_192) stderr += part.toString('utf8');
    });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.on('error', (error) => {
      settle();
      fail(new VidimusError('tool.missing', 'ExifTool could not be started.', { cause: error }));
    });
    child.on('close', () => {
      settle();
      if (signal?.aborted) fail(cancelled());
      else done({ stdout: Buffer.concat(parts), stderr, cut });
    });
  });
}
