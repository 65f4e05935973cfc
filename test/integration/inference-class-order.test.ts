/** Which output means "manipulated": a swapped class would answer the opposite of the truth without any error. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/engine/inference/files.ts';
import { type ImportOptions, importCheckpoint } from '../../src/engine/inference/import.ts';
import { importHuggingFace } from '../../src/engine/inference/import-huggingface.ts';
import { importOnnx } from '../../src/engine/inference/import-onnx.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import { listPacks } from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import {
  TINY_WEIGHTS,
  tinyModel,
  tinyRoots,
  torchZip,
  wave,
  withFolder,
  writeArchitecture,
} from '../helpers/inference.ts';

const BYTES = torchZip(TINY_WEIGHTS);

/** Imports the tiny network's weights, with a config.json beside them where `labels` are given. */
const imported = async <T>(
  options: ImportOptions,
  labels: object | string | null,
  use: (got: Awaited<ReturnType<typeof importCheckpoint>>, card: string) => Promise<T> | T,
  change: Parameters<typeof writeArchitecture>[2] = {},
): Promise<T> =>
  withFolder(async (folder) => {
    const roots = await tinyRoots(folder);
    await writeArchitecture(roots.tiny, tinyModel(), change);
    const home = join(folder, 'download');
    mkdirSync(home);
    writeFileSync(join(home, 'weights.pth'), BYTES);
    if (labels !== null)
      writeFileSync(
        join(home, 'config.json'),
        typeof labels === 'string' ? labels : JSON.stringify({ id2label: labels, hidden_size: 8 }),
      );
    const report = await importCheckpoint(roots, roots.tiny, [join(home, 'weights.pth')], options);
    return use(report, readFileSync(join(report.pack.folder, 'CARD.md'), 'utf8'));
  });

const score = async (options: ImportOptions, labels: object | null): Promise<number> =>
  imported(options, labels, async ({ pack }) => {
    const session = await openSession(pack, { provider: 'cpu' });
    const [value = Number.NaN] = await session.scores({ dims: [1, 3, 8, 8], data: wave(192, 5) });
    await session.dispose();
    return value;
  });

