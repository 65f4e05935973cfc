/** What the preload script offers the renderer as `window.vidimus`: the contract's calls, and nothing of Electron. */
import type { ApiArgs, ApiName, ApiResult } from './api.ts';
import type { WireError } from './errors.ts';
import type { Progress } from './result.ts';

/** Channel names; one for calls, one for cancel, one for progress. */
export const CHANNELS = { call: 'vidimus:call', cancel: 'vidimus:cancel', progress: 'vidimus:progress' } as const;

/** Every answer across the bridge: a value, or an error as data so that its code and advice survive. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** `F` is the browser's type of a dropped file, which the contract has no word for. */
export interface Bridge<F> {
  /** Calls the application; `request` is a name of the caller's choice under which progress comes and cancel works. */
  call<N extends ApiName>(name: N, args: ApiArgs<N>, request: string): Promise<Answer<ApiResult<N>>>;
  cancel(request: string): void;
  /** Listens to progress of all requests; returns the way to stop listening. */
  onProgress(listener: (request: string, progress: Progress) => void): () => void;
  /** Where a dropped file lies; empty for one that lies nowhere. */
  pathOf(file: F): string;
}
