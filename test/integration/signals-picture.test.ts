/**
 * Manipulations made by rule: the method must speak, and must be silent on the picture they were made from.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cameraReference } from '../../src/engine/detectors/picture/camera-reference.ts';
import { pictureDetectors } from '../../src/engine/detectors/picture.ts';
import type { ArtifactPng, Detector, DetectorContext, RgbImage } from '../../src/engine/types.ts';
import { decode, detect, jpeg, normals, numberOf, painted, resized, stillContext } from '../helpers/picture.ts';
import { GOLDEN, ROOT } from '../helpers/shared.ts';

const detector = (id: string): Detector => {
  const found = pictureDetectors.find((d) => d.id === id);
  if (found === undefined) throw new Error(`no detector ${id}`);
  return found;
};
const types = (output: { anomalies: readonly { type: string }[] }): string[] => output.anomalies.map((a) => a.type);

let folder = '';
let photo: RgbImage;
let scene: RgbImage;
let noisy: RgbImage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vidimus-picture-'));
  photo = await decode(join(ROOT, 'test/fixtures/media/astronaut.png'));
  scene = await decode(join(GOLDEN, 'images/scene-640x480.png'));
  noisy = await decode(join(GOLDEN, 'images/scene-noisy-rgb.png'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function stored(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe('methods of a video', () => {
  const context = (): DetectorContext => {
    const still = stillContext('/nowhere');
    const evidence = { ...still.exhibit.evidence, duration: 0.1 };
    return { ...still, exhibit: { ...still.exhibit, mediaType: 'video', evidence } };
  };
  const show = (image: RgbImage, index: number) => ({
    frame: { ...image, index, time: index / 10, key: true },
    faces: [],
    sceneCut: false,
  });

  it('say beside the decoding what they say in place, though the frame is written over', async () => {
    for (const id of ['spectrum', 'noise-map', 'image-features-noise', 'image-features-compression']) {
      const place = await detect(detector(id), photo, { artifacts: true });
      const run = await detector(id).start(context());
      const passing = { ...photo, data: photo.data.slice() };
      await run.frame?.(show(passing, 1));
      passing.data.fill(0);
      const aside = await run.finish();
      expect(aside.observations.map((o) => [o.quantity, o.value])).toEqual(
        place.observations.map((o) => [o.quantity, o.value]),
      );
      const bytes = (a: ArtifactPng) => Buffer.from(a.png).toString('base64');
      expect(aside.artifacts?.map(bytes)).toEqual(place.artifacts.map(bytes));
    }
  });

  it('obey a cancel', async () => {
    const stop = new AbortController();
    const run = await detector('image-features-noise').start({ ...context(), signal: stop.signal });
    await run.frame?.(show(photo, 1));
    stop.abort();
    await expect(run.finish()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('copy-move', () => {
  const paste = (image: RgbImage, fromX: number, fromY: number, toX: number, toY: number, side: number): RgbImage =>
    painted(image, (x, y, c, old) =>
      x >= toX && x < toX + side && y >= toY && y < toY + side
        ? image.data[((y - toY + fromY) * image.width + x - toX + fromX) * 3 + c]
        : old,
    );

  it('finds a pasted block and its shift, also after JPEG 85, and is silent on the originals', async () => {
    for (const [image, from, to] of [
      [photo, [200, 60], [40, 330]],
      [noisy, [50, 40], [260, 151]],
    ] as const) {
      expect(types(await detect(detector('copy-move'), image))).toEqual([]);
      const forged = paste(image, from[0], from[1], to[0], to[1], 96);
      for (const version of [forged, await decode(await jpeg(forged, 85))]) {
        const output = await detect(detector('copy-move'), version);
        expect(types(output)).toEqual(['copy-move', 'copy-move']);
        const { shiftX, shiftY } = output.observations[0].parameters;
        const sign = Math.sign(Number(shiftX)) === Math.sign(to[0] - from[0]) ? 1 : -1;
        expect([sign * Number(shiftX), sign * Number(shiftY)]).toEqual([to[0] - from[0], to[1] - from[1]]);
      }
    }
  });
});

describe('resampling', () => {
  it('finds enlargement by 1.3 at its frequency and is silent on the originals', async () => {
    for (const image of [scene, noisy]) {
      expect(types(await detect(detector('resampling'), image))).toEqual([]);
      const output = await detect(detector('resampling'), await resized(image, 1.3));
      expect(types(output)).toEqual(['resampling']);
      const { fx, fy } = output.observations[0].parameters;
      expect(Math.max(Math.abs(Number(fx)), Math.abs(Number(fy)))).toBeCloseTo(1 - 1 / 1.3, 2);
    }
  });
});

describe('jpeg-history', () => {
  it('finds the shifted grid of the reference file', async () => {
    const path = join(GOLDEN, 'images/double-jpeg-q60-q90-shift4.jpg');
    const output = await detect(detector('jpeg-history'), await decode(path), { path });
    expect(types(output)).toEqual(['jpeg-grid-shift']);
    const grid = output.observations.find((o) => o.quantity === 'earlier_grid_strength');
    expect(grid?.parameters).toMatchObject({ shiftX: 4, shiftY: 4 });
    expect(numberOf(output, 'quality')).toBe(90);
  });

  it('is silent on single compressions and names tables and quality', async () => {
    for (const image of [photo, scene, noisy]) {
      for (const quality of [60, 75, 90, 95]) {
        const bytes = await jpeg(image, quality);
        const output = await detect(detector('jpeg-history'), image, { path: await stored('single.jpg', bytes) });
        expect(types(output)).toEqual([]);
        expect(numberOf(output, 'quality')).toBe(quality);
        expect(output.observations[0].parameters['encoderTables']).toContain('Annex K');
      }
    }
  });

  it('finds an earlier, coarser compression on the same grid and its quality', async () => {
    for (const image of [photo, scene, noisy]) {
      for (const [first, second] of [
        [60, 90],
        [85, 95],
      ]) {
        const bytes = await jpeg(await decode(await jpeg(image, first)), second);
        const output = await detect(detector('jpeg-history'), image, { path: await stored('double.jpg', bytes) });
        expect(types(output)).toEqual(['double-jpeg']);
        const gain = output.observations.find((o) => o.quantity === 'double_quantisation_gain');
        expect(Math.abs(Number(gain?.parameters['firstQuality']) - first)).toBeLessThanOrEqual(2);
      }
    }
  });

  it('sees in a PNG that it was a JPEG, and says of other pictures that there is nothing to read', async () => {
    const before = await decode(await jpeg(scene, 70));
    const png = join(GOLDEN, 'images/scene-640x480.png');
    expect(types(await detect(detector('jpeg-history'), before, { path: png }))).toEqual(['earlier-jpeg']);
    const plain = await detect(detector('jpeg-history'), scene, { path: png });
    expect(types(plain)).toEqual([]);
    expect(plain.observations[0]).toMatchObject({ status: 'not-assessed', reason: 'the file is not a JPEG' });
  });

  it('says why a damaged file was not assessed', async () => {
    const bytes = (await jpeg(scene, 80)).slice(0, 200);
    const output = await detect(detector('jpeg-history'), scene, { path: await stored('cut.jpg', bytes) });
    expect(output.observations[0].status).toBe('not-assessed');
  });
});

describe('jpeg-ghosts', () => {
  it('finds a part that was compressed at 60 in a picture stored at 95, and is silent without it', async () => {
    for (const image of [photo, scene]) {
      const low = await decode(await jpeg(image, 60));
      const inside = (x: number, y: number): boolean => x >= 176 && x < 352 && y >= 128 && y < 304;
      const forged = painted(image, (x, y, c, old) => (inside(x, y) ? low.data[(y * image.width + x) * 3 + c] : old));
      const path = await stored('ghost.jpg', await jpeg(forged, 95));
      const output = await detect(detector('jpeg-ghosts'), await decode(path), { path });
      expect(types(output)).toEqual(['jpeg-ghost']);
      expect(output.observations[0].parameters['ghostQuality']).toBe(60);
      const box = output.anomalies[0].where?.box;
      expect(box !== undefined && inside(box.x + box.width / 2, box.y + box.height / 2)).toBe(true);
      const plain = await stored('plain.jpg', await jpeg(image, 95));
      expect(types(await detect(detector('jpeg-ghosts'), await decode(plain), { path: plain }))).toEqual([]);
    }
  });
});

describe('noise-map', () => {
  it('finds a splice with another noise level where it is', async () => {
    const random = normals(3);
    const forged = painted(scene, (x, y, _c, old) =>
      x >= 320 && x < 576 && y >= 160 && y < 352 ? old + 22 * random() : old,
    );
    expect(types(await detect(detector('noise-map'), scene))).toEqual([]);
    const output = await detect(detector('noise-map'), forged);
    expect(types(output)).toEqual(['noise-inconsistent']);
    expect(output.anomalies[0].where?.box).toEqual({ x: 320, y: 160, width: 256, height: 192 });
    // Texture makes such regions too often for more.
    expect(output.anomalies[0].severity).toBe('low');
  });
});

describe('cfa', () => {
  it('tells an interpolated green channel from a plain one', async () => {
    const mosaic = painted(scene, (x, y, c, old) => {
      if (c !== 1 || (x + y) % 2 === 0 || x < 1 || y < 1 || x > scene.width - 2 || y > scene.height - 2) return old;
      const i = (y * scene.width + x) * 3 + 1;
      const row = scene.width * 3;
      return (scene.data[i - 3] + scene.data[i + 3] + scene.data[i - row] + scene.data[i + row]) / 4;
    });
    expect(numberOf(await detect(detector('cfa'), scene), 'cfa_peak')).toBeLessThan(20);
    const output = await detect(detector('cfa'), mosaic);
    expect(numberOf(output, 'cfa_peak')).toBeGreaterThan(20);
    expect(numberOf(output, 'cfa_phase_conflict')).toBeLessThan(0.05);
  });
});

describe('spectrum', () => {
  it('finds the peak of a chessboard pattern as transposed convolutions leave it', async () => {
    const board = painted(scene, (x, y, _c, old) => old + (x % 2 === y % 2 ? 1 : -1));
    expect(types(await detect(detector('spectrum'), scene))).toEqual([]);
    const output = await detect(detector('spectrum'), board);
    expect(types(output)).toEqual(['upsampling-peak']);
    expect(output.observations.find((o) => o.quantity === 'upsampling_peak')?.parameters['at']).toEqual([0.5, 0.5]);
    expect(output.series).toHaveLength(1);
  });
});

describe('face-mismatch', () => {
  it('finds a face with other noise and is silent on equal noise', async () => {
    const box = { x: 240, y: 180, width: 120, height: 120 };
    const random = normals(5);
    const forged = painted(scene, (x, y, _c, old) =>
      x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height ? old + 25 * random() : old,
    );
    expect(types(await detect(detector('face-mismatch'), scene, { boxes: [box] }))).toEqual([]);
    const output = await detect(detector('face-mismatch'), forged, { boxes: [box] });
    expect(types(output)).toEqual(['face-mismatch']);
    expect(output.anomalies[0].where).toEqual({ box, track: 0 });
    const nobody = await detect(detector('face-mismatch'), scene);
    expect(nobody.observations[0]).toMatchObject({ status: 'not-assessed', reason: 'no face was found' });
  });
});

describe('prnu', () => {
  /** A camera by rule: smooth scene, multiplicative pattern of 1.5 %, shot noise. */
  function shot(pattern: Float64Array, seed: number): RgbImage {
    const random = normals(seed);
    const flat: RgbImage = { width: 256, height: 192, data: new Uint8Array(256 * 192 * 3) };
    return painted(flat, (x, y) => {
      const light = 120 + 50 * Math.sin((x + 31 * seed) / 60) * Math.cos((y + 17 * seed) / 45);
      return light * (1 + pattern[y * 256 + x]) + 2 * random();
    });
  }
  const pattern = (seed: number): Float64Array => {
    const random = normals(seed);
    return Float64Array.from({ length: 256 * 192 }, () => 0.015 * random());
  };

  const store = (image: RgbImage, path: string): Promise<unknown> =>
    sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
      .png()
      .toFile(path);

  it('recognises the camera of a folder of pictures and no other', async () => {
    const one = pattern(1);
    const other = pattern(2);
    const folder = mkdtempSync(join(tmpdir(), 'vidimus-prnu-'));
    try {
      for (const seed of [11, 12, 13, 14, 15, 16]) await store(shot(one, seed), join(folder, `${seed}.png`));
      // What does not belong there is left out and counted.
      await store(shot(one, 11), join(folder, 'again.png'));
      await store({ ...scene, data: scene.data }, join(folder, 'other-size.png'));
      writeFileSync(join(folder, 'notes.txt'), 'not a picture');
      const prnu = detector('prnu');
      const same = await detect(prnu, shot(one, 30), { reference: folder });
      const different = await detect(prnu, shot(other, 31), { reference: folder });
      expect(numberOf(same, 'prnu_pce')).toBeGreaterThan(60);
      expect(numberOf(different, 'prnu_pce')).toBeLessThan(30);
      expect(same.observations[0].parameters).toMatchObject({
        referencePictures: 6,
        leftOutUnreadable: 1,
        leftOutOtherSize: 1,
        leftOutExhibitItself: 0,
      });
      const hashes = [11, 12, 13, 14, 15, 16].map((seed) =>
        createHash('sha256')
          .update(readFileSync(join(folder, `${seed}.png`)))
          .digest('hex'),
      );
      const expected = createHash('sha256').update(
        hashes
          .sort()
          .map((h) => `${h}\n`)
          .join(''),
      );
      expect(same.observations[0].parameters['referenceSha256']).toBe(expected.digest('hex'));
      const size = await detect(prnu, photo, { reference: folder });
      expect(size.observations[0]).toMatchObject({ status: 'not-assessed' });
      expect(size.observations[0].reason).toContain('8 of another size');
      await expect(detect(prnu, photo, { reference: join(folder, 'nowhere') })).rejects.toThrow(/could not be read/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('never compares the exhibit with itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vidimus-prnu-'));
    try {
      for (const seed of [11, 12, 13]) await store(shot(pattern(1), seed), join(folder, `${seed}.png`));
      const own = createHash('sha256')
        .update(readFileSync(join(folder, '11.png')))
        .digest('hex');
      const plan = { ...stillContext('/nowhere').plan, prnuReference: folder };
      const wanted = { folder, width: 256, height: 192, plan, signal: new AbortController().signal };
      const other = await cameraReference({ ...wanted, exhibit: '0'.repeat(64) });
      expect(other.files).toHaveLength(3);
      const made = await cameraReference({ ...wanted, exhibit: own });
      expect(made.files).toHaveLength(2);
      expect(made.leftOut.exhibit).toBe(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says that it did not assess without a folder', async () => {
    const output = await detect(detector('prnu'), scene);
    expect(output.observations[0]).toMatchObject({
      status: 'not-assessed',
      reason: 'no reference pictures of a camera were given',
    });
  });
});

describe('every picture detector', () => {
  it('has its own id', () => {
    expect(new Set(pictureDetectors.map((d) => d.id)).size).toBe(pictureDetectors.length);
  });

  it.each(pictureDetectors.map((d) => [d.id, d] as const))('%s speaks or says why not, at any size', async (_id, d) => {
    for (const [width, height] of [
      [1, 1],
      [5, 3],
      [9, 200],
      [64, 64],
      [131, 129],
    ]) {
      for (const value of [0, 128, 255]) {
        const flat = { width, height, data: new Uint8Array(width * height * 3).fill(value) };
        const output = await detect(d, flat, {
          path: join(GOLDEN, 'images/scene-256.png'),
          boxes: [{ x: -5, y: -5, width: width + 20, height: 4 }],
        });
        expect(output.observations.length).toBeGreaterThan(0);
        // A picture of one colour is indeed smooth; nothing else may be said of it.
        expect(types(output).filter((type) => type !== 'spectrum-smooth')).toEqual([]);
      }
    }
  });

  it.each(pictureDetectors.map((d) => [d.id, d] as const))('%s gives the same numbers twice', async (_id, d) => {
    const path = join(GOLDEN, 'images/double-jpeg-q60-q90-shift4.jpg');
    const image = await decode(path);
    const boxes = [{ x: 200, y: 100, width: 150, height: 150 }];
    const first = await detect(d, image, { path, boxes });
    const second = await detect(d, { ...image, data: image.data.slice() }, { path, boxes });
    expect(second.observations).toEqual(first.observations);
    expect(second.anomalies).toEqual(first.anomalies);
  });

  it.each(pictureDetectors.map((d) => [d.id, d] as const))('%s obeys a cancel', async (_id, d) => {
    const signal = AbortSignal.abort();
    await expect(detect(d, scene, { path: '/nowhere', signal })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
