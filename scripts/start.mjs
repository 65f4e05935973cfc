#!/usr/bin/env node
/**
 * `npm start`: sets up and opens the workstation. Where no Electron binary or no display can be had it says so, and
 * serves the same screens on 127.0.0.1. On the very first start the samples become a case and are examined.
 *
 *   npm start -- [--browser] [--port N] [--no-open]
 */
import { buildIfStale, electronBinary, ROOT, run, runTool, WINDOWS } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs']) !== 0) process.exit(1);
if (buildIfStale() !== 0) process.exit(1);

const args = process.argv.slice(2);
const reason = whyNoWindow();
if (reason === null) {
  // Root may not use Chromium's sandbox, and Vidimus does not run without it.
  process.exit(run(electronBinary(), [ROOT]));
}
console.error(`No window: ${reason}. The same screens come in a browser.`);
const rest = args.filter((arg) => arg !== '--browser' && arg !== '--no-open');
const open = args.includes('--no-open') || !hasDisplay() ? [] : ['--open'];
process.exit(runTool('src/cli/main.ts', ['serve', '--demo', ...open, ...rest]));

function hasDisplay() {
  return WINDOWS || process.platform === 'darwin' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function whyNoWindow() {
  if (args.includes('--browser')) return 'the browser was asked for';
  if (electronBinary() === null) return 'the Electron binary is not here (it is fetched from GitHub)';
  if (!hasDisplay()) return 'there is no display';
  if (process.getuid?.() === 0) return 'the sandbox of the window does not work for root';
  return null;
}
