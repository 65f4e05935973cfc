/** Files made to mislead or exhaust the importer: each must end in a named error, quickly, and leave nothing behind. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { openCheckpoint } from '../../src/engine/inference/checkpoints/open.ts';
import { FileSource } from '../../src/engine/inference/checkpoints/source.ts';
import { ZipArchive } from '../../src/engine/inference/checkpoints/zip.ts';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { importPack } from '../../src/engine/inference/import-pack.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { checkModel } from '../../src/engine/inference/onnx/check.ts';
import { parseModel } from '../../src/engine/inference/onnx/model.ts';
import { bytesField, intField, stringField, writeFields } from '../../src/engine/inference/onnx/wire.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import {
  collect,
  P,
  pickledTensor,
  safetensors,
  storedZip,
  TINY_WEIGHTS,
  tinyModel,
  tinyRoots,
  torchLegacy,
  torchZip,
  withFolder,
} from '../helpers/inference.ts';

const inFile = <T>(bytes: Uint8Array, use: (path: string, folder: string) => Promise<T>): Promise<T> =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, bytes);
    return use(path, folder);
  });

/** Reads every byte of a checkpoint; the name of the error, or "read". */
async function outcome(bytes: Uint8Array): Promise<string> {
  return inFile(bytes, async (path) => {
    try {
      const checkpoint = await openCheckpoint(path);
      try {
        for (const tensor of checkpoint.root.tensors.values()) {
          let total = 0;
          for await (const chunk of tensor.chunks()) {
            total += chunk.length;
            if (total > 1_000_000) break;
          }
        }
      } finally {
        await checkpoint.close();
      }
      return 'read';
    } catch (thrown) {
      if (thrown instanceof VidimusError) return thrown.code;
      throw thrown;
    }
  });
}

const openZip = (bytes: Uint8Array) =>
  inFile(bytes, async (path) => {
    const file = await FileSource.open(path);
    try {
      const zip = await ZipArchive.open(file);
      for (const entry of zip.entries.values()) await collect(zip.stream(entry));
      return [...zip.entries.keys()];
    } finally {
      await file.close();
    }
  });

describe('zip archives', () => {
  it.each(['../evil', '/etc/passwd', 'a/../../b', 'C:\\evil', 'a\\b', 'a//b', './a', 'a\0b'])(
    'refuse the path %j',
    async (name) => {
      await expect(openZip(storedZip({ [name]: Buffer.from('x') }))).rejects.toMatchObject({
        code: 'checkpoint.hostile',
      });
    },
  );

  it('refuse entries that lie inside one another', async () => {
    const bytes = Buffer.from(storedZip({ a: Buffer.alloc(64), b: Buffer.alloc(8) }));
    const directory = bytes.readUInt32LE(bytes.length - 6);
    bytes.writeUInt32LE(0, directory + 47 + 42);
    await expect(openZip(bytes)).rejects.toMatchObject({ code: 'checkpoint.hostile' });
  });

  it('refuse an entry that is listed twice and a header with another name', async () => {
    const twice = Buffer.from(storedZip({ ab: Buffer.from('x'), ac: Buffer.from('y') }));
    const text = twice.toString('latin1').replaceAll('ac', 'ab');
    await expect(openZip(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ code: 'checkpoint.hostile' });
    const other = Buffer.from(storedZip({ ab: Buffer.from('x') }));
    other[30] = 0x63;
    await expect(openZip(other)).rejects.toMatchObject({ code: 'checkpoint.hostile' });
  });

  it('refuse a bomb by what it states and by what it does', async () => {
    const packed = deflateRawSync(Buffer.alloc(8_000_000));
    const bomb = (stated: number) => {
      const bytes = Buffer.from(storedZip({ bomb: packed }));
      const directory = bytes.readUInt32LE(bytes.length - 6);
      bytes.writeUInt16LE(8, 8);
      bytes.writeUInt16LE(8, directory + 10);
      bytes.writeUInt32LE(stated, directory + 24);
      return bytes;
    };
    await expect(openZip(bomb(4_000_000_000))).rejects.toMatchObject({ code: 'checkpoint.hostile' });
    await expect(openZip(bomb(1000))).rejects.toMatchObject({ code: 'checkpoint.invalid' });
  });

  it('cannot bring a pack past its own manifest', () =>
    inFile(storedZip({ 'pack.json': Buffer.from('{}') }), async (path, folder) => {
      const roots = { builtIn: join(folder, 'b'), user: join(folder, 'u') };
      await expect(importPack(roots, path)).rejects.toMatchObject({ code: 'pack.invalid' });
      expect(existsSync(roots.user)).toBe(false);
    }));
});

