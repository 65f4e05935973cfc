#!/usr/bin/env node
/**
 * `npm start`: sets up, then examines the samples and prints what was found, so that a fresh clone shows a true result
 * at once.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, runTool } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs']) !== 0) process.exit(1);
const folder = join(ROOT, 'samples');
const samples = readdirSync(folder)
  .filter((name) => !name.endsWith('.md') && !name.startsWith('.'))
  .sort()
  .map((name) => join('samples', name));
console.log(`Examining ${samples.length} samples. Your own files: npx vidimus analyze FILE…\n`);
process.exit(runTool('src/cli/main.ts', ['analyze', ...samples]));
