/**
 * Optical flow against OpenCV's (test/golden/data/flow.json). OpenCV.js 4.12 and the reference's 5.0 differ in
 * rounding; 2 % on means is what the reference allows.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { FARNEBACK, Farneback, summariseFlow } from '../../src/engine/signals/time/flow.ts';
import { GOLDEN } from '../helpers/shared.ts';

const golden = z
  .object({
    farneback: z.array(z.number()),
    mean_dx: z.number(),
    mean_dy: z.number(),
    mean_magnitude: z.number(),
    p95_magnitude: z.number(),
  })
  .parse(JSON.parse(readFileSync(join(GOLDEN, 'flow.json'), 'utf8')));

async function grey(name: string): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { data, info } = await sharp(join(GOLDEN, 'flow', name))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

it('agrees with OpenCV within 2 %', async () => {
  expect([...FARNEBACK]).toEqual(golden.farneback);
  const a = await grey('a.png');
  const b = await grey('b.png');
  expect(a.data.length).toBe(a.width * a.height);
  const farneback = await Farneback.create(a.width, a.height);
  try {
    const flow = farneback.compute(a.data, b.data);
    const n = a.width * a.height;
    let dx = 0;
    let dy = 0;
    const magnitudes = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      dx += flow[2 * i] / n;
      dy += flow[2 * i + 1] / n;
      magnitudes[i] = Math.hypot(flow[2 * i], flow[2 * i + 1]);
    }
    magnitudes.sort();
    const near = (ours: number, theirs: number): void =>
      expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(0.02 * Math.abs(theirs));
    near(dx, golden.mean_dx);
    near(dy, golden.mean_dy);
    near(summariseFlow(flow, a.width, a.height).meanMagnitude, golden.mean_magnitude);
    near(magnitudes[Math.floor(0.95 * n)], golden.p95_magnitude);
  } finally {
    farneback.dispose();
  }
});
