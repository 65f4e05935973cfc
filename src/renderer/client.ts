/** Calls of the application as promises: an answer, or an error that keeps its code and advice. */
import * as z from 'zod';
import type { ApiArgs, ApiName, ApiResult } from '../contract/api.ts';
import type { Bridge } from '../contract/bridge.ts';
import { fromWire, VidimusError, WireError } from '../contract/errors.ts';
import type { Progress } from '../contract/result.ts';
import { browserBridge } from './browserBridge.ts';

declare global {
  interface Window {
    /** Set by the preload script; absent in a browser. */
    readonly vidimus?: Bridge<File>;
  }
}

const desktop = window.vidimus;
const bridge: Bridge<File> = desktop ?? browserBridge();
let counter = 0;

export interface CallOptions {
  /** Stops the work; the call then rejects with the code `cancelled`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Calls the application. @throws VidimusError as the application answered */
export async function call<N extends ApiName>(
  name: N,
  args: ApiArgs<N>,
  { signal, onProgress }: CallOptions = {},
): Promise<ApiResult<N>> {
  counter += 1;
  const request = `c${counter}`;
  const stop = (): void => bridge.cancel(request);
  const unhear = onProgress
    ? bridge.onProgress((id, progress) => {
        if (id === request) onProgress(progress);
      })
    : undefined;
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await bridge.call(name, args, request);
    if (!answer.ok) throw fromWire(answer.error);
    return answer.value;
  } finally {
    signal?.removeEventListener('abort', stop);
    unhear?.();
  }
}

/** Address of a part of an exhibit that is open for viewing: `media`, `frame/<index>.png`, `thumbnail.png`, … */
export const evidenceUrl = (id: string, what: string): string =>
  desktop === undefined ? `/evidence/${id}/${what}` : `evidence://${id}/${what}`;

const Uploaded = z.object({ path: z.string() });
const Refused = z.object({ error: WireError });

/**
 * Paths of files that were dropped or chosen. In a browser their bytes are sent to the server on this machine first,
 * because a page is not told where they lie.
 * @throws VidimusError usage.invalid, output.failed
 */
export async function pathsOf(files: readonly File[], signal?: AbortSignal): Promise<string[]> {
  if (desktop !== undefined) return files.map((file) => desktop.pathOf(file)).filter((path) => path !== '');
  const paths: string[] = [];
  for (const file of files) {
    const response = await fetch(`/upload?name=${encodeURIComponent(file.name)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: file,
      ...(signal === undefined ? {} : { signal }),
    });
    const answer: unknown = await response.json().catch(() => null);
    const uploaded = Uploaded.safeParse(answer);
    if (uploaded.success) {
      paths.push(uploaded.data.path);
      continue;
    }
    const refused = Refused.safeParse(answer);
    throw refused.success
      ? fromWire(refused.data.error)
      : new VidimusError('output.failed', `“${file.name}” could not be handed over.`);
  }
  return paths;
}
