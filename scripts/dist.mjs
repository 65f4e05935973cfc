#!/usr/bin/env node
/**
 * `npm run dist` builds installers, `npm run dist:dir` an unpacked application. Further arguments go to
 * electron-builder, for example `-c.electronDist=FOLDER` where the Electron binary cannot be fetched.
 */
import { run, runTool } from './lib.mjs';

if (run(process.execPath, ['scripts/setup.mjs']) !== 0) process.exit(1);
if (runTool('scripts/build.mjs', []) !== 0) process.exit(1);
process.exit(runTool('node_modules/electron-builder/cli.js', ['--publish', 'never', ...process.argv.slice(2)]));
