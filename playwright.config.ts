/** Screens in a real browser against the loopback host with the real engine: `npx playwright test`. */
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Where systems keep a Chromium of their own; otherwise Playwright's is used. */
const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results',
  timeout: 180_000,
  // The engine works on the same two cores while a screen answers: five seconds, the default, are not a fault yet.
  expect: { timeout: 20_000 },
  workers: 1,
  // The second one writes the counts that the test script reads (PLAYWRIGHT_JSON_OUTPUT_NAME).
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] === undefined ? 'list' : [['list'], ['json']],
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: { args: ['--no-sandbox'], ...(installed === undefined ? {} : { executablePath: installed }) },
  },
});
