import { describe, expect, it } from 'vitest';
import type { EnsembleProfile } from '../../src/contract/evaluation.ts';
import { DEFAULT_OPINION_SETTINGS as DEFAULTS } from '../../src/contract/opinionSettings.ts';
import type { Observation, ProfileUse } from '../../src/contract/result.ts';
import { ENFSI_SCALE, VerbalScale, verbalSupport } from '../../src/contract/verbalScale.ts';
import type { Family } from '../../src/contract/words.ts';
import { combine } from '../../src/engine/fusion/combine.ts';
import { formOpinion } from '../../src/engine/fusion/opinion.ts';
import { voicesOf } from '../../src/engine/fusion/voices.ts';

const observation = (name: string, family: Family, value: number, over: Partial<Observation> = {}): Observation => ({
  detector: `face-forgery/${name}`,
  version: '1.0.0',
  family,
  kind: 'score',
  quantity: 'score',
  status: 'ok',
  value,
  unit: '1',
  direction: 'higher-more-manipulated',
  threshold: 0.5,
  uncertainBand: [0.4, 0.6],
  pack: `${name}@1.0.0`,
  parameters: {},
  ...over,
});
const use = (over: Partial<ProfileUse> = {}): ProfileUse => ({
  profile: 'p',
  sha256: 'a'.repeat(64),
  applied: true,
  octaves: 0,
  temperature: 1,
  reason: null,
  ...over,
});
const two = { agreeing: 2, against: 0 };

describe('the verbal scale', () => {
  it('has the bands of the table, the edge in the lower band', () => {
    const words = (lr: number) => verbalSupport(Math.log10(lr), two).words;
    expect(words(1)).toBe('no support either way');
    expect(words(1.01)).toBe('weak support');
    expect(words(10)).toBe('weak support');
    expect(words(10.1)).toBe('moderate support');
    expect(words(1000)).toBe('moderately strong support');
    expect(words(10_000)).toBe('strong support');
    expect(words(1_000_000)).toBe('very strong support');
    expect(words(1_000_001)).toBe('extremely strong support');
  });

  it('inverts a ratio below 1 and names H2', () => {
    const support = verbalSupport(-1.5, two);
    expect(support).toMatchObject({ favours: 'h2', words: 'moderate support', capped: false, reason: null });
    expect(support.sentence).toBe(
      'The findings are about 32 times more probable if H2 is true than if H1 is true: moderate support for H2 over H1.',
    );
  });

  it('keeps strong words locked until two families agree and none is against', () => {
    expect(verbalSupport(3.5, two)).toMatchObject({ words: 'strong support', capped: false });
    const one = verbalSupport(3.5, { agreeing: 1, against: 0 });
    expect(one).toMatchObject({ words: 'moderately strong support', capped: true, unlocked: 'strong support' });
    expect(one.reason).toContain('one family points this way');
    expect(verbalSupport(3.5, { agreeing: 2, against: 1 }).capped).toBe(true);
    expect(verbalSupport(2.5, { agreeing: 0, against: 1 })).toMatchObject({ capped: false, reason: null });
  });

  it('is a setting that is checked: edges rise and strong words do not come before weak ones', () => {
    expect(VerbalScale.safeParse(ENFSI_SCALE).success).toBe(true);
    const [first, ...rest] = ENFSI_SCALE.bands;
    expect(VerbalScale.safeParse({ ...ENFSI_SCALE, bands: [...rest, first] }).success).toBe(false);
    expect(VerbalScale.safeParse({ ...ENFSI_SCALE, bands: [{ ...first, strong: true }, ...rest] }).success).toBe(false);
  });

  it('never prints words that claim authenticity', () => {
    for (const lr of [-7, -2, 0, 0.5, 9]) {
      expect(verbalSupport(lr, two).sentence).not.toMatch(/authentic|genuine|no manipulation|%/i);
    }
  });
});

