/** Duplicated and missing frames, scene cuts. Method page: docs/methods/frame-timing.md. */
import { throwIfCancelled } from '../../contract/errors.ts';
import { type Anomaly, SCENE_CUT, type Series } from '../../contract/result.ts';
import { GreySampler, meanDifference, sameSums } from '../signals/time/grey.ts';
import {
  amidMotion,
  examineTiming,
  type FrameStep,
  GAP_RATIO,
  JUMP_RATIO,
  MOTION_LEAST,
  STILL_SHARE,
  type TimingReport,
} from '../signals/time/timing.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun } from '../types.ts';
import { limited, measurement, milli } from './sound-kit.ts';
import { perSecond } from './time-kit.ts';

const identity = { id: 'frame-timing', version: '1.1.0', family: 'temporal' } as const;
const LONGEST = 64;
const LEAST_PAIRS = 10;
/** A run of repeats at least this long is a freeze. */
const FREEZE_SECONDS = 0.5;

export const frameTiming: Detector = {
  ...identity,
  mediaTypes: ['video'],
  needs: { frames: true, faces: false, pcm: false },
  start: (context) => new TimingRun(context),
};

class TimingRun implements DetectorRun {
  private readonly context: DetectorContext;
  private readonly steps: FrameStep[] = [];
  private sampler: GreySampler | null = null;
  private previous = new Uint8Array(0);
  private previousSums = new Uint32Array(0);

  constructor(context: DetectorContext) {
    this.context = context;
  }

  frame({ frame, sceneCut }: AnalysedFrame): void {
    throwIfCancelled(this.context.signal);
    const fresh = this.sampler === null || !this.sampler.fits(frame);
    if (this.sampler === null || fresh) {
      this.sampler = new GreySampler(frame, LONGEST);
      this.previous = new Uint8Array(this.sampler.grey.length);
      this.previousSums = new Uint32Array(this.sampler.sums.length);
    }
    this.sampler.sample(frame);
    this.steps.push({
      index: frame.index,
      time: frame.time,
      same: !fresh && sameSums(this.sampler.sums, this.previousSums),
      difference: fresh ? null : meanDifference(this.sampler.grey, this.previous),
      cut: sceneCut,
    });
    this.previous.set(this.sampler.grey);
    this.previousSums.set(this.sampler.sums);
  }

  finish(): DetectorOutput {
    return describe(this.steps, examineTiming(this.steps));
  }
}

function describe(steps: readonly FrameStep[], r: TimingReport): DetectorOutput {
  const parameters = { grid: LONGEST, frames: r.frames, neighbours: r.pairs };
  const enough = r.pairs >= LEAST_PAIRS;
  const few = `of ${r.frames} frames examined ${r.pairs} follow one another directly, ${LEAST_PAIRS} such pairs are needed: the plan samples frames with gaps. Examine all frames to compare their pixels; the times of all frames are read from the container in any case (container-structure)`;
  const variable = 'the intervals between frames vary, so a longer one is no gap (variable frame rate)';
  const missing = r.gaps.reduce((n, g) => n + g.missing, 0);
  const candidates = r.still || r.pattern !== null ? [] : amidMotion(steps, r.duplicates);
  const observations = [
    measurement(
      identity,
      enough ? r.identicalPairs : null,
      {
        quantity: 'identical-neighbours',
        unit: 'count',
        parameters: { ...parameters, still: r.still, stillShare: STILL_SHARE, regularPeriod: r.pattern },
      },
      few,
    ),
    measurement(
      identity,
      enough && !r.still ? candidates.length : null,
      {
        quantity: 'duplicates-amid-motion',
        unit: 'count',
        direction: 'higher-more-manipulated',
        parameters: { ...parameters, leastMotion: MOTION_LEAST, regularPeriod: r.pattern },
      },
      enough ? `more than ${100 * STILL_SHARE} % of the frames repeat the one before: the picture stands still` : few,
    ),
    measurement(
      identity,
      enough && !r.variable ? missing : null,
      {
        quantity: 'missing-frames',
        unit: 'count',
        direction: 'higher-more-manipulated',
        parameters: { ...parameters, gapRatio: GAP_RATIO, interval: r.interval },
      },
      enough ? variable : few,
    ),
    measurement(
      identity,
      enough ? r.jumps.length : null,
      {
        quantity: 'motion-jumps',
        unit: 'count',
        direction: 'higher-more-manipulated',
        parameters: { ...parameters, leastRatio: JUMP_RATIO },
      },
      few,
    ),
    measurement(
      identity,
      r.frames > 1 ? r.cuts.length : null,
      { quantity: 'scene-cuts', unit: 'count', parameters },
      few,
    ),
  ];
  const known = steps.filter((s) => s.difference !== null && !s.cut);
  return {
    observations,
    series: [
      {
        id: 'frame-timing.difference',
        detector: identity.id,
        quantity: 'frame-difference',
        unit: 'grey levels',
        direction: 'none',
        axis: 'seconds',
        ...perSecond(
          known.map((s) => s.time),
          known.map((s) => s.difference ?? 0),
        ),
      },
      ...cutSeries(r.cuts),
    ],
    anomalies: enough ? anomaliesOf(r, candidates) : [],
  };
}

/** The places of the cuts; none where there is no cut, because a series without points says nothing. */
function cutSeries(cuts: TimingReport['cuts']): Series[] {
  const x: number[] = [];
  const y: number[] = [];
  for (const { seconds } of cuts) {
    // Time stamps that run backwards have no place on a line of time.
    if (seconds[1] <= seconds[0] || seconds[1] <= (x.at(-1) ?? Number.NEGATIVE_INFINITY)) continue;
    x.push(seconds[1]);
    y.push(seconds[1] - seconds[0]);
  }
  if (x.length === 0) return [];
  const what = { detector: identity.id, quantity: SCENE_CUT, unit: 's', direction: 'none' } as const;
  return [{ id: 'frame-timing.scene-cuts', ...what, axis: 'seconds', x, y }];
}

function anomaliesOf(r: TimingReport, duplicates: TimingReport['duplicates']): Anomaly[] {
  const out: Anomaly[] = [];
  out.push(
    ...limited(
      duplicates.map((d) => {
        const seconds: [number, number] = [milli(d.seconds[0]), milli(d.seconds[1])];
        const freeze = d.seconds[1] - d.seconds[0] >= FREEZE_SECONDS;
        return {
          type: freeze ? 'frozen-frames' : 'duplicated-frame',
          severity: 'low',
          description: `${d.to - d.from + 1} frame(s) repeat the one before although the picture moves before and after: inserted, repeated by an encoder or a lost capture.`,
          detector: identity.id,
          where: { frames: [d.from, d.to], seconds },
        };
      }),
    ),
    ...limited(
      r.gaps.map((g) => ({
        type: 'missing-frames',
        severity: 'medium',
        description: `The interval before this frame is that of ${g.missing + 1}: ${g.missing} frame(s) are missing.`,
        detector: identity.id,
        where: { frames: [g.frame - 1, g.frame], seconds: [milli(g.seconds[0]), milli(g.seconds[1])] },
      })),
    ),
    ...limited(
      r.jumps.map((j) => ({
        type: 'motion-jump',
        severity: 'low',
        description: `The picture changes ${j.ratio.toFixed(1)} times as much as at any neighbouring frame, without a scene cut and without a gap in time: frames may have been cut out.`,
        detector: identity.id,
        where: { frames: [j.frame - 1, j.frame], seconds: [milli(j.seconds[0]), milli(j.seconds[1])] },
      })),
    ),
  );
  return out;
}
