/** Whatever is given to the importer and refused, every byte of the registry, and of its surroundings, stays. */
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { sha256Hex } from '../../src/engine/inference/files.ts';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { importHuggingFace } from '../../src/engine/inference/import-huggingface.ts';
import { importOnnx } from '../../src/engine/inference/import-onnx.ts';
import { importPack } from '../../src/engine/inference/import-pack.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import { listPacks, type ModelRoots, setDefault, setEnabled } from '../../src/engine/inference/registry.ts';
import {
  P,
  safetensors,
  storedZip,
  TINY_WEIGHTS,
  tinyModel,
  tinyRoots,
  torchLegacy,
  torchZip,
  wave,
  withFolder,
  writePack,
} from '../helpers/inference.ts';
import { ROOT } from '../helpers/shared.ts';

interface Scene {
  readonly roots: ModelRoots & { readonly tiny: string };
  /** A folder for what is given to the importer. */
  readonly inbox: string;
  /** Writes a file into the inbox and answers its path. */
  readonly file: (name: string, bytes: Uint8Array | string) => string;
}

/** SHA-256 of every file below a folder, links as they are, and the names of all folders. */
function snapshot(folder: string): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    seen[path] = entry.isFile() ? sha256Hex(readFileSync(path)) : entry.isDirectory() ? 'folder' : 'link';
  }
  return seen;
}

/** A registry with a pack, one that is switched off for video, and a default; then the attempt; then the same registry. */
const refused = (code: string, says: string, attempt: (scene: Scene) => Promise<unknown>): Promise<void> =>
  withFolder(async (folder) => {
    const roots = await tinyRoots(folder);
    await writePack(join(roots.user, 'kept@1.0.0'), { id: 'kept' });
    await writePack(join(roots.builtIn, 'part-of-it'), { id: 'part-of-it' });
    await setEnabled(roots, 'kept', false, ['video']);
    await setDefault(roots, 'face-forgery', 'kept');
    const inbox = join(folder, 'inbox');
    mkdirSync(inbox);
    const file = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(inbox, name), bytes);
      return join(inbox, name);
    };
    const registry = await listPacks(roots, { verify: true });
    expect(registry.packs.map((pack) => pack.problem)).toEqual([null, null]);
    const before = outside(snapshot(folder), inbox);
    const thrown = await attempt({ roots, inbox, file }).then(
      () => new Error('nothing was refused'),
      (reason: unknown) => reason,
    );
    expect(thrown).toBeInstanceOf(VidimusError);
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(outside(snapshot(folder), inbox)).toEqual(before);
    expect(await listPacks(roots, { verify: true })).toEqual(registry);
  });

const outside = (seen: Record<string, string>, inbox: string): Record<string, string> =>
  Object.fromEntries(Object.entries(seen).filter(([path]) => !path.startsWith(inbox)));

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2));
const { 'fc.bias': _gone, ...withoutBias } = TINY_WEIGHTS;
const others = Object.fromEntries(Object.entries(TINY_WEIGHTS).map(([name, tensor]) => [`other.${name}`, tensor]));
const command = P.file(P.global('os', 'system'), P.tuple(P.text('true')), P.reduce);

/** A zip whose only entry says it is `stated` bytes and unpacks to 8 MB. */
function bomb(name: string, stated: number): Uint8Array {
  const bytes = Buffer.from(storedZip({ [name]: deflateRawSync(Buffer.alloc(8_000_000)) }));
  const directory = bytes.readUInt32LE(bytes.length - 6);
  bytes.writeUInt16LE(8, 8);
  bytes.writeUInt16LE(8, directory + 10);
  bytes.writeUInt32LE(stated, directory + 24);
  return bytes;
}

