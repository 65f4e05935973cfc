/**
 * The twelve features and the denoised pictures against OpenCV and SciPy.
 * Tolerances: what is a transform or a sum must agree to 1e-6 relative (order of summation); noise within 2 % and
 * denoised values within one grey level on 99 % (the colour conversion may differ in the last bit of rare values).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { pictureFeatures } from '../../src/engine/signals/picture/features.ts';
import { denoiseColoured } from '../../src/engine/signals/picture/nlm.ts';
import { decode } from '../helpers/picture.ts';
import { GOLDEN } from '../helpers/shared.ts';

const reference = z
  .object({ features: z.record(z.string(), z.record(z.string(), z.number())) })
  .parse(JSON.parse(readFileSync(join(GOLDEN, 'forensic_features.json'), 'utf8'))).features;

describe('twelve features', () => {
  it.each(Object.keys(reference))('%s', async (name) => {
    const features = await pictureFeatures(await decode(join(GOLDEN, `images/${name}.png`)));
    const got = new Map(Object.entries(features));
    expect([...got.keys()].sort()).toEqual(Object.keys(reference[name]).sort());
    for (const [feature, want] of Object.entries(reference[name])) {
      const tolerance = feature.startsWith('noise') ? 0.02 : 1e-6;
      const value = got.get(feature) ?? Number.NaN;
      expect(Math.abs(value - want) / Math.max(Math.abs(want), 1e-12), `${feature}: ${value} for ${want}`).toBeLessThan(
        tolerance,
      );
    }
  });
});

describe('non-local means', () => {
  it.each(['scene-256', 'scene-noisy-rgb'])('%s', async (name) => {
    const picture = await decode(join(GOLDEN, `images/${name}.png`));
    const want = await decode(join(GOLDEN, `denoise/${name}.png`));
    const got = await denoiseColoured(picture);
    let near = 0;
    let same = 0;
    for (let i = 0; i < got.length; i++) {
      const d = Math.abs(got[i] - want.data[i]);
      if (d <= 1) near++;
      if (d === 0) same++;
    }
    expect(near / got.length).toBeGreaterThan(0.99);
    // Stronger than asked: the integers are OpenCV's own.
    expect(same / got.length).toBeGreaterThan(0.999);
  });
});
