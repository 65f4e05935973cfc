/** The workstation on loopback, started as an examiner starts it, with a home of its own that goes away with it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './shared.ts';

export interface Host {
  /** Address that works once. */
  readonly address: string;
  /** Address of the page without its token. */
  readonly root: string;
  readonly home: string;
  readonly pid: number;
}

/** Starts `vidimus serve` and answers when it says where it is. */
export async function startHost(): Promise<{ readonly host: Host; readonly stop: () => Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'vidimus-e2e-'));
  const child = spawn(process.execPath, [join(ROOT, 'bin/vidimus.mjs'), 'serve'], {
    cwd: ROOT,
    env: { ...process.env, VIDIMUS_HOME: home, VIDIMUS_CASES: join(home, 'cases') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${text}`)));
  });
  return {
    host: { address, root: new URL('/', address).href, home, pid: child.pid ?? 0 },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
