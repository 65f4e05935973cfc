/** The time line of an exhibit: faces, anomalies and bookmarks along its length. */
import type { Bookmark } from '../../contract/caseWork.ts';
import type { Timeline, TimelineSpan } from '../../contract/report.ts';
import type { AnalysisResult, Where } from '../../contract/result.ts';

/** More lanes than this do not fit a figure; the attached result has every track. */
const MOST_FACE_LANES = 12;

/** Where in seconds, from a place given in seconds or frames; null where the place is in space alone. */
function secondsOf(where: Where | undefined, fps: number): readonly [number, number] | null {
  if (where?.seconds) return where.seconds;
  if (where?.frames && fps > 0) return [where.frames[0] / fps, (where.frames[1] + 1) / fps];
  return null;
}

/** The time line; null for pictures and for recordings without a length. */
export function timelineOf(result: AnalysisResult, bookmarks: readonly Bookmark[]): Timeline | null {
  if (result.mediaType === 'image' || !(result.duration > 0)) return null;
  const fps = result.mediaType === 'video' ? result.fps : 0;
  const spans: TimelineSpan[] = [];
  const plain = { label: '', track: null, severity: null };
  for (const track of result.tracks.slice(0, MOST_FACE_LANES)) {
    const [first] = track.boxes;
    const last = track.boxes.at(-1);
    if (first && last)
      spans.push({ ...plain, lane: `track ${track.id}`, track: track.id, from: first.time, to: last.time });
  }
  for (const anomaly of result.anomalies) {
    const at = secondsOf(anomaly.where, fps);
    if (at)
      spans.push({
        ...plain,
        lane: 'anomalies',
        label: anomaly.type,
        from: at[0],
        to: at[1],
        severity: anomaly.severity,
      });
  }
  for (const { label, timeSeconds, frame } of bookmarks) {
    const at = timeSeconds ?? (frame !== null && fps > 0 ? frame / fps : null);
    if (at !== null) spans.push({ ...plain, lane: 'bookmarks', label, from: at, to: at });
  }
  return spans.length === 0 ? null : { duration: result.duration, spans };
}
