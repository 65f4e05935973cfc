/** Findings and series from frame times and groups of pictures. */
import type { Where } from '../../../contract/result.ts';
import type { Finding } from './findings.ts';
import type { FrameTimes, GopReport, TimingReport } from './timing.ts';

/** A stretch of frames as a decoder counts them: what the edit list hides has a time and no number. */
function place({ times, hidden }: FrameTimes, first: number, last: number): Where {
  const seconds: [number, number] = [times[first], times[last]];
  return first < hidden ? { seconds } : { frames: [first - hidden, last - hidden], seconds };
}

/** Findings on gaps and on frames too close together; only where the rate is constant does a gap mean something. */
export function timingFindings(report: TimingReport, frames: FrameTimes): Finding[] {
  if (!report.constantRate) return [];
  const found: Finding[] = [];
  const places = (list: readonly { readonly time: number }[]): string =>
    `${list
      .slice(0, 5)
      .map((item) => `${item.time.toFixed(3)} s`)
      .join(', ')}${list.length > 5 ? ', …' : ''}`;
  const [gap] = report.gaps;
  if (gap !== undefined) {
    found.push({
      type: 'timing.missing-frames',
      severity: 'medium',
      description: `${report.missing} frames are missing by the times in the container, before ${places(report.gaps)}. Cameras under load drop frames too; cutting leaves the same gap only when times were kept.`,
      where: place(frames, gap.frame, gap.frame),
    });
  }
  const [close] = report.close;
  if (close !== undefined) {
    found.push({
      type: 'timing.close-frames',
      severity: 'low',
      description: `${report.close.length} frames follow the one before within half an interval, at ${places(report.close)}: inserted or doubled frames, or a join of two recordings.`,
      where: place(frames, close.frame, close.frame),
    });
  }
  return found;
}

const MAX_POINTS = 4_000;

/**
 * Distances between frames for display: seconds against milliseconds. Long recordings are thinned to the largest
 * distance of each stretch, so that no gap is lost.
 */
export function intervalSeries({ times }: FrameTimes): { x: number[]; y: number[] } {
  const count = times.length - 1;
  const stride = Math.max(1, Math.ceil(count / MAX_POINTS));
  const x: number[] = [];
  const y: number[] = [];
  for (let start = 0; start < count; start += stride) {
    let largest = start;
    for (let i = start; i < Math.min(count, start + stride); i++) {
      if (times[i + 1] - times[i] > times[largest + 1] - times[largest]) largest = i;
    }
    x.push(times[largest + 1]);
    y.push((times[largest + 1] - times[largest]) * 1_000);
  }
  return { x, y };
}

/** Equal groups in a row that make a rhythm. */
const RHYTHM = 3;

/** Findings on the rhythm of key frames. */
export function gopFindings(report: GopReport, frames: FrameTimes): Finding[] {
  const found: Finding[] = [];
  const at = (group: number): Where => place(frames, report.starts[group], report.starts[group]);
  if (report.leading > 0) {
    found.push({
      type: 'gop.no-key-at-start',
      severity: 'medium',
      description: `${report.leading} frames come before the first key frame: the beginning was cut off without encoding again.`,
      where: place(frames, 0, report.leading),
    });
  }
  const rhythms = findRhythms(report.lengths);
  const change = rhythms.find((rhythm) => rhythm.length !== rhythms[0].length);
  if (change !== undefined) {
    found.push({
      type: 'gop.rhythm-changes',
      severity: 'medium',
      description: `The distance of key frames changes from ${rhythms[0].length} to ${change.length} frames: recordings of different encoders or settings may have been joined. Encoders that adapt to the content do it too.`,
      where: at(change.group),
    });
  } else if (report.modeShare >= 0.8 && !report.fixed) {
    const odd = report.lengths.findIndex((length) => length !== report.mode);
    found.push({
      type: 'gop.out-of-rhythm',
      severity: 'low',
      description: `Key frames come every ${report.mode} frames except at ${report.lengths.filter((length) => length !== report.mode).length} places: scene cuts that the encoder noticed, or joins.`,
      where: at(odd),
    });
  }
  return found;
}

function findRhythms(lengths: readonly number[]): { length: number; group: number }[] {
  const rhythms: { length: number; group: number }[] = [];
  let start = 0;
  for (let i = 1; i <= lengths.length; i++) {
    if (i < lengths.length && lengths[i] === lengths[start]) continue;
    if (i - start >= RHYTHM) rhythms.push({ length: lengths[start], group: start });
    start = i;
  }
  return rhythms;
}
