/** Networks and pictures for the tests of face detection, made without the product's own inference and decoding. */
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import type { Network } from '../../src/engine/faces/network.ts';
import type { RgbImage } from '../../src/engine/types.ts';

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
  const network: Network = async (inputs) => {
    const feeds: Record<string, ort.Tensor> = {};
    for (const [i, { data, dims }] of inputs.entries()) {
      const name = session.inputNames[i];
      if (name !== undefined) feeds[name] = new ort.Tensor('float32', data, [...dims]);
    }
    const answer = await session.run(feeds);
    const outputs: Record<string, { data: Float32Array; dims: readonly number[] }> = {};
    for (const [name, tensor] of Object.entries(answer))
      if (tensor.data instanceof Float32Array) outputs[name] = { data: tensor.data, dims: tensor.dims };
    return outputs;
  };
  return { network, release: () => session.release() };
}

/** A picture file as RGB bytes. */
export async function readRgb(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
