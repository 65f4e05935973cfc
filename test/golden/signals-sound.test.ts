/**
 * Mel spectrograms and features against librosa (test/golden/data). Files at 16 kHz test the arithmetic; the others
 * also measure how far ffmpeg's soxr at 28 bits is from librosa's soxr HQ.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { MelRule } from '../../src/contract/pack.ts';
import { trimSilence } from '../../src/engine/signals/sound/activity.ts';
import { FeatureExtractor } from '../../src/engine/signals/sound/features.ts';
import { melSpectrogram } from '../../src/engine/signals/sound/mel.ts';
import { GOLDEN } from '../helpers/shared.ts';
import { decode, ffmpegPath, padTo, readNpy, readWav } from '../helpers/sound.ts';

const Features = z.object({
  native_rate: z.number(),
  mfcc_mean: z.array(z.number()),
  centroid_mean: z.number(),
  rolloff85_mean: z.number(),
  bandwidth_mean: z.number(),
  flatness_mean: z.number(),
  zcr_mean: z.number(),
  rms_mean: z.number(),
  chroma_mean: z.array(z.number()),
  contrast_mean: z.array(z.number()),
});
const golden = z
  .object({ features: z.record(z.string(), Features) })
  .parse(JSON.parse(readFileSync(join(GOLDEN, 'audio_features.json'), 'utf8')));

const RULE: MelRule = {
  nFft: 1024,
  hop: 256,
  nMels: 80,
  fMin: 0,
  fMax: null,
  power: 2,
  norm: 'slaney',
  scale: 'slaney',
  db: { ref: 'max', topDb: 80 },
};
const RATE = 16_000;
const names = Object.keys(golden.features);
const at16k = names.filter((n) => golden.features[n]?.native_rate === RATE);
const resampled = names.filter((n) => golden.features[n]?.native_rate !== RATE);
const wav = (name: string): string => join(GOLDEN, 'audio', `${name}.wav`);

describe('mel spectrogram', () => {
  it.each(at16k)('%s is within 1e-3 dB on average and 0.05 dB at most', (name) => {
    const reference = readNpy(join(GOLDEN, 'mel', `${name}.npy`));
    const ours = melSpectrogram(padTo(readWav(wav(name)).samples, 4 * RATE), RULE, RATE);
    expect([ours.nMels, ours.frames]).toEqual(reference.shape);
    let sum = 0;
    let max = 0;
    for (let i = 0; i < ours.data.length; i++) {
      const d = Math.abs(ours.data[i] - reference.data[i]);
      sum += d;
      max = Math.max(max, d);
    }
    expect(sum / ours.data.length).toBeLessThan(1e-3);
    expect(max).toBeLessThan(0.05);
  });

  const ffmpeg = ffmpegPath();
  it.skipIf(ffmpeg === null).each(resampled)('%s through soxr is within 0.5 dB on average above -60 dB', (name) => {
    const reference = readNpy(join(GOLDEN, 'mel', `${name}.npy`));
    const ours = melSpectrogram(padTo(decode(ffmpeg ?? '', wav(name), RATE), 4 * RATE), RULE, RATE);
    let sum = 0;
    let n = 0;
    for (let i = 0; i < ours.data.length; i++) {
      if (reference.data[i] <= -60) continue;
      sum += Math.abs(ours.data[i] - reference.data[i]);
      n++;
    }
    expect(n).toBeGreaterThan(1000);
    expect(sum / n).toBeLessThan(0.5);
  });
});

describe('spectral features', () => {
  const extractor = new FeatureExtractor(RATE);
  // 1e-3 relative as asked; the absolute part only lets zero be compared with zero.
  const close = (ours: number, theirs: number): void =>
    expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-3 * Math.abs(theirs) + 1e-9);

  it.each(at16k)('%s is within 1e-3 of librosa', (name) => {
    const theirs = Features.parse(golden.features[name]);
    const ours = extractor.extract(padTo(readWav(wav(name)).samples, 4 * RATE));
    close(ours.centroid, theirs.centroid_mean);
    close(ours.rolloff85, theirs.rolloff85_mean);
    close(ours.bandwidth, theirs.bandwidth_mean);
    close(ours.flatness, theirs.flatness_mean);
    close(ours.zeroCrossingRate, theirs.zcr_mean);
    close(ours.rms, theirs.rms_mean);
    theirs.mfcc_mean.forEach((v, i) => {
      close(ours.mfcc[i] ?? Number.NaN, v);
    });
    theirs.chroma_mean.forEach((v, i) => {
      close(ours.chroma[i] ?? Number.NaN, v);
    });
    theirs.contrast_mean.forEach((v, i) => {
      close(ours.contrast[i] ?? Number.NaN, v);
    });
  });
});

describe('trimming of silence', () => {
  // Ranges that librosa 0.11's effects.trim gives at 60, 30 and 20 dB.
  const ranges: Record<string, readonly (readonly [number, number])[]> = {
    'espeak-de-16k': [
      [0, 56_832],
      [0, 56_320],
      [0, 53_760],
    ],
    'espeak-en-gb-16k': [
      [0, 65_024],
      [0, 65_024],
      [512, 64_000],
    ],
    'espeak-fr-16k': [
      [0, 35_328],
      [0, 34_816],
      [0, 32_768],
    ],
  };

  it.each(Object.entries(ranges))("of %s is exactly librosa's", (name, expected) => {
    const { samples } = readWav(wav(name));
    const ours = [60, 30, 20].map((topDb) => {
      const { start, end } = trimSilence(samples, topDb);
      return [start, end];
    });
    expect(ours).toEqual(expected);
  });
});
