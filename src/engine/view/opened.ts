/** Exhibits that somebody looks at stay open: taking one in anew for every frame would hash it every time. */
import { stat } from 'node:fs/promises';
import type { Plan } from '../../contract/result.ts';
import { type Media, openMedia } from '../media/media.ts';

/** So many stay open; what they hold is headers and packet times. */
const MOST = 4;

interface Opened {
  readonly stamp: string;
  readonly media: Promise<Media>;
}

const opened = new Map<string, Opened>();

/**
 * The exhibit at `path`, taken in now or before. A file whose length or time of change differs is taken in again.
 * @throws VidimusError evidence.*, cancelled
 */
export async function openForViewing(
  path: string,
  limits: Pick<Plan, 'maxPixels' | 'timeLimitSeconds'>,
  signal: AbortSignal,
): Promise<Media> {
  const status = await stat(path).catch(() => null);
  const stamp = `${status?.size ?? 'none'} ${status?.mtimeMs ?? ''} ${limits.maxPixels}`;
  const known = opened.get(path);
  if (known?.stamp === stamp) return known.media;
  const media = openMedia(path, { plan: limits, signal });
  opened.delete(path);
  opened.set(path, { stamp, media });
  // What failed or was cancelled must be tried again next time.
  media.catch(() => opened.delete(path));
  const [oldest] = opened.keys();
  if (opened.size > MOST && oldest !== undefined) opened.delete(oldest);
  return media;
}
