/** Decodes a small exhibit whole, for tests. */

import type { Decoding } from '../../src/engine/media/decode.ts';
import type { DecodeRequest, Media, OpenOptions } from '../../src/engine/media/media.ts';
import { openMedia } from '../../src/engine/media/media.ts';
import type { Frame, PcmChunk } from '../../src/engine/types.ts';

export const PLAN = { maxPixels: 100e6, timeLimitSeconds: 60 };

export interface Collected {
  readonly media: Media;
  readonly pass: Decoding;
  readonly frames: Frame[];
  readonly chunks: PcmChunk[];
  /** All chunks in one. */
  readonly samples: Float32Array;
}

export const open = (path: string, options: Partial<OpenOptions> = {}): Promise<Media> =>
  openMedia(path, { plan: PLAN, ...options });

export async function collect(path: string, request: DecodeRequest): Promise<Collected> {
  const media = await open(path);
  const pass = media.decode(request);
  const frames: Frame[] = [];
  const chunks: PcmChunk[] = [];
  for await (const item of pass) {
    if (item.kind === 'frame') frames.push(item.frame);
    else chunks.push(item.chunk);
  }
  const samples = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk.samples, at);
    at += chunk.samples.length;
  }
  return { media, pass, frames, chunks, samples };
}
