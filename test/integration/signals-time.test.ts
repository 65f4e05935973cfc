/** Manipulations of time made by rule: each must be named at its place, and nothing in the video it was made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FacePoints } from '../../src/contract/result.ts';
import { timeDetectors } from '../../src/engine/detectors/time.ts';
import { opticalFlow } from '../../src/engine/detectors/time-flow.ts';
import { frameTiming } from '../../src/engine/detectors/time-frames.ts';
import { landmarkMotion } from '../../src/engine/detectors/time-landmarks.ts';
import { lipSync } from '../../src/engine/detectors/time-lip-sync.ts';
import { analyse } from '../../src/engine/pipeline.ts';
import { SceneCutDetector } from '../../src/engine/signals/time/scene-cut.ts';
import type { AnalysedFrame, RgbImage } from '../../src/engine/types.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { makeClip } from '../helpers/clips.ts';
import { anomalies, context, detect, observed } from '../helpers/detect.ts';
import { facePoints, frames, texture, view } from '../helpers/scene.ts';
import { gaussian } from '../helpers/sound.ts';

const WIDTH = 160;
const HEIGHT = 120;
const look = texture(1);
/** A pan of two pixels per frame, with the sensor's noise so that no two frames are equal by nature. */
const pan = Array.from({ length: 60 }, (_, i) => noisy(view(look, WIDTH, HEIGHT, 2 * i, 0.5 * i), i));

function noisy(image: RgbImage, seed: number): RgbImage {
  const g = gaussian(seed + 100);
  return { ...image, data: image.data.map((v) => Math.max(0, Math.min(255, Math.round(v + 1.5 * g())))) };
}

const TYPES = ['duplicated-frame', 'frozen-frames', 'missing-frames', 'motion-jump'];
const found = (output: { anomalies?: readonly { type: string }[] }): string[] =>
  (output.anomalies ?? []).map((a) => a.type).filter((t) => TYPES.includes(t));

