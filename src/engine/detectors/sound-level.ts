/** Level, offset, clipping and digital silence. Method page: docs/methods/sound-level.md. */
import type { Anomaly } from '../../contract/result.ts';
import {
  CLIP_LEVEL,
  CLIP_RUN,
  dbfs,
  FLAT_LEVEL,
  FLAT_RUN,
  LevelMeter,
  type LevelReport,
  type Run,
  ZERO_SECONDS,
} from '../signals/sound/level.ts';
import type { Detector, DetectorOutput } from '../types.ts';
import { limited, measurement, milli, type SoundInfo, soundRun } from './sound-kit.ts';

const identity = { id: 'sound-level', version: '1.1.0', family: 'acoustic-signal' } as const;
const OFFSET_LIMIT = 0.01;
/** Clipped runs nearer than this are one event. */
const CLIP_GROUP_SECONDS = 0.5;
/** Codecs begin and end with padding. */
const EDGE_SECONDS = 0.15;
/** Exact zeros that come back this often, on average, are a property of the whole recording and no mute of a place. */
const RECURRENT = { runs: 3, everySeconds: 10 } as const;

export const soundLevel: Detector = {
  ...identity,
  mediaTypes: ['audio', 'video'],
  // Resampling rounds off clipped crests and the borders of digital silence.
  needs: { frames: false, faces: false, pcm: true, pcmRate: 'native' },
  start: (context) =>
    soundRun(
      context,
      (rate) => new LevelMeter(rate),
      (meter, info) => describe(meter.report(), info),
      (reason) => ({ observations: [measurement(identity, null, { quantity: 'level-rms', unit: 'dBFS' }, reason)] }),
      true,
    ),
};

function describe(r: LevelReport, info: SoundInfo): DetectorOutput {
  const parameters = { sampleRate: info.sampleRate, nativeRate: info.stream?.sampleRate ?? null };
  const silence = 'every sample is zero';
  const runs = { clipLevel: CLIP_LEVEL, clipRun: CLIP_RUN, flatLevel: FLAT_LEVEL, flatRun: FLAT_RUN };
  const observe = (quantity: string, unit: string, value: number | null, more = {}) =>
    measurement(identity, value, { quantity, unit, parameters: { ...parameters, ...more } }, silence);
  const interior = r.zeros.filter(
    (z) => z.start > EDGE_SECONDS * info.sampleRate && z.start + z.length < r.samples - EDGE_SECONDS * info.sampleRate,
  );
  const recurrent = interior.length >= RECURRENT.runs && interior.length * RECURRENT.everySeconds >= info.seconds;
  const anomalies = [
    ...limited(clipping([...r.clipped, ...r.flat], info)),
    ...limited(interior.map((z) => silent(z, info, recurrent))),
  ];
  if (Math.abs(r.offset) > OFFSET_LIMIT) {
    anomalies.push({
      type: 'dc-offset',
      severity: 'low',
      description: `The mean of the samples is ${(100 * r.offset).toFixed(2)} % of full scale.`,
      detector: identity.id,
    });
  }
  if (r.nonFinite > 0) {
    anomalies.push({
      type: 'non-finite-samples',
      severity: 'medium',
      description: `${r.nonFinite} samples are not numbers and were taken as zero.`,
      detector: identity.id,
    });
  }
  return {
    observations: [
      observe('level-rms', 'dBFS', dbfs(r.rms)),
      observe('level-peak', 'dBFS', dbfs(r.peak)),
      observe('dc-offset', '1 (full scale)', r.offset),
      observe('clipped-share', '1', r.clippedSamples / r.samples, runs),
      observe('flat-top-share', '1', r.flatSamples / r.samples, runs),
      observe('digital-silence', 's', r.zeros.reduce((s, z) => s + z.length, 0) / info.sampleRate, {
        leastSeconds: ZERO_SECONDS,
        runs: r.zeroRuns,
      }),
      observe('non-finite-samples', 'samples', r.nonFinite),
    ],
    series: [
      {
        id: 'sound-level.rms',
        detector: identity.id,
        quantity: 'level-rms',
        unit: 'dBFS',
        direction: 'none',
        axis: 'seconds',
        x: r.rmsPerSecond.map((_, i) => milli(info.start + i)),
        y: r.rmsPerSecond.map(dbfs),
      },
      {
        id: 'sound-level.peak',
        detector: identity.id,
        quantity: 'level-peak',
        unit: 'dBFS',
        direction: 'none',
        axis: 'seconds',
        x: r.peakPerSecond.map((_, i) => milli(info.start + i)),
        y: r.peakPerSecond.map(dbfs),
      },
    ],
    anomalies,
  };
}

function clipping(runs: readonly Run[], info: SoundInfo): Anomaly[] {
  const groups: { from: number; to: number; samples: number }[] = [];
  for (const run of [...runs].sort((a, b) => a.start - b.start)) {
    const last = groups.at(-1);
    const end = run.start + run.length;
    if (last !== undefined && run.start - last.to < CLIP_GROUP_SECONDS * info.sampleRate) {
      // A run at full scale is also flat; its samples count once.
      last.samples += Math.max(0, end - Math.max(run.start, last.to));
      last.to = Math.max(last.to, end);
    } else groups.push({ from: run.start, to: end, samples: run.length });
  }
  return groups.map((g) => ({
    type: 'clipping',
    severity: 'low',
    description: `${g.samples} samples lie in flat crests: the level was above what the recording or a later step could hold.`,
    detector: identity.id,
    where: { seconds: [milli(info.start + g.from / info.sampleRate), milli(info.start + g.to / info.sampleRate)] },
  }));
}

function silent(run: Run, info: SoundInfo, recurrent: boolean): Anomaly {
  const from = info.start + run.start / info.sampleRate;
  return {
    type: 'digital-silence',
    severity: recurrent ? 'low' : 'medium',
    description: `${((1000 * run.length) / info.sampleRate).toFixed(0)} ms of exact zeros inside the recording: muted, gated, generated or filled, not recorded by a microphone.${recurrent ? ' They recur throughout the recording, as with a noise gate or synthesis.' : ''}`,
    detector: identity.id,
    where: { seconds: [milli(from), milli(from + run.length / info.sampleRate)] },
  };
}
