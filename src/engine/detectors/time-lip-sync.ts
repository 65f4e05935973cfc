/** Offset between mouth and sound. Method page: docs/methods/lip-sync.md. */
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { Anomaly } from '../../contract/result.ts';
import { FrameFeed } from '../signals/sound/feed.ts';
import { median } from '../signals/sound/stats.ts';
import {
  MOUTH_SAMPLES,
  mouthMotion,
  mouthPatch,
  onGrid,
  SYNC_CONFIDENCE,
  SYNC_LEAST_CORRELATION,
  SYNC_LEAST_SECONDS,
  SYNC_LONGEST,
  SYNC_STEP,
  type SyncResult,
  syncOffset,
} from '../signals/time/lip-sync.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun, PcmChunk } from '../types.ts';
import { finite, measurement, milli, NO_FACE_DETECTOR } from './sound-kit.ts';

const identity = { id: 'lip-sync', version: '1.0.0', family: 'temporal' } as const;
const WINDOW_SECONDS = 20;
const HOP_SECONDS = 10;
/** Two frames of one mouth farther apart than this have no motion between them. */
const LONGEST_STEP = 0.09;
const QUIETEST_DB = -60;
/** Acceptability limits of ITU-R BT.1359-1: sound early by 90 ms, late by 185 ms. */
const EARLY = -0.09;
const LATE = 0.185;
/** Windows that must agree within one video frame before an offset is called an anomaly. */
const AGREEMENT = 0.06;
const MAX_TRACKS = 64;

interface Mouth {
  patch: Float32Array;
  spare: Float32Array;
  time: number;
  readonly times: number[];
  readonly motion: number[];
}

export const lipSync: Detector = {
  ...identity,
  mediaTypes: ['video'],
  needs: { frames: true, faces: true, pcm: true },
  start: (context) => new SyncRun(context),
};

class SyncRun implements DetectorRun {
  private readonly context: DetectorContext;
  private readonly mouths = new Map<number, Mouth>();
  private readonly loudness: number[] = [];
  private feed: FrameFeed | null = null;
  private sampleRate = 0;
  private soundStart = 0;

  constructor(context: DetectorContext) {
    this.context = context;
  }

  frame({ frame, faces, sceneCut }: AnalysedFrame): void {
    throwIfCancelled(this.context.signal);
    for (const face of faces) {
      if (face.points === null) continue;
      let mouth = this.mouths.get(face.track);
      if (mouth === undefined) {
        if (this.mouths.size >= MAX_TRACKS) continue;
        mouth = {
          patch: new Float32Array(MOUTH_SAMPLES),
          spare: new Float32Array(MOUTH_SAMPLES),
          time: Number.NEGATIVE_INFINITY,
          times: [],
          motion: [],
        };
        this.mouths.set(face.track, mouth);
      }
      if (!mouthPatch(frame, face.points, mouth.spare)) continue;
      const step = frame.time - mouth.time;
      if (!sceneCut && step > 0 && step <= LONGEST_STEP) {
        // Motion belongs to the middle of the two frames.
        mouth.times.push(frame.time - step / 2);
        mouth.motion.push(mouthMotion(mouth.patch, mouth.spare));
      }
      [mouth.patch, mouth.spare] = [mouth.spare, mouth.patch];
      mouth.time = frame.time;
    }
  }

  pcm(chunk: PcmChunk): void {
    throwIfCancelled(this.context.signal);
    if (this.feed === null) {
      this.sampleRate = chunk.sampleRate;
      this.soundStart = chunk.time;
      const hop = Math.round(SYNC_STEP * chunk.sampleRate);
      const length = 3 * hop;
      this.feed = new FrameFeed(length, hop, (buffer, offset) => {
        let sum = 0;
        for (let i = offset; i < offset + length; i++) sum += buffer[i] * buffer[i];
        this.loudness.push(Math.max(QUIETEST_DB, 10 * Math.log10(sum / length + 1e-12)));
      });
    } else if (chunk.sampleRate !== this.sampleRate) {
      throw new VidimusError('bug', 'The sample rate of the decoded sound changed in the middle of the recording.');
    }
    this.feed.push(finite(chunk.samples));
  }