describe('the order of classes', () => {
  it('is called an assumption in the report, the manifest and the card where nothing proves it', () =>
    imported({}, null, ({ notes, pack }, card) => {
      const [note = ''] = notes;
      expect(note).toContain('Output 1 was taken as "manipulated" by assumption');
      expect(note).toContain('vidimus evaluate');
      expect(card).toContain(note);
      expect(pack.manifest.envelope.notes).toEqual([note]);
      expect(pack.manifest.output).toMatchObject({ fakeIndex: 1, realIndex: 0 });
    }));

  it('says "real" of a single unit that means real', () =>
    imported({}, null, ({ notes }) => expect(notes[0]).toContain('Output 0 was taken as "real" by assumption'), {
      output: { tensor: 'logits', kind: 'logits', realIndex: 0 },
    }));

  it('is proven by a recognised checkpoint and cannot be overruled', async () => {
    const known = [{ sha256: sha256Hex(BYTES), name: 'Official', url: '', licence: 'MIT', published: [] }];
    await imported(
      {},
      { 0: 'Fake', 1: 'Real' },
      ({ notes, pack }) => {
        expect(notes).toEqual([]);
        expect(pack.manifest.output.fakeIndex).toBe(1);
      },
      { known },
    );
    await expect(imported({ fakeIndex: 0 }, null, () => undefined, { known })).rejects.toMatchObject({
      code: 'usage.invalid',
    });
  });

  it('is what the examiner says, and turns every score round', async () => {
    await imported({ fakeIndex: 0 }, { 0: 'Real', 1: 'Fake' }, ({ notes, pack }, card) => {
      expect(pack.manifest.output).toMatchObject({ fakeIndex: 0, realIndex: 1 });
      expect(notes.join()).toContain('Output 0 was taken as "manipulated" because the examiner said so');
      expect(card).toContain('because the examiner said so');
    });
    expect((await score({ fakeIndex: 0 }, null)) + (await score({}, null))).toBeCloseTo(1, 6);
  });

  it('is read from config.json beside the checkpoint', async () => {
    await imported({}, { 0: 'Fake', 1: 'Real' }, ({ notes, pack }, card) => {
      expect(pack.manifest.output).toMatchObject({ fakeIndex: 0, realIndex: 1 });
      expect(notes).toEqual([
        'config.json beside the checkpoint names the classes 0 "Fake", 1 "Real": output 0 was taken as "manipulated".',
      ]);
      expect(card).toContain(notes[0]);
      expect(pack.manifest.envelope.notes).toBeUndefined();
    });
    expect(await score({}, { 0: 'Fake', 1: 'Real' })).toBe(await score({ fakeIndex: 0 }, null));
    await imported({ fakeLabel: 'LABEL_0' }, { 0: 'LABEL_0', 1: 'LABEL_1' }, ({ pack }) =>
      expect(pack.manifest.output.fakeIndex).toBe(0),
    );
  });

  it.each([
    ['labels that do not say', { 0: 'LABEL_0', 1: 'LABEL_1' }, 'LABEL_0'],
    ['labels that say it twice', { 0: 'fake A', 1: 'fake B' }, 'fake A'],
    ['a config.json that is not JSON', '{', 'by assumption:'],
    ['a config.json of something else', '{"id2label": 3}', 'by assumption:'],
  ])('stays an assumption with %s', (_name, labels, says) =>
    imported({}, labels, ({ notes, pack }) => {
      expect(notes[0]).toContain('by assumption');
      expect(notes[0]).toContain(says);
      expect(pack.manifest.output.fakeIndex).toBe(1);
    }),
  );

  it.each([
    ['an output the network does not have', { fakeIndex: 7 }, 'pack.invalid'],
    ['a label nobody gave', { fakeLabel: 'Fake' }, 'usage.invalid'],
  ])('refuses %s and installs nothing', (_name, options, code) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const file = join(folder, 'weights.pth');
      writeFileSync(file, BYTES);
      await expect(importCheckpoint(roots, roots.tiny, [file], options)).rejects.toMatchObject({ code });
      expect(await listPacks(roots)).toEqual({ packs: [], broken: [] });
    }),
  );

  it('is no question for a network that gives no score', async () => {
    // Installing runs the network; a detector of faces has no score to try.
    const output = { tensor: 'logits', kind: 'boxes' as const };
    await imported({}, null, ({ notes }) => expect(notes).toEqual([]), { task: 'face-detection', output });
    await expect(
      imported({ fakeIndex: 0 }, null, () => undefined, { task: 'face-detection', output }),
    ).rejects.toMatchObject({
      code: 'usage.invalid',
    });
  });

  it('is asked of ONNX files and Hugging Face folders too', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const home = join(folder, 'some-detector');
      mkdirSync(home);
      writeFileSync(join(home, 'model.onnx'), await encodeModel(tinyModel()));
      const bare = await importOnnx(roots, roots.tiny, join(home, 'model.onnx'));
      expect(bare.notes.join()).toContain('by assumption');
      const told = await importOnnx(roots, roots.tiny, join(home, 'model.onnx'), { id: 'told', fakeIndex: 0 });
      expect(told.pack.manifest.output.fakeIndex).toBe(0);
      writeFileSync(join(home, 'config.json'), JSON.stringify({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }));
      const sized = { size: { height: 8, width: 8 }, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
      writeFileSync(join(home, 'preprocessor_config.json'), JSON.stringify(sized));
      await expect(importHuggingFace(roots, home, { fakeIndex: 2 })).rejects.toMatchObject({ code: 'usage.invalid' });
      const named = await importHuggingFace(roots, home, { fakeIndex: 0 });
      expect(named.pack.manifest.output).toMatchObject({ fakeIndex: 0, realIndex: 1 });
      expect(named.notes.join()).toContain('because the examiner said so');
    }));
});