describe('a checkpoint', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['of another network', torchZip(others), 'checkpoint.mismatch', 'conv.weight'],
    ['without one key', safetensors(withoutBias), 'checkpoint.mismatch', 'fc.bias'],
    [
      'with a tensor of another shape',
      torchLegacy({ ...TINY_WEIGHTS, 'fc.weight': { shape: [8, 2], data: wave(16, 2) } }),
      'checkpoint.mismatch',
      'fc.weight',
    ],
    ['that is empty', new Uint8Array(0), 'checkpoint.invalid', ''],
    ['that is half a PyTorch zip', half(torchZip(TINY_WEIGHTS)), 'checkpoint.invalid', ''],
    ['that is half a legacy PyTorch file', half(torchLegacy(TINY_WEIGHTS)), 'checkpoint.invalid', ''],
    ['that is half a safetensors file', half(safetensors(TINY_WEIGHTS)), 'checkpoint.invalid', ''],
    ['that wants to run a command', storedZip({ 'a/data.pkl': command }), 'checkpoint.hostile', 'os.system'],
    ['that is a bomb by its own words', bomb('a/data.pkl', 4_000_000_000), 'checkpoint.hostile', ''],
    ['that is a bomb in secret', bomb('a/data.pkl', 1000), 'checkpoint.invalid', ''],
    ['that is a text', Buffer.from('these are no weights'), 'checkpoint.invalid', ''],
  ])('%s installs nothing', (_name, bytes, code, says) =>
    refused(code, says, ({ roots, file }) => importCheckpoint(roots, roots.tiny, [file('weights.pth', bytes)])),
  );

  it('for a network of this build that it does not belong to installs nothing', () =>
    refused('checkpoint.mismatch', 'lacks "bn1.b', ({ roots, file }) =>
      importCheckpoint(roots, join(ROOT, 'models/architectures/meso4'), [file('w.pth', torchZip(TINY_WEIGHTS))]),
    ));

  it.each(['../escaped', '..', 'a/b', '.hidden', 'UPPER'])('under the id %j installs nothing', (id) =>
    refused('pack.invalid', 'id', ({ roots, file }) =>
      importCheckpoint(roots, roots.tiny, [file('w.pth', torchZip(TINY_WEIGHTS))], { id }),
    ),
  );

  it('under the id of another pack installs nothing', () =>
    refused('pack.exists', 'kept@1.0.0', ({ roots, file }) =>
      importCheckpoint(roots, roots.tiny, [file('w.pth', torchZip(TINY_WEIGHTS))], { id: 'kept' }),
    ));

  it('under the id of a pack that came with the program installs nothing', () =>
    refused('pack.exists', 'part-of-it', ({ roots, file }) =>
      importCheckpoint(roots, roots.tiny, [file('w.pth', torchZip(TINY_WEIGHTS))], { id: 'part-of-it' }),
    ));

  it('whose import is stopped half-way installs nothing', () =>
    refused('cancelled', '', ({ roots, file }) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 1);
      return importCheckpoint(roots, roots.tiny, [file('w.pth', torchZip(TINY_WEIGHTS))], { signal: stop.signal });
    }));
});