  finish(): DetectorOutput {
    const parameters = {
      windowSeconds: WINDOW_SECONDS,
      hopSeconds: HOP_SECONDS,
      longestOffset: SYNC_LONGEST,
      leastConfidence: SYNC_CONFIDENCE,
      leastCorrelation: SYNC_LEAST_CORRELATION,
    };
    const offset = { quantity: 'sync-offset', unit: 's', parameters };
    const best = [...this.mouths].sort(([a, x], [b, y]) => y.motion.length - x.motion.length || a - b)[0];
    if (this.feed === null) return { observations: [measurement(identity, null, offset, 'the video has no sound')] };
    if (best === undefined) {
      const none = this.context.facesAssessed ? 'no face with points was found' : NO_FACE_DETECTOR;
      return { observations: [measurement(identity, null, offset, none)] };
    }
    const [track, mouth] = best;
    const windows = this.windows(mouth);
    const where = { track };
    if (windows.length === 0) {
      const reason = `less than ${SYNC_LEAST_SECONDS} s with a mouth in neighbouring frames and sound at the same time`;
      return { observations: [measurement(identity, null, { ...offset, where }, reason)] };
    }
    const sure = windows.filter(
      ({ sync }) => sync.confidence >= SYNC_CONFIDENCE && sync.correlation >= SYNC_LEAST_CORRELATION,
    );
    const value = sure.length === 0 ? null : milli(median(sure.map((w) => w.sync.offset)));
    const unsure = `in none of ${windows.length} windows does the mouth follow the sound clearly (another speaker, noise, a hidden or small mouth)`;
    return {
      observations: [
        measurement(identity, value, { ...offset, where }, unsure),
        measurement(identity, Math.max(...windows.map((w) => w.sync.confidence)), {
          quantity: 'sync-confidence',
          unit: 'standard deviations',
          parameters: { ...parameters, windows: windows.length, sureWindows: sure.length },
          where,
        }),
      ],
      series: [
        {
          id: 'lip-sync.offset',
          detector: identity.id,
          quantity: 'sync-offset',
          unit: 's',
          direction: 'none',
          axis: 'seconds',
          track,
          x: windows.map((w) => milli(w.from + WINDOW_SECONDS / 2)),
          y: windows.map((w) => (sure.includes(w) ? milli(w.sync.offset) : null)),
        },
      ],
      anomalies: anomaliesOf(sure, value, track),
    };
  }

  private windows(mouth: Mouth): { from: number; to: number; sync: SyncResult }[] {
    const out: { from: number; to: number; sync: SyncResult }[] = [];
    const first = mouth.times[0];
    const last = mouth.times.at(-1);
    if (first === undefined || last === undefined) return out;
    const count = Math.floor((last - first) / SYNC_STEP) + 1;
    const motion = onGrid(mouth.times, mouth.motion, first, count, LONGEST_STEP);
    // Frame i of the loudness covers three steps and stands for its middle.
    const loudnessTimes = this.loudness.map((_, i) => this.soundStart + (i + 1.5) * SYNC_STEP);
    const loudness = onGrid(loudnessTimes, this.loudness, first, count, 2 * SYNC_STEP);
    const size = WINDOW_SECONDS / SYNC_STEP;
    for (let at = 0; at < count; at += HOP_SECONDS / SYNC_STEP) {
      const end = Math.min(count, at + size);
      const sync = syncOffset(motion.subarray(at, end), loudness.subarray(at, end));
      if (sync !== null) out.push({ from: first + at * SYNC_STEP, to: first + end * SYNC_STEP, sync });
      if (end === count) break;
    }
    return out;
  }
}

function anomaliesOf(
  sure: readonly { from: number; to: number; sync: SyncResult }[],
  value: number | null,
  track: number,
): Anomaly[] {
  const first = sure[0];
  const last = sure.at(-1);
  if (value === null || first === undefined || last === undefined) return [];
  if (value >= EARLY && value <= LATE) return [];
  if (!sure.every((w) => Math.abs(w.sync.offset - value) <= AGREEMENT)) return [];
  return [
    {
      type: 'sync-offset',
      severity: 'medium',
      description: `The sound is ${Math.abs(1000 * value).toFixed(0)} ms ${value > 0 ? 'late' : 'early'} against the mouth: a fault of recording or conversion, or sound that was replaced.`,
      detector: identity.id,
      where: { track, seconds: [milli(first.from), milli(last.to)] },
    },
  ];
}
