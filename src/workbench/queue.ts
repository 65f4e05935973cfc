/**
 * Works through the queue of a case. What a job produced and that it is done are one transaction, so that a kill at
 * any moment leaves it either finished or to be done again; what it had half-written is swept at the next start.
 */

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { record } from '../casework/audit/edit.ts';
import type { WritableCase } from '../casework/case.ts';
import type { ReadableDb } from '../casework/database/handle.ts';
import { storeArtifacts, sweep, workFolder } from '../casework/evidence/artifacts.ts';
import { bytesOf, checkBytes, recordCheck } from '../casework/evidence/verify.ts';
import { insertAnalysis } from '../casework/records/analyses.ts';
import { getExhibit } from '../casework/records/exhibits.ts';
import {
  cancelJob,
  failJob,
  finishJob,
  getJob,
  getSetting,
  jobCounts,
  recoverJobs,
  requeueJob,
  setSetting,
  startNextJob,
} from '../casework/records/jobs.ts';
import type { Exhibit } from '../contract/case.ts';
import type { Job, JobState } from '../contract/caseWork.ts';
import { asVidimusError, toWire, VidimusError } from '../contract/errors.ts';
import { type AnalysisResult, Plan, type Progress } from '../contract/result.ts';
import type { Workbench } from './workbench.ts';

/** Memory that one engine may need at its peak; below it another engine would push the machine into swapping. */
const BYTES_PER_ENGINE = 2.5e9;

/** Engines that this machine can run at once: half its cores, as far as its free memory goes, at least one. */
export function engineCount(cores = availableParallelism(), free = freemem()): number {
  return Math.max(1, Math.min(Math.floor(cores / 2), Math.floor(free / BYTES_PER_ENGINE)));
}

export interface QueueEvents {
  readonly onStart?: (job: Job, exhibit: Exhibit) => void;
  readonly onProgress?: (job: Job, exhibit: Exhibit, progress: Progress) => void;
  readonly onEnd?: (job: Job, exhibit: Exhibit, left: number) => void;
}

export interface QueueOptions extends QueueEvents {
  readonly concurrency?: number;
  /** Stops the queue; running jobs go back to waiting. */
  readonly signal?: AbortSignal | undefined;
}

export interface QueueSummary {
  readonly counts: Readonly<Record<JobState, number>>;
  /** Jobs that ended in this run. */
  readonly ended: readonly Job[];
  readonly recovered: number;
  readonly swept: number;
  readonly state: 'finished' | 'paused' | 'stopped';
  /** The end state in words, with the reason of each failure. */
  readonly words: string;
}

const PAUSED = 'queue.paused';

/** A queue that is being worked on. */
export interface RunningQueue {
  readonly done: Promise<QueueSummary>;
  /** No new job starts; running ones end. Survives closing the case. */
  pause(): void;
  /** Cancels one job, running or not. */
  cancel(job: string, reason: string): void;
  /** Starts waiting jobs that were added since, up to the concurrency. */
  wake(): void;
}

/** Whether the queue of this case is paused. */
export const isPaused = (target: { readonly db: ReadableDb }): boolean => getSetting(target.db, PAUSED) === 'yes';

/** Pauses or resumes; {@link startQueue} is needed to go on. */
export const setPaused = (target: WritableCase, paused: boolean): void =>
  setSetting(target, PAUSED, paused ? 'yes' : 'no');

/** Puts interrupted jobs back, sweeps, and starts as many lanes as asked for. */
export function startQueue(
  target: WritableCase,
  workbench: Pick<Workbench, 'call'>,
  options: QueueOptions = {},
): RunningQueue {
  const ended: Job[] = [];
  const active = new Map<string, { readonly controller: AbortController; reason: string | null }>();
  const lanes = new Set<Promise<void>>();
  const limit = options.concurrency ?? engineCount();
  const stopped = (): boolean => options.signal?.aborted ?? false;
  let fault: unknown;

  const lane = async (): Promise<void> => {
    while (!stopped() && fault === undefined && !isPaused(target)) {
      const job = startNextJob(target);
      if (!job) return;
      const entry = { controller: new AbortController(), reason: null };
      active.set(job.id, entry);
      const stop = (): void => entry.controller.abort();
      options.signal?.addEventListener('abort', stop, { once: true });
      try {
        const end = await runJob(target, workbench, job, entry, options);
        if (end.state !== 'queued') ended.push(end);
        options.onEnd?.(end, getExhibit(target.db, end.exhibit), jobCounts(target.db).queued);
      } finally {
        options.signal?.removeEventListener('abort', stop);
        active.delete(job.id);
      }
    }
  };
  const open = (): void => {
    const waiting = jobCounts(target.db).queued;
    for (let i = lanes.size; i < Math.min(limit, active.size + waiting); i += 1) {
      const running = lane()
        .catch((thrown: unknown) => {
          fault ??= thrown;
        })
        .finally(() => lanes.delete(running));
      lanes.add(running);
    }
  };
  const work = async (): Promise<QueueSummary> => {
    const { requeued, failed } = recoverJobs(target);
    ended.push(...failed);
    const swept = await sweep(target);
    open();
    while (lanes.size > 0) await Promise.all(lanes);
    if (fault !== undefined) throw fault;
    const counts = jobCounts(target.db);
    const state = stopped() ? 'stopped' : isPaused(target) && counts.queued > 0 ? 'paused' : 'finished';
    return { counts, ended, recovered: requeued.length, swept, state, words: endState(target, state, counts, ended) };
  };
  return {
    done: work(),
    pause: () => setPaused(target, true),
    cancel: (id, reason) => {
      const entry = active.get(id);
      if (!entry) {
        cancelJob(target, id, reason);
        return;
      }
      entry.reason = reason;
      entry.controller.abort();
    },
    wake: open,
  };
}

