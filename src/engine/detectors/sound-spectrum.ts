/** Spectral features and spectrograms. Method page: docs/methods/sound-spectrum.md. */
import type { MelRule } from '../../contract/pack.ts';
import type { Observation, Series } from '../../contract/result.ts';
import { FEATURE_FFT, FEATURE_HOP, FeatureExtractor, type SpectralFeatures } from '../signals/sound/features.ts';
import { FrameFeed } from '../signals/sound/feed.ts';
import { melSpectrogram } from '../signals/sound/mel.ts';
import { OVERVIEW_FFT, SpectrogramOverview, spectrogramPalette, toIndices } from '../signals/sound/spectrogram.ts';
import { mean } from '../signals/sound/stats.ts';
import type { ArtifactPng, Detector, DetectorOutput } from '../types.ts';
import { encodeIndexedPng } from './indexed-png.ts';
import { measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'sound-spectrum', version: '1.0.0', family: 'acoustic-signal' } as const;
/** Features are computed on blocks of this length, as librosa would on each alone, and averaged over blocks. */
const BLOCK_SECONDS = 4;
/** A last, shorter block counts from here on. */
const LEAST_SECONDS = 1;
const LEAST_RATE = 12_801;

const MEL: MelRule = {
  nFft: FEATURE_FFT,
  hop: FEATURE_HOP,
  nMels: 80,
  fMin: 0,
  fMax: null,
  power: 2,
  norm: 'slaney',
  scale: 'slaney',
  db: { ref: 'max', topDb: 80 },
};

/** The plain numbers among the features, with their units. */
const SCALARS = [
  ['centroid', 'spectral-centroid', 'Hz'],
  ['rolloff85', 'spectral-rolloff-85', 'Hz'],
  ['bandwidth', 'spectral-bandwidth', 'Hz'],
  ['flatness', 'spectral-flatness', '1'],
  ['zeroCrossingRate', 'zero-crossing-rate', '1'],
  ['rms', 'frame-rms', '1 (full scale)'],
] as const;

const VECTORS = [
  ['mfcc', 'mfcc', 'dB'],
  ['chroma', 'chroma', '1'],
  ['contrast', 'spectral-contrast', 'dB'],
] as const;

class SpectrumMeter {
  readonly overview = new SpectrogramOverview();
  readonly features: SpectralFeatures[] = [];
  first: Float32Array | null = null;
  private readonly feed: FrameFeed;
  private readonly extractor: FeatureExtractor | null;
  private readonly least: number;

  constructor(sampleRate: number) {
    this.extractor = sampleRate >= LEAST_RATE ? new FeatureExtractor(sampleRate) : null;
    this.least = LEAST_SECONDS * sampleRate;
    const block = Math.round(BLOCK_SECONDS * sampleRate);
    this.feed = new FrameFeed(block, block, (buffer, offset) => this.block(buffer.slice(offset, offset + block)));
  }

  push(samples: Float32Array): void {
    this.overview.push(samples);
    this.feed.push(samples);
  }

  end(): void {
    const rest = this.feed.rest();
    if (rest.length >= this.least || (rest.length > 0 && this.first === null)) this.block(rest);
  }

  private block(samples: Float32Array): void {
    this.first ??= samples;
    if (this.extractor !== null) this.features.push(this.extractor.extract(samples));
  }
}

export const soundSpectrum: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  needs: { frames: false, faces: false, pcm: true },
  start: (context) =>
    soundRun(
      context,
      (rate) => new SpectrumMeter(rate),
      (meter, info) => describe(meter, info, context.plan.artifacts),
      (reason) => ({
        observations: [measurement(identity, null, { quantity: 'spectral-centroid', unit: 'Hz' }, reason)],
      }),
    ),
};

function describe(meter: SpectrumMeter, info: SoundInfo, artifacts: boolean): DetectorOutput {
  meter.end();
  const blocks = meter.features;
  const parameters = {
    sampleRate: info.sampleRate,
    nativeRate: info.stream?.sampleRate ?? null,
    nFft: FEATURE_FFT,
    hop: FEATURE_HOP,
    blockSeconds: BLOCK_SECONDS,
    blocks: blocks.length,
  };
  const reason = `the sample rate is ${info.sampleRate} Hz, more than 12800 Hz are needed`;
  const observations: Observation[] = [];
  const series: Series[] = [];
  for (const [name, quantity, unit] of SCALARS) {
    const values = blocks.map((b) => b[name]);
    const value = values.length === 0 ? null : mean(values);
    observations.push(measurement(identity, value, { quantity, unit, parameters }, reason));
    if (values.length > 1) {
      series.push({
        id: `sound-spectrum.${quantity}`,
        detector: identity.id,
        quantity,
        unit,
        direction: 'none',
        axis: 'seconds',
        x: values.map((_, i) => milli(info.start + i * BLOCK_SECONDS)),
        y: values,
      });
    }
  }
  for (const [name, quantity, unit] of VECTORS) {
    const first = blocks[0];
    if (first === undefined) continue;
    series.push({
      id: `sound-spectrum.${quantity}`,
      detector: identity.id,
      quantity,
      unit,
      direction: 'none',
      axis: 'index',
      x: Array.from(first[name], (_, i) => i),
      y: Array.from(first[name], (_, i) => mean(blocks.map((b) => b[name][i]))),
    });
  }
  return { observations, series, artifacts: artifacts ? pictures(meter, info) : [] };
}

function pictures(meter: SpectrumMeter, info: SoundInfo): ArtifactPng[] {
  const palette = spectrogramPalette();
  const out: ArtifactPng[] = [];
  const range = (seconds: number): { seconds: [number, number] } => ({
    seconds: [milli(info.start), milli(info.start + seconds)],
  });
  const whole = meter.overview.picture();
  if (whole !== null) {
    const seconds = (whole.width * meter.overview.step) / info.sampleRate;
    out.push({
      meta: {
        id: 'sound-spectrum.overview',
        title: 'Spectrogram of the whole recording',
        kind: 'spectrogram',
        mime: 'image/png',
        width: whole.width,
        height: whole.height,
        parameters: {
          nFft: OVERVIEW_FFT,
          secondsPerColumn: meter.overview.step / info.sampleRate,
          lowestHz: info.sampleRate / OVERVIEW_FFT,
          highestHz: info.sampleRate / 2,
          rangeDb: 80,
        },
        where: range(seconds),
      },
      png: encodeIndexedPng(whole.indices, whole.width, whole.height, palette),
    });
  }
  if (meter.first !== null) {
    const { data, nMels, frames } = melSpectrogram(meter.first, MEL, info.sampleRate);
    const indices = toIndices(data, 0, 80);
    const flipped = new Uint8Array(indices.length);
    for (let m = 0; m < nMels; m++) {
      flipped.set(indices.subarray(m * frames, (m + 1) * frames), (nMels - 1 - m) * frames);
    }
    out.push({
      meta: {
        id: 'sound-spectrum.mel',
        title: 'Mel spectrogram of the first four seconds, as networks for speech see it',
        kind: 'spectrogram',
        mime: 'image/png',
        width: frames,
        height: nMels,
        parameters: { nFft: MEL.nFft, hop: MEL.hop, nMels, rangeDb: 80, sampleRate: info.sampleRate },
        where: range(meter.first.length / info.sampleRate),
      },
      png: encodeIndexedPng(flipped, frames, nMels, palette),
    });
  }
  return out;
}
