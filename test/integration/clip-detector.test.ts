/** Clips of faces: which frames make a clip, what ends one, and that the score is the network's own. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Envelope, PackManifest } from '../../src/contract/pack.ts';
import { clipConsistency } from '../../src/engine/detectors/neural/clip.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { findPack } from '../../src/engine/inference/registry.ts';
import type { AnalysedFrame, DetectorOutput } from '../../src/engine/types.ts';
import { detect } from '../helpers/detect.ts';
import { tinyRoots, withFolder, writePack } from '../helpers/inference.ts';
import { facePoints } from '../helpers/scene.ts';

const FRAMES = 4;
const SIDE = 8;
const RATE = 25;

/** Logit of "fake": mean of the odd frames minus mean of the even ones, in units of white, times eight. */
function flickerModel() {
  const each = 3 * SIDE * SIDE;
  const weights = Float32Array.from({ length: 2 * FRAMES * each }, (_, i) => {
    if (i < FRAMES * each) return 0;
    const frame = Math.floor(i / each) % FRAMES;
    return ((frame % 2 === 1 ? 1 : -1) * 8) / (2 * each);
  });
  return makeModel({
    nodes: [makeNode('Flatten', ['input'], ['flat']), makeNode('Gemm', ['flat', 'w'], ['logits'], { transB: 1 })],
    initializers: [makeTensor('w', 'float32', [2, FRAMES * each], weights)],
    inputs: [makeValue('input', 'float32', ['batch', FRAMES, 3, SIDE, SIDE])],
    outputs: [makeValue('logits', 'float32', ['batch', 2])],
  });
}

const change = (envelope: Envelope): Partial<PackManifest> => ({
  task: 'clip-consistency',
  family: 'temporal',
  envelope,
  input: {
    kind: 'clip',
    width: SIDE,
    height: SIDE,
    frames: FRAMES,
    layout: 'NTCHW',
    color: 'rgb',
    resize: 'area',
    scale: 1 / 255,
    mean: [0],
    std: [1],
    crop: { margin: 0, square: true, align: 'none' },
  },
});

/** Grey frames with one face; `grey` gives the level of each. */
function* clip(
  count: number,
  grey: (i: number) => number,
  { every = 1, cuts = [] as readonly number[], away = [] as readonly number[], track = 1 } = {},
): Generator<AnalysedFrame> {
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(64 * 48 * 3).fill(grey(i));
    const face = {
      track,
      box: { x: 12, y: 4, width: 40, height: 40 },
      points: facePoints(32, 24, 16),
      probability: 0.99,
      detected: true,
    };
    yield {
      frame: { width: 64, height: 48, data, index: i * every, time: (i * every) / RATE, key: i === 0 },
      faces: away.includes(i) ? [] : [face],
      sceneCut: cuts.includes(i),
    };
  }
}

/** What the detector says of some frames. */
const judge = (frames: Iterable<AnalysedFrame>, envelope: Envelope = {}): Promise<DetectorOutput> =>
  withFolder(async (folder) => {
    const roots = await tinyRoots(folder);
    await writePack(join(roots.user, 'flicker'), { id: 'flicker', ...change(envelope) }, flickerModel());
    return detect(clipConsistency(await findPack(roots, 'flicker'), { provider: 'cpu' }), { frames });
  });

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('clips of faces', () => {
  it('are scored by the network: dark and bright by turns, and the other way round', async () => {
    const rising = await judge(clip(8, (i) => (i % 2 === 1 ? 200 : 100)));
    expect(rising.observations.map(({ status, where }) => [status, where?.track])).toEqual([
      ['ok', undefined],
      ['ok', 1],
    ]);
    expect(rising.observations[0].value).toBeCloseTo(sigmoid((8 * 100) / 255), 4);
    expect(rising.series?.[0]).toMatchObject({ x: [0, 4], axis: 'frame', track: 1, quantity: 'score' });
    const falling = await judge(clip(8, (i) => (i % 2 === 1 ? 100 : 200)));
    expect(falling.observations[0].value).toBeCloseTo(sigmoid((-8 * 100) / 255), 4);
  });

  it.each([
    ['a scene cut', { cuts: [3] }, [3, 7]],
    ['a lost face', { away: [2] }, [3, 7]],
  ])('begin anew after %s', async (_, options, first) => {
    const { series } = await judge(clip(11, () => 128, options));
    expect(series?.[0].x).toEqual(first);
  });

  it('need frames as near as the pack says; the reason tells what to do', async () => {
    const near = await judge(
      clip(4, () => 128, { every: 3 }),
      { maxFrameGap: 0.12 },
    );
    expect(near.observations[0]).toMatchObject({ status: 'ok', value: expect.closeTo(0.5, 5) });
    const far = await judge(
      clip(40, () => 128, { every: 4 }),
      { maxFrameGap: 0.12 },
    );
    expect(far.observations).toHaveLength(1);
    expect(far.observations[0]).toMatchObject({
      status: 'not-assessed',
      value: null,
      reason: 'the examined frames lie more than 0.12 s apart: examine all frames (39 times)',
    });
  });

  it.each([
    ['too few frames in a row', clip(3, () => 128), {}, 'no face was followed over 4 frames in a row'],
    [
      'fewer than the pack wants',
      clip(7, () => 128),
      { minFrames: 8 },
      'no face was followed over 8 frames in clips of 4',
    ],
    ['no face', clip(4, () => 128, { away: [0, 1, 2, 3] }), {}, 'no face was found'],
    ['a small face', clip(6, () => 128), { minFacePx: 64 }, 'the face is … px, below 64 px (6 times)'],
  ])('are not assessed with %s', async (_, frames, envelope, reason) => {
    const { observations, series } = await judge(frames, envelope);
    expect(observations).toHaveLength(1);
    expect(observations[0]).toMatchObject({ status: 'not-assessed', value: null, reason });
    expect(series ?? []).toEqual([]);
  });
});
