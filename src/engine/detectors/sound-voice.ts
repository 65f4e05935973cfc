/** Whether voice and channel stay the same. Method page: docs/methods/voice-consistency.md. */
import { VOICE_CHANGE, VOICE_PENALTY, VOICE_UNITS, VoiceConsistency } from '../signals/sound/voice.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { limited, measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'voice-consistency', version: '1.1.0', family: 'acoustic-signal' } as const;
const LEAST_SECONDS = 8;

export const voiceConsistency: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  needs: { frames: false, faces: false, pcm: true },
  start: (context) =>
    soundRun(
      context,
      (rate) => new VoiceConsistency(rate),
      describe,
      (reason) => ({ observations: [measurement(identity, null, { quantity: 'voice-change', unit: 'nat' }, reason)] }),
    ),
};

function describe(meter: VoiceConsistency, info: SoundInfo): DetectorOutput {
  const boundaries = meter.boundaries();
  const parameters = { units: VOICE_UNITS, penalty: VOICE_PENALTY, threshold: VOICE_CHANGE };
  const reason = `${meter.activeSeconds.toFixed(1)} s of active sound were found, ${LEAST_SECONDS} s are needed`;
  const largest = boundaries.length === 0 ? null : Math.max(...boundaries.map((b) => b.change));
  return {
    observations: [
      measurement(identity, largest, { quantity: 'voice-change', unit: 'nat', parameters }, reason),
      measurement(identity, meter.activeSeconds, { quantity: 'active-sound', unit: 's', parameters }),
    ],
    series: [
      {
        id: 'voice-consistency.change',
        detector: identity.id,
        quantity: 'voice-change',
        unit: 'nat',
        direction: 'none',
        axis: 'seconds',
        x: boundaries.map((b) => milli(info.start + b.seconds)),
        y: boundaries.map((b) => b.change),
      },
    ],
    anomalies: limited(
      boundaries
        .filter(
          (b, i) =>
            b.change >= VOICE_CHANGE &&
            b.change >= (boundaries[i - 1]?.change ?? Number.NEGATIVE_INFINITY) &&
            b.change > (boundaries[i + 1]?.change ?? Number.NEGATIVE_INFINITY),
        )
        .map((b) => ({
          type: 'voice-change',
          severity: 'low',
          description: `The active sound before and after differs more than one voice in one channel does (${b.change.toFixed(2)} nat per frame above the penalty): another speaker, place, microphone or a splice.`,
          detector: identity.id,
          where: { seconds: [milli(info.start + Math.max(0, b.seconds - 2)), milli(info.start + b.seconds + 2)] },
        })),
    ),
  };
}
