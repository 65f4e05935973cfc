/** The real engine over labelled folders: figures, resuming, calibration and what the engine then makes of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Evaluation } from '../../src/contract/evaluation.ts';
import { evaluate } from '../../src/workbench/evaluate/evaluate.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { openWorkbench, type Workbench } from '../../src/workbench/workbench.ts';
import { brightnessPack, labelledFolder, picture } from '../helpers/brightness.ts';
import { cli, freshFolder } from '../helpers/cli.ts';

const home = freshFolder();
const set = freshFolder();
const out = freshFolder();
// One detector only: the folder is about the evaluation, not about forty signal methods.
const plan = { ...makePlan(), detectors: ['image-forgery/brightness'] };
const profiles = join(home, 'profiles');
let workbench: Workbench;

beforeAll(async () => {
  process.env['VIDIMUS_HOME'] = home;
  await brightnessPack(home);
  await labelledFolder(set, 20, 60);
  writeFileSync(join(set, 'fake', 'broken.png'), 'no picture');
  workbench = openWorkbench();
});
afterAll(() => workbench.close());

const run = (calibrate: string[] = [], seen: string[] = []) =>
  evaluate(workbench, {
    folder: set,
    out,
    plan,
    concurrency: 1,
    calibrate,
    profiles,
    replicates: 100,
    onFile: (entry) => seen.push(entry.path),
  });

describe('vidimus evaluate', () => {
  it('measures detectors and opinion, lists what failed, and writes JSON and plots', async () => {
    const evaluation = await run();
    const [detector, opinion] = evaluation.judges;
    expect(detector).toMatchObject({ kind: 'detector', pack: 'brightness@1.0.0', threshold: 0.5, error: null });
    expect(detector?.counts).toEqual({ real: 20, fake: 20, realSources: 2, fakeSources: 2, silent: 1 });
    expect(detector?.figures?.auc.value ?? 0).toBeGreaterThan(0.9);
    expect(opinion).toMatchObject({ name: 'opinion', kind: 'fused' });
    const broken = evaluation.files.find((f) => f.path === 'fake/broken.png');
    expect(broken?.error?.code).toMatch(/^evidence\./);
    expect(evaluation.notes).toEqual(['1 of 41 files could not be examined; they are listed with the reason.']);
    expect(Evaluation.parse(JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')))).toEqual(evaluation);
    for (const name of ['roc.png', 'roc.svg', 'det.svg', 'pav.png'])
      expect(existsSync(join(out, 'plots', 'opinion', name))).toBe(true);
  });

  it('goes on where it was, writes a profile, and the engine then gives bounded ratios', async () => {
    const seen: string[] = [];
    const evaluation = await run(['brightness'], seen);
    expect(seen).toEqual([]);
    expect(evaluation.profiles.map((p) => p.name)).toEqual(['brightness@1.0.0']);
    const bright = join(freshFolder(), 'x.png');
    await picture(bright, 190, 7);
    const result = await workbench.call('analysis.run', { path: bright, plan, artifactsDir: null });
    const [score] = result.observations.filter((o) => o.kind === 'score' && o.where === undefined);
    expect(score?.profile).toMatchObject({ applied: true, sha256: evaluation.profiles[0]?.sha256 });
    expect(result.opinion.fusion.method).toBe('calibrated');
    const ratio = result.opinion.log10Lr ?? 0;
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThanOrEqual(Math.log10(21));
    expect(result.opinion.support?.scale).toBe('enfsi-2015/1');
  });

  it('does not apply a profile outside its envelope', async () => {
    const large = join(freshFolder(), 'large.jpg');
    const { default: sharp } = await import('sharp');
    await sharp({ create: { width: 900, height: 700, channels: 3, background: '#dddddd' } })
      .jpeg()
      .toFile(large);
    const result = await workbench.call('analysis.run', { path: large, plan, artifactsDir: null });
    expect(result.opinion.log10Lr).toBeNull();
    expect(result.opinion.reasons.join(' ')).toMatch(
      /does not cover this exhibit: the codec jpeg.*shorter side 700 px/,
    );
  });

  it('says when the files also served to calibrate', async () => {
    const evaluation = await run();
    expect(evaluation.notes.join(' ')).toContain('40 of these files also served to fit the profile');
    expect(evaluation.judges.find((j) => j.kind === 'fused')?.ratios).toBe('reported');
  });

  it('fits weights of an ensemble beside fresh profiles, and the engine uses and names them', async () => {
    await brightnessPack(home, { id: 'second', family: 'frequency' });
    const both = { ...plan, detectors: ['image-forgery/brightness', 'image-forgery/second'] };
    const calibrate = ['brightness', 'second@1.0.0', 'ensemble'];
    const options = { folder: set, out, plan: both, concurrency: 1, profiles, replicates: 50, plots: false };
    const evaluation = await evaluate(workbench, { ...options, calibrate });
    expect(evaluation.profiles.map((p) => p.name)).toEqual(['brightness@1.0.0', 'second@1.0.0', 'ensemble']);
    const bright = join(freshFolder(), 'x.png');
    await picture(bright, 190, 7);
    const { opinion } = await workbench.call('analysis.run', { path: bright, plan: both, artifactsDir: null });
    expect(opinion.reasons.join(' ')).toMatch(/learned weights of .* were used/);
    expect(opinion.agreement.map((a) => a.family).sort()).toEqual(['frequency', 'spatial-neural']);
    // Two copies of one detector: the learned bounds keep the sum inside what 20 files allow.
    expect(opinion.log10Lr ?? 9).toBeLessThanOrEqual(Math.log10(21));
    // A new profile of one pack makes the learned weights stale.
    await evaluate(workbench, { ...options, calibrate: ['brightness'], date: new Date('2026-05-05T05:05:05Z') });
    const later = await workbench.call('analysis.run', { path: bright, plan: both, artifactsDir: null });
    expect(later.opinion.reasons.join(' ')).toContain('were not used');
  });

  it('answers on the command line with codes: unknown pack, five files, one class', async () => {
    await expect(run(['nobody'])).rejects.toMatchObject({ code: 'pack.missing' });
    const few = freshFolder();
    await labelledFolder(few, 2, 100);
    const calibrated = await cli(
      ['evaluate', few, '--out', freshFolder(), '--pack', 'brightness', '--calibrate', 'brightness', '--json'],
      home,
    );
    expect(calibrated.code).toBe(3);
    expect(JSON.parse(calibrated.stdout)).toMatchObject({ error: { code: 'evaluation.too-few' } });
    const unknown = await cli(['evaluate', few, '--out', freshFolder(), '--pack', 'nobody', '--json'], home);
    expect(unknown.code).toBe(4);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'pack.missing' } });
    const one = freshFolder();
    await picture(join(one, 'real', 'a.png'), 100, 1);
    const refused = await cli(['evaluate', one, '--json'], home);
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'evaluation.one-class' } });
  });
});
