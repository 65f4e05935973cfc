/** One workstation per file of browser tests, and a watch on the page for everything it must not do. */
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { type Host, startHost } from '../helpers/workstation.ts';

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
