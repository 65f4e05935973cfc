/**
 * Time per megapixel of every picture detector, and of the twelve features against the Python reference.
 *
 *   node test/bench/signals-picture.ts [PYTHON]
 *
 * PYTHON is an interpreter with OpenCV and SciPy; without it the reference is not timed. Prints medians of three runs
 * and the load of the machine, because a time without it says little.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { pictureDetectors } from '../../src/engine/detectors/picture.ts';
import { pictureFeatures } from '../../src/engine/signals/picture/features.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { detect, jpeg } from '../helpers/picture.ts';
import { ROOT } from '../helpers/shared.ts';

const SIDE = 1024;
const REFERENCE = `
import sys, time, cv2, numpy as np
from scipy import fftpack
from scipy.stats import entropy
rgb = cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2RGB)
def features(rgb):
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    mag = np.abs(fftpack.fftshift(fftpack.fft2(gray.astype(np.float64))))
    h, w = mag.shape; mag[h//4:3*h//4, w//4:3*w//4].sum(); mag.mean(); mag.std()
    entropy(mag.flatten()/mag.sum() + 1e-10)
    n = rgb.astype(float) - cv2.fastNlMeansDenoisingColored(rgb, None, 10, 10, 7, 21).astype(float)
    n.var(); np.abs(n).mean(); [n[:, :, i].var() for i in range(3)]
    cv2.Laplacian(gray, cv2.CV_64F).var()
    g = gray.astype(np.float64); np.abs(np.diff(g, axis=1))[:, 7::8].mean(); np.abs(np.diff(g, axis=0))[7::8, :].mean()
times, cpu = [], []
for _ in range(3):
    t, c = time.perf_counter(), time.process_time(); features(rgb); times.append(time.perf_counter() - t); cpu.append(time.process_time() - c)
print(sorted(times)[1] * 1000, sorted(cpu)[1] * 1000)
`;

async function timed(work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let k = 0; k < 4; k++) {
    const from = process.cpuUsage();
    const start = performance.now();
    await work();
    wall.push(performance.now() - start);
    const used = process.cpuUsage(from);
    cpu.push((used.user + used.system) / 1000);
  }
  // The first run compiles.
  const middle = (v: number[]): number => v.slice(1).sort((a, b) => a - b)[1];
  return { wall: middle(wall), cpu: middle(cpu) };
}

const source = sharp(join(ROOT, 'test/fixtures/media/astronaut.png')).resize(SIDE, SIDE).removeAlpha();
const image: RgbImage = { width: SIDE, height: SIDE, data: new Uint8Array(await source.raw().toBuffer()) };
const folder = mkdtempSync(join(tmpdir(), 'vidimus-bench-'));
try {
  const path = join(folder, 'picture.jpg');
  const png = join(folder, 'picture.png');
  writeFileSync(path, await jpeg(image, 90));
  await sharp(image.data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toFile(png);
  const perMegapixel = 1e6 / (SIDE * SIDE);
  const line = (name: string, t: { wall: number; cpu: number }): void => {
    const ms = (v: number): string => `${(v * perMegapixel).toFixed(0)} ms`.padStart(9);
    console.log(`${name.padEnd(26)}${ms(t.wall)} wall ${ms(t.cpu)} processor, per megapixel`);
  };
  console.log(`${availableParallelism()} processors, load ${loadavg()[0].toFixed(2)}`);
  line('twelve features', await timed(() => pictureFeatures(image)));
  const python = process.argv[2];
  if (python !== undefined) {
    const { stdout, stderr, status } = spawnSync(python, ['-c', REFERENCE, png], { encoding: 'utf8' });
    if (status !== 0) console.log(`the reference failed: ${stderr.trim().split('\n').at(-1)}`);
    else {
      const [wall, cpu] = stdout.trim().split(' ').map(Number);
      line('reference (Python)', { wall, cpu });
    }
  }
  const boxes = [{ x: 350, y: 100, width: 300, height: 300 }];
  for (const detector of pictureDetectors) {
    // A copy, so that what one detector computed is not handed to the next.
    line(detector.id, await timed(() => detect(detector, { ...image, data: image.data.slice() }, { path, boxes })));
  }
  console.log(`load ${loadavg()[0].toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
