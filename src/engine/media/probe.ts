/** What a container of video or sound says of itself: ffmpeg's description, completed by MediaInfo. */
import { VidimusError } from '../../contract/errors.ts';
import type { AudioStream, VideoStream } from '../../contract/result.ts';
import { runFfmpeg } from './child.ts';
import type { Identity } from './intake.ts';
import { DamageLog, parseLogLine } from './log.ts';
import { type InfoTrack, mediaInfo } from './mediainfo.ts';
import { InputTextReader } from './stream-text.ts';
import { type Ffmpeg, inputArguments } from './tools.ts';

/** A container's own description. Sizes are as stored; `rotation` is clockwise to upright, in degrees. */
export interface MovieProbe {
  readonly duration: number | null;
  /**
   * Presentation time in seconds that is shown as zero. Never negative: what lies before zero is the decoder's run-in
   * (codec delay), not shown and not heard.
   */
  readonly start: number;
  readonly streams: readonly (VideoStream | AudioStream)[];
  readonly warnings: readonly string[];
}

/** Describing a file takes ffmpeg well under a second; hostile ones are cut off here. */
const PROBE_SECONDS = 60;

/**
 * Probes a container with the demuxer that belongs to the sniffed type.
 *
 * @throws VidimusError evidence.damaged (ffmpeg cannot open it), cancelled, evidence.timeout
 */
export async function probeMovie(
  tool: Ffmpeg,
  identity: Identity,
  demuxer: string,
  signal?: AbortSignal,
): Promise<MovieProbe> {
  const reader = new InputTextReader();
  let estimated = false;
  const damage = new DamageLog(identity.path);
  await runFfmpeg(tool, inputArguments(identity.path, demuxer, null), {
    signal,
    timeLimitSeconds: PROBE_SECONDS,
    onLine: (text) => {
      const line = parseLogLine(text);
      if (line === null) return;
      reader.add(line);
      damage.add(line);
      estimated ||= /Estimating duration from bitrate/.test(line.text);
    },
  });
  const text = reader.result();
  if (!text.found) {
    throw new VidimusError('evidence.damaged', `“${identity.name}” cannot be opened as ${identity.format.container}.`, {
      detail: damage.sentences().join('\n'),
    });
  }
  const tracks = await mediaInfo(identity.path, identity.bytes, signal);
  const warnings = damage.sentences();
  if (tracks === null) warnings.push('MediaInfo could not read the container; only ffmpeg described it.');
  if (text.forged) warnings.push('A text inside the file imitates the description of a stream.');
  const streams = complete(text.streams, tracks ?? []);
  // ffmpeg guesses the length of streams without one from their size; MediaInfo counts.
  const measured = Math.max(0, ...streams.map((stream) => stream.duration ?? 0));
  const duration = estimated ? measured || null : text.duration;
  return { duration, start: Math.max(0, text.start), streams, warnings };
}

/** MediaInfo's values stand in where ffmpeg prints none, if both count the same streams of a kind. */
function complete(
  streams: readonly (VideoStream | AudioStream)[],
  tracks: readonly InfoTrack[],
): (VideoStream | AudioStream)[] {
  const pictures = tracks.filter((track) => track.kind === 'video');
  const sounds = tracks.filter((track) => track.kind === 'audio');
  const videos = streams.filter((stream) => stream.kind === 'video' && !stream.attachedPicture);
  const audios = streams.filter((stream) => stream.kind === 'audio');
  return streams.map((stream) => {
    if (stream.kind === 'video') {
      const info = videos.length === pictures.length ? pictures[videos.indexOf(stream)] : undefined;
      return {
        ...stream,
        duration: info?.duration ?? null,
        bitRate: stream.bitRate ?? info?.bitRate ?? null,
        variableFrameRate: info?.variableFrameRate ?? null,
      };
    }
    const info = audios.length === sounds.length ? sounds[audios.indexOf(stream)] : undefined;
    return { ...stream, duration: info?.duration ?? null, bitRate: stream.bitRate ?? info?.bitRate ?? null };
  });
}