describe('an opinion with calibrated detectors', () => {
  const calibrated = [
    observation('a', 'spatial-neural', 0.9, { log10Lr: 2, profile: use() }),
    observation('b', 'temporal', 0.8, { log10Lr: 1.5, profile: use() }),
  ];

  it('adds families, stores the words, and unlocks strong ones where two agree', () => {
    const opinion = formOpinion(calibrated, 'calibrated', []);
    expect(opinion.log10Lr).toBeCloseTo(3.5, 12);
    expect(opinion.support).toMatchObject({ words: 'strong support', capped: false, scale: 'enfsi-2015/1' });
    expect(opinion.label).toBe('fake');
  });

  it('locks them where the second family is silent', () => {
    const [first] = calibrated;
    const strong = { ...observation('a', 'spatial-neural', 0.99), ...first, log10Lr: 3.6 };
    const opinion = formOpinion([strong], 'calibrated', []);
    expect(opinion.support).toMatchObject({ words: 'moderately strong support', capped: true });
    expect(opinion.reasons.join(' ')).toContain('stay locked');
  });

  it('lets a family speak through its ratio, not through its raw score', () => {
    // A network whose scores all lie low: 0.3 is rare among real files here, so the ratio favours H1.
    const low = observation('low', 'spatial-neural', 0.3, { log10Lr: 1.8, profile: use() });
    const opinion = formOpinion([low, calibrated[1] ?? low], 'calibrated', []);
    expect(opinion.agreement.map((a) => a.leaning)).toEqual(['fake', 'fake']);
    expect(opinion.label).toBe('fake');
  });

  it('says when a profile does not cover the exhibit, gives no ratio, and is less certain', () => {
    const reason = 'the lab profile does not cover this exhibit: shorter side 90 px is outside 480 to 1080 px';
    const outside = (octaves: number) =>
      formOpinion(
        [
          observation('a', 'spatial-neural', 0.97, {
            log10Lr: null,
            profile: use({ applied: false, octaves, temperature: null, reason }),
          }),
        ],
        'calibrated',
        [],
      );
    const opinion = outside(2.4);
    expect(opinion).toMatchObject({ log10Lr: null, support: null });
    expect(opinion.fusion.method).toBe('weighted-average');
    expect(opinion.reasons.join(' ')).toContain('shorter side 90 px');
    expect(opinion.uncertainty).toBeGreaterThan(outside(0).uncertainty);
  });
});

