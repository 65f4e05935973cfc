/** Presentation times and key frames of fragmented files: `moof`, `traf`, `trun` (ISO/IEC 14496-12, 8.8). */
import type { ByteSource } from '../source.ts';
import { type Box, findBox, payload } from './boxes.ts';
import { Fields } from './fields.ts';
import { inPresentationOrder, MAX_FRAMES, type TrackTimes } from './frameTimes.ts';

/** `sample_is_non_sync_sample` of the sample flags. */
const NON_SYNC = 0x10000;

interface Defaults {
  duration: number;
  flags: number;
}

/** Frames of the track with this id over all fragments; `start` in seconds as `editStart` gives it. */
export function fragmentTimes(
  source: ByteSource,
  boxes: readonly Box[],
  track: { readonly id: number | null; readonly timescale: number },
  start: number,
): TrackTimes {
  if (!(track.timescale > 0) || track.id === null)
    return { ok: false, reason: 'the track has no time scale or number' };
  const pts: number[] = [];
  const keys: number[] = [];
  const base = trackDefaults(source, boxes, track.id);
  let clock = 0;
  for (const moof of boxes) {
    if (moof.type !== 'moof') continue;
    for (const traf of moof.children) {
      const header = traf.type === 'traf' ? findBox(traf.children, 'tfhd') : null;
      if (header === null) continue;
      const { id, defaults } = readFragmentHeader(source, header, base);
      if (id !== track.id) continue;
      const tfdt = findBox(traf.children, 'tfdt');
      if (tfdt !== null) {
        const fields = new Fields(payload(source, tfdt, 16));
        const wide = fields.uint(1) === 1;
        clock = fields.skip(3).uint(wide ? 8 : 4) ?? clock;
      }
      for (const trun of traf.children) {
        if (trun.type === 'trun') clock = readRun(source, trun, defaults, clock, pts, keys);
        if (pts.length > MAX_FRAMES) return { ok: false, reason: `the fragments hold more than ${MAX_FRAMES} samples` };
      }
    }
  }
  if (pts.length === 0) return { ok: false, reason: 'the track holds no samples' };
  return {
    ok: true,
    frames: inPresentationOrder(Float64Array.from(pts), Uint8Array.from(keys), track.timescale, start),
  };
}

function trackDefaults(source: ByteSource, boxes: readonly Box[], id: number): Defaults {
  for (const trex of findBox(boxes, 'moov/mvex')?.children ?? []) {
    if (trex.type !== 'trex') continue;
    const fields = new Fields(payload(source, trex, 32)).skip(4);
    if (fields.uint(4) !== id) continue;
    const duration = fields.skip(4).uint(4) ?? 0;
    return { duration, flags: fields.skip(4).uint(4) ?? 0 };
  }
  return { duration: 0, flags: 0 };
}

function readFragmentHeader(source: ByteSource, tfhd: Box, base: Defaults): { id: number | null; defaults: Defaults } {
  const fields = new Fields(payload(source, tfhd, 64)).skip(1);
  const flags = fields.uint(3) ?? 0;
  const id = fields.uint(4);
  if (flags & 0x01) fields.skip(8);
  if (flags & 0x02) fields.skip(4);
  const duration = flags & 0x08 ? fields.uint(4) : null;
  if (flags & 0x10) fields.skip(4);
  const sample = flags & 0x20 ? fields.uint(4) : null;
  return { id, defaults: { duration: duration ?? base.duration, flags: sample ?? base.flags } };
}

/** Appends the samples of one run and answers the decode time after it. */
function readRun(
  source: ByteSource,
  trun: Box,
  defaults: Defaults,
  start: number,
  pts: number[],
  keys: number[],
): number {
  const fields = new Fields(payload(source, trun, 16_777_216)).skip(1);
  const flags = fields.uint(3) ?? 0;
  const count = fields.uint(4) ?? 0;
  if (flags & 0x001) fields.skip(4);
  const first = flags & 0x004 ? fields.uint(4) : null;
  // A run without per-sample fields could claim 2^32 samples in no bytes at all.
  const limit = Math.min(count, MAX_FRAMES + 1 - pts.length);
  let clock = start;
  for (let i = 0; i < limit; i++) {
    const duration = flags & 0x100 ? fields.uint(4) : defaults.duration;
    if (flags & 0x200) fields.skip(4);
    const sample = flags & 0x400 ? fields.uint(4) : i === 0 && first !== null ? first : defaults.flags;
    const offset = flags & 0x800 ? fields.int(4) : 0;
    if (duration === null || sample === null || offset === null) break;
    pts.push(clock + offset);
    keys.push((sample & NON_SYNC) === 0 ? 1 : 0);
    clock += duration;
  }
  return clock;
}
