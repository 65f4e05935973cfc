import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/engine/inference/pack.ts';
import {
  findPack,
  listPacks,
  packsForTask,
  removePack,
  setDefault,
  setEnabled,
} from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import { tinyRoots, withFolder, writePack } from '../helpers/inference.ts';

describe('a pack on disk', () => {
  it('loads when every byte is as listed', () =>
    withFolder(async (folder) => {
      await writePack(join(folder, 'tiny'));
      writeFileSync(join(folder, 'tiny', 'CARD.md'), '# card');
      writeFileSync(join(folder, 'tiny', '.DS_Store'), 'x');
      expect((await loadPack(join(folder, 'tiny'))).manifest.id).toBe('tiny');
    }));

  it('is refused with the hash that differs when one byte changed', () =>
    withFolder(async (folder) => {
      const manifest = await writePack(join(folder, 'tiny'));
      const path = join(folder, 'tiny', 'model.onnx');
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] ^= 1;
      writeFileSync(path, bytes);
      await expect(loadPack(join(folder, 'tiny'))).rejects.toMatchObject({
        code: 'pack.damaged',
        message: expect.stringContaining(manifest.files[0]?.sha256 ?? 'none'),
      });
    }));

  it.each([
    ['an unknown field', (m: object) => ({ ...m, trust: true }), 'pack.invalid', 'trust'],
    [
      'a path that leaves the folder',
      (m: object) => ({ ...m, files: [{ path: '../x.onnx', sha256: 'a'.repeat(64), bytes: 1 }] }),
      'pack.invalid',
      'files.0.path',
    ],
    [
      'a missing file',
      (m: object) => ({ ...m, files: [{ path: 'other.onnx', sha256: 'a'.repeat(64), bytes: 1 }] }),
      'pack.damaged',
      'model.onnx',
    ],
    [
      'a wrong size',
      (m: { files: { bytes: number }[] }) => ({ ...m, files: m.files.map((f) => ({ ...f, bytes: f.bytes + 1 })) }),
      'pack.damaged',
      'bytes',
    ],
  ])('is refused for %s', (_name, change, code, says) =>
    withFolder(async (folder) => {
      const manifest = await writePack(join(folder, 'tiny'));
      writeFileSync(join(folder, 'tiny', 'pack.json'), JSON.stringify(change(manifest)));
      await expect(loadPack(join(folder, 'tiny'))).rejects.toMatchObject({
        code,
        message: expect.stringContaining(says),
      });
    }),
  );

  it('is refused for a file its manifest does not list', () =>
    withFolder(async (folder) => {
      await writePack(join(folder, 'tiny'));
      writeFileSync(join(folder, 'tiny', 'weights.bin'), 'x');
      await expect(loadPack(join(folder, 'tiny'))).rejects.toMatchObject({
        code: 'pack.damaged',
        message: expect.stringContaining('weights.bin'),
      });
    }));

  it.skipIf(process.platform === 'win32')('is refused when a link leads out of its folder', () =>
    withFolder(async (folder) => {
      await writePack(join(folder, 'tiny'));
      renameSync(join(folder, 'tiny', 'model.onnx'), join(folder, 'outside.onnx'));
      symlinkSync('../outside.onnx', join(folder, 'tiny', 'model.onnx'));
      await expect(loadPack(join(folder, 'tiny'))).rejects.toMatchObject({
        code: 'pack.damaged',
        message: expect.stringContaining('leads out'),
      });
    }),
  );

  it('is hashed again when a session opens it', () =>
    withFolder(async (folder) => {
      await writePack(join(folder, 'tiny'));
      const pack = await loadPack(join(folder, 'tiny'));
      const path = join(folder, 'tiny', 'model.onnx');
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0])]));
      await expect(openSession(pack, { provider: 'cpu' })).rejects.toMatchObject({ code: 'pack.damaged' });
    }));
});

