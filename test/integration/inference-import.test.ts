import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/engine/inference/files.ts';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { importHuggingFace } from '../../src/engine/inference/import-huggingface.ts';
import { importOnnx } from '../../src/engine/inference/import-onnx.ts';
import { importPack } from '../../src/engine/inference/import-pack.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import { findPack, listPacks } from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import {
  safetensors,
  storedZip,
  TINY_WEIGHTS,
  tinyModel,
  tinyRoots,
  torchLegacy,
  torchZip,
  wave,
  withFolder,
  writeArchitecture,
  writePack,
} from '../helpers/inference.ts';

const INPUT = { dims: [2, 3, 8, 8], data: wave(2 * 192, 5) };

/** Scores of the model with its weights in place, without any import. */
const expectedScores = () =>
  withFolder(async (folder) => {
    const roots = await tinyRoots(folder);
    await writePack(join(roots.builtIn, 'tiny'));
    const session = await openSession(await findPack(roots, 'tiny'), { provider: 'cpu' });
    const scores = Array.from(await session.scores(INPUT));
    await session.dispose();
    return scores;
  });

const prefixed = Object.fromEntries(Object.entries(TINY_WEIGHTS).map(([name, tensor]) => [`module.${name}`, tensor]));

describe('importing a checkpoint', () => {
  it.each([
    ['a PyTorch zip', torchZip(TINY_WEIGHTS)],
    ['a nested one with prefixes', torchZip(prefixed, 'state_dict')],
    ['a legacy PyTorch file', torchLegacy(TINY_WEIGHTS)],
    ['safetensors', safetensors(TINY_WEIGHTS)],
  ])('gives the same scores from %s', (_name, bytes) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, bytes);
      const report = await importCheckpoint(roots, roots.tiny, [file]);
      expect(report).toMatchObject({ used: 4, unused: [], known: null });
      expect(report.pack.manifest).toMatchObject({
        id: 'tiny-weights',
        source: { checkpointSha256: sha256Hex(bytes), checkpointName: 'weights.pth' },
      });
      const { packs } = await listPacks(roots, { verify: true });
      expect(packs).toMatchObject([{ problem: null, origin: 'user', enabled: true }]);
      const session = await openSession(await findPack(roots, 'tiny-weights'), { provider: 'cpu' });
      expect(Array.from(await session.scores(INPUT))).toEqual(await expectedScores());
      await session.dispose();
    }),
  );

  it('recognises a published file by its hash and lists keys it does not use', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const bytes = torchZip({
        ...TINY_WEIGHTS,
        'bn.num_batches_tracked': { shape: [1], data: wave(1, 0) },
        extra: { shape: [2], data: wave(2, 0) },
      });
      const published = [{ set: 'S', metric: 'EER', value: '1 %', reference: 'R' }];
      await writeArchitecture(roots.tiny, tinyModel(), {
        known: [
          { sha256: sha256Hex(bytes), name: 'Official', url: 'https://example.invalid/w', licence: 'MIT', published },
        ],
      });
      const file = join(folder, 'renamed.bin');
      writeFileSync(file, bytes);
      const report = await importCheckpoint(roots, roots.tiny, [file]);
      expect(report.known).toBe('Official');
      expect(report.unused).toEqual(['extra', 'bn.num_batches_tracked']);
      expect(report.pack.manifest).toMatchObject({ licence: 'MIT', published });
      expect(readFileSync(join(report.pack.folder, 'CARD.md'), 'utf8')).toContain('- extra');
    }));

  it('converts half precision exactly and says so', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'half.pt');
      writeFileSync(
        file,
        torchZip({
          ...TINY_WEIGHTS,
          'fc.bias': { shape: [2], data: Uint16Array.of(0x3c00, 0xb800), storage: 'HalfStorage' },
        }),
      );
      const report = await importCheckpoint(roots, roots.tiny, [file]);
      expect(report.notes[0]).toBe('1 tensors were converted from float16 to float32.');
    }));

  const { 'fc.bias': _gone, ...withoutBias } = TINY_WEIGHTS;
  it.each([
    ['a missing key', torchZip(withoutBias), 'checkpoint.mismatch', '"fc.bias"'],
    [
      'a wrong shape',
      torchZip({ ...TINY_WEIGHTS, 'fc.bias': { shape: [2, 1], data: wave(2, 0) } }),
      'checkpoint.mismatch',
      '2x1',
    ],
    [
      'a wrong type',
      torchZip({ ...TINY_WEIGHTS, 'fc.bias': { shape: [2], data: BigInt64Array.of(1n, 2n), storage: 'LongStorage' } }),
      'checkpoint.mismatch',
      'int64',
    ],
    [
      'weights that are not numbers',
      torchZip({ ...TINY_WEIGHTS, 'fc.bias': { shape: [2], data: Float32Array.of(Number.NaN, 0) } }),
      'inference.failed',
      'not finite',
    ],
    [
      'two keys for one name',
      torchZip({ ...TINY_WEIGHTS, 'module.fc.bias': { shape: [2], data: wave(2, 0) } }),
      'checkpoint.mismatch',
      'both mean',
    ],
  ])('fails for %s and leaves nothing behind', (_name, bytes, code, says) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, bytes);
      await expect(importCheckpoint(roots, roots.tiny, [file])).rejects.toMatchObject({
        code,
        message: expect.stringContaining(says),
      });
      mkdirSync(roots.user, { recursive: true });
      expect(readdirSync(roots.user)).toEqual([]);
    }),
  );

  it('stops when told to and refuses to install twice', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, torchZip(TINY_WEIGHTS));
      await expect(importCheckpoint(roots, roots.tiny, [file], { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'cancelled',
      });
      await importCheckpoint(roots, roots.tiny, [file]);
      await expect(importCheckpoint(roots, roots.tiny, [file])).rejects.toMatchObject({ code: 'pack.exists' });
      await importCheckpoint(roots, roots.tiny, [file], { version: '2.0.0' });
      expect((await listPacks(roots)).packs.length).toBe(2);
    }));

  it('refuses a graph of the program that was changed', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, torchZip(TINY_WEIGHTS));
      writeFileSync(join(roots.tiny, 'graph.onnx'), await encodeModel(tinyModel()));
      await expect(importCheckpoint(roots, roots.tiny, [file])).rejects.toMatchObject({ code: 'pack.damaged' });
    }));

  it('feeds several graphs from files named after them', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const base = await writeArchitecture(roots.tiny);
      const graphs = ['first', 'second'].map((role) => ({
        ...base.graphs[0],
        file: 'graph.onnx',
        role,
        sha256: base.graphs[0]?.sha256 ?? '',
        bytes: base.graphs[0]?.bytes ?? 1,
      }));
      await writeArchitecture(roots.tiny, tinyModel(), { graphs });
      const files = join(folder, 'files');
      mkdirSync(files);
      writeFileSync(join(files, 'first.pt'), torchZip(TINY_WEIGHTS));
      await expect(importCheckpoint(roots, roots.tiny, [files, files])).rejects.toMatchObject({
        code: 'checkpoint.mismatch',
      });
      writeFileSync(join(files, 'second.pt'), torchLegacy(TINY_WEIGHTS));
      const { pack } = await importCheckpoint(roots, roots.tiny, [files]);
      expect(pack.manifest.files.map((file) => file.path)).toEqual(['first.onnx', 'second.onnx']);
      expect(pack.manifest.source.checkpoints?.map((file) => file.role)).toEqual(['first', 'second']);
      const session = await openSession(pack, { provider: 'cpu', role: 'second' });
      expect((await session.scores(INPUT)).length).toBe(2);
      await session.dispose();
    }));
});

