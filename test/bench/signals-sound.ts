/**
 * Time per second of sound and per frame of each method: node test/bench/signals-sound.ts [PYTHON]
 *
 * Processor time of this process, so that other load on the machine matters little. PYTHON is an interpreter with
 * librosa; without it the reference of the mel spectrogram is not timed.
 */
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import type { MelRule } from '../../src/contract/pack.ts';
import { soundDetectors } from '../../src/engine/detectors/sound.ts';
import { timeDetectors } from '../../src/engine/detectors/time.ts';
import { FeatureExtractor } from '../../src/engine/signals/sound/features.ts';
import { melSpectrogram } from '../../src/engine/signals/sound/mel.ts';
import { SceneCutDetector } from '../../src/engine/signals/time/scene-cut.ts';
import type { AnalysedFrame } from '../../src/engine/types.ts';
import { context } from '../helpers/detect.ts';
import { facePoints, texture, view } from '../helpers/scene.ts';
import { gaussian } from '../helpers/sound.ts';

const RATE = 16_000;
const rule: MelRule = {
  nFft: 1024,
  hop: 256,
  nMels: 80,
  fMin: 0,
  fMax: null,
  power: 2,
  norm: 'slaney',
  scale: 'slaney',
  db: { ref: 'max', topDb: 80 },
};

/** Milliseconds of processor time used so far. */
const now = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function medianMs(repeats: number, work: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const from = now();
    work();
    times.push(now() - from);
  }
  times.sort((a, b) => a - b);
  return times[repeats >> 1] ?? Number.NaN;
}

const g = gaussian(1);
const sound = Float32Array.from(
  { length: 60 * RATE },
  (_, i) => 0.01 * g() + 0.2 * Math.sin(i * 0.05) * Math.max(0, Math.sin(i * 0.0005)),
);
const clip = sound.subarray(0, 4 * RATE);
const row = (name: string, value: number, unit: string): void =>
  console.log(`${name.padEnd(24)} ${value.toFixed(3)} ${unit}`);

console.log(`load ${loadavg()[0]?.toFixed(1)}`);
row(
  'mel of 4 s',
  medianMs(100, () => melSpectrogram(clip, rule, RATE)),
  'ms',
);
const REFERENCE = `
import time, numpy as np, librosa
x = np.random.default_rng(1).standard_normal(64000).astype(np.float32) * 0.1
def mel(): return librosa.power_to_db(librosa.feature.melspectrogram(y=x, sr=16000, n_fft=1024, hop_length=256, n_mels=80), ref=np.max)
mel(); times = []
for _ in range(100):
    t = time.process_time(); mel(); times.append(time.process_time() - t)
print(sorted(times)[50] * 1000)
`;
const python = process.argv[2];
if (python !== undefined) {
  const { stdout, stderr, status } = spawnSync(python, ['-c', REFERENCE], { encoding: 'utf8' });
  if (status === 0) row('mel of 4 s, librosa', Number(stdout.trim()), 'ms');
  else console.log(`the reference failed: ${stderr.trim().split('\n').at(-1)}`);
}
const extractor = new FeatureExtractor(RATE);
row(
  'features of 4 s',
  medianMs(50, () => extractor.extract(clip)),
  'ms',
);

for (const detector of soundDetectors) {
  const run = await detector.start(context());
  const from = now();
  for (let at = 0; at < sound.length; at += 8192) {
    await run.pcm?.({ time: at / RATE, sampleRate: RATE, samples: sound.subarray(at, at + 8192) });
  }
  await run.finish();
  await run.dispose?.();
  row(detector.id, (now() - from) / 60, 'ms per second of sound');
}

const [width, height] = [1920, 1080];
const look = texture(1);
const images = Array.from({ length: 4 }, (_, i) => view(look, width, height, 3 * i, i));
const frames: AnalysedFrame[] = Array.from({ length: 50 }, (_, i) => ({
  frame: { ...(images[i % 4] ?? view(look, width, height, 0, 0)), index: i, time: i / 25, key: false },
  faces: [
    {
      box: { x: 800, y: 300, width: 300, height: 380 },
      points: facePoints(950, 480, 120),
      probability: 1,
      track: 0,
      detected: true,
    },
  ],
  sceneCut: false,
}));
const cutter = new SceneCutDetector();
let frame = 0;
row(
  'scene cut, 1080p',
  medianMs(50, () => cutter.next(frames[frame++ % 50]?.frame ?? { width, height, data: new Uint8Array(0) })),
  'ms per frame',
);
for (const detector of timeDetectors) {
  const run = await detector.start(context({}, { width, height }));
  // OpenCV is loaded before the clock starts.
  for (const f of frames.slice(0, 4)) await run.frame?.(f);
  const from = now();
  for (const f of frames.slice(4)) await run.frame?.(f);
  row(`${detector.id}, 1080p`, (now() - from) / 46, 'ms per frame');
  await run.finish();
  await run.dispose?.();
}
