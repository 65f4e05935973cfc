/** What a call of the contract looks like from within. */
import type * as z from 'zod';
import type { Api, ApiName } from '../../contract/api.ts';
import type { Progress } from '../../contract/result.ts';

/** Travels with every call: how to notice that nobody wants the answer any more, and where to tell how far it is. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Handlers for some of the contract's calls, with parsed arguments. */
export type Handlers<N extends ApiName> = {
  readonly [M in N]: (
    args: z.output<Api[M]['args']>,
    context: CallContext,
  ) => Promise<z.input<Api[M]['result']>> | z.input<Api[M]['result']>;
};