describe('a ready pack', () => {
  type Change = (manifest: Record<string, unknown>) => Record<string, unknown>;
  /** A pack in the inbox with a changed manifest, as a folder or as a zip of it. */
  const given = async ({ inbox, file }: Scene, way: string, change: Change): Promise<string> => {
    const home = join(inbox, 'pack');
    const manifest = await writePack(home, { id: 'new' });
    const text = JSON.stringify(change({ ...manifest }));
    writeFileSync(join(home, 'pack.json'), text);
    if (way === 'folder') return home;
    const model = readFileSync(join(home, 'model.onnx'));
    return file('pack.zip', storedZip({ 'pack.json': Buffer.from(text), 'model.onnx': model }));
  };
  const digest = 'a'.repeat(64);
  const changes: readonly [string, Change, string, string][] = [
    ['with an unknown field', (m) => ({ ...m, trusted: true }), 'pack.invalid', 'trusted'],
    ['with an unknown field inside', (m) => ({ ...m, envelope: { sure: 1 } }), 'pack.invalid', 'sure'],
    [
      'with a path that leaves the folder',
      (m) => ({ ...m, files: [{ path: '../kept@1.0.0/model.onnx', sha256: digest, bytes: 9 }] }),
      'pack.invalid',
      'files.0.path',
    ],
    ['with an id that leaves the folder', (m) => ({ ...m, id: '../../new' }), 'pack.invalid', 'id'],
    ['with the id of another pack', (m) => ({ ...m, id: 'kept' }), 'pack.exists', 'kept@1.0.0'],
    [
      'with a file it does not have',
      (m) => ({
        ...m,
        files: [...(Array.isArray(m['files']) ? m['files'] : []), { path: 'x.onnx', sha256: digest, bytes: 9 }],
      }),
      'pack.damaged',
      'x.onnx',
    ],
    [
      'with another hash',
      (m) => ({
        ...m,
        files: (Array.isArray(m['files']) ? m['files'] : []).map((f: object) => ({ ...f, sha256: digest })),
      }),
      'pack.damaged',
      digest,
    ],
    [
      'whose graph answers something else',
      (m) => ({ ...m, output: { tensor: 'boxes', kind: 'logits', fakeIndex: 1 } }),
      'pack.invalid',
      'boxes',
    ],
  ];
  for (const way of ['folder', 'zip'])
    it.each(changes)(`(${way}) %s installs nothing`, (_name, change, code, says) =>
      refused(code, says, async (scene) => importPack(scene.roots, await given(scene, way, change))),
    );

  it.each<[string, (zip: Uint8Array) => Uint8Array, string]>([
    ['that is cut short', half, 'checkpoint.invalid'],
    ['that is empty', () => new Uint8Array(0), 'checkpoint.invalid'],
    ['that is a bomb', () => bomb('pack.json', 4_000_000_000), 'checkpoint.hostile'],
    [
      'with an entry that leaves the folder',
      () => storedZip({ '../../evil.onnx': Buffer.of(1) }),
      'checkpoint.hostile',
    ],
  ])('(zip) %s installs nothing', (_name, mangle, code) =>
    refused(code, '', async (scene) => {
      const path = await given(scene, 'zip', (m) => m);
      writeFileSync(path, mangle(readFileSync(path)));
      return importPack(scene.roots, path);
    }),
  );

  it.skipIf(process.platform === 'win32')('(folder) with a link to a file elsewhere installs nothing', () =>
    refused('pack.damaged', 'leads out', async (scene) => {
      const home = await given(scene, 'folder', (m) => m);
      renameSync(join(home, 'model.onnx'), join(scene.inbox, 'secret.onnx'));
      symlinkSync('../secret.onnx', join(home, 'model.onnx'));
      return importPack(scene.roots, home);
    }),
  );

  it('that is not there installs nothing', () =>
    refused('pack.missing', 'absent', ({ roots, inbox }) => importPack(roots, join(inbox, 'absent'))));
});

describe('an ONNX file', () => {
  const elsewhere = makeModel({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    initializers: [makeTensor('w', 'float32', [4, 2], wave(8, 0))],
    inputs: [makeValue('x', 'float32', ['n', 4]), makeValue('z', 'float32', ['n', 4])],
    outputs: [makeValue('y', 'float32', ['n', 2])],
  });
  const narrow = makeModel({
    nodes: [makeNode('MatMul', ['input', 'w'], ['logits'])],
    initializers: [makeTensor('w', 'float32', [4, 2], wave(8, 0))],
    inputs: [makeValue('input', 'float32', ['n', 4])],
    outputs: [makeValue('logits', 'float32', ['n', 2])],
  });
  const large = {
    ...tinyModel(),
    graph: { ...tinyModel().graph, inputs: [makeValue('input', 'float32', ['n', 3, 16, 16])] },
  };
  it.each<[string, () => Promise<Uint8Array>, string]>([
    ['cut short', async () => half(await encodeModel(tinyModel())), 'checkpoint.invalid'],
    ['that is empty', async () => new Uint8Array(0), 'checkpoint.invalid'],
    ['with other inputs', () => encodeModel(elsewhere), 'checkpoint.mismatch'],
    ['with inputs of another rank', () => encodeModel(narrow), 'pack.invalid'],
    ['for pictures of another size', () => encodeModel(large), 'pack.invalid'],
  ])('%s installs nothing', (_name, make, code) =>
    refused(code, '', async ({ roots, file }) => importOnnx(roots, roots.tiny, file('m.onnx', await make()))),
  );

  it('in a Hugging Face folder with unclear labels installs nothing', () =>
    refused('usage.invalid', 'LABEL_0', async ({ roots, inbox, file }) => {
      file('model.onnx', await encodeModel(tinyModel()));
      file('config.json', JSON.stringify({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }));
      const size = { height: 8, width: 8 };
      file('preprocessor_config.json', JSON.stringify({ size, image_mean: [0, 0, 0], image_std: [1, 1, 1] }));
      return importHuggingFace(roots, inbox);
    }));
});
