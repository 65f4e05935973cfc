import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchPack, readFigures } from '../../src/engine/inference/bench.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { quantizePack, scoreChange } from '../../src/engine/inference/quantize.ts';
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
    ['fp16', 2, 0.01],
    ['int8', 3.5, 0.1],
  ] as const)('%s shrinks the weights and says what it did to scores', (kind, factor, tolerance) =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(
        join(roots.user, 'tiny'),
        { calibration: { kind: 'none', params: [], set: 's', n: 1, bounds: null } },
        wide(),
      );
      const original = await findPack(roots, 'tiny');
      const report = await quantizePack(roots, original, kind);
      expect(report.replaced).toBe(3);
      expect(report.bytesBefore / report.bytesAfter).toBeGreaterThanOrEqual(factor * 0.99);
      expect(report.deviation).toBeGreaterThan(0);
      expect(report.pack.manifest).toMatchObject({
        id: `tiny-${kind}`,
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
