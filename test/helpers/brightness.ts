/** A pack that scores pictures by brightness, and folders of pictures it can be measured on. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { PackManifest } from '../../src/contract/pack.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { writePack } from './inference.ts';
import { gaussian } from './sound.ts';

/** Installs the pack into `home`; its score is sigmoid(12 · (brightness − 0.5)), brightness 0..1. */
export function brightnessPack(home: string, change: Partial<PackManifest> = {}): Promise<PackManifest> {
  const weights = new Float32Array([-2, -2, -2, 2, 2, 2]);
  const model = makeModel({
    nodes: [
      makeNode('GlobalAveragePool', ['input'], ['p']),
      makeNode('Flatten', ['p'], ['f']),
      makeNode('Gemm', ['f', 'w', 'b'], ['logits'], { transB: 1 }),
    ],
    initializers: [
      makeTensor('w', 'float32', [2, 3], weights),
      makeTensor('b', 'float32', [2], new Float32Array([3, -3])),
    ],
    inputs: [makeValue('input', 'float32', ['batch', 3, 8, 8])],
    outputs: [makeValue('logits', 'float32', ['batch', 2])],
  });
  const id = change.id ?? 'brightness';
  return writePack(
    join(home, 'models', id),
    {
      id,
      name: 'Brightness',
      task: 'image-forgery',
      architecture: 'brightness',
      input: {
        kind: 'image',
        width: 8,
        height: 8,
        layout: 'NCHW',
        color: 'rgb',
        resize: 'area',
        scale: 1 / 255,
        mean: [0],
        std: [1],
      },
      ...change,
    },
    model,
  );
}

/** Writes a noisy PNG of 48 × 40 pixels with a mean grey of `level` 0..255. */
export async function picture(path: string, level: number, seed: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const noise = gaussian(seed);
  const raw = Uint8Array.from({ length: 48 * 40 * 3 }, () => Math.min(255, Math.max(0, level + 12 * noise())));
  await sharp(raw, { raw: { width: 48, height: 40, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(path);
}

/** `n` pictures of each kind in two sources each; manipulated ones are brighter by `gap` grey levels on average. */
export async function labelledFolder(folder: string, n: number, gap: number): Promise<void> {
  const noise = gaussian(99);
  for (let i = 0; i < n; i++) {
    await picture(
      join(folder, 'real', i % 2 === 0 ? 'camera-a' : 'camera-b', `${i}.png`),
      127 - gap / 2 + 20 * noise(),
      2 * i,
    );
    await picture(
      join(folder, 'fake', i % 2 === 0 ? 'system-a' : 'system-b', `${i}.png`),
      127 + gap / 2 + 20 * noise(),
      2 * i + 1,
    );
  }
}
