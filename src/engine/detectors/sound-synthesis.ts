/** Traces that speech synthesis may leave. Method page: docs/methods/synthesis-artefacts.md. */
import type { Anomaly } from '../../contract/result.ts';
import {
  COMB_DB,
  LEAST_FITS,
  OVER_REGULAR_PERCENT,
  ROOM_NOISE_DBFS,
  SynthesisMeter,
  type SynthesisReport,
  VOICED_STRENGTH,
} from '../signals/sound/synthesis.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'synthesis-artefacts', version: '1.1.0', family: 'acoustic-signal' } as const;
const LEAST_VOICED = 2;
const LEAST_PAUSE = 0.5;
/** Speech without a breath is called missing only when there is this much of it. */
const BREATH_VOICED = 20;
const SILENT_SHARE = 0.5;
/** In shorter recordings chance alone makes combs: real speech of 2 to 3 s had up to 5.6 dB. */
const COMB_SECONDS = 4;

export const synthesisArtefacts: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  needs: { frames: false, faces: false, pcm: true },
  start: (context) =>
    soundRun(
      context,
      (rate) => new SynthesisMeter(rate),
      (meter, info) => describe(meter.report(), info),
      (reason) => ({
        observations: [measurement(identity, null, { quantity: 'pitch-perturbation', unit: '%' }, reason)],
      }),
    ),
};

function describe(r: SynthesisReport, info: SoundInfo): DetectorOutput {
  const voice = `${r.voicedSeconds.toFixed(1)} s of voiced sound were found, ${LEAST_VOICED} s with unbroken pitch are needed`;
  const pause = `${r.pauseSeconds.toFixed(1)} s of pauses between voiced sound were found, ${LEAST_PAUSE} s are needed`;
  const voiced = r.voicedSeconds >= LEAST_VOICED;
  const paused = voiced && r.pauseSeconds >= LEAST_PAUSE;
  const long = r.seconds >= COMB_SECONDS;
  const pitch = { voicedStrength: VOICED_STRENGTH, leastFits: LEAST_FITS };
  const observations = [
    measurement(
      identity,
      voiced ? r.pitchPerturbation : null,
      { quantity: 'pitch-perturbation', unit: '%', direction: 'lower-more-manipulated', parameters: pitch },
      voice,
    ),
    measurement(
      identity,
      voiced ? r.pitchMedian : null,
      { quantity: 'pitch-median', unit: 'Hz', parameters: pitch },
      voice,
    ),
    measurement(
      identity,
      voiced ? r.pitchRange : null,
      { quantity: 'pitch-range', unit: 'semitones', parameters: pitch },
      voice,
    ),
    measurement(
      identity,
      r.roomNoise,
      { quantity: 'room-noise', unit: 'dBFS', direction: 'lower-more-manipulated' },
      'every sample is zero',
    ),
    measurement(
      identity,
      paused ? r.silentPauses : null,
      { quantity: 'silent-pauses', unit: '1', direction: 'higher-more-manipulated' },
      pause,
    ),
    measurement(
      identity,
      voiced ? (60 * r.breaths) / r.seconds : null,
      { quantity: 'breath-like-noises', unit: '1/min', direction: 'lower-more-manipulated' },
      voice,
    ),
    measurement(
      identity,
      long ? (r.comb?.decibels ?? null) : null,
      {
        quantity: 'spectral-comb',
        unit: 'dB',
        direction: 'higher-more-manipulated',
        parameters: {
          leastSeconds: COMB_SECONDS,
          spacingHz: r.comb === null ? null : Math.round(r.comb.hertz * 100) / 100,
        },
      },
      long ? 'the recording is silent' : `the recording lasts ${r.seconds.toFixed(1)} s, ${COMB_SECONDS} s are needed`,
    ),
  ];
  return { observations, anomalies: anomaliesOf(r, info, voiced, paused) };
}

function anomaliesOf(r: SynthesisReport, info: SoundInfo, voiced: boolean, paused: boolean): Anomaly[] {
  const where = { seconds: [milli(info.start), milli(info.start + info.seconds)] satisfies [number, number] };
  const out: Anomaly[] = [];
  const add = (type: string, description: string): void => {
    out.push({ type, severity: 'low', description, detector: identity.id, where });
  };
  if (voiced && r.pitchPerturbation !== null && r.pitchPerturbation < OVER_REGULAR_PERCENT) {
    add(
      'over-regular-pitch',
      `The pitch deviates from a smooth line by ${r.pitchPerturbation.toFixed(3)} % only; vocal folds are less regular.`,
    );
  }
  if (paused && ((r.silentPauses ?? 0) > SILENT_SHARE || (r.roomNoise ?? 0) < ROOM_NOISE_DBFS)) {
    add(
      'missing-room-noise',
      `Between the words there is no noise of a room: ${(100 * (r.silentPauses ?? 0)).toFixed(0)} % of the pauses are exact zeros, the quietest tenth of the rest lies at ${(r.roomNoise ?? 0).toFixed(0)} dBFS. Synthesis, a noise gate or a codec does this.`,
    );
  }
  if (r.voicedSeconds >= BREATH_VOICED && r.breaths === 0) {
    add(
      'missing-breath',
      `In ${r.voicedSeconds.toFixed(0)} s of voiced sound nothing like a breath was heard above the room noise.`,
    );
  }
  if (r.seconds >= COMB_SECONDS && r.comb !== null && r.comb.decibels >= COMB_DB) {
    add(
      'spectral-comb',
      `Lines ${r.comb.hertz.toFixed(1)} Hz apart stand ${r.comb.decibels.toFixed(1)} dB above the spectrum between them over the whole recording: a fixed frame rate of a vocoder, a steady tone, or an interference.`,
    );
  }
  return out;
}
