/** A summary by MediaInfo (WebAssembly) of container and streams, read in pieces under a time limit. */
import mediaInfoFactory from 'mediainfo.js';
import { throwIfCancelled } from '../../../contract/errors.ts';
import type { ByteSource } from './source.ts';

export interface MediaInfoSummary {
  readonly version: string;
  /** Tracks as MediaInfo names them; the first is "General". */
  readonly tracks: readonly { readonly type: string; readonly values: Readonly<Record<string, unknown>> }[];
}

const CHUNK = 256 * 1024;

/**
 * Reads the summary.
 *
 * @returns the summary, or the reason why there is none
 * @throws VidimusError cancelled
 */
export async function readMediaInfo(
  source: ByteSource,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<
  { readonly ok: true; readonly summary: MediaInfoSummary } | { readonly ok: false; readonly reason: string }
> {
  const deadline = performance.now() + (options.timeoutMs ?? 20_000);
  const timeout = new Error('timeout');
  const reader = await mediaInfoFactory({ format: 'object', full: false, coverData: false, chunkSize: CHUNK });
  try {
    const result = await reader.analyzeData(source.size, async (size, offset) => {
      throwIfCancelled(options.signal);
      if (performance.now() > deadline) throw timeout;
      await new Promise((resolve) => setImmediate(resolve));
      return source.read(offset, size);
    });
    const tracks = (result.media?.track ?? []).map((track) => {
      const { '@type': type, ...values } = track;
      return { type, values };
    });
    return { ok: true, summary: { version: result.creatingLibrary?.version ?? 'unknown', tracks } };
  } catch (error) {
    throwIfCancelled(options.signal);
    return { ok: false, reason: error === timeout ? 'MediaInfo took too long' : 'MediaInfo could not read the file' };
  } finally {
    reader.close();
  }
}
