/**
 * How often the picture detectors report anomalies: on pictures re-encoded at three qualities (false alarms) and on
 * manipulations made from them by rule (detections).
 *
 *   node test/bench/picture-rates.ts FOLDER [--json]
 *
 * FOLDER holds natural pictures whose history is known to be harmless (camera originals are best). Pictures are cut to
 * 1024 x 1024 pixels at most. With no error in n pictures the upper 95 % bound of a rate is about 3 / n.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pictureDetectors } from '../../src/engine/detectors/picture.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { decode, detect, jpeg, normals, painted, resized } from '../helpers/picture.ts';

const QUALITIES = [75, 85, 95] as const;
const SIDE = 1024;
const [folder, flag] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: picture-rates.ts FOLDER [--json]');
  process.exit(2);
}

/** Corner on a multiple of 16, so that the grid of a JPEG source stays where it was. */
function cut(image: RgbImage): RgbImage {
  const width = Math.min(SIDE, image.width);
  const height = Math.min(SIDE, image.height);
  const x0 = Math.floor((image.width - width) / 32) * 16;
  const y0 = Math.floor((image.height - height) / 32) * 16;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y0 + y) * image.width + x0) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

const inside = (image: RgbImage, x: number, y: number): boolean =>
  x >= image.width * 0.55 && x < image.width * 0.85 && y >= image.height * 0.4 && y < image.height * 0.7;

/** Manipulations and the detector that each is meant for; the result is stored as JPEG of the given quality. */
const FORGERIES: Record<string, { detector: string; make(image: RgbImage, seed: number): Promise<RgbImage> }> = {
  'copy-move': {
    detector: 'copy-move',
    async make(image) {
      const dx = Math.floor(image.width * 0.45);
      const dy = Math.floor(image.height * 0.25);
      return painted(image, (x, y, c, old) =>
        inside(image, x, y) ? image.data[((y - dy) * image.width + x - dx) * 3 + c] : old,
      );
    },
  },
  'resized 1.3': { detector: 'resampling', make: (image) => resized(image, 1.3) },
  'noise splice': {
    detector: 'noise-map',
    async make(image, seed) {
      const random = normals(seed);
      return painted(image, (x, y, _c, old) => (inside(image, x, y) ? old + 20 * random() : old));
    },
  },
  'ghost of quality 60': {
    detector: 'jpeg-ghosts',
    async make(image) {
      const low = await decode(await jpeg(image, 60));
      return painted(image, (x, y, c, old) => (inside(image, x, y) ? low.data[(y * image.width + x) * 3 + c] : old));
    },
  },
  'double JPEG 60, shifted by (5, 3)': {
    detector: 'jpeg-history',
    async make(image) {
      const first = await decode(await jpeg(image, 60));
      const data = new Uint8Array((first.width - 5) * (first.height - 3) * 3);
      for (let y = 3; y < first.height; y++) {
        const from = (y * first.width + 5) * 3;
        data.set(first.data.subarray(from, (y + 1) * first.width * 3), (y - 3) * (first.width - 5) * 3);
      }
      return { width: first.width - 5, height: first.height - 3, data };
    },
  },
  'double JPEG 60, same grid': { detector: 'jpeg-history', make: async (image) => decode(await jpeg(image, 60)) },
};

interface Rate {
  readonly what: string;
  readonly quality: number;
  readonly detector: string;
  hits: number;
  n: number;
}
const rates = new Map<string, Rate>();
function count(what: string, quality: number, detector: string, hit: boolean): void {
  const key = `${what}|${quality}|${detector}`;
  const rate = rates.get(key) ?? { what, quality, detector, hits: 0, n: 0 };
  rate.n++;
  if (hit) rate.hits++;
  rates.set(key, rate);
}

const work = mkdtempSync(join(tmpdir(), 'vidimus-rates-'));
try {
  const path = join(work, 'picture.jpg');
  const names = readdirSync(folder)
    .filter((name) => ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff'].includes(extname(name).toLowerCase()))
    .sort();
  for (const [seed, name] of names.entries()) {
    const image = cut(await decode(join(folder, name)));
    console.error(`${seed + 1} of ${names.length}: ${name}, ${image.width} x ${image.height}`);
    for (const quality of QUALITIES) {
      const bytes = await jpeg(image, quality);
      writeFileSync(path, bytes);
      const shown = await decode(bytes);
      for (const detector of pictureDetectors) {
        const output = await detect(detector, shown, { path });
        count('re-encoded only', quality, detector.id, output.anomalies.length > 0);
      }
      for (const [what, { detector: id, make }] of Object.entries(FORGERIES)) {
        const detector = pictureDetectors.find((d) => d.id === id);
        if (detector === undefined) throw new Error(`no detector ${id}`);
        const forged = await jpeg(await make(image, seed + 1), quality);
        writeFileSync(path, forged);
        const output = await detect(detector, await decode(forged), { path });
        count(what, quality, id, output.anomalies.length > 0);
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
const all = [...rates.values()];
if (flag === '--json') console.log(JSON.stringify(all));
else {
  for (const { what, quality, detector, hits, n } of all) {
    console.log(`${what.padEnd(36)} q${quality}  ${detector.padEnd(26)} ${hits}/${n}`);
  }
}
