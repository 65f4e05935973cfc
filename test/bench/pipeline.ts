/**
 * The whole pipeline against its parts: one 60 s 1080p30 clip with a moving face and sound.
 *
 * (a) ffmpeg decoding the clip to nothing, and the same with every sampled frame scaled and handed out as RGB, which no
 * analysis can avoid; (b) the bare inference calls on prepared tensors, as many as the analysis made. Then the whole.
 * Peak memory is the sum of the proportional sets of the program, its engine and ffmpeg, at 1 and at 20 minutes of video.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnalysisResult } from '../../src/contract/result.ts';
import { EngineClient } from '../../src/engine/client.ts';
import { forkEngine } from '../../src/engine/fork.ts';
import { probeFeeds } from '../../src/engine/inference/probe.ts';
import { findPack, listPacks, type ModelRoots } from '../../src/engine/inference/registry.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import { descendants } from '../helpers/processes.ts';
import { ROOT, shared } from '../helpers/shared.ts';

const cache = join(ROOT, '.cache', 'bench');
mkdirSync(cache, { recursive: true });
const home = join(cache, 'home');
const roots: ModelRoots = { builtIn: join(ROOT, 'models'), user: join(home, 'models') };
const face = join(ROOT, 'test/fixtures/media/astronaut.png');

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (work: () => unknown): number => {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
};
const ffmpeg = (...args: string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });

function clip(): string {
  const path = join(cache, 'faces-1080p30-60s.mp4');
  if (existsSync(path)) return path;
  const move = "overlay=x='400+300*sin(t/3)':y='200+100*cos(t/4)':shortest=1";
  ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=1920x1080:rate=30,noise=alls=6:allf=t',
      '-loop',
      '1',
      '-framerate',
      '30',
      '-i',
      face,
    ],
    ...['-f', 'lavfi', '-i', 'anoisesrc=amplitude=0.05:color=pink:seed=1:sample_rate=48000'],
    ...['-filter_complex', `[1:v]scale=640:640[f];[0:v][f]${move}[v]`, '-map', '[v]', '-map', '2:a', '-t', '60'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path],
  );
  return path;
}

function longClip(path: string): string {
  const long = join(cache, 'faces-1080p30-20min.mp4');
  if (!existsSync(long)) ffmpeg('-stream_loop', '19', '-i', path, '-c', 'copy', long);
  return long;
}

/** Proportional set of a process and everything below it, in MB: pages that several share count once, in parts. */
const resident = (root: number): number =>
  [root, ...descendants(root)].reduce((sum, pid) => {
    try {
      const found = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
      return sum + Number(found?.[1] ?? 0) / 1000;
    } catch {
      return sum;
    }
  }, 0);

/** One analysis through the command line: wall time, and the peak of the program with everything below it. */
async function whole(path: string): Promise<{ seconds: number; peak: number; result: AnalysisResult }> {
  const args = [
    join(ROOT, 'src/cli/main.ts'),
    'analyze',
    path,
    '--json',
    '--provider',
    'cpu',
    '--fusion',
    'weighted-average',
  ];
  const start = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, VIDIMUS_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command line did not start');
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, resident(pid));
  }, 200);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(watch);
  return { seconds: (performance.now() - start) / 1000, peak, result: AnalysisResult.parse(JSON.parse(text)) };
}

/** Imports published weights where they are at hand and nothing else fills the task. */
async function packs(): Promise<void> {
  const { packs: installed } = await listPacks(roots);
  const has = (task: string) => installed.some((p) => p.manifest.task === task);
  const engine = new EngineClient({
    launch: () => forkEngine({ VIDIMUS_BUILTIN_MODELS: roots.builtIn, VIDIMUS_USER_MODELS: roots.user }),
  });
  const yunet = shared('checkpoints/yunet/yunet_n_dynamic.onnx');
  const meso = shared('checkpoints/mesonet/Meso4_DF.h5');
  const base = { id: null, fakeIndex: null, fakeLabel: null };
  if (!has('face-detection') && yunet)
    await engine.request('models.import', { ...base, files: [yunet], architecture: null, preset: 'yunet' });
  if (!has('face-forgery') && meso)
    await engine.request('models.import', { ...base, files: [meso], architecture: 'meso4', preset: null });
  await engine.close();
}

