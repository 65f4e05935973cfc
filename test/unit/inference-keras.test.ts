import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import h5wasm from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { applyKeyRules } from '../../src/engine/inference/checkpoints/keys.ts';
import { openCheckpoint } from '../../src/engine/inference/checkpoints/open.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { fillModel } from '../../src/engine/inference/onnx/fill.ts';
import { parseModel } from '../../src/engine/inference/onnx/model.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import { wave, withFolder } from '../helpers/inference.ts';

/** A weights file as Keras lays it out: layer/layer/kernel:0. */
async function kerasFile(
  spoil: (root: InstanceType<typeof h5wasm.File>) => void = () => undefined,
): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File('made.h5', 'w');
  const layer = file.create_group('dense_1').create_group('dense_1');
  layer.create_dataset({ name: 'kernel:0', data: wave(6, 0), shape: [3, 2] });
  layer.create_dataset({ name: 'bias:0', data: wave(2, 1), shape: [2] });
  layer.create_dataset({ name: 'label', data: 'text is no weight' });
  spoil(file);
  file.close();
  const bytes = FS.readFile('made.h5');
  FS.unlink('made.h5');
  return bytes;
}

const opened = <T>(
  bytes: Uint8Array,
  use: (checkpoint: Awaited<ReturnType<typeof openCheckpoint>>) => T | Promise<T>,
) =>
  withFolder(async (folder) => {
    const path = join(folder, 'weights.h5');
    writeFileSync(path, bytes);
    const checkpoint = await openCheckpoint(path);
    try {
      return await use(checkpoint);
    } finally {
      await checkpoint.close();
    }
  });

const RULES = {
  strip: [],
  rename: [
    { from: '^(?:dense_\\d+/)+kernel:0$', to: 'fc.weight' },
    { from: '^(?:dense_\\d+/)+bias:0$', to: 'fc.bias' },
  ],
  nested: [],
  ignore: [],
  transpose: [{ match: 'kernel:0$', permutation: [1, 0] }],
};

describe('Keras weights', () => {
  it('are read by path, renamed and transposed into the graph', async () => {
    await opened(await kerasFile(), async (checkpoint) => {
      expect(checkpoint.format).toBe('keras-hdf5');
      expect([...checkpoint.root.tensors.keys()].sort()).toEqual([
        'dense_1/dense_1/bias:0',
        'dense_1/dense_1/kernel:0',
      ]);
      const graph = makeModel({
        nodes: [makeNode('Gemm', ['x', 'fc.weight', 'fc.bias'], ['y'], { transB: 1 })],
        initializers: [makeTensor('fc.weight', 'float32', [2, 3], null), makeTensor('fc.bias', 'float32', [2], null)],
        inputs: [makeValue('x', 'float32', [1, 3])],
        outputs: [makeValue('y', 'float32', [1, 2])],
      });
      const { model } = fillModel(graph, applyKeyRules(checkpoint.root, RULES));
      const [weight] = parseModel(await encodeModel(model)).graph.initializers;
      const data = weight?.data instanceof Uint8Array ? new Float32Array(Uint8Array.from(weight.data).buffer) : [];
      const k = wave(6, 0);
      expect(Array.from(data)).toEqual([k[0], k[2], k[4], k[1], k[3], k[5]]);
    });
  });

  it('that link to another file are refused', async () => {
    const bytes = await kerasFile((file) => file.create_external_link('/etc/passwd', '/', 'outside'));
    await expect(opened(bytes, () => undefined)).rejects.toMatchObject({
      code: 'checkpoint.hostile',
      message: expect.stringContaining('outside'),
    });
  });

  it('end in a named error however they are damaged, and the next file still reads', async () => {
    const seed = Buffer.from(await kerasFile());
    const edits = fc.array(fc.tuple(fc.integer({ min: 8, max: seed.length - 1 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          await opened(bytes, () => undefined);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(VidimusError);
        }
      }),
      { numRuns: 150, seed: 3 },
    );
    await opened(seed, (checkpoint) => {
      expect(checkpoint.root.tensors.size).toBe(2);
    });
  });
});
