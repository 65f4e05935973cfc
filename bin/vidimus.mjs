#!/usr/bin/env node
/**
 * Launcher of the command line. Runs on any Node from 20 on, and hands over to the Node 24 that the project brings
 * along. `--version` is answered here, because loading the program for one line would be slow.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  console.log(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  process.exit(0);
}

const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
if (!existsSync(node)) {
  console.error('Vidimus is not set up yet. Run "npm start" in its folder once, or "node scripts/setup.mjs".');
  process.exit(70);
}
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, 'src', 'cli', 'main.ts'), ...args], {
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to both of us; the program decides how to stop, and we report how it ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Node could not be started: ${error.message}`);
  process.exit(70);
});
child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 70)));
