import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchPack, readFigures } from '../../src/engine/inference/bench.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { parseModel } from '../../src/engine/inference/onnx/model.ts';
import { readPackFile } from '../../src/engine/inference/pack.ts';
import { quantizeCalibrated, quantizePack, scoreChange } from '../../src/engine/inference/quantize.ts';
import { findPack } from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import { tinyRoots, wave, withFolder, writePack } from '../helpers/inference.ts';

/** Wide enough that its weights are worth making smaller: MatMul, Transpose + MatMul, Gemm. */
const wide = () =>
  makeModel({
    nodes: [
      makeNode('Flatten', ['input'], ['f']),
      makeNode('MatMul', ['f', 'w1'], ['a']),
      makeNode('Relu', ['a'], ['b']),
      makeNode('Transpose', ['w2'], ['w2t'], { perm: [1, 0] }),
      makeNode('MatMul', ['b', 'w2t'], ['c']),
      makeNode('Gemm', ['c', 'w3', 'bias'], ['logits'], { transB: 1 }),
    ],
    initializers: [
      makeTensor('w1', 'float32', [192, 64], wave(192 * 64, 0)),
      makeTensor('w2', 'float32', [512, 64], wave(512 * 64, 1)),
      makeTensor(
        'w3',
        'float32',
        [2, 512],
        wave(1024, 2).map((v) => v * 0.02),
      ),
      makeTensor('bias', 'float32', [2], wave(2, 3)),
    ],
    inputs: [makeValue('input', 'float32', ['n', 3, 8, 8])],
    outputs: [makeValue('logits', 'float32', ['n', 2])],
  });

const BATCH = { dims: [24, 3, 8, 8], data: wave(24 * 192, 9).map((v) => v * 0.2) };

describe('smaller variants', () => {
  it.each([
    // Binary16 keeps 11 bits; int8 with one scale per channel about 7.
    ['fp16', 1.9, 0.01],
    ['int8', 3.5, 0.1],
  ] as const)('%s shrinks the weights and says what it did to scores', (kind, factor, tolerance) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(
        join(roots.user, 'tiny'),
        {
          calibration: { kind: 'none', params: [], set: 's', n: 1, bounds: null },
          envelope: { notes: ['Output 1 was taken as "manipulated" by assumption.'] },
        },
        wide(),
      );
      const original = await findPack(roots, 'tiny');
      const report = await quantizePack(roots, original, kind);
      expect(report.replaced).toBe(3);
      expect(report.bytesBefore / report.bytesAfter).toBeGreaterThan(factor);
      expect(report.deviation).toBeGreaterThan(0);
      expect(readFileSync(join(report.pack.folder, 'CARD.md'), 'utf8')).toContain('by assumption');
      expect(report.pack.manifest).toMatchObject({
        id: `tiny-${kind}`,
        envelope: original.manifest.envelope,
        calibration: null,
        validation: [],
        source: { derivedFrom: `tiny@1.0.0 sha256:${original.sha256}` },
      });
      const scores: Float64Array[] = [];
      for (const pack of [original, report.pack]) {
        const session = await openSession(pack, { provider: 'cpu' });
        scores.push(await session.scores(BATCH));
        await session.dispose();
      }
      const change = scoreChange(scores[0] ?? [], scores[1] ?? [], 0.5);
      expect(new Set(scores[0]).size).toBeGreaterThan(10);
      expect(change.maxAbsolute).toBeGreaterThan(0);
      expect(change.maxAbsolute).toBeLessThan(tolerance);
    }),
  );

  it('int8-static rounds convolutions and products by what calibration data showed', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      const model = makeModel({
        nodes: [
          makeNode('Conv', ['input', 'k', 'kb'], ['a'], { pads: [1, 1, 1, 1] }),
          makeNode('Relu', ['a'], ['b']),
          makeNode('Conv', ['b', 'k2'], ['c'], { pads: [1, 1, 1, 1] }),
          makeNode('Flatten', ['c'], ['f']),
          makeNode('Gemm', ['f', 'w', 'wb'], ['logits'], { transB: 1 }),
        ],
        initializers: [
          makeTensor('k', 'float32', [48, 3, 3, 3], wave(48 * 27, 0)),
          makeTensor('kb', 'float32', [48], wave(48, 1)),
          makeTensor('k2', 'float32', [8, 48, 3, 3], wave(8 * 48 * 9, 2)),
          makeTensor(
            'w',
            'float32',
            [2, 512],
            wave(1024, 3).map((v) => v * 0.05),
          ),
          makeTensor('wb', 'float32', [2], wave(2, 4)),
        ],
        inputs: [makeValue('input', 'float32', ['n', 3, 8, 8])],
        outputs: [makeValue('logits', 'float32', ['n', 2])],
      });
      await writePack(join(roots.user, 'tiny'), {}, model);
      const original = await findPack(roots, 'tiny');
      await expect(quantizeCalibrated(roots, original, [])).rejects.toMatchObject({ code: 'usage.invalid' });
      const report = await quantizeCalibrated(roots, original, [BATCH]);
      expect(report.replaced).toBe(3);
      const bytes = await readPackFile(report.pack, 'model.onnx');
      const types = parseModel(bytes).graph.nodes.map((node) => node.opType);
      expect(types.filter((type) => type === 'QuantizeLinear').length).toBe(3);
      const scores: Float64Array[] = [];
      for (const pack of [original, report.pack]) {
        const session = await openSession(pack, { provider: 'cpu' });
        scores.push(await session.scores(BATCH));
        await session.dispose();
      }
      const change = scoreChange(scores[0] ?? [], scores[1] ?? [], 0.5);
      expect(new Set(scores[0]).size).toBeGreaterThan(10);
      expect(change.maxAbsolute).toBeGreaterThan(0);
      // Eight bits for activations, seven for weights, three layers deep.
      expect(change.maxAbsolute).toBeLessThan(0.1);
    }));

  it('refuses a pack that has nothing to shrink', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      await expect(quantizePack(roots, await findPack(roots, 'tiny'), 'int8')).rejects.toMatchObject({
        code: 'pack.invalid',
      });
    }));
});

describe('benchmarks', () => {
  it('are measured, kept, and replaced by newer ones of the same pack', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      const pack = await findPack(roots, 'tiny');
      const report = await benchPack(roots, pack, { providers: ['cpu', 'coreml', 'dml'], batches: [1, 2], repeats: 3 });
      expect(report.rows.map((row) => [row.provider, row.batch])).toEqual(
        expect.arrayContaining([
          ['cpu', 1],
          ['cpu', 2],
        ]),
      );
      expect(report.rows.every((row) => row.medianMs > 0 && row.p95Ms >= row.medianMs && row.itemsPerSecond > 0)).toBe(
        true,
      );
      if (process.platform === 'linux')
        expect(report.skipped.map((entry) => entry.provider)).toEqual(['coreml', 'dml']);
      await benchPack(roots, pack, { providers: ['cpu'], batches: [1], repeats: 1 });
      const figures = await readFigures(roots);
      expect(figures.length).toBe(1);
      expect(figures[0]?.rows.length).toBe(1);
      writeFileSync(join(roots.user, 'bench.json'), '{}');
      await expect(readFigures(roots)).rejects.toMatchObject({ code: 'pack.invalid' });
    }));
});
