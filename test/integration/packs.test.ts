/** With packs present they are used: tiny networks whose answer is known go through the whole pipeline. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PackManifest } from '../../src/contract/pack.ts';
import { AnalysisResult } from '../../src/contract/result.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import type { OnnxModel } from '../../src/engine/inference/onnx/model.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import { cli, freshFolder } from '../helpers/cli.ts';
import { GOLDEN } from '../helpers/shared.ts';

const wav = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
const png = join(GOLDEN, 'images/scene-256.png');

/** Mean of the input, through logit = a·mean + b, as one sigmoid unit. */
function meanNetwork(shape: readonly (number | string)[], a: number, b: number): OnnxModel {
  return makeModel({
    nodes: [
      makeNode('Flatten', ['input'], ['flat']),
      makeNode('ReduceMean', ['flat'], ['mean'], { axes: [1], keepdims: 1 }),
      makeNode('Mul', ['mean', 'a'], ['scaled']),
      makeNode('Add', ['scaled', 'b'], ['logit']),
      makeNode('Sigmoid', ['logit'], ['probability']),
    ],
    initializers: [
      makeTensor('a', 'float32', [1], Float32Array.of(a)),
      makeTensor('b', 'float32', [1], Float32Array.of(b)),
    ],
    inputs: [makeValue('input', 'float32', shape)],
    outputs: [makeValue('probability', 'float32', ['batch', 1])],
  });
}

type Special = Pick<PackManifest, 'id' | 'task' | 'family' | 'input' | 'envelope'> & Partial<PackManifest>;

/** Installs a pack into a home's user folder, as an import would leave it. */
async function install(home: string, model: OnnxModel, special: Special): Promise<string> {
  const folder = join(home, 'models', special.id);
  mkdirSync(folder, { recursive: true });
  const bytes = await encodeModel(model);
  writeFileSync(join(folder, 'model.onnx'), bytes);
  writeFileSync(join(folder, 'CARD.md'), '# A network made for a test\n');
  const file = (path: string) => {
    const data = readFileSync(join(folder, path));
    return { path, sha256: createHash('sha256').update(data).digest('hex'), bytes: data.length };
  };
  const manifest: PackManifest = {
    schema: 'vidimus/pack/1',
    version: '1.0.0',
    name: special.id,
    architecture: 'mean',
    licence: 'Apache-2.0',
    source: { name: 'made by rule', url: '' },
    files: [file('model.onnx'), file('CARD.md')],
    output: { tensor: 'probability', kind: 'sigmoid', fakeIndex: 0 },
    thresholds: { decision: 0.5, uncertainBand: [0.4, 0.6] },
    calibration: null,
    validation: [],
    published: [],
    ...special,
  };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(manifest));
  return folder;
}

