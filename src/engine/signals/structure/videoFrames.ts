/** Times and key frames of the first video track, from whichever container knows them. */
import { aviFrames } from './avi.ts';
import { findBox, walkBoxes } from './bmff/boxes.ts';
import { readTimes } from './bmff/fields.ts';
import { fragmentTimes } from './bmff/fragments.ts';
import { editStart, frameTimes, type TrackTimes } from './bmff/frameTimes.ts';
import { readTracks } from './bmff/tracks.ts';
import { walkEbmlAsync } from './ebml.ts';
import { sniffFormat } from './sniff.ts';
import type { ByteSource } from './source.ts';
import { TreeBuilder } from './tree.ts';

/** Frame times by the container's own tables (MP4, MOV, Matroska, WebM, AVI); a reason for every other format. */
export async function videoFrameTimes(source: ByteSource, signal?: AbortSignal): Promise<TrackTimes> {
  const format = sniffFormat(source);
  if (format === 'bmff') {
    const { boxes } = walkBoxes(source);
    const moov = findBox(boxes, 'moov');
    if (moov === null) return { ok: false, reason: 'the file has no movie header (moov)' };
    const track = readTracks(source, moov).find((candidate) => candidate.handler === 'vide');
    if (track === undefined) return { ok: false, reason: 'the file has no video track' };
    const header = findBox(moov.children, 'mvhd');
    const start = editStart(track, header === null ? 0 : (readTimes(source, header).rest.uint(4) ?? 0));
    return track.sampleCount > 0 ? frameTimes(track, start) : fragmentTimes(source, boxes, track, start);
  }
  if (format === 'ebml') {
    const { frames } = await walkEbmlAsync(source, new TreeBuilder(), signal);
    return frames === null ? { ok: false, reason: 'the file has no video track with frames' } : { ok: true, frames };
  }
  if (format === 'avi') return aviFrames(source);
  const name = format === 'unknown' ? 'this format' : format;
  return {
    ok: false,
    reason: `frames are read from the tables of MP4, MOV, Matroska, WebM and AVI only, not of ${name}`,
  };
}
