/** The open case that the screens of queue and log belong to. */
import { useEffect } from 'react';
import { create } from 'zustand';
import type { ApiName } from '../../contract/api.ts';
import type { OpenCase } from '../../contract/apiCases.ts';
import { useAsk } from './api.ts';

const useChosen = create<{ handle: string | null }>(() => ({ handle: null }));

/** Says which case is looked at; null when it was closed. */
export const lookAt = (handle: string | null): void => useChosen.setState({ handle });

/** Keeps the choice in step with a screen that belongs to one case. */
export function useLookAt(handle: string): void {
  useEffect(() => lookAt(handle), [handle]);
}

/** The handle of the case looked at last, or of the first that is open; null where none is. */
export function useCurrentCase(): string | null {
  const chosen = useChosen((state) => state.handle);
  const list = useAsk('cases.list', {});
  const open = (list.data ?? []).flatMap(({ handle }) => handle ?? []);
  if (chosen !== null && (list.data === undefined || open.includes(chosen))) return chosen;
  return open[0] ?? null;
}

/** Answers that a change in an exhibit makes stale. */
export const EXHIBIT_ANSWERS = ['case.exhibit', 'case.exhibits', 'audit.read'] as const satisfies readonly ApiName[];

/** Whether nothing can be added: the case is archived, or an export. */
export const isReadOnly = ({ info }: OpenCase): boolean => info.state === 'closed' || info.kind === 'export';
