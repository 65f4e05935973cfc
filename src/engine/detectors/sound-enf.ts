/** Mains hum: presence, frequency, jumps of phase. Method page: docs/methods/enf.md. */
import {
  ENF_JUMP_DB,
  ENF_JUMP_RADIANS,
  ENF_JUMP_SIGMAS,
  ENF_JUMP_USUAL,
  ENF_PRESENT_DB,
  ENF_TONES,
  ENF_WINDOW,
  EnfMeter,
  type EnfReport,
} from '../signals/sound/enf.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { limited, measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'enf', version: '1.0.0', family: 'acoustic-signal' } as const;
const LEAST_SECONDS = 10;

export const enf: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  needs: { frames: false, faces: false, pcm: true },
  start: (context) =>
    soundRun(
      context,
      (rate) => new EnfMeter(rate),
      (meter, info) => describe(meter.report(), info),
      (reason) => ({ observations: [measurement(identity, null, { quantity: 'enf-frequency', unit: 'Hz' }, reason)] }),
    ),
};

function describe(r: EnfReport, info: SoundInfo): DetectorOutput {
  const parameters = { windowSeconds: ENF_WINDOW, presentDb: ENF_PRESENT_DB, tones: [...ENF_TONES] };
  const jump = {
    ...parameters,
    leastRadians: ENF_JUMP_RADIANS,
    leastSigmas: ENF_JUMP_SIGMAS,
    leastUsual: ENF_JUMP_USUAL,
    leastDb: ENF_JUMP_DB,
  };
  const short = `the recording lasts ${r.seconds.toFixed(1)} s, ${LEAST_SECONDS} s are needed`;
  const weak = `no hum at 50 or 60 Hz or twice that stands ${ENF_PRESENT_DB} dB above its surroundings`;
  const enough = r.seconds >= LEAST_SECONDS;
  const found = enough && r.tone !== null;
  const reason = enough ? weak : short;
  const observations = [
    ...ENF_TONES.map((tone, i) =>
      measurement(
        identity,
        enough ? (r.snrDb[i] ?? null) : null,
        { quantity: `enf-snr-${tone}hz`, unit: 'dB', parameters },
        short,
      ),
    ),
    measurement(identity, found ? r.frequency : null, { quantity: 'enf-frequency', unit: 'Hz', parameters }, reason),
    measurement(identity, found ? r.deviation : null, { quantity: 'enf-deviation', unit: 'Hz', parameters }, reason),
    measurement(
      identity,
      found ? (r.jumps?.length ?? null) : null,
      { quantity: 'enf-phase-jumps', unit: 'count', direction: 'higher-more-manipulated', parameters: jump },
      found
        ? `the hum stands less than ${ENF_JUMP_DB} dB above its surroundings: its phase cannot be followed`
        : reason,
    ),
  ];
  if (!found) return { observations };
  return {
    observations,
    series: [
      {
        id: 'enf.frequency',
        detector: identity.id,
        quantity: 'enf-frequency',
        unit: 'Hz',
        direction: 'none',
        axis: 'seconds',
        x: r.track.map((t) => milli(info.start + t.seconds)),
        y: r.track.map((t) => t.hertz),
      },
    ],
    anomalies: limited(
      (r.jumps ?? []).map((j) => ({
        type: 'hum-phase-jump',
        severity: Math.abs(j.radians) >= 1 ? 'high' : 'medium',
        description: `The phase of the ${r.tone ?? 0} Hz hum jumps by ${((j.radians * 180) / Math.PI).toFixed(0)} degrees: sound was cut out, inserted or interrupted here.`,
        detector: identity.id,
        where: {
          seconds: [milli(info.start + Math.max(0, j.seconds - 0.7)), milli(info.start + j.seconds + 0.7)],
        },
      })),
    ),
  };
}
