/** Calls of the application as promises: an answer, or an error that keeps its code and advice. */
import type { ApiArgs, ApiName, ApiResult } from '../contract/api.ts';
import type { Bridge } from '../contract/bridge.ts';
import { fromWire } from '../contract/errors.ts';
import type { Progress } from '../contract/result.ts';

declare global {
  interface Window {
    readonly vidimus: Bridge;
  }
}

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
  const stop = (): void => window.vidimus.cancel(request);
  const unhear = onProgress
    ? window.vidimus.onProgress((id, progress) => {
        if (id === request) onProgress(progress);
      })
    : undefined;
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const answer = await window.vidimus.call(name, args, request);
    if (!answer.ok) throw fromWire(answer.error);
    return answer.value;
  } finally {
    signal?.removeEventListener('abort', stop);
    unhear?.();
  }
}
