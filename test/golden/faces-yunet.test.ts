/**
 * YuNet against OpenCV's FaceDetectorYN. Tolerance 0.01 px and 0.001: both run the same graph in single precision;
 * OpenCV rounds its answers to three digits, and its own convolutions differ in the last bits.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { iou } from '../../src/engine/faces/boxes.ts';
import type { FaceDetector } from '../../src/engine/faces/detector.ts';
import { createUltraface } from '../../src/engine/faces/ultraface.ts';
import { createYunet } from '../../src/engine/faces/yunet.ts';
import type { Face } from '../../src/engine/types.ts';
import { GOLDEN, shared } from '../helpers/shared.ts';
import { importable, openImported, openNetwork, readRgb } from './faces-support.ts';

const Golden = z.object({ images: z.record(z.string(), z.array(z.array(z.number()).length(15))) });
const golden = Golden.parse(JSON.parse(readFileSync(join(GOLDEN, 'yunet.json'), 'utf8')));

const row = ({ box, points, probability }: Face): number[] => [
  box.x,
  box.y,
  box.width,
  box.height,
  ...(points ?? []).flat(),
  probability,
];
const byX = (a: number[], b: number[]): number => a[0] - b[0];

const graph = shared('checkpoints/yunet/yunet_n_dynamic.onnx');
const ultraface = shared('checkpoints/ultraface/version-RFB-320.onnx');

const imported = importable('yunet', 'checkpoints/yunet/yunet_n_dynamic.onnx');

/** The published graph as it is, and its weights in our own graph of the network. */
const ways: readonly [string, string | null, (file: string) => Promise<FaceDetector>][] = [
  [
    'the published graph',
    graph,
    async (file) => {
      const { network, release } = await openNetwork(file);
      return createYunet({ id: 'yunet', version: '1.0.0', dispose: release }, network);
    },
  ],
  ['an imported pack', imported, (file) => openImported('yunet', file)],
];

for (const [way, file, open] of ways)
  describe.skipIf(file === null)(`YuNet, ${way}`, () => {
    for (const [name, expected] of Object.entries(golden.images)) {
      const path = shared(`media/${name}`);
      it.skipIf(path === null)(`finds the faces of ${name}`, async () => {
        const detector = await open(file ?? '');
        const [faces] = await detector.detect([await readRgb(path ?? '')]);
        await detector.dispose();
        const found = faces.map(row).sort(byX);
        expect(found).toHaveLength(expected.length);
        for (const [i, wanted] of [...expected].sort(byX).entries())
          for (const [k, value] of wanted.entries())
            expect(Math.abs(found[i][k] - value)).toBeLessThan(k === 14 ? 0.001 : 0.01);
      });
    }
  });

describe.skipIf(ultraface === null)('UltraFace', () => {
  const path = shared('media/multiface.jpg');
  // There is no reference answer for it; it must agree with YuNet on where the faces are.
  it.skipIf(path === null)('finds the faces that YuNet finds', async () => {
    const open = await openNetwork(ultraface ?? '');
    const detector = createUltraface({ id: 'rfb', version: '1.0.0', dispose: open.release }, open.network);
    const [faces] = await detector.detect([await readRgb(path ?? '')]);
    await detector.dispose();
    const expected = golden.images['multiface.jpg'];
    expect(faces).toHaveLength(expected.length);
    for (const [x, y, width, height] of expected)
      expect(Math.max(...faces.map(({ box }) => iou(box, { x, y, width, height })))).toBeGreaterThan(0.5);
  });
});
