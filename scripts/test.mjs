#!/usr/bin/env node
/**
 * `npm test`: sets up, runs the unit, golden, integration, migration and security tests, then the end-to-end tests
 * in a browser, and prints one line of counts last. Arguments go to vitest (for example a file name).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfStale, ROOT, run, runTool, which } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs', '--test']) !== 0) process.exit(1);
// Packaging, the desktop and the browser tests look at what was built.
if (buildIfStale() !== 0) process.exit(1);

const cache = join(ROOT, '.cache');
mkdirSync(cache, { recursive: true });
const totals = { passed: 0, failed: 0, skipped: 0 };
const extra = process.argv.slice(2);

const report = join(cache, 'vitest.json');
rmSync(report, { force: true });
const unit = runTool('node_modules/vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...extra,
]);
if (existsSync(report)) {
  const seen = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += seen.numPassedTests;
  totals.failed += seen.numFailedTests;
  totals.skipped += seen.numPendingTests + seen.numTodoTests;
}
// A runner that ends badly without a failed test (a crash, a file that does not load) is a failure too.
if (unit !== 0 && totals.failed === 0) totals.failed += 1;

if (extra.length === 0) runEndToEnd();

function runEndToEnd() {
  const folder = join(ROOT, 'test', 'e2e');
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.spec.ts'))
    : [];
  if (files.length === 0) return;
  const chromium = which('chromium', 'chromium-browser', 'google-chrome');
  if (!chromium) {
    console.error('skipped: end-to-end tests, no Chromium was found');
    totals.skipped += files.length;
    return;
  }
  const out = join(cache, 'playwright.json');
  rmSync(out, { force: true });
  const status = runTool('node_modules/@playwright/test/cli.js', ['test'], {
    env: { ...process.env, VIDIMUS_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: out },
  });
  const before = totals.failed;
  if (existsSync(out)) {
    const { stats } = JSON.parse(readFileSync(out, 'utf8'));
    totals.passed += stats.expected + stats.flaky;
    totals.failed += stats.unexpected;
    totals.skipped += stats.skipped;
  }
  if (status !== 0 && totals.failed === before) totals.failed += 1;
}

writeFileSync(join(cache, 'test-summary.json'), JSON.stringify(totals));
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
