#!/usr/bin/env node
/** `npm run bench [NAME…]`: runs the measurements of test/bench, one after another, each in a process of its own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run, runTool } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs']) !== 0) process.exit(1);
const wanted = process.argv.slice(2);
const files = readdirSync(join(ROOT, 'test', 'bench'))
  .filter((name) => name.endsWith('.ts'))
  .sort();
let failed = 0;
for (const file of files) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  console.log(`\n# ${file.replace(/\.ts$/, '')}`);
  if (runTool(join('test', 'bench', file), []) !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
