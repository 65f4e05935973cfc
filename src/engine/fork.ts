/** Starts the engine as a plain Node child process, for the command line and the loopback server. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineTransport } from './client.ts';

/** Where the engine's entry lies: beside this module, as source or as built file. */
const hostModule = fileURLToPath(new URL(`./host${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/**
 * Forks an engine. Its stderr goes to `onLog` line by line; stdout is closed so that nothing can mix with results.
 * `env` adds to the environment (model folders, resources).
 */
export function forkEngine(
  env: Readonly<Record<string, string>> = {},
  onLog?: (line: string) => void,
): EngineTransport {
  const child: ChildProcess = fork(hostModule, [], {
    execPath: process.execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let last = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    last = (last + text).slice(-2_000);
    for (const line of text.split('\n')) if (line) onLog?.(line);
  });
  let exit: string | undefined;
  const listeners: ((reason: string) => void)[] = [];
  const ended = (reason: string): void => {
    if (exit !== undefined) return;
    exit = reason;
    for (const listener of listeners) listener(reason);
  };
  child.on('error', (error) => ended(error.message));
  child.on('close', (code, signal) => {
    const how = signal ? `signal ${signal}` : `exit status ${code ?? 'unknown'}`;
    ended(last ? `${how}: ${last.trim().split('\n').slice(-3).join(' / ')}` : how);
  });
  return {
    pid: child.pid,
    send: (message) => {
      // A message to a process that just died is not an error of its own: onExit tells.
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      if (exit === undefined) listeners.push(listener);
      else listener(exit);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
