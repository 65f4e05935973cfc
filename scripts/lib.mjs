/** Small helpers for the set-up scripts. Plain Node (>= 20), no dependencies: these run before anything is installed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
export const WINDOWS = process.platform === 'win32';

/** First executable of one of the names in PATH, or null. */
export function which(...names) {
  const endings = WINDOWS ? ['.exe', '.cmd', ''] : [''];
  for (const name of names)
    for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean))
      for (const ending of endings) {
        const path = join(folder, name + ending);
        try {
          accessSync(path, constants.X_OK);
          return path;
        } catch {
          // not here; look in the next folder
        }
      }
  return null;
}

/** The Node 24 that the project brings along; falls back to the running one before set-up. */
export function node24() {
  const own = join(ROOT, 'node_modules', 'node', 'bin', WINDOWS ? 'node.exe' : 'node');
  return existsSync(own) ? own : process.execPath;
}

/** Runs a program without a shell and hands its output through; returns the exit status (1 where it could not start). */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs one of the project's JavaScript tools on Node 24. */
export const runTool = (script, args, options) => run(node24(), [join(ROOT, script), ...args], options);

export const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The Electron binary that came with the package or that ELECTRON_OVERRIDE_DIST_PATH names, or null. */
export function electronBinary() {
  const name =
    process.platform === 'darwin'
      ? join('Electron.app', 'Contents', 'MacOS', 'Electron')
      : WINDOWS
        ? 'electron.exe'
        : 'electron';
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(ROOT, 'node_modules', 'electron', 'dist');
  const path = join(own, name);
  return existsSync(path) ? path : null;
}

/** Builds dist/ where it is missing or older than what it is made of; answers the exit status. */
export function buildIfStale() {
  const built = join(ROOT, 'dist', 'renderer', 'index.html');
  const newest = (path) => {
    const status = statSync(path);
    if (!status.isDirectory()) return status.mtimeMs;
    return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
  };
  const made = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = ['src', 'vite.config.ts', 'package-lock.json', 'scripts/build.mjs'];
  if (sources.every((name) => newest(join(ROOT, name)) <= made)) return 0;
  console.error('building the screens (once per change)…');
  return runTool('scripts/build.mjs', [], { stdio: ['ignore', 'ignore', 'inherit'] });
}
