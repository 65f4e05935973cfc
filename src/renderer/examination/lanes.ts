/** What the time line shows of a result: lanes of series, faces and events, all in seconds. Pure. */
import {
  type AnalysisResult,
  type Anomaly,
  type Observation,
  SCENE_CUT,
  type Series,
  type Track,
} from '../../contract/result.ts';
import type { Direction, Severity } from '../../contract/words.ts';
import { type Points, preparePoints } from '../charts/decimate.ts';
import type { Range } from '../charts/scale.ts';
import type { FrameClock } from './frames.ts';

export interface LaneLine {
  readonly track: number | null;
  readonly points: Points;
}

export interface SeriesLane {
  readonly id: string;
  readonly detector: string;
  readonly quantity: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly score: boolean;
  readonly lines: readonly LaneLine[];
  /** The vertical range; for scores 0 to 1 with a margin. */
  readonly vertical: Range;
  readonly threshold: number | null;
  readonly band: readonly [number, number] | null;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface PresenceLane {
  readonly track: number;
  readonly spans: readonly Span[];
}

export interface EventSpan extends Span {
  readonly anomaly: Anomaly;
  readonly severity: Severity;
}

/** A little more than 0 to 1, so that a score at either end is not cut off. */
const SCORE_RANGE: Range = { from: -0.05, to: 1.05 };

const secondsOf = (series: Series, clock: FrameClock): readonly number[] =>
  series.axis === 'frame' ? series.x.map((frame) => clock.timeOf(frame).seconds) : series.x;

function verticalOf(lines: readonly LaneLine[]): Range {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { points } of lines) {
    for (const value of points.low) from = Math.min(from, value);
    for (const value of points.high) to = Math.max(to, value);
  }
  if (!(from <= to)) return { from: 0, to: 1 };
  // Rounding of a constant must not look like a change.
  const varies = to - from > 1e-4 * Math.max(Math.abs(from), Math.abs(to));
  const margin = varies ? (to - from) * 0.08 : Math.max(Math.abs(to) * 0.1, 0.5);
  return { from: from - margin, to: to + margin };
}

/** Series over time, the tracks of one quantity together; scores first. */
export function seriesLanes(result: Pick<AnalysisResult, 'series' | 'observations'>, clock: FrameClock): SeriesLane[] {
  const groups = new Map<string, Series[]>();
  for (const series of result.series) {
    if ((series.axis !== 'seconds' && series.axis !== 'frame') || series.x.length === 0) continue;
    // Moments have a lane of their own; a line through them would mean nothing.
    if (series.quantity === SCENE_CUT) continue;
    const key = `${series.detector} ${series.quantity}`;
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  const lanes = [...groups].flatMap(([id, list]) => {
    const [first] = list;
    if (first === undefined) return [];
    const said = result.observations.find(
      ({ detector, kind, threshold }) => detector === first.detector && kind === 'score' && threshold !== undefined,
    );
    const score = first.quantity === 'score';
    const lines = list.map((series) => ({
      track: series.track ?? null,
      points: preparePoints(secondsOf(series, clock), series.y),
    }));
    return [
      {
        id,
        detector: first.detector,
        quantity: first.quantity,
        unit: first.unit,
        direction: first.direction,
        score,
        lines,
        vertical: score ? SCORE_RANGE : verticalOf(lines),
        threshold: score ? thresholdOf(said) : null,
        band: (score && said?.uncertainBand) || null,
      },
    ];
  });
  return lanes.sort((a, b) => Number(b.score) - Number(a.score));
}

const thresholdOf = (observation: Observation | undefined): number | null => observation?.threshold ?? null;

/** When each face was seen. A gap of more than `gap` frames without a box ends a span. */
export function presenceLanes(tracks: readonly Track[], clock: FrameClock, gap = 1): PresenceLane[] {
  return tracks.map(({ id, boxes }) => {
    const spans: { from: number; to: number; frame: number }[] = [];
    for (const { frame } of boxes) {
      const { seconds } = clock.timeOf(frame);
      const end = clock.timeOf(frame + 1).seconds;
      const last = spans.at(-1);
      if (last !== undefined && frame - last.frame <= gap) Object.assign(last, { to: end, frame });
      else spans.push({ from: seconds, to: end, frame });
    }
    return { track: id, spans: spans.map(({ from, to }) => ({ from, to })) };
  });
}

/** The frames between analysed ones that may be missing without the face having gone. */
export function usualGap(result: AnalysisResult): number {
  if (result.mediaType !== 'video') return 1;
  const steps = result.frameAnalysis.slice(1).map(({ frame }, i) => frame - (result.frameAnalysis[i]?.frame ?? 0));
  return Math.max(1, ...steps);
}

/** Anomalies that have a place in time. */
export function eventSpans(anomalies: readonly Anomaly[], clock: FrameClock): EventSpan[] {
  return anomalies.flatMap((anomaly) => {
    const { seconds, frames } = anomaly.where ?? {};
    if (seconds) return [{ from: seconds[0], to: seconds[1], anomaly, severity: anomaly.severity }];
    if (!frames || clock.count < 2) return [];
    const [from, to] = [clock.timeOf(frames[0]).seconds, clock.timeOf(frames[1] + 1).seconds];
    return [{ from, to, anomaly, severity: anomaly.severity }];
  });
}

/** Where scenes change: from the last examined frame of the old scene to the first of the new one. */
export function cutSpans(series: readonly Series[]): readonly Span[] {
  return series
    .filter(({ quantity, axis }) => quantity === SCENE_CUT && axis === 'seconds')
    .flatMap(({ x, y }) => x.map((to, i) => ({ from: to - (y[i] ?? 0), to })))
    .sort((a, b) => a.to - b.to);
}

/** Times of key frames, from the series of the distances to the next one; the last has none and lies a distance on. */
export function keyFrames(series: readonly Series[], clock: FrameClock): readonly number[] {
  const distances = series.find(({ detector, axis }) => detector === 'gop' && axis === 'seconds');
  const start = distances?.x.at(-1);
  const length = distances?.y.at(-1);
  if (!distances || start === undefined || typeof length !== 'number') return [];
  return [...distances.x, clock.timeOf(clock.frameAt(start) + length).seconds];
}
