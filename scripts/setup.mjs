#!/usr/bin/env node
/**
 * Brings a fresh clone to the point where it runs: packages, Node 24, ffmpeg, perl, and for tests a Chromium.
 *
 *   node scripts/setup.mjs [--test]
 *
 * Plain Node >= 20. Uses the package registry and, on Debian as root, the system's package manager; nothing else.
 * Packages are installed again only when the lock file changed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { electronBinary, node24, ROOT, run, sha256, WINDOWS, which } from './lib.mjs';

const forTests = process.argv.includes('--test');
const missing = [];
const say = (text) => console.error(`set-up: ${text}`);

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`Vidimus needs Node 20 or newer to set itself up; this is ${process.version}.`);
  process.exit(70);
}

installPackages();
linkCommand();
findOrInstall('ffmpeg', ffmpeg, 'ffmpeg', 'video and sound cannot be decoded');
findOrInstall('perl', () => which('perl'), 'perl', 'ExifTool cannot read metadata on this system', WINDOWS);
if (forTests) {
  findOrInstall(
    'Chromium',
    () => which('chromium', 'chromium-browser', 'google-chrome'),
    'chromium',
    'browser tests are skipped',
  );
  findOrInstall('espeak-ng', () => which('espeak-ng'), 'espeak-ng', 'speech fixtures use our own synthesiser only');
}
if (!electronBinary())
  missing.push(
    'the Electron binary (it is fetched from GitHub): the desktop window cannot open; the same program runs in the browser and on the command line',
  );

for (const item of missing) say(`not at hand: ${item}`);

/** `npm ci`, once per lock file. A half-done install leaves no stamp, so it runs again. */
function installPackages() {
  const stamp = join(ROOT, 'node_modules', '.vidimus-lock');
  const wanted = `${sha256(join(ROOT, 'package-lock.json'))} ${process.platform}-${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && node24() !== process.execPath) return;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    // npm scripts run on the project's own Node, which then is this very process.
    if (process.execPath.startsWith(join(ROOT, 'node_modules'))) return;
  }
  say('installing packages (once per change of package-lock.json)…');
  const npm = npmCommand();
  // CUDA libraries are large and come from elsewhere; "npm run gpu:cuda" fetches them on request.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' };
  const status = run(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { env });
  if (status !== 0) {
    console.error('Set-up could not install the packages. Check that the npm registry can be reached, then try again.');
    process.exit(70);
  }
  const version = run(node24(), ['-e', 'process.exit(Number(process.versions.napi) >= 10 ? 0 : 1)'], {
    stdio: 'ignore',
  });
  if (version !== 0) {
    console.error(
      'The package "node" (Node 24) did not install; the database needs it. Run: npm install-scripts approve node && npm rebuild node',
    );
    process.exit(70);
  }
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Puts `vidimus` into node_modules/.bin, where npx and npm scripts look; npm links only the commands of packages. */
function linkCommand() {
  const target = join(ROOT, 'bin', 'vidimus.mjs');
  const link = join(ROOT, 'node_modules', '.bin', WINDOWS ? 'vidimus.cmd' : 'vidimus');
  if (WINDOWS) writeFileSync(link, `@node "${target}" %*\r\n`);
  else if (!existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync(join('..', '..', 'bin', 'vidimus.mjs'), link);
  }
}

/** npm as it was started (npm_execpath), or from PATH; an array of program and first arguments. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') || script?.endsWith('.cjs')) return [process.execPath, script];
  const found = which('npm');
  if (!found) {
    console.error('npm was not found. Install Node.js with npm, then try again.');
    process.exit(70);
  }
  return WINDOWS ? [process.env.ComSpec ?? 'cmd.exe', '/d', '/s', '/c', 'npm'] : [found];
}

/** ffmpeg in the order that the program itself uses. */
function ffmpeg() {
  const own = process.env.FFMPEG_BIN;
  if (own && existsSync(own)) return own;
  const bundled = join(ROOT, 'node_modules', 'ffmpeg-static', WINDOWS ? 'ffmpeg.exe' : 'ffmpeg');
  return existsSync(bundled) ? bundled : which('ffmpeg');
}

function findOrInstall(name, find, debianPackage, consequence, notNeeded = false) {
  if (notNeeded || find()) return;
  if (aptInstall(debianPackage) && find()) return;
  const advice = WINDOWS
    ? `install ${name} and put it in PATH`
    : process.platform === 'darwin'
      ? `run "brew install ${debianPackage}"`
      : `run "sudo apt-get install ${debianPackage}" or your distribution's equivalent`;
  missing.push(`${name}: ${consequence}; ${advice}`);
}

/** Installs a Debian package where we are root and apt-get is there; a refreshed list is fetched at most once. */
function aptInstall(name) {
  const apt = which('apt-get');
  if (!apt || process.getuid?.() !== 0) return false;
  say(`installing ${name} with apt-get…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  const install = () => run(apt, ['install', '-y', '-qq', '--no-install-recommends', name], quiet);
  if (install() === 0) return true;
  return run(apt, ['update', '-qq'], quiet) === 0 && install() === 0;
}
