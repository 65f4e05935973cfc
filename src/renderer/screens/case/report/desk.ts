/**
 * What is being put together for the report of a case, and the making of it. It outlives the screen, so that an
 * examiner may look at an exhibit meanwhile. Pass phrases are not kept here or anywhere else.
 */
import type { QueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import type { ApiArgs, ApiName } from '../../../../contract/api.ts';
import { asVidimusError } from '../../../../contract/errors.ts';
import type { MadeReport } from '../../../../contract/report.ts';
import type { Progress } from '../../../../contract/result.ts';
import { call } from '../../../client.ts';
import type { Extra } from './files.ts';

export interface ReportDraft {
  readonly scope: 'all' | 'selected';
  /** Null: the suggested path. */
  readonly out: string | null;
  readonly extras: readonly Extra[];
  /** Path of a template; empty for the standard one. */
  readonly template: string;
  /** PKCS#12 files, in the order of the signatures. */
  readonly keys: readonly string[];
}

export interface ReportDesk {
  readonly draft: ReportDraft;
  readonly running: MadeReport['state'] | null;
  readonly progress: Progress | null;
  readonly error: unknown;
  readonly result: MadeReport | null;
}

const EMPTY: ReportDesk = {
  draft: { scope: 'all', out: null, extras: [], template: '', keys: [] },
  running: null,
  progress: null,
  error: null,
  result: null,
};

const useDesks = create<{ desks: Readonly<Record<string, ReportDesk>> }>(() => ({ desks: {} }));
const controllers = new Map<string, AbortController>();

/** The making of a report verifies exhibits and records it; both show elsewhere. */
const STALE: readonly ApiName[] = ['case.reports', 'case.info', 'case.exhibits', 'case.exhibit', 'audit.read'];

const put = (handle: string, part: Partial<ReportDesk>): void =>
  useDesks.setState(({ desks }) => ({ desks: { ...desks, [handle]: { ...(desks[handle] ?? EMPTY), ...part } } }));

/** The desk of one case. */
export const useReportDesk = (handle: string): ReportDesk => useDesks(({ desks }) => desks[handle] ?? EMPTY);

/** Changes what is being put together. */
export const draftReport = (handle: string, part: Partial<ReportDraft>): void =>
  put(handle, { draft: { ...(useDesks.getState().desks[handle] ?? EMPTY).draft, ...part } });

/** Makes a report or a preview; one at a time for each case. */
export async function makeReport(request: ApiArgs<'report.make'>, queries: QueryClient): Promise<void> {
  const handle = request.case;
  if (controllers.has(handle)) return;
  const own = new AbortController();
  controllers.set(handle, own);
  // A desk that was cleared meanwhile is not laid again.
  const say = (part: Partial<ReportDesk>): void => {
    if (controllers.get(handle) === own) put(handle, part);
  };
  say({ running: request.preview ? 'preview' : 'final', progress: null, error: null, result: null });
  try {
    const result = await call('report.make', request, {
      signal: own.signal,
      onProgress: (progress) => say({ progress }),
    });
    say({ running: null, progress: null, result });
    // The next report needs another name.
    if (!request.preview && controllers.get(handle) === own) draftReport(handle, { out: null });
  } catch (thrown) {
    say({ running: null, progress: null, error: asVidimusError(thrown) });
  } finally {
    if (controllers.get(handle) === own) controllers.delete(handle);
    for (const key of STALE) void queries.invalidateQueries({ queryKey: [key] });
  }
}

/** Stops what is under way. */
export const stopReport = (handle: string): void => controllers.get(handle)?.abort();

/** Clears the desk of a case that is closed, and stops what is under way. */
export function clearReportDesk(handle: string): void {
  stopReport(handle);
  controllers.delete(handle);
  useDesks.setState(({ desks: { [handle]: _, ...desks } }) => ({ desks }));
}