/** Seconds of the bare inference calls that the analysis made, on prepared tensors. */
async function bare(result: AnalysisResult): Promise<number> {
  let total = 0;
  for (const use of result.run.packs) {
    const pack = await findPack(roots, `${use.id}@${use.version}`);
    const scored = result.observations.find(
      (o) => o.pack === `${use.id}@${use.version}` && o.kind === 'score' && !o.where,
    );
    const frames = result.mediaType === 'video' ? result.analyzedFrames : 1;
    const items =
      pack.manifest.task === 'face-detection'
        ? frames
        : Number(scored?.parameters['scored'] ?? scored?.parameters['windows'] ?? 0);
    if (items === 0) continue;
    if (pack.manifest.architecture === 'mtcnn') {
      console.log(`  ${use.id}: a cascade has no single tensor to prepare; counted as part of the whole only`);
      continue;
    }
    const session = await openSession(pack, { provider: 'cpu' });
    const detection = pack.manifest.task === 'face-detection';
    const batch = detection ? 1 : 8;
    const feeds = detection
      ? { [session.inputs[0].name]: { dims: [1, 3, 480, 832], data: new Float32Array(3 * 480 * 832) } }
      : probeFeeds(session.inputs, pack.manifest.input, batch);
    await session.runRaw(feeds);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await session.runRaw(feeds);
      times.push((performance.now() - start) / 1000);
    }
    await session.dispose();
    total += median(times) * Math.ceil(items / batch);
    console.log(`  ${use.id}: ${Math.ceil(items / batch)} calls of ${(median(times) * 1000).toFixed(1)} ms`);
  }
  return total;
}

const path = clip();
await packs();
const decodeOnly = median([1, 2, 3].map(() => seconds(() => ffmpeg('-i', path, '-f', 'null', '-'))));
const select = "select='eq(n,0)+gte(n-prev_selected_n,15)'";
const scaled = median(
  [1, 2, 3].map(() =>
    seconds(() =>
      ffmpeg(
        '-i',
        path,
        '-vf',
        select,
        '-fps_mode',
        'passthrough',
        '-pix_fmt',
        'rgb24',
        '-f',
        'rawvideo',
        '-y',
        '/dev/null',
      ),
    ),
  ),
);
console.log(
  `(a) ffmpeg decode to nothing: ${decodeOnly.toFixed(2)} s; with 120 frames converted to RGB: ${scaled.toFixed(2)} s`,
);
const runs = [];
for (let i = 0; i < 3; i++) runs.push(await whole(path));
const middle = runs.sort((a, b) => a.seconds - b.seconds)[1];
console.log('(b) bare inference:');
const b = await bare(middle.result);
console.log(`(b) sum: ${b.toFixed(2)} s`);
const floor = Math.max(scaled, b);
console.log(
  `whole: ${middle.seconds.toFixed(2)} s = ${(middle.seconds / floor).toFixed(2)} x max(a + scaling, b); target 1.15`,
);
const slow = [...middle.result.run.stages].sort((x, y) => y.seconds - x.seconds).slice(0, 12);
for (const { stage, seconds: s } of slow) console.log(`  ${stage}: ${s.toFixed(2)} s`);
console.log(`peak memory at 1 min: ${middle.peak.toFixed(0)} MB over all processes; target 700`);
if (!process.argv.includes('--short')) {
  const long = await whole(longClip(path));
  console.log(`peak memory at 20 min: ${long.peak.toFixed(0)} MB; ${long.seconds.toFixed(1)} s`);
}
const image = [];
for (let i = 0; i < 3; i++) image.push((await whole(face)).seconds);
console.log(`one picture of 512 x 512: ${median(image).toFixed(2)} s, start of the program included`);
const version = median(
  [1, 2, 3, 4, 5].map(() =>
    seconds(() => execFileSync(process.execPath, [join(ROOT, 'bin/vidimus.mjs'), '--version'])),
  ),
);
console.log(`vidimus --version: ${(version * 1000).toFixed(0)} ms; target 200`);
