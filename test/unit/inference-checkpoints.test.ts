import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/inference/checkpoints/open.ts';
import { transposeBytes } from '../../src/engine/inference/checkpoints/strided.ts';
import { sha256Hex } from '../../src/engine/inference/files.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import {
  collect,
  safetensors,
  type TestTensor,
  torchLegacy,
  torchZip,
  wave,
  withFolder,
} from '../helpers/inference.ts';

const floats = (bytes: Buffer): number[] => Array.from(new Float32Array(new Uint8Array(bytes).buffer));

/** Tensors of a file as plain numbers. */
const read = (bytes: Uint8Array) =>
  withFolder(async (folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, bytes);
    const checkpoint = await openCheckpoint(path);
    try {
      expect(checkpoint.sha256).toBe(sha256Hex(bytes));
      const out: Record<string, { shape: readonly number[]; dtype: string; bytes: Buffer }> = {};
      for (const [name, tensor] of checkpoint.root.tensors) {
        out[name] = { shape: tensor.shape, dtype: tensor.dtype, bytes: await collect(tensor.chunks()) };
      }
      return { format: checkpoint.format, tensors: out, children: [...checkpoint.root.children.keys()] };
    } finally {
      await checkpoint.close();
    }
  });

const TENSORS: Readonly<Record<string, TestTensor>> = {
  a: { shape: [2, 3], data: wave(6, 0) },
  b: { shape: [4], data: wave(4, 1) },
};

describe('checkpoint readers', () => {
  it.each([
    ['pytorch-zip', torchZip(TENSORS)],
    ['pytorch-legacy', torchLegacy(TENSORS)],
    ['safetensors', safetensors(TENSORS)],
  ])('reads %s by its content', async (format, bytes) => {
    const got = await read(bytes);
    expect(got.format).toBe(format);
    expect(got.tensors['a']?.shape).toEqual([2, 3]);
    expect(floats(got.tensors['a']?.bytes ?? Buffer.alloc(0))).toEqual(Array.from(wave(6, 0)));
    expect(floats(got.tensors['b']?.bytes ?? Buffer.alloc(0))).toEqual(Array.from(wave(4, 1)));
  });

  it('reads the initialisers of an ONNX file', async () => {
    const model = makeModel({
      nodes: [makeNode('Add', ['x', 'w'], ['y'])],
      initializers: [makeTensor('w', 'float32', [3], Float32Array.of(1, 2, 3))],
      inputs: [makeValue('x', 'float32', [3])],
      outputs: [makeValue('y', 'float32', [3])],
    });
    const got = await read(await encodeModel(model));
    expect(got.format).toBe('onnx');
    expect(floats(got.tensors['w']?.bytes ?? Buffer.alloc(0))).toEqual([1, 2, 3]);
  });

  it('puts transposed, offset and shared views in order', async () => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const got = await read(
      torchZip({
        all: { shape: [8], data, key: 's' },
        transposed: { shape: [2, 3], strides: [1, 2], offset: 1, data, key: 's' },
        expanded: { shape: [3, 2], strides: [0, 1], offset: 6, data, key: 's' },
        empty: { shape: [0, 4], data, key: 's' },
      }),
    );
    expect(floats(got.tensors['transposed']?.bytes ?? Buffer.alloc(0))).toEqual([1, 3, 5, 2, 4, 6]);
    expect(floats(got.tensors['expanded']?.bytes ?? Buffer.alloc(0))).toEqual([6, 7, 6, 7, 6, 7]);
    expect(got.tensors['empty']?.bytes.length).toBe(0);
  });

  it('keeps the element types of storages', async () => {
    const got = await read(
      torchZip({
        half: { shape: [2], data: Uint16Array.of(0x3c00, 0xc000), storage: 'HalfStorage' },
        brain: { shape: [1], data: Uint16Array.of(0x3f80), storage: 'BFloat16Storage' },
        long: { shape: [1], data: BigInt64Array.of(9n), storage: 'LongStorage' },
      }),
    );
    expect(Object.values(got.tensors).map((tensor) => tensor.dtype)).toEqual(['float16', 'bfloat16', 'int64']);
  });

  it('keeps nested dictionaries apart', async () => {
    const got = await read(torchZip(TENSORS, 'state_dict'));
    expect(got.children).toEqual(['state_dict']);
    expect(got.tensors).toEqual({});
  });

  it('transposes as NumPy does', () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    const out = transposeBytes(new Uint8Array(data.buffer), 'float32', [2, 3, 4], [2, 0, 1]);
    const got = floats(Buffer.from(out));
    for (let k = 0; k < 4; k++) {
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < 3; j++) expect(got[(k * 2 + i) * 3 + j]).toBe((i * 3 + j) * 4 + k);
    }
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'checkpoint.invalid'],
    ['text', Buffer.from('not a checkpoint at all'), 'checkpoint.invalid'],
    ['a bare pickle', Buffer.from([0x80, 4, 0x2e]), 'checkpoint.hostile'],
    ['a safetensors file cut short', Buffer.from(safetensors(TENSORS)).subarray(0, -4), 'checkpoint.invalid'],
    ['a legacy file cut short', Buffer.from(torchLegacy(TENSORS)).subarray(0, -4), 'checkpoint.invalid'],
  ])('refuses %s', async (_name, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });

  it('refuses safetensors whose ranges overlap', async () => {
    const header = JSON.stringify({
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      b: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
    });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await expect(read(Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]))).rejects.toMatchObject({
      code: 'checkpoint.hostile',
    });
  });

  it('notices a flipped bit in a storage', async () => {
    const bytes = Buffer.from(torchZip(TENSORS));
    const at = bytes.indexOf(Buffer.from(wave(4, 1).buffer));
    bytes[at] ^= 1;
    await expect(read(bytes)).rejects.toMatchObject({ code: 'checkpoint.invalid' });
  });
});
