/** Profiles from fit to application: written by the workbench, read and applied by the engine. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../src/contract/envelope.ts';
import type { EnsembleProfile } from '../../src/contract/evaluation.ts';
import { DEFAULT_OPINION_SETTINGS } from '../../src/contract/opinionSettings.ts';
import type { Evidence, Observation } from '../../src/contract/result.ts';
import { applyProfiles, readEnsemble } from '../../src/engine/stages/profiles.ts';
import { logit } from '../../src/workbench/evaluate/logistic.ts';
import { fitProfile, readProfiles, writeEnsemble, writeProfile } from '../../src/workbench/evaluate/profiles.ts';
import { readOpinionSettings, writeOpinionSettings } from '../../src/workbench/opinionSettings.ts';
import { freshFolder } from '../helpers/cli.ts';
import { gaussian } from '../helpers/sound.ts';

const evidence = (side: number, codec = 'jpeg'): Evidence => ({
  name: 'x',
  bytes: side * side,
  sha256: '0'.repeat(64),
  sha512: '0'.repeat(128),
  md5: '0'.repeat(32),
  modified: '2026-01-01T00:00:00Z',
  container: codec,
  mime: 'image/jpeg',
  extensionMatches: true,
  duration: null,
  streams: [
    {
      kind: 'image',
      index: 0,
      codec,
      width: side,
      height: side,
      channels: 3,
      bitDepth: '8',
      pages: 1,
      orientation: 1,
      colorSpace: null,
      hasAlpha: false,
      hasProfile: false,
    },
  ],
  warnings: [],
});

const PACK = 'tiny@1.0.0';
const HASH = 'b'.repeat(64);
const noise = gaussian(5);
const files = Array.from({ length: 120 }, (_, i) => {
  const fake = i % 2 === 0;
  return {
    sha256: createHash('sha256').update(String(i)).digest('hex'),
    fake,
    source: `${fake ? 'f' : 'r'}${i % 10}`,
    score: 1 / (1 + Math.exp(-((fake ? 1 : -1) + noise()))),
    facts: factsOf(evidence(200 + i), 'spatial-neural'),
  };
});
const subject = {
  pack: PACK,
  packSha256: HASH,
  detector: 'face-forgery/tiny',
  family: 'spatial-neural' as const,
  set: 'test',
  silent: 3,
};
const { profile } = fitProfile(subject, files, new Date('2026-02-03T04:05:06Z'));

const observation: Observation = {
  detector: 'face-forgery/tiny',
  version: '1.0.0',
  family: 'spatial-neural',
  kind: 'score',
  quantity: 'score',
  status: 'ok',
  value: 0.8,
  unit: '1',
  direction: 'higher-more-manipulated',
  threshold: 0.5,
  log10Lr: null,
  pack: PACK,
  parameters: {},
};
const packs = [{ id: 'tiny', version: '1.0.0', sha256: HASH, provider: 'cpu' as const, note: null }];

describe('a lab profile', () => {
  it('records what it was fitted on', () => {
    expect(profile.counts).toEqual({ real: 60, fake: 60, realSources: 5, fakeSources: 5, silent: 3 });
    expect(profile.data).toHaveLength(120);
    expect(profile.date).toBe('2026-02-03T04:05:06.000Z');
    expect(profile.envelope.ranges.shortSide).toEqual([200, 319]);
    const [low, high] = profile.calibration.bounds ?? [0, 0];
    expect(high).toBeLessThanOrEqual(Math.log10(61));
    expect(low).toBeGreaterThanOrEqual(-Math.log10(61));
  });

  it('gives the ratio of its own map, and the result names it and the hash of its bytes', async () => {
    const folder = join(freshFolder(), 'profiles');
    const path = await writeProfile(folder, profile);
    expect(await readProfiles(folder)).toEqual([profile]);
    const [applied] = await applyProfiles({ observations: [observation], packs }, evidence(250), folder);
    const [slope = 0, offset = 0] = profile.calibration.params;
    const [low, high] = profile.calibration.bounds ?? [0, 0];
    const expected = Math.min(high, Math.max(low, (slope * logit(0.8) + offset) / Math.LN10));
    expect(applied?.log10Lr).toBeCloseTo(expected, 12);
    expect(applied?.profile).toMatchObject({
      applied: true,
      sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    });
  });

  it('applies only inside its envelope, to the pack it was fitted on, and to whole exhibits', async () => {
    const folder = join(freshFolder(), 'profiles');
    await writeProfile(folder, profile);
    const [large] = await applyProfiles(
      { observations: [{ ...observation, log10Lr: 1 }], packs },
      evidence(1000),
      folder,
    );
    expect(large?.log10Lr).toBeNull();
    expect(large?.profile?.reason).toContain('shorter side 1000 px is outside 200 to 319 px');
    expect(large?.profile?.octaves).toBeGreaterThan(1);
    const [forced] = await applyProfiles(
      { observations: [observation], packs },
      evidence(1000),
      folder,
      new Set([PACK]),
    );
    expect(forced?.log10Lr).not.toBeNull();
    const [withheld] = await applyProfiles({ observations: [observation], packs }, evidence(250), folder, new Set());
    expect(withheld?.log10Lr).toBeNull();
    const changed = packs.map((p) => ({ ...p, sha256: 'e'.repeat(64) }));
    const [other] = await applyProfiles({ observations: [observation], packs: changed }, evidence(250), folder);
    expect(other?.profile?.reason).toContain('other bytes of this pack');
    const part = { ...observation, where: { track: 1 } };
    expect(await applyProfiles({ observations: [part], packs }, evidence(250), folder)).toEqual([part]);
  });

  it('that is damaged stops the analysis instead of being passed over', async () => {
    const folder = join(freshFolder(), 'profiles');
    mkdirSync(folder);
    writeFileSync(join(folder, `${PACK}.json`), JSON.stringify({ ...profile, extra: 1 }));
    await expect(applyProfiles({ observations: [observation], packs }, evidence(250), folder)).rejects.toMatchObject({
      code: 'profile.invalid',
    });
    await expect(readProfiles(folder)).rejects.toMatchObject({ code: 'profile.invalid' });
    writeFileSync(join(folder, 'ensemble.json'), '{"schema":');
    await expect(readEnsemble(folder)).rejects.toMatchObject({ code: 'profile.invalid' });
  });

  it('without a folder changes nothing', async () => {
    const folder = join(freshFolder(), 'none');
    expect(await applyProfiles({ observations: [observation], packs }, evidence(250), folder)).toEqual([observation]);
    expect(await readEnsemble(folder)).toBeNull();
  });
});

describe('learned weights on disk', () => {
  it('come back with the hash of their bytes', async () => {
    const folder = freshFolder();
    const document: EnsembleProfile = {
      schema: 'vidimus/ensemble-profile/1',
      bounds: [-1, 1],
      date: '2026-01-01T00:00:00.000Z',
      vidimus: '0.1.0',
      attention: { a: 1 },
      families: { temporal: 0.5 },
      profiles: { [PACK]: HASH },
      counts: { ...profile.counts },
      crossValidation: { folds: 5, cllr: 0.5, cllrMin: 0.4 },
    };
    const path = await writeEnsemble(folder, document);
    const stored = await readEnsemble(folder);
    expect(stored?.document).toEqual(document);
    expect(stored?.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  });
});

describe('opinion settings on disk', () => {
  it('fall back to the defaults only where nothing was set', async () => {
    const folder = freshFolder();
    expect(readOpinionSettings(folder)).toEqual(DEFAULT_OPINION_SETTINGS);
    const settings = { ...DEFAULT_OPINION_SETTINGS, minDetectors: 2 };
    await writeOpinionSettings(settings, folder);
    expect(readOpinionSettings(folder)).toEqual(settings);
    writeFileSync(join(folder, 'opinion-settings.json'), '{"minDetectors": 0}');
    expect(() => readOpinionSettings(folder)).toThrow(/is not valid/);
    writeFileSync(join(folder, 'opinion-settings.json'), 'not JSON');
    expect(() => readOpinionSettings(folder)).toThrow(/cannot be read/);
  });
});
