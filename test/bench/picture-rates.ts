/**
 * How often the picture detectors report anomalies: on pictures re-encoded at three qualities (false alarms) and on
 * manipulations made from them by rule (detections).
 *
 *   node test/bench/picture-rates.ts FOLDER [--pictures N] [--seed S] [--reduce F] [--face X,Y,W,H] [--part K/N]
 *     [--half tune|test] [--only ID,ID] [--name SET]
 *
 * FOLDER holds natural pictures whose history is known to be harmless; N of them are drawn by the seed, the first half
 * for setting thresholds ("tune"), the second for stating rates ("test"). Pictures are cut to 1024 x 1024 pixels at
 * most after reduction by F (below 1 it wipes the traces of an earlier JPEG out). X,Y,W,H is where the face lies, as
 * shares of width and height, for sets of aligned faces. Writes one line of JSON per picture, case and detector to
 * standard output; test/bench/rates-table.ts makes tables of them.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { pictureDetectors } from '../../src/engine/detectors/picture.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { decode, detect, jpeg, normals, painted, resized } from '../helpers/picture.ts';
import { drawn } from './rates.ts';

const QUALITIES = [75, 85, 95] as const;
const SIDE = 1024;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    reduce: { type: 'string', default: '1' },
    face: { type: 'string' },
    part: { type: 'string', default: '0/1' },
    half: { type: 'string' },
    name: { type: 'string', default: 'pictures' },
    only: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: picture-rates.ts FOLDER [options]; see the head of the file');
  process.exit(2);
}
const face = options.face?.split(',').map(Number);
const [part, parts] = options.part.split('/').map(Number);
const only = options.only?.split(',');
/** Without an anomaly there is no alarm to count. */
const SILENT = ['ela', 'cfa', 'colour-texture', 'prnu', 'image-features-compression'];
const wanted = pictureDetectors.filter(
  (d) => !SILENT.includes(d.id) && (only?.includes(d.id) ?? (d.id !== 'face-mismatch' || face !== undefined)),
);

/** Corner on a multiple of 16, so that the grid of a JPEG source stays where it was. */
function cut(image: RgbImage): RgbImage {
  const width = Math.min(SIDE, image.width);
  const height = Math.min(SIDE, image.height);
  const x0 = Math.floor((image.width - width) / 32) * 16;
  const y0 = Math.floor((image.height - height) / 32) * 16;
  return cropped(image, x0, y0, width, height);
}

function cropped(image: RgbImage, x0: number, y0: number, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y0 + y) * image.width + x0) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

async function blurred(image: RgbImage, sigma: number): Promise<RgbImage> {
  const { width, height } = image;
  const data = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .blur(sigma)
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(data) };
}

const inside = (image: RgbImage, x: number, y: number): boolean =>
  x >= image.width * 0.55 && x < image.width * 0.85 && y >= image.height * 0.4 && y < image.height * 0.7;

const inFace = (image: RgbImage, x: number, y: number): boolean =>
  face !== undefined &&
  x >= image.width * face[0] &&
  x < image.width * (face[0] + face[2]) &&
  y >= image.height * face[1] &&
  y < image.height * (face[1] + face[3]);

/** One picture with the pixels of another where `where` says so. */
const pasted = (onto: RgbImage, from: RgbImage, where: typeof inside): RgbImage =>
  painted(onto, (x, y, c, old) => (where(onto, x, y) ? from.data[(y * from.width + x) * 3 + c] : old));

