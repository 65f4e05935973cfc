/** A summary by MediaInfo (WebAssembly) of container and streams. */
import * as z from 'zod';
import { runInThread } from './thread/run.ts';

interface MediaInfoSummary {
  readonly version: string;
  /** Tracks as MediaInfo names them; the first is "General". All values are text as MediaInfo wrote them. */
  readonly tracks: readonly { readonly type: string; readonly values: Readonly<Record<string, unknown>> }[];
}

const Answer = z.object({
  creatingLibrary: z.object({ version: z.string() }).optional(),
  media: z.object({ track: z.array(z.record(z.string(), z.unknown())) }).nullish(),
});

/**
 * Reads the summary, or says why there is none.
 *
 * @throws VidimusError cancelled
 */
export async function readMediaInfo(
  path: string,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<
  { readonly ok: true; readonly summary: MediaInfoSummary } | { readonly ok: false; readonly reason: string }
> {
  const answer = await runInThread({ kind: 'mediainfo', path }, { timeoutMs: 20_000, ...options });
  if ('error' in answer) {
    return {
      ok: false,
      reason: answer.error === 'Timeout' ? 'MediaInfo took too long' : 'MediaInfo could not read the file',
    };
  }
  return parseMediaInfo(answer.json);
}

/** Parses MediaInfo's JSON. */
function parseMediaInfo(text: string): Awaited<ReturnType<typeof readMediaInfo>> {
  try {
    const parsed = Answer.parse(JSON.parse(text));
    const tracks = (parsed.media?.track ?? []).map(({ '@type': type, ...values }) => ({ type: String(type), values }));
    return { ok: true, summary: { version: parsed.creatingLibrary?.version ?? 'unknown', tracks } };
  } catch {
    return { ok: false, reason: 'MediaInfo gave no readable answer' };
  }
}
