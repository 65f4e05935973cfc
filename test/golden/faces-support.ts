/** Detectors and pictures for the tests of face detection. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { createFaceDetector, type FaceDetectorOptions } from '../../src/engine/faces/create.ts';
import type { FaceDetector } from '../../src/engine/faces/detector.ts';
import type { Network } from '../../src/engine/faces/network.ts';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { ROOT, shared } from '../helpers/shared.ts';

export interface OpenNetwork {
  readonly network: Network;
  readonly release: () => Promise<void>;
}

/** An ONNX file as a network on the CPU. */
export async function openNetwork(file: string | Uint8Array): Promise<OpenNetwork> {
  const options: ort.InferenceSession.SessionOptions = { executionProviders: ['cpu'], logSeverityLevel: 3 };
  const session =
    typeof file === 'string'
      ? await ort.InferenceSession.create(file, options)
      : await ort.InferenceSession.create(file, options);
  const [input] = session.inputNames;
  if (input === undefined) throw new Error('the graph has no input');
  const network: Network = async ({ data, dims }) => {
    const answer = await session.run({ [input]: new ort.Tensor('float32', data, [...dims]) });
    const outputs: Record<string, { data: Float32Array; dims: readonly number[] }> = {};
    for (const [name, tensor] of Object.entries(answer))
      if (tensor.data instanceof Float32Array) outputs[name] = { data: tensor.data, dims: tensor.dims };
    return outputs;
  };
  return { network, release: () => session.release() };
}

/** A picture file as RGB bytes, stretched to `size` if one is given. */
export async function readRgb(path: string, size?: { width: number; height: number }): Promise<RgbImage> {
  const picture = size === undefined ? sharp(path) : sharp(path).resize({ ...size, fit: 'fill' });
  const { data, info } = await picture.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

const architecture = (name: string): string => join(ROOT, 'models/architectures', name);

/** Published weights that can be imported, or null with the reason on stderr where they or their architecture are absent. */
export function importable(name: string, checkpoint: string): string | null {
  if (existsSync(architecture(name))) return shared(checkpoint);
  console.warn(`skipped: models/architectures/${name} is not at hand`);
  return null;
}

/** A detector over published weights, by the product's own way: import the checkpoint, open the pack. */
export async function openImported(
  name: string,
  checkpoint: string,
  options: FaceDetectorOptions = {},
): Promise<FaceDetector> {
  const folder = await mkdtemp(join(tmpdir(), 'vidimus-faces-'));
  try {
    const roots = { builtIn: join(folder, 'none'), user: folder };
    const { pack } = await importCheckpoint(roots, architecture(name), [checkpoint]);
    // A session keeps its graph in memory, so the folder may go as soon as all of them are open.
    const open = (role?: string) =>
      openSession(pack, { provider: 'cpu', maxBatch: 256, ...(role === undefined ? {} : { role }) });
    return await createFaceDetector(pack.manifest, open, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}
