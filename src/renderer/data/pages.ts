/** A long list fetched in pages, only where it is looked at. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

/** Rows in one page: a few screens full. */
export const PAGE = 200;

export interface Pages<T> {
  readonly rowAt: (index: number) => T | undefined;
  /** Tell it which rows are in view. */
  readonly onView: (first: number, last: number) => void;
  /** Rows from one index to another, fetched where they are not there yet. */
  readonly rows: (from: number, to: number) => Promise<T[]>;
  /** What the last fetch failed with. */
  readonly error: unknown;
}

/**
 * @param key names the list; a change forgets the pages
 * @param fetchPage rows from `offset`, at most `limit`
 */
export function usePages<T>(
  key: readonly unknown[],
  enabled: boolean,
  fetchPage: (offset: number, limit: number, signal?: AbortSignal) => Promise<readonly T[]>,
): Pages<T> {
  const queries = useQueryClient();
  const [view, setView] = useState<readonly [number, number]>([0, 0]);
  const [from, to] = view;
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const optionsOf = (page: number) => ({
    queryKey: [...key, page],
    queryFn: ({ signal }: { signal: AbortSignal }) => fetchPage(page * PAGE, PAGE, signal),
  });
  const answers = useQueries({ queries: numbers.map((page) => ({ ...optionsOf(page), enabled })) });
  const loaded = new Map(numbers.map((page, i) => [page, answers[i]?.data]));
  const rowAt = (index: number): T | undefined => loaded.get(Math.floor(index / PAGE))?.[index % PAGE];
  const onView = useCallback((first: number, last: number) => {
    const next = [Math.floor(first / PAGE), Math.floor(last / PAGE)] as const;
    setView((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, []);
  const rows = async (first: number, last: number): Promise<T[]> => {
    const wanted: T[] = [];
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      const found = await queries.fetchQuery({ ...optionsOf(page), staleTime: 60_000 });
      wanted.push(...found.filter((_, i) => page * PAGE + i >= first && page * PAGE + i <= last));
    }
    return wanted;
  };
  const error = useMemo(() => answers.find((answer) => answer.isError)?.error ?? null, [answers]);
  return { rowAt, onView, rows, error };
}
