/** Cut and splice candidates. Method page: docs/methods/sound-splice.md. */
import {
  CLICK_LEAST,
  CLICK_RATIO,
  FLOOR_AGREEMENT_DB,
  FLOOR_JUMP_DB,
  FLOOR_JUMP_SIGMAS,
  FLOOR_PERCENTILE,
  FLOOR_SIDE,
  NoiseFloor,
  StepFinder,
} from '../signals/sound/splice.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { limited, measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'sound-splice', version: '1.1.0', family: 'acoustic-signal' } as const;

/** Both searches over one pass. */
class SpliceMeter {
  readonly floor: NoiseFloor;
  readonly steps = new StepFinder();

  constructor(sampleRate: number) {
    this.floor = new NoiseFloor(sampleRate);
  }

  push(samples: Float32Array): void {
    this.floor.push(samples);
    this.steps.push(samples);
  }
}

export const soundSplice: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  needs: { frames: false, faces: false, pcm: true },
  start: (context) =>
    soundRun(
      context,
      (rate) => new SpliceMeter(rate),
      describe,
      (reason) => ({
        observations: [measurement(identity, null, { quantity: 'noise-floor-jumps', unit: 'count' }, reason)],
      }),
    ),
};

function describe({ floor, steps }: SpliceMeter, info: SoundInfo): DetectorOutput {
  const jumps = floor.jumps();
  const enough = floor.seconds >= 2 * FLOOR_SIDE;
  const floorParameters = {
    sideSeconds: FLOOR_SIDE,
    percentile: FLOOR_PERCENTILE,
    agreementDb: FLOOR_AGREEMENT_DB,
    leastDb: FLOOR_JUMP_DB,
    leastSigmas: FLOOR_JUMP_SIGMAS,
  };
  const at = (seconds: number, half: number): { seconds: [number, number] } => ({
    seconds: [milli(info.start + Math.max(0, seconds - half)), milli(info.start + seconds + half)],
  });
  return {
    observations: [
      measurement(
        identity,
        enough ? jumps.length : null,
        {
          quantity: 'noise-floor-jumps',
          unit: 'count',
          direction: 'higher-more-manipulated',
          parameters: floorParameters,
        },
        `the recording lasts ${info.seconds.toFixed(1)} s, ${2 * FLOOR_SIDE} s are needed`,
      ),
      measurement(identity, steps.count, {
        quantity: 'waveform-steps',
        unit: 'count',
        direction: 'higher-more-manipulated',
        parameters: { leastRatio: CLICK_RATIO, leastDifference: CLICK_LEAST },
      }),
    ],
    series: [
      {
        id: 'sound-splice.noise-floor',
        detector: identity.id,
        quantity: 'noise-floor',
        unit: 'dB',
        direction: 'none',
        axis: 'seconds',
        x: floor.series().map((_, i) => milli(info.start + i)),
        y: floor.series(),
      },
    ],
    anomalies: [
      ...limited(
        jumps.map((j) => ({
          type: 'noise-floor-jump',
          severity: j.decibels >= 2 * FLOOR_JUMP_DB ? 'medium' : 'low',
          description: `The background changes by ${j.decibels.toFixed(1)} dB on average over its bands (${j.sigmas.toFixed(1)} times what is usual in this recording): a splice, a switch of microphone or gain, or a change of place.`,
          detector: identity.id,
          where: at(j.seconds, 3),
        })),
      ),
      ...limited(
        steps.clicks.map((c) => ({
          type: 'waveform-step',
          severity: 'low',
          description: `One sample does not follow from its neighbours (${c.ratio.toFixed(0)} times their largest change): a cut without cross-fade, a click or a lost packet.`,
          detector: identity.id,
          where: at(c.sample / info.sampleRate, 0.005),
        })),
      ),
    ],
  };
}
