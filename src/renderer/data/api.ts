/** The application's calls as queries (kept and shown again) and as work (with progress, error and a way to stop). */
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ApiArgs, ApiName, ApiResult } from '../../contract/api.ts';
import { asVidimusError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/result.ts';
import { call } from '../client.ts';
import { sayError } from '../ui/toasts.tsx';

/** One store of answers per window. Nothing is asked twice because a window got the focus: the machine is local. */
export const createQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });

export interface AskOptions {
  /** Milliseconds between two askings; false for once. */
  readonly every?: number | false;
  readonly enabled?: boolean;
  /** Keeps the last answer in view while another question is under way. */
  readonly keep?: boolean;
}

/** The answer to one call, kept under its name and arguments. */
export function useAsk<N extends ApiName>(
  name: N,
  args: ApiArgs<N>,
  { every = false, enabled = true, keep = false }: AskOptions = {},
): UseQueryResult<ApiResult<N>> {
  return useQuery<ApiResult<N>>({
    queryKey: [name, args],
    queryFn: ({ signal }) => call(name, args, { signal }),
    refetchInterval: every,
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** A short change; afterwards the answers to the named calls are asked for again. Errors are shown at the edge. */
export function useChange<N extends ApiName>(name: N, stale: readonly ApiName[]) {
  const queries = useQueryClient();
  return useMutation<ApiResult<N>, unknown, ApiArgs<N>>({
    mutationFn: (args) => call(name, args),
    onSettled: () => Promise.all(stale.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
    onError: sayError,
  });
}

export interface Work<N extends ApiName> {
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly error: unknown;
  readonly result: ApiResult<N> | null;
  /** Starts; answers null where it failed or was stopped (then `error` says why). */
  start(args: ApiArgs<N>): Promise<ApiResult<N> | null>;
  stop(): void;
  /** Forgets the last result and error. */
  reset(): void;
}

/** Long work with progress. Leaving the screen stops it unless `goesOn`. */
export function useWork<N extends ApiName>(
  name: N,
  stale: readonly ApiName[] = [],
  { goesOn = false }: { readonly goesOn?: boolean } = {},
): Work<N> {
  const queries = useQueryClient();
  const controller = useRef<AbortController | null>(null);
  const [state, setState] = useState<Pick<Work<N>, 'running' | 'progress' | 'error' | 'result'>>({
    running: false,
    progress: null,
    error: null,
    result: null,
  });
  useEffect(() => () => (goesOn ? undefined : controller.current?.abort()), [goesOn]);
  const start = async (args: ApiArgs<N>): Promise<ApiResult<N> | null> => {
    const own = new AbortController();
    controller.current = own;
    setState({ running: true, progress: null, error: null, result: null });
    try {
      const result = await call(name, args, {
        signal: own.signal,
        onProgress: (progress) => setState((before) => ({ ...before, progress })),
      });
      setState({ running: false, progress: null, error: null, result });
      return result;
    } catch (thrown) {
      setState({ running: false, progress: null, error: asVidimusError(thrown), result: null });
      return null;
    } finally {
      for (const key of stale) void queries.invalidateQueries({ queryKey: [key] });
    }
  };
  const stop = useCallback(() => controller.current?.abort(), []);
  const reset = useCallback(() => setState({ running: false, progress: null, error: null, result: null }), []);
  return { ...state, start, stop, reset };
}
