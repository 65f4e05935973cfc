/** What in an ISO base media file argues for editing or re-writing: clocks, edit lists, sample tables, writers. */
import type { Finding } from '../findings.ts';
import { printable } from '../tree.ts';
import type { BoxWalk } from './boxes.ts';
import { type HeaderTimes, isoFrom1904 } from './fields.ts';
import type { Track } from './tracks.ts';
import type { WriterMatch } from './writers.ts';

const DAY = 86_400;

/** Movie clock in units of 1904 seconds with the movie's time scale. */
interface MovieClock {
  readonly times: Pick<HeaderTimes, 'created' | 'modified'>;
  readonly timescale: number;
}

/** Findings on creation and modification times in the container; `fileModified` is ISO 8601 or null. */
export function clockFindings(movie: MovieClock, tracks: readonly Track[], fileModified: string | null): Finding[] {
  const found: Finding[] = [];
  const { created, modified } = movie.times;
  const show = (seconds: number): string => isoFrom1904(seconds) ?? String(seconds);
  if (created === 0) {
    found.push({
      type: 'container.time-blank',
      severity: 'low',
      description:
        'The container states no time of creation. Cameras write one; many programs for conversion leave it blank, and so do platforms.',
    });
  }
  if (created === null || created === 0 || modified === null) return found;
  if (modified !== 0 && modified < created) {
    found.push({
      type: 'container.modified-before-created',
      severity: 'medium',
      description: `The container was changed (${show(modified)}) before it was created (${show(created)}).`,
    });
  }
  const apart = tracks.find(
    (track) => track.created !== null && track.created !== 0 && Math.abs(track.created - created) > DAY,
  );
  if (apart !== undefined && apart.created !== null) {
    found.push({
      type: 'container.track-time-differs',
      severity: 'medium',
      description: `Track ${apart.id ?? '?'} was created ${show(apart.created)}, the movie ${show(created)}: material of different times was put together.`,
    });
  }
  const file = fileModified === null ? Number.NaN : Date.parse(fileModified) / 1_000 + 2_082_844_800;
  if (created - file > 26 * 3_600) {
    found.push({
      type: 'container.created-after-file',
      severity: 'low',
      description: `The container says created ${show(created)}, the file system last changed ${fileModified}: a wrong clock, or times that were set.`,
    });
  }
  return found;
}

interface EditSummary {
  /** Edits that play media. */
  readonly playing: number;
  /** Seconds of media that no edit plays. */
  readonly hiddenSeconds: number;
  readonly oddRate: boolean;
}

/** Sums up the edit list of a track; `movieScale` is the unit of segment durations. */
export function summariseEdits(track: Track, movieScale: number): EditSummary {
  const playing = track.edits.filter((edit) => edit.mediaTime >= 0);
  const oddRate = playing.some((edit) => edit.rate !== 1);
  if (playing.length === 0 || !(track.timescale > 0) || !(movieScale > 0)) {
    return { playing: playing.length, hiddenSeconds: 0, oddRate };
  }
  // Composition offsets move the whole presentation, so media times count from the first frame's offset on.
  const first = (track.ctts?.values[0] ?? 0) / track.timescale;
  const media = track.duration / track.timescale;
  const spans = playing
    .map((edit) => {
      const start = Math.max(0, edit.mediaTime / track.timescale - first);
      // A segment of zero length plays to the end (fragmented files write that).
      return [
        start,
        edit.segmentDuration === 0 ? media : Math.min(media, start + edit.segmentDuration / movieScale),
      ] as const;
    })
    .sort((a, b) => a[0] - b[0]);
  let shown = 0;
  let reach = 0;
  for (const [start, end] of spans) {
    shown += Math.max(0, end - Math.max(start, reach));
    reach = Math.max(reach, end);
  }
  return { playing: playing.length, hiddenSeconds: Math.max(0, media - shown), oddRate };
}

/** Hidden media below this is the start-up of decoders: B frames and the priming of AAC. */
export const HIDDEN_SECONDS = 0.25;

/** Findings on one track's edit list. */
export function editFindings(track: Track, summary: EditSummary): Finding[] {
  const found: Finding[] = [];
  const name = `Track ${track.id ?? '?'} (${track.handler})`;
  if (summary.playing > 1) {
    found.push({
      type: 'container.several-edits',
      severity: 'medium',
      description: `${name} plays ${summary.playing} pieces of its media by an edit list: it was cut without encoding it again, or paused while recording.`,
    });
  }
  if (summary.hiddenSeconds > HIDDEN_SECONDS) {
    found.push({
      type: 'container.hidden-media',
      severity: 'medium',
      description: `${name} holds ${summary.hiddenSeconds.toFixed(2)} s of media that players do not show. Trimming on a phone does that; the hidden part can be recovered.`,
    });
  }
  if (summary.oddRate) {
    found.push({
      type: 'container.edit-rate',
      severity: 'low',
      description: `${name} is played at another speed by its edit list.`,
    });
  }
  return found;
}

/** Findings on tables that contradict each other. */
export function tableFindings(track: Track): Finding[] {
  // Tables that our own limit cut short differ in length by our doing.
  if (track.limited) return [];
  const wrong = [...track.warnings];
  const { sampleCount, stts, ctts, sync } = track;
  if (sampleCount > 0 && stts.total !== sampleCount)
    wrong.push(`stts covers ${stts.total} samples, stsz has ${sampleCount}`);
  if (ctts !== null && ctts.total !== sampleCount)
    wrong.push(`ctts covers ${ctts.total} samples, stsz has ${sampleCount}`);
  if (sync?.some((number) => number < 1 || number > sampleCount)) wrong.push('stss names samples that are not there');
  if (wrong.length === 0) return [];
  return [
    {
      type: 'container.tables-contradict',
      severity: 'medium',
      description: `The sample tables of track ${track.id ?? '?'} contradict each other: ${wrong.slice(0, 5).join('; ')}. Damage and faulty writers do that, and so does editing by hand.`,
    },
  ];
}

/** Findings on the structure of boxes itself. */
export function walkFindings(walk: BoxWalk): Finding[] {
  if (walk.warnings.length === 0) return [];
  return [
    {
      type: 'container.irregular',
      severity: 'low',
      description: `Irregular structure of boxes: ${walk.warnings
        .slice(0, 5)
        .map((text) => printable(text, 160))
        .join('; ')}.`,
    },
  ];
}

/** Findings on writers that are no cameras. A match is no proof: every mark can be imitated. */
export function writerFindings(matches: readonly WriterMatch[]): Finding[] {
  return matches
    .filter(({ writer }) => writer.kind !== 'camera')
    .map(({ writer, marks }) => ({
      type: `container.writer-${writer.kind}`,
      // Encoders and platforms touch most files that people send to each other; editors do not.
      severity: writer.kind === 'editor' && writer.confidence !== 'low' ? 'medium' : 'low',
      description: `Written as ${writer.name} writes (${writer.confidence} confidence: ${marks.join('; ')}): not as a camera left it. Converting or sending a file does that without changing what it shows.`,
    }));
}