describe('PyTorch files', () => {
  it('that ask to run a command are refused by name and nothing runs', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const mark = join(folder, 'executed');
      const pickle = P.file(P.global('posix', 'system'), P.tuple(P.text(`touch ${mark}`)), P.reduce);
      const file = join(folder, 'evil.pth');
      writeFileSync(file, storedZip({ 'archive/data.pkl': pickle }));
      await expect(importCheckpoint(roots, roots.tiny, [file])).rejects.toMatchObject({
        code: 'checkpoint.hostile',
        message: expect.stringContaining('posix.system'),
      });
      expect(existsSync(mark)).toBe(false);
      mkdirSync(roots.user, { recursive: true });
      expect(readdirSync(roots.user)).toEqual([]);
    }));

  it('that are TorchScript or big-endian are refused', async () => {
    const script = storedZip({
      'm/data.pkl': P.file(P.dict({})),
      'm/constants.pkl': Buffer.from('.'),
      'm/code/x.py': Buffer.from(''),
    });
    expect(await outcome(script)).toBe('checkpoint.hostile');
    const big = storedZip({ 'm/data.pkl': P.file(P.dict({})), 'm/byteorder': Buffer.from('big') });
    expect(await outcome(big)).toBe('checkpoint.invalid');
  });

  it('whose storage is shorter than announced are refused', async () => {
    const bytes = Buffer.from(torchZip({ a: { shape: [4], data: new Float32Array(4) } }));
    expect(await outcome(bytes)).toBe('read');
    const tensor = pickledTensor('0', { shape: [4], data: new Float32Array(4) });
    const lying = storedZip({ 'archive/data.pkl': P.file(P.dict({ a: tensor })), 'archive/data/0': Buffer.alloc(4) });
    expect(await outcome(lying)).toBe('checkpoint.invalid');
    const without = storedZip({ 'archive/data.pkl': P.file(P.dict({ a: tensor })) });
    expect(await outcome(without)).toBe('checkpoint.invalid');
  });
});

describe('ONNX files', () => {
  const external = (location: string) => {
    const tensor = makeTensor('w', 'float32', [1], null);
    const entry = writeFields([stringField(1, 'location'), stringField(2, location)]);
    return { ...tensor, rest: [bytesField(13, entry), intField(14, 1)] };
  };
  const around = (initializer: ReturnType<typeof makeTensor>) =>
    makeModel({
      nodes: [makeNode('Add', ['x', 'w'], ['y'])],
      initializers: [initializer],
      inputs: [makeValue('x', 'float32', [1])],
      outputs: [makeValue('y', 'float32', [1])],
    });

  it('that point to another file are refused wherever the pointer hides', async () => {
    await expect(async () => checkModel(await encodeModel(around(external('/etc/passwd'))))).rejects.toMatchObject({
      code: 'checkpoint.hostile',
    });
    const bytes = await encodeModel(around(makeTensor('w', 'float32', [1], Float32Array.of(1))));
    expect(checkModel(bytes).graph.initializers.length).toBe(1);
    const model = parseModel(bytes);
    const hidden = writeFields([
      stringField(1, 'value'),
      bytesField(5, writeFields([intField(2, 1), stringField(8, 'c'), intField(14, 1)])),
      intField(20, 4),
    ]);
    const constant = { ...makeNode('Constant', [], ['k']), attributes: [{ name: 'value', bytes: hidden }] };
    const smuggled = { ...model, graph: { ...model.graph, nodes: [constant, ...model.graph.nodes] } };
    await expect(async () => checkModel(await encodeModel(smuggled))).rejects.toMatchObject({
      code: 'checkpoint.hostile',
    });
  });

  it('are written back byte for byte in what is not understood', async () => {
    const model = tinyModel();
    const odd = { ...model, rest: [...model.rest, bytesField(99, Buffer.from('unknown')), intField(77, -5n)] };
    const again = parseModel(await encodeModel(odd));
    expect(again.rest).toEqual(parseModel(await encodeModel(again)).rest);
    expect(again.rest.some((field) => field.number === 99 && Buffer.from(field.bytes).toString() === 'unknown')).toBe(
      true,
    );
    expect(Buffer.from(await encodeModel(again))).toEqual(Buffer.from(await encodeModel(odd)));
  });
});

describe('any damage to a valid checkpoint', () => {
  const onnx = encodeModel(tinyModel());
  it.each([
    ['PyTorch zip', async () => torchZip(TINY_WEIGHTS)],
    ['legacy PyTorch', async () => torchLegacy(TINY_WEIGHTS)],
    ['safetensors', async () => safetensors(TINY_WEIGHTS)],
    ['ONNX', async () => onnx],
  ])('of %s ends in a named error or a clean read', async (_name, make) => {
    const seed = Buffer.from(await make());
    const changes = fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const cut = fc.option(fc.nat(seed.length), { freq: 4 });
    await fc.assert(
      fc.asyncProperty(changes, cut, async (edits, length) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of edits) bytes[at] = value;
        expect(await outcome(length === null ? bytes : bytes.subarray(0, length))).toMatch(
          /^(read|checkpoint\.(invalid|hostile))$/,
        );
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});