describe('the registry', () => {
  it('lists versions side by side and takes the highest enabled one', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.builtIn, 'tiny'));
      await writePack(join(roots.user, 'tiny@1.10.0'), { version: '1.10.0' });
      await writePack(join(roots.user, 'tiny@1.9.0'), { version: '1.9.0' });
      const { packs, broken } = await listPacks(roots, { verify: true });
      expect(packs.map((pack) => [pack.manifest.version, pack.origin, pack.problem])).toEqual([
        ['1.0.0', 'built-in', null],
        ['1.10.0', 'user', null],
        ['1.9.0', 'user', null],
      ]);
      expect(broken).toEqual([]);
      expect((await findPack(roots, 'tiny')).manifest.version).toBe('1.10.0');
      await setEnabled(roots, 'tiny@1.10.0', false);
      expect((await findPack(roots, 'tiny')).manifest.version).toBe('1.9.0');
      expect((await findPack(roots, 'tiny@1.0.0')).manifest.version).toBe('1.0.0');
      await setEnabled(roots, 'tiny', false);
      await expect(findPack(roots, 'tiny')).rejects.toMatchObject({
        code: 'pack.missing',
        message: expect.stringContaining('switched off'),
      });
    }));

  it('names a pack that is installed twice and opens neither', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.builtIn, 'tiny'));
      await writePack(join(roots.user, 'tiny@1.0.0'));
      const { packs } = await listPacks(roots);
      expect(packs.every((pack) => pack.problem?.includes('installed 2 times'))).toBe(true);
      await expect(findPack(roots, 'tiny')).rejects.toMatchObject({ code: 'pack.damaged' });
    }));

  it('shows a folder it cannot read instead of hiding it', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      mkdirSync(join(roots.user, 'half'), { recursive: true });
      writeFileSync(join(roots.user, 'half', 'pack.json'), '{');
      await writePack(join(roots.user, 'misnamed'));
      const { packs, broken } = await listPacks(roots);
      expect(broken).toMatchObject([{ origin: 'user', problem: expect.stringContaining('not JSON') }]);
      expect(packs[0]?.problem).toContain('misnamed');
    }));

  it.skipIf(process.platform === 'win32')('does not follow a link to a pack elsewhere', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(folder, 'elsewhere'));
      mkdirSync(roots.user, { recursive: true });
      symlinkSync(join(folder, 'elsewhere'), join(roots.user, 'tiny'));
      const { packs, broken } = await listPacks(roots);
      expect(packs).toEqual([]);
      expect(broken).toMatchObject([{ problem: expect.stringContaining('link') }]);
      await expect(findPack(roots, 'tiny')).rejects.toMatchObject({ code: 'pack.damaged' });
    }),
  );

  it('puts the default of a task first and forgets it with the pack', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.builtIn, 'alpha'), { id: 'alpha' });
      await writePack(join(roots.user, 'beta'), { id: 'beta' });
      const order = async () => (await packsForTask(roots, 'face-forgery')).map((pack) => pack.manifest.id);
      expect(await order()).toEqual(['alpha', 'beta']);
      await setDefault(roots, 'face-forgery', 'beta@1.0.0');
      expect(await order()).toEqual(['beta', 'alpha']);
      await expect(setDefault(roots, 'speech-spoof', 'beta')).rejects.toMatchObject({ code: 'usage.invalid' });
      await expect(removePack(roots, 'alpha')).rejects.toMatchObject({ code: 'usage.invalid' });
      await removePack(roots, 'beta');
      expect(await order()).toEqual(['alpha']);
      expect(readFileSync(join(roots.user, 'state.json'), 'utf8')).not.toContain('beta');
    }));

  it('does not guess when its state file is damaged', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      mkdirSync(roots.user, { recursive: true });
      writeFileSync(join(roots.user, 'state.json'), '{"disabled":');
      await expect(listPacks(roots)).rejects.toMatchObject({ code: 'pack.invalid' });
    }));
});
