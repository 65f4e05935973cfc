/** What the command line prints: errors, tables and progress. */
import cliProgress from 'cli-progress';
import { asVidimusError, toWire } from '../contract/errors.ts';
import type { Progress } from '../contract/result.ts';

/** Control characters of a hostile file name must not reach the terminal as commands; they are shown escaped. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);

/** Writes an error (one JSON object on stdout with `--json`, else two lines on stderr) and sets the exit status. */
export function fail(thrown: unknown, json: boolean): void {
  const error = asVidimusError(thrown);
  if (json) {
    const { code, message, advice } = toWire(error);
    process.stdout.write(`${JSON.stringify({ error: { code, message, advice } })}\n`);
  } else {
    process.stderr.write(`${printable(error.message)} [${error.code}]\n${printable(error.advice)}\n`);
    if (error.family === 'bug' && error.detail) process.stderr.write(`${error.detail}\n`);
  }
  process.exitCode = error.exitCode;
}

/** A table with columns as wide as their content; cells are shortened to `limit` characters. */
export function table(rows: readonly (readonly string[])[], limit = 60): string {
  const cells = rows.map((row) => row.map((cell) => shorten(printable(cell), limit)));
  const widths: number[] = [];
  for (const row of cells)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, [...cell].length);
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - [...cell].length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shorten = (text: string, limit: number): string => {
  const letters = [...text];
  return letters.length <= limit ? text : `${letters.slice(0, limit - 1).join('')}…`;
};

const STAGES: Record<Progress['stage'], string> = {
  intake: 'hashing',
  probe: 'reading the container',
  decode: 'decoding',
  models: 'loading models',
  analyse: 'analysing',
  fuse: 'forming the opinion',
  write: 'writing',
};

export interface ProgressBar {
  update(progress: Progress): void;
  note(text: string): void;
  stop(): void;
}

/**
 * Progress on stderr with stage, percentage and time left. On a terminal it is a bar; elsewhere one line per stage,
 * so that logs stay readable.
 */
export function progressBar(title: string): ProgressBar {
  const name = shorten(printable(title), 40);
  if (!process.stderr.isTTY) {
    let stage = '';
    return {
      update: (p) => {
        if (p.stage !== stage) process.stderr.write(`${name}: ${STAGES[p.stage]}\n`);
        stage = p.stage;
      },
      note: (text) => process.stderr.write(`${text}\n`),
      stop: () => undefined,
    };
  }
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `${name.replaceAll('{', '(').replaceAll('}', ')')} {bar} {percentage}% {stage}, {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  let stage = '';
  return {
    update: (p) => {
      const total = p.total && p.total > 0 ? p.total : Math.max(1, p.done);
      if (p.stage !== stage) bar.start(total, p.done, { stage: STAGES[p.stage] });
      else {
        bar.setTotal(total);
        bar.update(p.done, { stage: STAGES[p.stage] });
      }
      stage = p.stage;
    },
    note: (text) => {
      bar.stop();
      stage = '';
      process.stderr.write(`${text}\n`);
    },
    stop: () => bar.stop(),
  };
}

/** A signal that fires on Ctrl-C or termination; a second Ctrl-C ends the program at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
