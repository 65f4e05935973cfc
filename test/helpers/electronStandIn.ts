/**
 * A folder shaped like an unpacked Electron for Linux, for packaging where the real one cannot be fetched. The program in
 * it is no program; it carries the fuse wire, which electron-builder flips in place.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Marks the fuse wire inside Electron's binary (electron/fuses). */
export const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Fuses of version 1 of the wire, all as Electron ships them. */
const FUSES = '101100101';

/** Makes the folder. */
export function makeElectronStandIn(folder: string, version: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'), { recursive: true });
  const wire = Buffer.concat([
    Buffer.from('\x7fELF stand-in '),
    Buffer.from(FUSE_SENTINEL, 'latin1'),
    Buffer.from([1, FUSES.length]),
    Buffer.from(FUSES, 'latin1'),
  ]);
  writeFileSync(join(folder, 'electron'), wire, { mode: 0o755 });
  for (const name of ['chrome_crashpad_handler', 'chrome-sandbox'])
    writeFileSync(join(folder, name), '', { mode: 0o755 });
  for (const name of [
    'LICENSE',
    'LICENSES.chromium.html',
    'resources.pak',
    'icudtl.dat',
    'locales/en-US.pak',
    'locales/de.pak',
  ])
    writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'version'), version);
}

/** State of each fuse in a packaged binary, in the order of the wire. */
export function readFuses(binary: Buffer): string {
  const at = binary.indexOf(FUSE_SENTINEL);
  if (at < 0) throw new Error('no fuse wire');
  const length = binary[at + FUSE_SENTINEL.length + 1] ?? 0;
  const from = at + FUSE_SENTINEL.length + 2;
  return binary.subarray(from, from + length).toString('latin1');
}
