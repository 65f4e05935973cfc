/**
 * MTCNN against facenet-pytorch on its own weights. Tolerance 0.01 px and 1e-5: the reference's numbers are rounded to
 * three digits, and the runtimes' convolutions differ in the last bits. (1.5 px would hide a resampler that is off.)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { FaceDetector } from '../../src/engine/faces/detector.ts';
import { GOLDEN, shared } from '../helpers/shared.ts';
import { importable, openImported, readRgb } from './faces-support.ts';

const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const Golden = z.object({
  images: z.record(
    z.string(),
    z.object({
      size: z.tuple([z.number(), z.number()]),
      faces: z.array(
        z.object({ box: four, prob: z.number(), landmarks: z.array(z.array(z.number()).length(2)).length(5) }),
      ),
    }),
  ),
});
const golden = Golden.parse(JSON.parse(readFileSync(join(GOLDEN, 'mtcnn.json'), 'utf8')));

const checkpoints = importable('mtcnn', 'checkpoints/mtcnn');
const mediaOf = (name: string): string | null =>
  shared(/^(df|real)/.test(name) ? `media/mesonet/${name}` : `media/${name}`);

describe.skipIf(checkpoints === null)('MTCNN', () => {
  let detector: FaceDetector;
  beforeAll(async () => {
    detector = await openImported('mtcnn', checkpoints ?? '');
  });
  afterAll(() => detector?.dispose());

  for (const [name, { size, faces: expected }] of Object.entries(golden.images)) {
    const path = mediaOf(name);
    it.skipIf(path === null)(`finds the faces of ${name}`, async () => {
      const image = await readRgb(path ?? '');
      expect([image.width, image.height]).toEqual(size);
      const [faces] = await detector.detect([image]);
      expect(faces).toHaveLength(expected.length);
      for (const [i, { box, prob, landmarks }] of expected.entries()) {
        const found = faces[i];
        const corners = [found.box.x, found.box.y, found.box.x + found.box.width, found.box.y + found.box.height];
        for (const [k, value] of box.entries()) expect(Math.abs(corners[k] - value)).toBeLessThan(0.01);
        expect(Math.abs(found.probability - prob)).toBeLessThan(1e-5);
        const points = (found.points ?? []).flat();
        for (const [k, value] of landmarks.flat().entries()) expect(Math.abs(points[k] - value)).toBeLessThan(0.01);
      }
    });
  }

  const twice = mediaOf('astronaut.png');
  it.skipIf(twice === null)('answers the same alone and in a batch', async () => {
    const image = await readRgb(twice ?? '');
    const [alone] = await detector.detect([image]);
    const [first, second] = await detector.detect([image, image]);
    for (const faces of [first, second])
      for (const [i, face] of faces.entries()) {
        expect(Math.abs(face.box.x - alone[i].box.x)).toBeLessThan(0.01);
        expect(Math.abs(face.probability - alone[i].probability)).toBeLessThan(1e-5);
      }
  });
});
