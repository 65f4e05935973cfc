import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { providerReports } from '../../src/engine/inference/providers.ts';
import { findPack } from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import { tinyModel, tinyRoots, wave, withFolder, writePack } from '../helpers/inference.ts';

const batchOf = (n: number) => ({ dims: [n, 3, 8, 8], data: wave(n * 192, 1) });

/** The tiny network by its definition, in double precision. */
function reference(n: number): number[] {
  const x = wave(n * 192, 1);
  const [w, b, fw, fb] = [wave(216, 0), wave(8, 1), wave(16, 2), wave(2, 3)];
  return Array.from({ length: n }, (_, item) => {
    const pooled = Array.from({ length: 8 }, (_unused, o) => {
      let sum = 0;
      for (let y = 0; y < 8; y++) {
        for (let col = 0; col < 8; col++) {
          let v = b[o];
          for (let c = 0; c < 3; c++) {
            for (let dy = 0; dy < 3; dy++) {
              for (let dx = 0; dx < 3; dx++) {
                const [yy, xx] = [y + dy - 1, col + dx - 1];
                if (yy < 0 || xx < 0 || yy > 7 || xx > 7) continue;
                v += w[((o * 3 + c) * 3 + dy) * 3 + dx] * x[item * 192 + c * 64 + yy * 8 + xx];
              }
            }
          }
          sum += Math.max(0, v);
        }
      }
      return sum / 64;
    });
    const logits = [0, 1].map((k) => pooled.reduce((sum, v, o) => sum + v * fw[k * 8 + o], fb[k]));
    return 1 / (1 + Math.exp(logits[0] - logits[1]));
  });
}

describe('a session', () => {
  it('gives the network’s own scores, however the batch is cut', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      await writePack(join(roots.user, 'single'), { id: 'single' }, tinyModel(1));
      const expected = reference(7);
      for (const [id, maxBatch] of [
        ['tiny', 16],
        ['tiny', 3],
        ['single', 16],
      ] as const) {
        const session = await openSession(await findPack(roots, id), { provider: 'cpu', maxBatch });
        const scores = await session.scores(batchOf(7));
        scores.forEach((score, i) => {
          // float32 against float64.
          expect(score).toBeCloseTo(expected[i], 6);
        });
        const raw = await session.run(batchOf(7));
        expect(raw['logits']?.dims).toEqual([7, 2]);
        await session.dispose();
        await session.dispose();
      }
    }));

  it('gives the same bits whatever the number of threads, twice in a row', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      const pack = await findPack(roots, 'tiny');
      const runs: number[][] = [];
      for (const threads of [1, 2, 2]) {
        const session = await openSession(pack, { provider: 'cpu', threads });
        runs.push(Array.from(await session.scores(batchOf(5))));
        await session.dispose();
      }
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).toEqual(runs[0]);
    }));

  it('stops between runs when told to, and is closed for good', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      const session = await openSession(await findPack(roots, 'tiny'), { provider: 'cpu' });
      await expect(session.scores(batchOf(2), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
      await session.dispose();
      await expect(session.scores(batchOf(2))).rejects.toMatchObject({ code: 'bug' });
    }));

  it('finds a provider by itself and says why it left the others out', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'));
      const pack = await findPack(roots, 'tiny');
      const session = await openSession(pack, { provider: 'auto' });
      const reports = await providerReports();
      expect(reports.find((report) => report.provider === 'cpu')?.available).toBe(true);
      expect(reports.every((report) => report.note.length > 10)).toBe(true);
      if (session.provider === 'cpu' && reports.some((report) => report.provider === 'webgpu' && !report.available)) {
        expect(session.note).toMatch(/^Ran on the processor\. .*webgpu: /);
      }
      expect((await session.scores(batchOf(1)))[0]).toBeCloseTo(reference(1)[0], 2);
      await session.dispose();
      const absent = reports.find((report) => !report.available);
      if (absent !== undefined) {
        await expect(openSession(pack, { provider: absent.provider })).rejects.toMatchObject({
          code: 'inference.failed',
        });
      }
    }));

  it('refuses a manifest that speaks of ports the graph does not have', () =>
    withFolder(async (folder) => {
      const roots = await tinyRoots(folder);
      await writePack(join(roots.user, 'tiny'), { output: { tensor: 'other', kind: 'logits', fakeIndex: 1 } });
      await expect(openSession(await findPack(roots, 'tiny'), { provider: 'cpu' })).rejects.toMatchObject({
        code: 'pack.invalid',
        message: expect.stringContaining('logits'),
      });
    }));
});
