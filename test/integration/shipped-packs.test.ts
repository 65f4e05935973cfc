/** The packs that every clone has: whole, measured, carded, small enough, and heard in an opinion. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnalysisResult } from '../../src/contract/result.ts';
import { loadPack } from '../../src/engine/inference/pack.ts';
import { cli, freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';

const MODELS = join(ROOT, 'models');
const shipped = readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'pack.json')));
const judging = shipped.filter((name) => name !== 'face-mtcnn');
/** No pack is worth more than this in every clone. */
const MOST_BYTES = 90_000_000;

async function analyse(sample: string, ...more: string[]): Promise<AnalysisResult> {
  const ran = await cli(['analyze', join(ROOT, 'samples', sample), '--json', ...more], freshFolder());
  expect(ran.code, ran.stderr).toBe(0);
  return AnalysisResult.parse(JSON.parse(ran.stdout));
}

describe('the packs that ship', () => {
  it('judge faces, clips of faces and speech', () => {
    expect([...judging].sort()).toEqual([
      'face-gan',
      'face-swap',
      'speech-linear',
      'speech-melresnet18',
      'temporal-3dcnn',
    ]);
  });

  it.each(shipped)('%s has the hashes of its manifest, and measured rates in manifest and card', async (name) => {
    const { manifest } = await loadPack(join(MODELS, name));
    expect(manifest.id).toBe(name);
    const card = readFileSync(join(MODELS, name, 'CARD.md'), 'utf8');
    for (const part of ['What it is not for', 'Data trained on', 'licence', 'Known failures'])
      expect(card).toContain(part);
    const { decision, uncertainBand } = manifest.thresholds;
    if (name === 'face-mtcnn') return;
    expect(uncertainBand[0]).toBeLessThan(decision);
    expect(uncertainBand[1]).toBeGreaterThan(decision);
    expect(manifest.validation.length).toBeGreaterThan(0);
    for (const { n, ci95 } of manifest.validation) {
      expect(n).toBeGreaterThanOrEqual(150);
      expect(ci95?.[0]).toBeLessThan(ci95?.[1] ?? 0);
    }
  });

  it('are small enough for every clone', async () => {
    const sizes = await Promise.all(
      shipped.map(async (name) => (await loadPack(join(MODELS, name))).manifest.files.map(({ bytes }) => bytes)),
    );
    expect(sizes.flat().reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(MOST_BYTES);
  });

  it('score the sample of speech by windows, and the opinion names them', async () => {
    const { observations, series, opinion } = await analyse('speech.flac');
    const packs = judging.filter((name) => name.startsWith('speech-'));
    expect(packs.length).toBeGreaterThan(0);
    for (const name of packs) {
      const score = observations.find(({ detector }) => detector === `speech-spoof/${name}`);
      expect(score).toMatchObject({ status: 'ok', kind: 'score' });
      expect(series.find(({ detector }) => detector === `speech-spoof/${name}`)?.y.length).toBeGreaterThan(0);
      expect(opinion.fusion.weights.map(({ detector }) => detector).join(' ')).toContain(name);
    }
    expect(opinion.score).not.toBeNull();
  });

  it('score the face of the sample clip from frame to frame, and say so where too few frames are examined', async () => {
    const of = ({ observations }: AnalysisResult) =>
      observations.filter(({ detector }) => detector === 'clip-consistency/temporal-3dcnn');
    // 100 frames, so six clips of 16.
    const [whole, track] = of(await analyse('clip.mp4'));
    expect(whole).toMatchObject({ status: 'ok', parameters: { clips: 6 } });
    expect(track.where?.track).toBe(0);
    const [sparse] = of(await analyse('clip.mp4', '--frames', '25'));
    expect(sparse).toMatchObject({ status: 'not-assessed', value: null });
    expect(sparse.reason).toContain('examine all frames');
  });

  it('score the face of the portrait, and of the landscape say that there is none', async () => {
    const packs = judging.filter((name) => name.startsWith('face-'));
    const portrait = await analyse('portrait.jpg');
    const landscape = await analyse('landscape.jpg');
    for (const name of packs) {
      const of = ({ observations }: AnalysisResult) =>
        observations.filter(({ detector }) => detector === `face-forgery/${name}`);
      expect(of(portrait).some(({ status, value }) => status === 'ok' && value !== null)).toBe(true);
      expect(of(landscape).every(({ status, value }) => status === 'not-assessed' && value === null)).toBe(true);
    }
    expect(landscape.opinion.score).toBeNull();
  });
});
