#!/usr/bin/env node
/**
 * `npm run check`: types (one tsconfig per trust zone), lint and format, import rules, unused code, and whether the
 * lock file installs on Windows, macOS and 64-bit Arm. Prints one line per step; the exit status is 1 if any fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { node24, ROOT, run, which } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs']) !== 0) process.exit(1);

const tool = (script, ...args) => [node24(), [join(ROOT, 'node_modules', script), ...args]];
const zones = readdirSync(join(ROOT, 'src')).filter((zone) => existsSync(join(ROOT, 'src', zone, 'tsconfig.json')));
const steps = [
  ...[...zones.map((zone) => `src/${zone}`), 'test'].map((zone) => [
    `types ${zone}`,
    ...tool('typescript7/bin/tsc', '-p', zone),
  ]),
  ['lint', ...tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')],
  ['imports', ...tool('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', 'src')],
  ['unused code', ...tool('knip/bin/knip.js', '--no-progress')],
  ...lockFile(),
];

function lockFile() {
  const npm = process.env.npm_execpath;
  const command = npm ? [process.execPath, [npm]] : [which('npm') ?? 'npm', []];
  return ['--os=win32', '--os=darwin', '--cpu=arm64'].map((target) => [
    `lock file ${target}`,
    command[0],
    [...command[1], 'ci', '--dry-run', '--ignore-scripts', '--loglevel=error', target],
  ]);
}

let failed = 0;
for (const [name, command, args] of steps) {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  const ok = result.status === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) {
    failed += 1;
    console.log([result.error?.message, result.stdout, result.stderr].filter(Boolean).join('\n').trim());
  }
}
mkdirSync(join(ROOT, '.cache'), { recursive: true });
writeFileSync(join(ROOT, '.cache', 'check-summary.json'), JSON.stringify({ passed: steps.length - failed, failed }));
console.log(
  failed === 0 ? `check: all ${steps.length} steps passed` : `check: ${failed} of ${steps.length} steps failed`,
);
process.exit(failed === 0 ? 0 : 1);