describe('settings of the ensemble', () => {
  const list = [
    observation('a', 'spatial-neural', 0.9),
    observation('b', 'temporal', 0.7),
    observation('c', 'frequency', 0.65),
  ];
  const with_ = (over: Partial<typeof DEFAULTS>) =>
    formOpinion(list, 'weighted-average', [], { settings: { ...DEFAULTS, ...over } });

  it('weights name a detector with or without its pack', () => {
    const weights = { 'face-forgery/b': 0, 'face-forgery/c/c@1.0.0': 0 };
    expect(with_({ weights }).score).toBeCloseTo(0.9, 12);
  });

  it('temperature makes scores less certain without changing their side, at any threshold', () => {
    const shifted = observation('s', 'temporal', 0.35, { threshold: 0.2, uncertainBand: [0.15, 0.25] });
    const [plain] = voicesOf([shifted]);
    const [warm] = voicesOf([shifted], 3);
    expect(plain?.score ?? 0).toBeGreaterThan(0.5);
    expect(warm?.score ?? 0).toBeGreaterThan(0.5);
    expect(warm?.score ?? 1).toBeLessThan(plain?.score ?? 0);
    expect(
      voicesOf([observation('t', 'temporal', 0.2, { threshold: 0.2, uncertainBand: [0.2, 0.2] })], 3)[0]?.score,
    ).toBe(0.5);
  });

  it('too few detectors, too little certainty and a wide band each make it uncertain and say so', () => {
    expect(with_({}).label).toBe('fake');
    const few = with_({ minDetectors: 4 });
    expect(few.label).toBe('uncertain');
    expect(few.reasons.join(' ')).toContain('at least 4');
    const unsure = with_({ confidenceThreshold: 0.9 });
    expect(unsure.label).toBe('uncertain');
    expect(unsure.reasons.join(' ')).toContain('certainty');
    expect(with_({ halfBand: 0.3 }).label).toBe('uncertain');
  });

  it('takes each side of the uncertain band by itself: what cannot exclude may still show', () => {
    const label = (value: number) =>
      formOpinion(
        [observation('s', 'spatial-neural', value, { threshold: 0.5, uncertainBand: [0, 0.65] })],
        'weighted-average',
        [],
      ).label;
    expect([0, 0.05, 0.6, 0.65, 0.7, 0.95].map(label)).toEqual([
      ...['uncertain', 'uncertain', 'uncertain', 'uncertain'],
      ...['fake', 'fake'],
    ]);
  });

  it('does not let silence about one kind of manipulation talk down another', () => {
    const bounds = { threshold: 0.5, uncertainBand: [0, 0.65] as [number, number] };
    const found = observation('face-forgery/swap', 'spatial-neural', 0.9, bounds);
    const silent = observation('face-forgery/gan', 'spatial-neural', 0.1, bounds);
    const opinion = formOpinion([found, silent], 'weighted-average', []);
    expect(opinion).toMatchObject({ label: 'fake', score: 0.9 });
    expect(opinion.fusion.weights.map(({ weight }) => weight)).toEqual([1, 0]);
    expect(opinion.reasons.join(' ')).toContain('Left out of the average');
    // Where all are silent, none is left out.
    expect(formOpinion([{ ...found, value: 0.3 }, silent], 'weighted-average', []).score).toBeCloseTo(0.2, 12);
    expect(formOpinion([found, silent], 'soft-vote', []).score).toBeCloseTo(0.5, 12);
  });

  it('combines at most so many and names those it left out', () => {
    const opinion = with_({ maxDetectors: 1, weights: { 'face-forgery/b': 5 } });
    expect(opinion.fusion.weights.map((w) => w.detector)).toEqual(['face-forgery/b/b@1.0.0']);
    expect(opinion.notAssessed.map((n) => n.reason)).toEqual(
      Array.from({ length: 2 }, () => 'left out: the settings combine at most 1 detectors'),
    );
  });
});

describe('learned weights', () => {
  const document: EnsembleProfile = {
    schema: 'vidimus/ensemble-profile/1',
    date: '2026-01-01T00:00:00.000Z',
    vidimus: '0.1.0',
    attention: { 'face-forgery/a/a@1.0.0': 3, 'face-forgery/b/b@1.0.0': 0 },
    families: { 'spatial-neural': 2, temporal: 0.5 },
    bounds: [-2, 2],
    profiles: { 'a@1.0.0': 'a'.repeat(64), 'b@1.0.0': 'a'.repeat(64) },
    counts: { real: 50, fake: 50, realSources: 5, fakeSources: 5, silent: 0 },
    crossValidation: { folds: 5, cllr: 0.3, cllrMin: 0.2 },
  };
  const learned = { document, sha256: 'c'.repeat(64) };
  const list = [
    observation('a', 'spatial-neural', 0.7, { log10Lr: 0.4, profile: use() }),
    observation('b', 'temporal', 0.1, { log10Lr: -0.2, profile: use() }),
  ];

  it('multiply families inside the learned bounds, and attention', () => {
    expect(formOpinion(list, 'calibrated', [], { learned }).log10Lr).toBeCloseTo(0.7, 12);
    const strong = list.map((o) => ({ ...o, log10Lr: 3 }));
    expect(formOpinion(strong, 'calibrated', [], { learned }).log10Lr).toBe(2);
    expect(combine(voicesOf(list), 'attention', {}, document).score).toBeCloseTo(0.7, 12);
  });

  it('are not used beside another profile than they were fitted with, and the opinion says so', () => {
    const other = list.map((o) => ({ ...o, profile: use({ sha256: 'd'.repeat(64) }) }));
    const opinion = formOpinion(other, 'calibrated', [], { learned });
    expect(opinion.log10Lr).toBeCloseTo(0.2, 12);
    expect(opinion.reasons.join(' ')).toContain('were not used');
  });
});
