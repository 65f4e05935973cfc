import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** Bytes the pretended disk still takes; null for as many as the real one does. */
const disk = vi.hoisted((): { free: number | null } => ({ free: null }));

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const write = handle.write.bind(handle);
      Object.defineProperty(handle, 'write', {
        value: async (data: Uint8Array, offset: number, length: number) => {
          if (disk.free !== null) disk.free -= length;
          if (disk.free !== null && disk.free < 0) {
            throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
          }
          return write(data, offset, length);
        },
      });
      return handle;
    },
  };
});

const { importCheckpoint } = await import('../../src/engine/inference/import.ts');
const { listPacks, setEnabled } = await import('../../src/engine/inference/registry.ts');
const { importPack } = await import('../../src/engine/inference/import-pack.ts');
const { storedZip, TINY_WEIGHTS, tinyRoots, torchZip, withFolder, writePack } = await import('../helpers/inference.ts');

afterEach(() => {
  disk.free = null;
});

describe('a full disk', () => {
  it.each([0, 100, 1500, 2500])('after %i bytes leaves the registry as it was', (free) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, torchZip(TINY_WEIGHTS));
      await importCheckpoint(roots, roots.tiny, [file]);
      await setEnabled(roots, 'tiny-weights', false);
      const before = await listPacks(roots, { verify: true });
      disk.free = free;
      await expect(importCheckpoint(roots, roots.tiny, [file], { version: '2.0.0' })).rejects.toMatchObject({
        code: 'output.failed',
        message: expect.stringContaining('disk is full'),
      });
      await expect(setEnabled(roots, 'tiny-weights', true)).rejects.toMatchObject({ code: 'output.failed' });
      disk.free = null;
      expect(await listPacks(roots, { verify: true })).toEqual(before);
      expect(readdirSync(roots.user).sort()).toEqual(['state.json', 'tiny-weights@1.0.0']);
    }),
  );

  it.each(['folder', 'zip'])('while a ready pack is copied from a %s leaves the registry as it was', (way) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'kept'), { id: 'kept' });
      const source = join(folder, 'source');
      await writePack(source);
      const zip = join(folder, 'pack.zip');
      const entries = ['pack.json', 'model.onnx'].map((name) => [name, readFileSync(join(source, name))] as const);
      writeFileSync(zip, storedZip(Object.fromEntries(entries)));
      const before = await listPacks(roots, { verify: true });
      disk.free = 1200;
      await expect(importPack(roots, way === 'zip' ? zip : source)).rejects.toMatchObject({
        code: 'output.failed',
        message: expect.stringContaining('disk is full'),
      });
      disk.free = null;
      expect(await listPacks(roots, { verify: true })).toEqual(before);
      expect(readdirSync(roots.user)).toEqual(['kept']);
    }),
  );
});