/** "finished with 2 failures: 3 a.mp4: the reason; …": counted from the database, not from what was meant. */
function endState(
  target: WritableCase,
  state: QueueSummary['state'],
  counts: Record<JobState, number>,
  ended: readonly Job[],
): string {
  const failures = ended.filter((job) => job.state === 'failed');
  const named = failures.slice(0, 5).map((job) => {
    const { itemNumber, originalName } = getExhibit(target.db, job.exhibit);
    return `${itemNumber} ${originalName}: ${job.error ?? job.errorCode ?? 'unknown'}`;
  });
  const more = failures.length > named.length ? `; and ${failures.length - named.length} more` : '';
  const cancelled = ended.filter((job) => job.state === 'cancelled').length;
  const parts = [
    failures.length === 0
      ? state
      : `${state} with ${failures.length} failure${failures.length === 1 ? '' : 's'}: ${named.join('; ')}${more}`,
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(counts.queued > 0 ? [`${counts.queued} still waiting`] : []),
  ];
  return parts.join(', ');
}

async function runJob(
  target: WritableCase,
  workbench: Pick<Workbench, 'call'>,
  job: Job,
  control: { readonly controller: AbortController; readonly reason: string | null },
  options: QueueOptions,
): Promise<Job> {
  const started = target.now();
  const exhibit = getExhibit(target.db, job.exhibit);
  const { signal } = control.controller;
  const work = workFolder(target.folder, job.id);
  options.onStart?.(job, exhibit);
  try {
    await assertSame(target, exhibit, signal);
    const plan = Plan.parse(JSON.parse(job.plan));
    if (plan.artifacts) await mkdir(work, { recursive: true });
    const result = await workbench.call(
      'analysis.run',
      {
        path: bytesOf(target.folder, exhibit),
        name: exhibit.originalName,
        plan,
        artifactsDir: plan.artifacts ? work : null,
      },
      { signal, onProgress: (progress) => options.onProgress?.(job, exhibit, progress) },
    );
    assertOfExhibit(target, exhibit, result);
    if (result.run.planHash !== job.planHash)
      throw new VidimusError('bug', 'The engine ran another plan than the one that was queued.');
    const bytes = await storeArtifacts(target.folder, work, result);
    record(target, 'analysis.add', { exhibit: exhibit.id, job: job.id }, (edit) => {
      const analysis = insertAnalysis(target, edit, exhibit.id, result, started, bytes);
      finishJob(target, edit, job, analysis.id);
      if (exhibit.mediaType !== result.mediaType) edit.update('exhibit', exhibit.id, { mediaType: result.mediaType });
    });
    return getJob(target.db, job.id);
  } catch (thrown) {
    const error = asVidimusError(thrown);
    // A cancel of this job is its end; a stop of the queue, and a full disk of the case, are not its fault.
    if (control.reason !== null) return cancelJob(target, job.id, control.reason);
    if (error.code === 'cancelled') return requeueJob(target, job, 'the queue was stopped');
    if (error.code.startsWith('case.')) {
      requeueJob(target, job, error.message);
      throw error;
    }
    return failJob(target, job, toWire(error));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws VidimusError integrity.mismatch, evidence.* after recording what was found. */
async function assertSame(target: WritableCase, exhibit: Exhibit, signal: AbortSignal): Promise<void> {
  const checked = await checkBytes(target.folder, exhibit, { signal });
  recordCheck(target, exhibit, 'before-analysis', checked);
  if (checked.outcome === 'match') return;
  if (checked.outcome === 'mismatch')
    throw new VidimusError('integrity.mismatch', 'The bytes are not those of the intake; nothing was analysed.');
  const code = checked.outcome === 'missing' ? 'evidence.not-found' : 'evidence.read-failed';
  throw new VidimusError(code, checked.detail ?? 'The bytes of the exhibit could not be read.');
}

/** The engine hashed what it read: a file that changed after our check must not pass. */
function assertOfExhibit(target: WritableCase, exhibit: Exhibit, result: AnalysisResult): void {
  const { sha256, bytes } = result.evidence;
  if (sha256 === exhibit.sha256) return;
  const detail = `changed between verification and analysis; found ${bytes} bytes with SHA-256 ${sha256}`;
  recordCheck(target, exhibit, 'before-analysis', { outcome: 'mismatch', foundSha256: sha256, bytes, detail });
  throw new VidimusError(
    'integrity.mismatch',
    'The bytes changed between verification and analysis; the result was discarded.',
  );
}

/** Jobs by state, for lists. */
export { enqueue, jobCounts, listJobs, retryJob, setPriority } from '../casework/records/jobs.ts';
