/** The stress test on a picture that holds, one that flips, and on sound. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variantsOf } from '../../src/engine/stages/stressVariants.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { openWorkbench, type Workbench } from '../../src/workbench/workbench.ts';
import { brightnessPack, picture } from '../helpers/brightness.ts';
import { freshFolder } from '../helpers/cli.ts';
import { GOLDEN } from '../helpers/shared.ts';

const home = freshFolder();
const scratch = freshFolder();
const plan = { ...makePlan({ stress: true }), detectors: ['image-forgery/brightness'] };
let workbench: Workbench;

beforeAll(async () => {
  process.env['VIDIMUS_HOME'] = home;
  // A scratch folder of its own, inherited by the engine: other test files run stress tests at the same time.
  process.env['TMPDIR'] = scratch;
  await brightnessPack(home);
  workbench = openWorkbench();
});
afterAll(() => workbench.close());

describe('analyze --stress', () => {
  it('reports every copy, the spread and each detector, and leaves a steady opinion alone', async () => {
    const path = join(freshFolder(), 'bright.png');
    await picture(path, 200, 3);
    const result = await workbench.call('analysis.run', { path, plan, artifactsDir: null });
    expect(result.stress?.variants.map((v) => [v.id, v.status])).toEqual(
      ['jpeg-90', 'jpeg-70', 'jpeg-50', 'webp-75', 'scale-50', 'scale-75', 'scale-150', 'crop-90', 'noise-4'].map(
        (id) => [id, 'ok'],
      ),
    );
    expect(result.stress?.flips).toEqual([]);
    expect(result.stress?.spread ?? 1).toBeLessThan(0.05);
    expect(result.stress?.detectors.map((d) => d.detector)).toEqual(['image-forgery/brightness/brightness@1.0.0']);
    expect(result.result).toBe('fake');
    expect(result.opinion.reasons.at(-1)).toContain('stays on its side on 9 of 9');
    expect(readdirSync(scratch).filter((name) => name.startsWith('vidimus-stress-'))).toEqual([]);
    const again = await workbench.call('analysis.run', { path, plan, artifactsDir: null });
    expect(again.stress).toEqual(result.stress);
  });

  it('calls an opinion uncertain that a crop turns around', async () => {
    // Dark, with a white frame that is just wide enough to make the whole bright; the crop removes it.
    const path = join(freshFolder(), 'frame.png');
    const inner = await sharp({ create: { width: 180, height: 180, channels: 3, background: '#707070' } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 200, height: 200, channels: 3, background: '#ffffff' } })
      .composite([{ input: inner, left: 10, top: 10 }])
      .png()
      .toFile(path);
    const result = await workbench.call('analysis.run', { path, plan, artifactsDir: null });
    const { stress: _, ...without } = plan;
    const plain = await workbench.call('analysis.run', { path, plan: without, artifactsDir: null });
    expect(plain.opinion.score ?? 0).toBeGreaterThan(0.5);
    expect(result.stress?.flips).toEqual(['crop-90']);
    expect(result.result).toBe('uncertain');
    expect(result.isDeepfake).toBe(false);
    expect(result.opinion.uncertainty).toBeGreaterThanOrEqual(result.stress?.spread ?? 1);
    expect(result.opinion.reasons.at(-1)).toContain('changes sides on 1 of 9');
  });

  it('makes codec and band copies of sound', async () => {
    const path = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
    const signal = new AbortController().signal;
    const base = await workbench.call('analysis.run', { path, plan: makePlan(), artifactsDir: null });
    const copies = await variantsOf({ path, mediaType: 'audio', evidence: base.evidence, plan: makePlan(), signal });
    const made = new Map<string, string>();
    for (const { id, write } of copies) {
      const copy = await write(scratch).catch((reason: unknown) => String(reason));
      made.set(id, copy.startsWith(scratch) ? 'ok' : copy);
    }
    expect([...made.keys()]).toEqual(['mp3-64', 'aac-48', 'opus-24', 'band-telephone', 'band-7000', 'noise-sound']);
    // Encoders differ between builds of ffmpeg; what every build has must work.
    for (const id of ['aac-48', 'band-telephone', 'band-7000', 'noise-sound'])
      expect([id, made.get(id)]).toEqual([id, 'ok']);
  });

  it('makes no copies where nothing gave a score', async () => {
    const path = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
    const silent = { ...makePlan({ stress: true }), detectors: [] };
    const result = await workbench.call('analysis.run', { path, plan: silent, artifactsDir: null });
    expect(result.stress).toEqual({ variants: [], spread: null, flips: [], detectors: [] });
    expect(result.opinion.reasons.at(-1)).toContain('No altered copies were examined');
  });
});
