/** One ffmpeg process with an end: it stops on cancel, on a time limit, and never stays behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { cancelled, VidimusError } from '../../contract/errors.ts';
import { type Ffmpeg, GLOBAL_ARGUMENTS } from './tools.ts';
import type { WidePipe } from './wide-pipe.ts';

export interface ChildOptions {
  readonly signal?: AbortSignal | undefined;
  /** Wall time after which the process is ended with evidence.timeout. */
  readonly timeLimitSeconds: number;
  /** Number of output pipes beyond stdout: file descriptors 3, 4, … */
  readonly pipes: number;
  /** Takes the place of the pipe at stdout; its write end is closed here once the child has it. */
  readonly stdout?: WidePipe | null;
  /** Called with each line of ffmpeg's log, without its end. */
  readonly onLine: (line: string) => void;
}

/** A running ffmpeg. `outputs[0]` is stdout, then descriptors 3, 4, … */
export interface FfmpegChild {
  readonly outputs: readonly Readable[];
  /** Settles when the process is gone and its pipes are closed; rejects on cancel, time limit, failure to start. */
  readonly exit: Promise<number | null>;
  /** Ends the process at once; `exit` then settles. */
  kill(): void;
}

/** A line of log longer than this is cut: damaged files make ffmpeg print whole payloads. */
const MAX_LINE = 4096;

const living = new Set<ChildProcess>();

/** When this process ends in good order its ffmpegs go first; when it is killed their pipes break and they end. */
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts ffmpeg with its arguments as an array, never through a shell. */
export function startFfmpeg(tool: Ffmpeg, args: readonly string[], options: ChildOptions): FfmpegChild {
  const wide = options.stdout ?? null;
  if (options.signal?.aborted) {
    wide?.writeEnd.destroy();
    wide?.readEnd.destroy();
    throw cancelled();
  }
  const child = spawn(tool.path, [...GLOBAL_ARGUMENTS, ...args], {
    stdio: [
      'ignore',
      wide?.writeEnd ?? 'pipe',
      'pipe',
      ...Array.from({ length: options.pipes }, () => 'pipe' as const),
    ],
    windowsHide: true,
    // English, unlocalised numbers; and no options from the environment of the examiner.
    env: { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' },
  });
  living.add(child);
  wide?.writeEnd.destroy();
  let reason: VidimusError | null = null;
  const kill = (why?: VidimusError) => {
    reason ??= why ?? null;
    child.kill('SIGKILL');
  };
  const onAbort = () => kill(cancelled());
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const clock = setTimeout(
    () => kill(new VidimusError('evidence.timeout', `Decoding took longer than ${options.timeLimitSeconds} s.`)),
    Math.min(options.timeLimitSeconds * 1000, 0x7fffffff),
  );
  readLines(child.stderr, options.onLine);
  const outputs = [1, ...Array.from({ length: options.pipes }, (_, i) => i + 3)].map((fd) =>
    readable(fd === 1 && wide !== null ? wide.readEnd : child.stdio[fd]),
  );
  const drained = wide === null ? Promise.resolve() : new Promise<void>((done) => wide.readEnd.once('close', done));
  const gone = new Promise<number | null>((done, fail) => {
    child.once('error', (error) => {
      reason ??= new VidimusError('tool.missing', `ffmpeg could not be started: ${error.message}.`, { cause: error });
    });
    child.once('close', (code) => {
      living.delete(child);
      clearTimeout(clock);
      options.signal?.removeEventListener('abort', onAbort);
      if (reason === null) done(code);
      else fail(reason);
    });
  });
  const exit = gone.then(
    (code) => drained.then(() => code),
    (thrown: unknown) =>
      drained.then(() => {
        throw thrown;
      }),
  );
  // Whoever reads the outputs awaits `exit` at the end; until then a rejection is not "unhandled".
  exit.catch(() => undefined);
  return { outputs, exit, kill: () => kill() };
}

function readable(stream: unknown): Readable {
  if (stream instanceof Readable) {
    // A pipe that breaks because the process was ended is told by `exit`.
    stream.on('error', () => undefined);
    return stream;
  }
  throw new VidimusError('bug', 'ffmpeg was started without its pipes.');
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream === null) throw new VidimusError('bug', 'ffmpeg was started without a log.');
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => undefined);
  stream.on('data', (text: string) => {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = rest + text.slice(from, end);
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      rest = '';
      from = end + 1;
    }
    if (rest.length < MAX_LINE) rest += text.slice(from, from + MAX_LINE - rest.length);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

/** Runs ffmpeg to its end with every output drained into `onData`; gives the exit status. */
export async function runFfmpeg(
  tool: Ffmpeg,
  args: readonly string[],
  options: Omit<ChildOptions, 'pipes'> & { readonly onData?: (chunk: Uint8Array) => void },
): Promise<number | null> {
  const child = startFfmpeg(tool, args, { ...options, pipes: 0 });
  let failure: unknown = null;
  child.outputs[0]?.on('data', (chunk: Uint8Array) => {
    try {
      options.onData?.(chunk);
    } catch (thrown) {
      failure ??= thrown;
      child.kill();
    }
  });
  const code = await child.exit;
  if (failure !== null) throw failure;
  return code;
}
