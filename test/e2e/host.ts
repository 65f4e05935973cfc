/** Runs the workstation on loopback with a home of its own, and watches the page for everything it must not do. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

const ROOT = join(import.meta.dirname, '../..');

export interface Host {
  /** Address that works once. */
  readonly address: string;
  /** Address of the page without its token. */
  readonly root: string;
  readonly home: string;
}

/** Starts `vidimus serve` and answers when it says where it is. */
async function startHost(): Promise<{ host: Host; stop: () => Promise<void> }> {
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
    host: { address, root: new URL('/', address).href, home },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** One host for all tests of a file that names its own; the address works once, so files cannot share one. */
export const test = base.extend<object, { host: Host; hostName: string }>({
  hostName: ['', { scope: 'worker', option: true }],
  host: [
    async ({ hostName: _ }, use) => {
      const { host, stop } = await startHost();
      await use(host);
      await stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

/** Collects errors of the page: CSP violations, exceptions, failed requests. */
export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Serious and critical faults that axe finds on the page as it stands. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

export { expect };
