/** Jitter of the points of a face against the head's motion. Method page: docs/methods/landmark-motion.md. */
import { throwIfCancelled } from '../../contract/errors.ts';
import type { FacePoints, Observation, Series } from '../../contract/result.ts';
import { median } from '../signals/sound/stats.ts';
import { eyeDistance, pointMotion } from '../signals/time/landmarks.ts';
import type { AnalysedFrame, Detector, DetectorContext, DetectorOutput, DetectorRun } from '../types.ts';
import { measurement, NO_FACE_DETECTOR } from './sound-kit.ts';
import { perSecond } from './time-kit.ts';

const identity = { id: 'landmark-motion', version: '1.0.0', family: 'temporal' } as const;
const LONGEST_STEP = 0.12;
const LEAST_PAIRS = 10;
const LEAST_EYES = 20;
/** Tracks reported; the ones with the most pairs. */
const MAX_TRACKS = 8;

interface TrackState {
  readonly track: number;
  points: FacePoints;
  time: number;
  readonly times: number[];
  readonly jitter: number[];
  readonly speed: number[];
}

export const landmarkMotion: Detector = {
  ...identity,
  mediaTypes: ['video'],
  needs: { frames: true, faces: true, pcm: false },
  start: (context) => new LandmarkRun(context),
};

class LandmarkRun implements DetectorRun {
  private readonly context: DetectorContext;
  private readonly tracks = new Map<number, TrackState>();

  constructor(context: DetectorContext) {
    this.context = context;
  }

  frame({ frame, faces, sceneCut }: AnalysedFrame): void {
    throwIfCancelled(this.context.signal);
    for (const face of faces) {
      // Points carried along with a box move with it exactly and would say there is no jitter.
      if (!face.detected || face.points === null || eyeDistance(face.points) < LEAST_EYES) continue;
      const state = this.tracks.get(face.track);
      if (state === undefined) {
        this.tracks.set(face.track, {
          track: face.track,
          points: face.points,
          time: frame.time,
          times: [],
          jitter: [],
          speed: [],
        });
        continue;
      }
      const step = frame.time - state.time;
      const motion = pointMotion(state.points, face.points);
      if (!sceneCut && step > 0 && step <= LONGEST_STEP && motion !== null) {
        state.times.push(frame.time);
        state.jitter.push(100 * motion.jitter);
        state.speed.push(motion.shift / step);
      }
      state.points = face.points;
      state.time = frame.time;
    }
  }

  finish(): DetectorOutput {
    const observations: Observation[] = [];
    const series: Series[] = [];
    const tracks = [...this.tracks.values()]
      .sort((a, b) => b.jitter.length - a.jitter.length || a.track - b.track)
      .slice(0, MAX_TRACKS);
    for (const t of tracks) {
      const parameters = { longestStepSeconds: LONGEST_STEP, leastEyeDistancePx: LEAST_EYES, pairs: t.jitter.length };
      const where = { track: t.track };
      const enough = t.jitter.length >= LEAST_PAIRS;
      const few = `the face was detected in ${t.jitter.length} pairs of frames at most ${LONGEST_STEP} s apart, ${LEAST_PAIRS} are needed`;
      observations.push(
        measurement(
          identity,
          enough ? median(t.jitter) : null,
          {
            quantity: 'landmark-jitter',
            unit: '% of eye distance',
            direction: 'higher-more-manipulated',
            parameters,
            where,
          },
          few,
        ),
        measurement(
          identity,
          enough ? median(t.speed) : null,
          { quantity: 'head-speed', unit: 'eye distances/s', parameters, where },
          few,
        ),
      );
      if (!enough) continue;
      series.push({
        id: `landmark-motion.jitter.${t.track}`,
        detector: identity.id,
        quantity: 'landmark-jitter',
        unit: '% of eye distance',
        direction: 'higher-more-manipulated',
        axis: 'seconds',
        track: t.track,
        ...perSecond(t.times, t.jitter),
      });
    }
    if (tracks.length === 0) {
      const none = this.context.facesAssessed
        ? `no face with points and at least ${LEAST_EYES} pixels between the eyes was detected`
        : NO_FACE_DETECTOR;
      observations.push(measurement(identity, null, { quantity: 'landmark-jitter', unit: '% of eye distance' }, none));
    }
    observations.push(
      measurement(
        identity,
        null,
        { quantity: 'blink-rate', unit: '1/min' },
        'the five points of a face do not include the eyelids, and no validated measure of the eye region is installed',
      ),
    );
    return { observations, series };
  }
}
