/** What lies in a packaged application, built with a stand-in for Electron where the real one cannot be fetched. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { freshFolder } from '../helpers/cli.ts';
import { makeElectronStandIn, readFuses } from '../helpers/electronStandIn.ts';
import { ROOT } from '../helpers/shared.ts';

const here = process.platform === 'linux' && existsSync(join(ROOT, 'dist/main/main.js'));
const reason = 'needs Linux and a built dist/ (npm test builds it)';
if (!here) console.warn(`packaging: skipped, ${reason}`);

describe.skipIf(!here)('npm run dist:dir', () => {
  let out = '';
  beforeAll(async () => {
    const electron = freshFolder();
    const release = freshFolder();
    const { version } = z
      .object({ version: z.string() })
      .parse(createRequire(import.meta.url)('electron/package.json'));
    makeElectronStandIn(electron, version);
    const builder = join(ROOT, 'node_modules/electron-builder/cli.js');
    const args = [builder, '--dir', '--publish', 'never', `-c.electronDist=${electron}`];
    mkdirSync(release, { recursive: true });
    await promisify(execFile)(process.execPath, [...args, `-c.directories.output=${release}`], { cwd: ROOT });
    const [unpacked] = readdirSync(release).filter((name) => name.endsWith('-unpacked'));
    out = join(release, unpacked ?? '');
  }, 300_000);

  it('holds the program in an archive and natives beside it, for this platform alone', () => {
    const archive = join(out, 'resources/app.asar');
    const files = new Set(listPackage(archive, { isPack: false }));
    for (const file of [
      '/package.json',
      '/dist/main/main.js',
      '/dist/preload/preload.cjs',
      '/dist/renderer/index.html',
      '/dist/engine/host.js',
      '/dist/engine/structureWorker.js',
      '/dist/engine/pictureWorker.js',
    ])
      expect([file, files.has(file)]).toEqual([file, true]);
    expect(
      [...files].filter((name) => name.startsWith('/test') || name.startsWith('/src') || name.endsWith('.map')),
    ).toEqual([]);
    const unpacked = join(out, 'resources/app.asar.unpacked/node_modules');
    expect(existsSync(join(unpacked, 'better-sqlite3'))).toBe(true);
    const platforms = join(unpacked, 'onnxruntime-node/bin/napi-v6');
    expect(readdirSync(platforms)).toEqual([process.platform]);
    expect(readdirSync(join(platforms, process.platform))).toEqual([process.arch]);
  });

  it('brings architectures, method pages, samples and notices as resources, and no training code', () => {
    const resources = join(out, 'resources');
    for (const path of ['models/architectures/mtcnn', 'docs/methods/ela.md', 'samples/clip.mp4', 'THIRD_PARTY.md'])
      expect([path, existsSync(join(resources, path))]).toEqual([path, true]);
    expect(existsSync(join(resources, 'models/training'))).toBe(false);
  });

  it('has its fuses set: no Node from the environment, only our own whole archive', () => {
    const [runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, , fileProtocol] = readFuses(
      readFileSync(join(out, 'vidimus')),
    );
    expect({ runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar, fileProtocol }).toEqual({
      runAsNode: '0',
      cookies: '1',
      nodeOptions: '0',
      inspect: '0',
      integrity: '1',
      onlyAsar: '1',
      fileProtocol: '0',
    });
  });
});
