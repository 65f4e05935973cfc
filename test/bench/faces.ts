/**
 * Median times of face work on one picture, one line each:
 * `node test/bench/faces.ts` (needs the published weights in the shared folder).
 */
import { performance } from 'node:perf_hooks';
import { SummedArea } from '../../src/engine/faces/area.ts';
import { cropFace } from '../../src/engine/faces/crop.ts';
import { faceFacts } from '../../src/engine/faces/gates.ts';
import { FaceTracker } from '../../src/engine/faces/track.ts';
import { createYunet } from '../../src/engine/faces/yunet.ts';
import type { Face, RgbImage } from '../../src/engine/types.ts';
import { importable, openImported, openNetwork, readRgb } from '../golden/faces-support.ts';
import { ROOT, shared } from '../helpers/shared.ts';

/** Runs `work` and prints the median; the first runs, in which code and memory warm up, do not count. */
async function bench(name: string, runs: number, work: (run: number) => unknown): Promise<void> {
  const times: number[] = [];
  for (let i = -2; i < runs; i++) {
    const start = performance.now();
    await work(i + 2);
    if (i >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`${name.padEnd(56)} ${times[Math.floor(runs / 2)].toFixed(2).padStart(9)} ms`);
}

const photo = `${ROOT}/test/fixtures/media/astronaut.png`;
const hd: RgbImage = await readRgb(photo, { width: 1920, height: 1080 });
const box = { x: 660, y: 130, width: 340, height: 240 };
const face: Face = {
  box,
  points: [
    [760, 200],
    [930, 210],
    [840, 260],
    [760, 300],
    [920, 305],
  ],
  probability: 1,
};

await bench('summed-area table of 1080p', 11, () => new SummedArea(hd));
const mtcnn = importable('mtcnn', 'checkpoints/mtcnn');
if (mtcnn !== null) {
  const detector = await openImported('mtcnn', mtcnn);
  await bench('MTCNN, 1080p, one face, min face 40 px', 11, () => detector.detect([hd]));
  await detector.dispose();
  const crowd = shared('media/multiface.jpg');
  if (crowd !== null) {
    const six = await readRgb(crowd, { width: 1920, height: 1080 });
    const again = await openImported('mtcnn', mtcnn);
    await bench('MTCNN, 1080p, six faces, min face 40 px', 11, () => again.detect([six]));
    await again.dispose();
  }
}
const yunet = shared('checkpoints/yunet/yunet_n_dynamic.onnx');
if (yunet !== null) {
  const { network, release } = await openNetwork(yunet);
  for (const maxSide of [1280, 640]) {
    const detector = createYunet({ id: 'yunet', version: '1.0.0' }, network, { maxSide });
    await bench(`YuNet, 1080p shrunk to ${maxSide}, min face 40 px`, 11, () => detector.detect([hd]));
  }
  await release();
}

const tracker = new FaceTracker();
const crowd = (run: number): Face[] =>
  Array.from({ length: 6 }, (_, i) => ({ ...face, box: { ...box, x: i * 400 + run, y: 100 } }));
await bench('tracking: update with 6 faces', 201, (run) =>
  tracker.update({ index: run * 15, time: run / 2 }, crowd(run)),
);
await bench('tracking: interpolate one frame with 6 faces', 201, (run) =>
  tracker.interpolate([{ index: 202 * 15 - 1 - (run % 14), time: 101 - run / 1000 }]),
);
const size = { width: 224, height: 224 };
await bench('crop 224, level', 51, () => cropFace(hd, face, { margin: 0.3, square: true, align: 'none' }, size));
await bench('crop 224, eyes levelled', 51, () =>
  cropFace(hd, face, { margin: 0.3, square: true, align: 'eyes' }, size),
);
await bench('crop 88, mouth', 51, () =>
  cropFace(hd, face, { margin: 0, square: true, align: 'mouth' }, { width: 88, height: 88 }),
);
await bench('facts for the gates, 340 x 240 face', 51, () => faceFacts(hd, face));
