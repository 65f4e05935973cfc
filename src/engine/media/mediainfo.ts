/** Second opinion on a container: what MediaInfo says and ffmpeg does not (durations per stream, kind of frame rate). */
import { open } from 'node:fs/promises';
import mediaInfoFactory, { type MediaInfo } from 'mediainfo.js';
import * as z from 'zod';
import { throwIfCancelled } from '../../contract/errors.ts';

const number = z.union([z.number(), z.string().transform(Number)]).pipe(z.number());

const Track = z.looseObject({
  '@type': z.string(),
  Duration: number.optional().catch(undefined),
  BitRate: number.optional().catch(undefined),
  FrameRate_Mode: z.string().optional().catch(undefined),
});

const Report = z.looseObject({
  creatingLibrary: z.looseObject({ version: z.string() }).optional(),
  media: z.looseObject({ track: z.array(Track) }).nullish(),
});

/** One stream; `kind` counts apart for video and sound, in the order of the container. */
export interface InfoTrack {
  readonly kind: 'video' | 'audio';
  readonly duration: number | null;
  readonly bitRate: number | null;
  readonly variableFrameRate: boolean | null;
}

/** MediaInfo parses hostile files too; past this many bytes asked for it is going in circles. */
const READ_LIMIT = 256 << 20;

let shared: Promise<MediaInfo<'object'>> | null = null;
let turn: Promise<unknown> = Promise.resolve();

/**
 * The streams of a file as MediaInfo sees them, or null where it fails: it is a second opinion only.
 * Calls take turns, because one instance is kept (loading it costs more than a call).
 */
export function mediaInfo(path: string, bytes: number, signal?: AbortSignal): Promise<readonly InfoTrack[] | null> {
  const mine = turn.then(() => analyse(path, bytes, signal));
  turn = mine.catch(() => undefined);
  return mine;
}

async function analyse(path: string, bytes: number, signal?: AbortSignal): Promise<readonly InfoTrack[] | null> {
  throwIfCancelled(signal);
  const handle = await open(path, 'r');
  try {
    shared ??= mediaInfoFactory({ format: 'object' });
    const instance = await shared;
    let read = 0;
    const raw = await instance.analyzeData(bytes, async (size, offset) => {
      read += size;
      if (signal?.aborted || read > READ_LIMIT) return new Uint8Array(0);
      const { buffer, bytesRead } = await handle.read(new Uint8Array(size), 0, size, offset);
      return buffer.subarray(0, bytesRead);
    });
    instance.reset();
    throwIfCancelled(signal);
    const report = Report.safeParse(raw);
    return report.success ? (report.data.media?.track ?? []).flatMap(track) : null;
  } catch {
    throwIfCancelled(signal);
    // An instance that threw may be left in any state.
    shared = null;
    return null;
  } finally {
    await handle.close();
  }
}

function track(entry: z.infer<typeof Track>): InfoTrack[] {
  const kind = entry['@type'] === 'Video' ? 'video' : entry['@type'] === 'Audio' ? 'audio' : null;
  if (kind === null) return [];
  const mode = entry.FrameRate_Mode;
  return [
    {
      kind,
      duration: entry.Duration ?? null,
      bitRate: entry.BitRate ?? null,
      variableFrameRate: mode === 'VFR' ? true : mode === 'CFR' ? false : null,
    },
  ];
}