describe('importing a ready pack', () => {
  it('keeps every byte, from a folder and from a zip', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const source = join(folder, 'source');
      await writePack(source);
      writeFileSync(join(source, 'CARD.md'), '# card');
      const pack = await importPack(roots, source);
      expect(readFileSync(join(pack.folder, 'pack.json'))).toEqual(readFileSync(join(source, 'pack.json')));
      const entries = {
        'p/pack.json': readFileSync(join(source, 'pack.json')),
        'p/model.onnx': readFileSync(join(source, 'model.onnx')),
      };
      const zip = join(folder, 'pack.zip');
      writeFileSync(zip, storedZip(entries));
      await expect(importPack(roots, zip)).rejects.toMatchObject({ code: 'pack.exists' });
      const other = { builtIn: roots.builtIn, user: join(folder, 'other') };
      expect((await importPack(other, zip)).sha256).toBe(pack.sha256);
      writeFileSync(zip, storedZip({ ...entries, 'p/run.sh': Buffer.from('x') }));
      const third = { builtIn: roots.builtIn, user: join(folder, 'third') };
      await expect(importPack(third, zip)).rejects.toMatchObject({
        code: 'pack.damaged',
        message: expect.stringContaining('run.sh'),
      });
    }));
});

describe('importing ONNX files', () => {
  it('lends a preset’s rules to a file whose ports have other names', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const model = makeModel({
        nodes: [makeNode('Flatten', ['pixels'], ['f']), makeNode('MatMul', ['f', 'w'], ['answer'])],
        initializers: [makeTensor('w', 'float32', [192, 2], wave(384, 0))],
        inputs: [makeValue('pixels', 'float32', ['n', 3, 8, 8])],
        outputs: [makeValue('answer', 'float32', ['n', 2])],
      });
      const file = join(folder, 'mine.onnx');
      writeFileSync(file, await encodeModel(model));
      const { pack } = await importOnnx(roots, roots.tiny, file);
      expect(pack.manifest).toMatchObject({
        id: 'tiny-mine',
        input: { tensor: 'pixels' },
        output: { tensor: 'answer' },
      });
    }));

  it('takes pre-processing and classes from a Hugging Face folder', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const home = join(folder, 'some-detector');
      mkdirSync(home);
      writeFileSync(join(home, 'model.onnx'), await encodeModel(tinyModel()));
      writeFileSync(
        join(home, 'config.json'),
        JSON.stringify({
          id2label: { 0: 'Fake', 1: 'Real' },
          architectures: ['ViTForImageClassification'],
          hidden_size: 8,
        }),
      );
      const preprocessor = {
        do_resize: true,
        size: { height: 8, width: 8 },
        resample: 3,
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
        rescale_factor: 1 / 255,
      };
      writeFileSync(join(home, 'preprocessor_config.json'), JSON.stringify(preprocessor));
      const { pack } = await importHuggingFace(roots, home);
      expect(pack.manifest).toMatchObject({
        id: 'some-detector',
        input: { resize: 'pil-bicubic', width: 8 },
        output: { fakeIndex: 0, realIndex: 1 },
      });
      writeFileSync(join(home, 'config.json'), JSON.stringify({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }));
      await expect(importHuggingFace(roots, home, { id: 'x' })).rejects.toMatchObject({ code: 'usage.invalid' });
      const named = await importHuggingFace(roots, home, { id: 'x', fakeLabel: 'LABEL_1' });
      expect(named.pack.manifest.output.fakeIndex).toBe(1);
      cpSync(home, join(folder, 'cropping'), { recursive: true });
      writeFileSync(
        join(folder, 'cropping', 'preprocessor_config.json'),
        JSON.stringify({ ...preprocessor, resample: 1 }),
      );
      await expect(importHuggingFace(roots, join(folder, 'cropping'), { fakeLabel: 'LABEL_1' })).rejects.toMatchObject({
        code: 'pack.invalid',
      });
    }));
});
