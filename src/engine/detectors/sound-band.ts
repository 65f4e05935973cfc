/** Bandwidth and walls in the spectrum. Method page: docs/methods/sound-band.md. */
import { BAND_FFT, bandEdge, EDGE_DROP_DB, EDGE_HIGHEST, LongTermSpectrum } from '../signals/sound/band.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { measurement, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'sound-band', version: '1.1.0', family: 'compression' } as const;
/** Seconds of sound louder than -80 dBFS below which the average is left alone. */
const LEAST_SECONDS = 2;
const UPPER_DB = 70;
/** Codecs that keep every sample: a wall in their content comes from before. */
const LOSSLESS = /^(pcm_|flac|alac|wavpack|ape|tta|tak|mlp|truehd|als|adpcm_ima_wav$)/;

export const soundBand: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  // Most codecs cut between 11 and 20 kHz, which is gone once the sound is resampled to 16 kHz.
  needs: { frames: false, faces: false, pcm: true, pcmRate: 'native' },
  start: (context) =>
    soundRun(
      context,
      (rate) => new LongTermSpectrum(rate),
      describe,
      (reason) => ({ observations: [measurement(identity, null, { quantity: 'band-edge', unit: 'Hz' }, reason)] }),
    ),
};

function describe(meter: LongTermSpectrum, info: SoundInfo): DetectorOutput {
  const native = info.stream?.sampleRate ?? null;
  const parameters = { sampleRate: info.sampleRate, nativeRate: native, nFft: BAND_FFT, leastDropDb: EDGE_DROP_DB };
  const seconds = (meter.frames * meter.nFft) / info.sampleRate;
  if (seconds < LEAST_SECONDS) {
    const reason = `only ${seconds.toFixed(1)} s are louder than -80 dBFS, ${LEAST_SECONDS} s are needed`;
    return { observations: [measurement(identity, null, { quantity: 'band-edge', unit: 'Hz', parameters }, reason)] };
  }
  const decibels = meter.decibels();
  const edge = bandEdge(decibels, info.sampleRate);
  const hz = info.sampleRate / 2 / (decibels.length - 1);
  const peak = decibels.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const upper = decibels.findLastIndex((v) => v > peak - UPPER_DB) * hz;
  const none = `no wall of ${EDGE_DROP_DB} dB was found up to ${((EDGE_HIGHEST / 2) * info.sampleRate).toFixed(0)} Hz`;
  const observations = [
    measurement(identity, edge?.hertz ?? null, { quantity: 'band-edge', unit: 'Hz', parameters }, none),
    measurement(identity, edge?.dropDb ?? null, { quantity: 'band-edge-drop', unit: 'dB', parameters }, none),
    measurement(identity, upper, {
      quantity: 'bandwidth',
      unit: 'Hz',
      parameters: { ...parameters, belowPeakDb: UPPER_DB },
    }),
  ];
  if (native !== null && native > info.sampleRate) {
    const reason = `the recording has ${native} Hz but was examined at ${info.sampleRate} Hz: nothing above ${info.sampleRate / 2} Hz is left`;
    observations.push(measurement(identity, null, { quantity: 'band-edge-native', unit: 'Hz', parameters }, reason));
  }
  const codec = info.stream?.codec ?? '';
  return {
    observations,
    series: [
      {
        id: 'sound-band.spectrum',
        detector: identity.id,
        quantity: 'long-term-power',
        unit: 'dB below peak',
        direction: 'none',
        axis: 'hertz',
        x: Array.from(decibels, (_, k) => Math.round(k * hz * 10) / 10),
        y: Array.from(decibels, (v) => Math.round((v - peak) * 100) / 100),
      },
    ],
    anomalies:
      edge !== null && LOSSLESS.test(codec)
        ? [
            {
              type: 'band-limit',
              // Ordinary for anything exported or sent: it contradicts a claim of a first recording, nothing else.
              severity: 'low',
              description: `The stream keeps every sample (${codec}, ${native ?? info.sampleRate} Hz), but its spectrum falls by ${edge.dropDb.toFixed(0)} dB at ${(edge.hertz / 1000).toFixed(2)} kHz: the content went through a lossy codec, a telephone or a lower sample rate before.`,
              detector: identity.id,
            },
          ]
        : [],
  };
}