describe('frame timing', () => {
  it('is silent about an even pan', async () => {
    const output = await detect(frameTiming, { frames: frames(pan) });
    expect(found(output)).toEqual([]);
    expect(observed(output, 'identical-neighbours').value).toBe(0);
    expect(observed(output, 'missing-frames').value).toBe(0);
  });

  it('says why sampled frames are not compared, and the times of all are read from the container', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vidimus-timing-'));
    try {
      const path = makeClip(join(folder, 'clip.mp4'), 4, '160x120');
      const detectors = ['frame-timing', 'container-structure'];
      const plan = { ...makePlan({ packs: [], frames: { kind: 'evenly', n: 20 } }), detectors };
      const roots = { builtIn: folder, user: folder };
      const signal = new AbortController().signal;
      const result = await analyse({
        path,
        plan,
        artifactsDir: null,
        profiles: null,
        roots,
        signal,
        onProgress: () => undefined,
      });
      const of = (quantity: string) => result.observations.find((o) => o.quantity === quantity);
      expect(of('identical-neighbours')).toMatchObject({ status: 'not-assessed' });
      expect(of('identical-neighbours')?.reason).toContain('container-structure');
      expect(of('frames missing by the times in the container')).toMatchObject({ status: 'ok', value: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('finds frames that were repeated', async () => {
    const twice = pan.flatMap((p, i) => (i === 30 ? [p, p, p] : [p]));
    const output = await detect(frameTiming, { frames: frames(twice) });
    expect(anomalies(output, 'duplicated-frame').map((a) => a.where?.frames)).toEqual([[31, 32]]);
    expect(observed(output, 'identical-neighbours').value).toBe(2);
  });

  it('does not call the pattern of a frame-rate conversion, or a still, a repetition', async () => {
    const pulled = pan.flatMap((p, i) => (i % 4 === 3 ? [p, p] : [p]));
    const converted = await detect(frameTiming, { frames: frames(pulled) });
    expect(found(converted)).toEqual([]);
    expect(observed(converted, 'identical-neighbours').parameters['regularPeriod']).toBe(5);
    const first = pan[0];
    if (first === undefined) throw new Error('no picture');
    const still = await detect(frameTiming, { frames: frames(Array.from({ length: 40 }, () => first)) });
    expect(found(still)).toEqual([]);
    expect(observed(still, 'duplicates-amid-motion').status).toBe('not-assessed');
  });

  it('finds frames that are missing in time', async () => {
    const gapped = [...frames(pan)].map((f) =>
      f.frame.index < 40 ? f : { ...f, frame: { ...f.frame, time: f.frame.time + 3 / 25 } },
    );
    const output = await detect(frameTiming, { frames: gapped });
    expect(observed(output, 'missing-frames').value).toBe(3);
    expect(anomalies(output, 'missing-frames').map((a) => a.where?.frames)).toEqual([[39, 40]]);
  });

  it('finds frames that were cut out and closed up, by the jump of the picture', async () => {
    const output = await detect(frameTiming, { frames: frames([...pan.slice(0, 25), ...pan.slice(45)]) });
    expect(anomalies(output, 'motion-jump').map((a) => a.where?.frames)).toEqual([[24, 25]]);
  });

  it('does not call a scene cut an anomaly', async () => {
    const other = texture(77);
    const cutTo = Array.from({ length: 30 }, (_, i) => noisy(view(other, WIDTH, HEIGHT, 2 * i, 0), i));
    const images = [...pan.slice(0, 30), ...cutTo];
    const cutter = new SceneCutDetector();
    const cuts = images.map((image) => cutter.next(image));
    expect(cuts.flatMap((c, i) => (c ? [i] : []))).toEqual([30]);
    const output = await detect(frameTiming, { frames: frames(images, { cuts: [30] }) });
    expect(found(output)).toEqual([]);
    expect(observed(output, 'scene-cuts').value).toBe(1);
  });

  it('does not assess sampled frames', async () => {
    const sampled = [...frames(pan)].filter((f) => f.frame.index % 5 === 0);
    expect(observed(await detect(frameTiming, { frames: sampled }), 'missing-frames').status).toBe('not-assessed');
  });
});

describe('scene cuts', () => {
  it('are not seen in a pan, in noise or in a flash', () => {
    const cutter = new SceneCutDetector();
    expect(pan.some((image) => cutter.next(image))).toBe(false);
    const flash = pan.map((p, i) => (i === 30 ? { ...p, data: p.data.map((v) => Math.min(255, v + 60)) } : p));
    const again = new SceneCutDetector();
    expect(flash.some((image) => again.next(image))).toBe(false);
  });
});

/** The pan with a face that moves along; `flicker` changes the face's own texture in every frame. */
function withFace(flicker: boolean): AnalysedFrame[] {
  const box = { x: 50, y: 30, width: 60, height: 60 };
  return [...frames(pan.slice(0, 30))].map((f, i) => {
    const data = f.frame.data.slice();
    const skin = texture(flicker ? 500 + i : 500);
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const p = 3 * ((y + box.y) * WIDTH + x + box.x);
        data.fill(100 + 0.4 * skin(3 * x, 3 * y), p, p + 3);
      }
    }
    const face = { box, points: null, probability: 1, track: 0, detected: true };
    return { ...f, frame: { ...f.frame, data }, faces: [face] };
  });
}

describe('optical flow', () => {
  it('measures the pan and sees a face that changes by itself', async () => {
    const steady = await detect(opticalFlow, { frames: withFace(false) });
    const magnitude = observed(steady, 'flow-magnitude').value ?? 0;
    // Two pixels across and half a pixel down where the background is, none in the face.
    expect(magnitude).toBeGreaterThan(1.2);
    expect(magnitude).toBeLessThan(2.3);
    const calm = observed(steady, 'flow-residual-ratio').value ?? 99;
    const flickering =
      observed(await detect(opticalFlow, { frames: withFace(true) }), 'flow-residual-ratio').value ?? 0;
    expect(flickering).toBeGreaterThan(1.5 * calm);
  });

  it('is not assessed when frames lie too far apart', async () => {
    const sampled = [...frames(pan, { rate: 1 })];
    expect(observed(await detect(opticalFlow, { frames: sampled }), 'flow-magnitude').status).toBe('not-assessed');
  });
});

describe('landmark motion', () => {
  function nodding(sigma: number): AnalysedFrame[] {
    const g = gaussian(6);
    const blank = view(() => 0, 8, 8, 0, 0);
    return [...frames(Array.from({ length: 50 }, () => blank))].map((f, i) => {
      const [x, y, eyes] = [200 + 2 * i, 150 + 10 * Math.sin(i / 5), 60 + 0.2 * i];
      const move = ([px, py]: [number, number]): [number, number] => [px + sigma * g(), py + sigma * g()];
      const [a, b, c, d, e] = facePoints(x, y, eyes);
      const points: FacePoints = [move(a), move(b), move(c), move(d), move(e)];
      const box = { x: x - 60, y: y - 70, width: 120, height: 140 };
      return { ...f, faces: [{ box, points, probability: 1, track: 3, detected: true }] };
    });
  }

  it('does not count the motion of the head, but what single points do', async () => {
    const calm = await detect(landmarkMotion, { frames: nodding(0) });
    expect(observed(calm, 'landmark-jitter').value).toBeLessThan(0.01);
    expect(observed(calm, 'head-speed').value).toBeGreaterThan(0.5);
    const jittery = observed(await detect(landmarkMotion, { frames: nodding(1) }), 'landmark-jitter');
    // One pixel of 65 in both frames and both directions, less four parameters of ten.
    expect(jittery.value).toBeGreaterThan(1);
    expect(jittery.value).toBeLessThan(4);
    expect(jittery.where?.track).toBe(3);
  });

  it('says why blinking is not assessed', async () => {
    expect(observed(await detect(landmarkMotion, { frames: nodding(0) }), 'blink-rate').reason).toContain('eyelids');
  });
});

describe('lip sync', () => {
  const seconds = 24;
  const g = gaussian(12);
  /** Syllables at irregular times. */
  const syllables: number[] = [];
  for (let t = 0.3; t < seconds; t += 0.22 + 0.12 * Math.abs(g())) syllables.push(t);
  const openness = (t: number): number =>
    syllables.reduce((m, s) => Math.max(m, Math.exp(-(((t - s) / 0.06) ** 2))), 0);

  function talking(): AnalysedFrame[] {
    const [width, height] = [160, 160];
    const points = facePoints(80, 70, 60);
    const images = Array.from({ length: seconds * 25 }, (_, i) => {
      const open = openness(i / 25);
      return noisy(
        view((x, y) => (Math.hypot((x - 80) / 20, (y - 102) / (2 + 12 * open)) < 1 ? 40 : 170), width, height, 0, 0),
        i,
      );
    });
    const box = { x: 20, y: 10, width: 120, height: 140 };
    return [...frames(images)].map((f) => ({
      ...f,
      faces: [{ box, points, probability: 1, track: 0, detected: true }],
    }));
  }

  function sound(offset: number): Float32Array {
    const noise = gaussian(4);
    return Float32Array.from({ length: seconds * 16_000 }, (_, i) => {
      const t = i / 16_000 - offset;
      // The motion of a mouth is fastest as it opens and closes; loudness follows the opening.
      return 0.001 * noise() + 0.2 * openness(t) * noise();
    });
  }

  const film = talking();

  it('finds no offset where there is none', async () => {
    const output = await detect(lipSync, { frames: film, samples: sound(0) });
    expect(Math.abs(observed(output, 'sync-offset').value ?? 9)).toBeLessThanOrEqual(0.06);
    expect(anomalies(output, 'sync-offset')).toEqual([]);
  });

  it.each([0.3, -0.2])('finds an offset of %s s', async (offset) => {
    const output = await detect(lipSync, { frames: film, samples: sound(offset) });
    expect(Math.abs((observed(output, 'sync-offset').value ?? 9) - offset)).toBeLessThanOrEqual(0.06);
    expect(anomalies(output, 'sync-offset')).toHaveLength(1);
  });

  it('is not assessed where the mouth does not follow the sound', async () => {
    const noise = gaussian(44);
    let level = 0;
    const other = Float32Array.from({ length: seconds * 16_000 }, (_, i) => {
      if (i % 1600 === 0) level = Math.abs(noise()) * 0.1;
      return level * noise();
    });
    const output = observed(await detect(lipSync, { frames: film, samples: other }), 'sync-offset');
    expect(output.status).toBe('not-assessed');
    expect(output.reason).toContain('window');
  });
});

describe('every detector of time', () => {
  it('says so when nobody looked for faces', async () => {
    const blind = { ...context({}, { width: WIDTH, height: HEIGHT }), facesAssessed: false };
    for (const detector of timeDetectors.filter((d) => d.needs.faces)) {
      const run = await detector.start(blind);
      await run.pcm?.({ time: 0, sampleRate: 16_000, samples: new Float32Array(16_000) });
      for (const frame of frames(pan)) await run.frame?.(frame);
      const { observations } = await run.finish();
      await run.dispose?.();
      expect(observations.some((o) => o.reason?.includes('no face detector ran'))).toBe(true);
    }
  });

  it('answers when there are no frames', async () => {
    for (const detector of timeDetectors) {
      const output = await detect(detector, { frames: [] });
      expect(output.observations.length).toBeGreaterThan(0);
      for (const o of output.observations) {
        expect(o.status).toBe('not-assessed');
        expect(o.reason).toBeTruthy();
      }
    }
  });
});