const picture: PackManifest['input'] = {
  kind: 'image',
  width: 32,
  height: 32,
  layout: 'NCHW',
  color: 'rgb',
  resize: 'opencv-linear',
  scale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const speech: PackManifest['input'] = {
  kind: 'waveform',
  sampleRate: 16_000,
  samples: 16_000,
  layout: 'NL',
  scale: 1,
  mean: [0],
  std: [1],
  trimSilence: true,
  pad: 'repeat',
};

describe('packs in the pipeline', () => {
  const home = freshFolder();
  beforeAll(async () => {
    // logit 6 · mean brightness − 0: a mid-grey picture lies near sigmoid(3).
    await install(home, meanNetwork(['batch', 3, 32, 32], 6, 0), {
      id: 'tiny-image',
      task: 'image-forgery',
      family: 'spatial-neural',
      input: picture,
      envelope: { minWidth: 64, minHeight: 64 },
      calibration: { kind: 'logistic-llr', params: [1, 0], set: 'made by rule', n: 100, bounds: [-1, 1] },
    });
    await install(home, meanNetwork(['batch', 16_000], 0, -2), {
      id: 'tiny-speech',
      task: 'speech-spoof',
      family: 'acoustic-neural',
      input: speech,
      envelope: { minSeconds: 1 },
    });
    await install(home, meanNetwork(['batch', 3, 32, 32], Number.NaN, 0), {
      id: 'tiny-broken',
      task: 'image-forgery',
      family: 'spatial-neural',
      input: picture,
      envelope: {},
    });
  });

  const analyse = async (path: string, ...more: string[]) => {
    const ran = await cli(['analyze', path, '--json', ...more], home);
    expect(ran.code, ran.stderr).toBe(0);
    return AnalysisResult.parse(JSON.parse(ran.stdout));
  };

  it('score a picture as the network answers, calibrated inside the bounds', async () => {
    const result = await analyse(png, '--pack', 'tiny-image');
    const [score] = result.observations.filter((o) => o.detector === 'image-forgery/tiny-image');
    // The mean of a resized picture is near the mean of the picture; 0.02 allows for rounding and the edges.
    const { channels } = await sharp(png).stats();
    const mean = channels.slice(0, 3).reduce((sum, c) => sum + c.mean, 0) / 3 / 255;
    expect(score?.value).toBeCloseTo(1 / (1 + Math.exp(-6 * mean)), 1);
    expect(score).toMatchObject({ status: 'ok', threshold: 0.5, pack: 'tiny-image@1.0.0' });
    expect(result.opinion.log10Lr).toBe(1);
    expect(result.opinion.fusion.method).toBe('calibrated');
    expect(result.isDeepfake).toBe(true);
    expect(result.run.packs.map((p) => p.id)).toContain('tiny-image');
    expect(result.run.packs[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('score speech in windows with a series', async () => {
    // Alone: the packs that ship hear the same file, and not the same in it.
    const result = await analyse(wav, '--pack', 'tiny-speech');
    const [score] = result.observations.filter((o) => o.detector === 'speech-spoof/tiny-speech');
    expect(score?.value).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(result.result).toBe('real');
    const series = result.series.find((s) => s.detector === 'speech-spoof/tiny-speech');
    expect(series?.x.length).toBe(score?.parameters['windows']);
    expect(series?.x.every((x, i) => i === 0 || x > (series.x[i - 1] ?? 0))).toBe(true);
  });

  it('measure the middle of a picture on the grid of blocks, where they name a size', async () => {
    const other = freshFolder();
    await install(other, meanNetwork(['batch', 2], 0.001, 0), {
      id: 'tiny-features',
      task: 'feature-forgery',
      family: 'frequency',
      input: {
        kind: 'features',
        width: 128,
        height: 96,
        features: ['sharpness', 'spectral_entropy'],
        layout: 'NL',
        scale: 1,
        mean: [0],
        std: [1],
      },
      envelope: { minWidth: 128, minHeight: 96 },
    });
    const part = join(other, 'part.png');
    await sharp(png).extract({ left: 64, top: 80, width: 128, height: 96 }).png().toFile(part);
    const scores: (number | null | undefined)[] = [];
    for (const path of [png, part]) {
      const ran = await cli(['analyze', path, '--json', '--pack', 'tiny-features'], other);
      expect(ran.code, ran.stderr).toBe(0);
      const { observations } = AnalysisResult.parse(JSON.parse(ran.stdout));
      scores.push(observations.find((o) => o.detector === 'feature-forgery/tiny-features')?.value);
    }
    expect(scores[0]).toBeGreaterThan(0.5);
    expect(scores[0]).toBe(scores[1]);
  });

  it('are not assessed outside their envelope, without a number', async () => {
    const small = join(freshFolder(), 'small.png');
    await sharp(png).resize(48, 48).png().toFile(small);
    const result = await analyse(small, '--pack', 'tiny-image');
    expect(result.observations.find((o) => o.detector === 'image-forgery/tiny-image')).toMatchObject({
      status: 'not-assessed',
      value: null,
    });
    expect(result.opinion).toMatchObject({ label: 'uncertain', score: null });
  });

  it('that answer nonsense are failed with the reason, and the others go on', async () => {
    const result = await analyse(png);
    const broken = result.observations.filter((o) => o.detector === 'image-forgery/tiny-broken');
    expect(broken.length).toBeGreaterThan(0);
    expect(broken[0]).toMatchObject({ status: 'failed', value: null });
    expect(result.opinion.notAssessed.some((n) => n.detector === 'image-forgery/tiny-broken')).toBe(true);
    expect(result.observations.find((o) => o.detector === 'image-forgery/tiny-image')?.status).toBe('ok');
  });

  it('that were changed on disk are refused, with the hash that differs', async () => {
    const other = freshFolder();
    const folder = await install(other, meanNetwork(['batch', 16_000], 0, -2), {
      id: 'tiny-changed',
      task: 'speech-spoof',
      family: 'acoustic-neural',
      input: speech,
      envelope: {},
    });
    const bytes = readFileSync(join(folder, 'model.onnx'));
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    writeFileSync(join(folder, 'model.onnx'), bytes);
    const ran = await cli(['analyze', wav, '--json'], other);
    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain(createHash('sha256').update(bytes).digest('hex'));
    expect((await cli(['models', 'verify'], other)).code).toBe(4);
  });
});