/** Manipulations and the detector that each is meant for; the result is stored as JPEG of the given quality. */
const FORGERIES: Record<string, { detector: string; make(image: RgbImage, seed: number): Promise<RgbImage> }> = {
  'copy-move of 9 %': {
    detector: 'copy-move',
    async make(image) {
      const dx = Math.floor(image.width * 0.45);
      const dy = Math.floor(image.height * 0.25);
      return painted(image, (x, y, c, old) =>
        inside(image, x, y) ? image.data[((y - dy) * image.width + x - dx) * 3 + c] : old,
      );
    },
  },
  'enlarged by 1.3': { detector: 'resampling', make: (image) => resized(image, 1.3) },
  'enlarged by 1.1': { detector: 'resampling', make: (image) => resized(image, 1.1) },
  'noise of 20 in 9 %': {
    detector: 'noise-map',
    async make(image, seed) {
      const random = normals(seed);
      return painted(image, (x, y, _c, old) => (inside(image, x, y) ? old + 20 * random() : old));
    },
  },
  'blur of 1.5 in 9 %': {
    detector: 'noise-map',
    make: async (image) => pasted(image, await blurred(image, 1.5), inside),
  },
  'quality 60 in 9 %': {
    detector: 'jpeg-ghosts',
    make: async (image) => pasted(image, await decode(await jpeg(image, 60)), inside),
  },
  'JPEG 60, cropped by (5, 3)': {
    detector: 'jpeg-history',
    async make(image) {
      const first = await decode(await jpeg(image, 60));
      return cropped(first, 5, 3, first.width - 5, first.height - 3);
    },
  },
  'JPEG 60, same grid': { detector: 'jpeg-history', make: async (image) => decode(await jpeg(image, 60)) },
  'doubled, every second pixel 2 % brighter': {
    detector: 'spectrum',
    // As a transposed convolution whose kernel is no multiple of its stride leaves it.
    async make(image) {
      const small = await resized(image, 0.5);
      const large = await resized(small, 2);
      return painted(large, (x, y, _c, old) => old * (1 + 0.02 * ((x + y) % 2)));
    },
  },
  'blur of 2': { detector: 'image-features-frequency', make: (image) => blurred(image, 2) },
  'noise of 15 in blue': {
    detector: 'image-features-noise',
    async make(image, seed) {
      const random = normals(seed);
      return painted(image, (_x, _y, c, old) => (c === 2 ? old + 15 * random() : old));
    },
  },
  'face blurred by 1.5': {
    detector: 'face-mismatch',
    make: async (image) => pasted(image, await blurred(image, 1.5), inFace),
  },
  'face at half resolution': {
    detector: 'face-mismatch',
    async make(image) {
      const { width, height } = image;
      const half = await resized(image, 0.5);
      const data = await sharp(half.data, { raw: { width: half.width, height: half.height, channels: 3 } })
        .resize(width, height, { kernel: 'cubic', fit: 'fill' })
        .raw()
        .toBuffer();
      return pasted(image, { width, height, data: new Uint8Array(data) }, inFace);
    },
  },
};

const work = mkdtempSync(join(tmpdir(), 'vidimus-rates-'));
try {
  const path = join(work, 'picture.jpg');
  const names = readdirSync(folder)
    .filter((name) => ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff'].includes(extname(name).toLowerCase()))
    .sort();
  const chosen = drawn(names, Number(options.pictures), Number(options.seed));
  for (const [seed, name] of chosen.entries()) {
    const half = seed < chosen.length / 2 ? 'tune' : 'test';
    if (seed % parts !== part || half !== (options.half ?? half)) continue;
    const whole = await decode(join(folder, name));
    const factor = Number(options.reduce);
    const image = cut(factor < 1 ? await resized(whole, factor) : whole);
    if (image.width < 128 || image.height < 128) continue;
    const boxes =
      face === undefined
        ? []
        : [
            {
              x: face[0] * image.width,
              y: face[1] * image.height,
              width: face[2] * image.width,
              height: face[3] * image.height,
            },
          ];
    console.error(`${seed + 1} of ${chosen.length}: ${name}, ${image.width} x ${image.height}`);
    const measure = async (what: string, quality: number, id: string, shown: RgbImage): Promise<void> => {
      const detector = wanted.find((d) => d.id === id);
      if (detector === undefined) return;
      const { observations, anomalies } = await detect(detector, shown, { path, boxes, artifacts: false });
      const values = Object.fromEntries(observations.map((o) => [o.quantity, o.value]));
      const alarms = anomalies.map((a) => [a.type, a.severity]);
      console.log(JSON.stringify({ half, group: options.name, name, what, quality, detector: id, values, alarms }));
    };
    for (const quality of QUALITIES) {
      const bytes = await jpeg(image, quality);
      writeFileSync(path, bytes);
      const shown = await decode(bytes);
      for (const { id } of wanted) await measure('re-encoded only', quality, id, shown);
      for (const [what, { detector, make }] of Object.entries(FORGERIES)) {
        if (!wanted.some((d) => d.id === detector)) continue;
        const forged = await jpeg(await make(image, seed + 1), quality);
        writeFileSync(path, forged);
        await measure(what, quality, detector, await decode(forged));
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
