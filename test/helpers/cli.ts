/** Runs the command line as a user would, in a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './shared.ts';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh folder that nothing else uses. */
export const freshFolder = (name = 'vidimus-test-'): string => mkdtempSync(join(tmpdir(), name));

/** Starts the command line; `home` keeps the user's packs and settings of the test apart. */
export function startCli(
  args: readonly string[],
  home = freshFolder(),
  cwd = ROOT,
): { child: ChildProcess; done: Promise<Ran> } {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts'), ...args],
    {
      cwd,
      env: { ...process.env, VIDIMUS_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const done = new Promise<Ran>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { child, done };
}

/** Runs the command line to its end. */
export const cli = (args: readonly string[], home?: string, cwd?: string): Promise<Ran> =>
  startCli(args, home, cwd).done;
