/**
 * The queue's memory. A job is on the disk before it starts; it ends in one transaction with what it produced. Since
 * only the holder of the writer's lock runs jobs, a job found `running` at the start of a queue was interrupted.
 */
import * as z from 'zod';
import { type AnalysisRecord, Job, type JobState } from '../../contract/caseWork.ts';
import { VidimusError, type WireError } from '../../contract/errors.ts';
import type { Plan } from '../../contract/result.ts';
import { canonical, sha256Of } from '../audit/canonical.ts';
import { type Edit, record, type Session } from '../audit/edit.ts';
import type { ReadableDb, SqlRow } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { findAnalysis } from './analyses.ts';

/** After so many ends of the program under one exhibit it is taken for the cause. */
export const MAX_INTERRUPTIONS = 3;

export interface Enqueued {
  readonly job: Job | null;
  /** Set when this plan was applied to this exhibit before: nothing is queued then. */
  readonly known: AnalysisRecord | null;
}

const PENDING = "SELECT * FROM job WHERE exhibit = ? AND planHash = ? AND state IN ('queued', 'running') LIMIT 1";

/** Queues an exhibit. Work that is finished or waiting already is not queued again unless `again` says why. */
export function enqueue(
  session: Session,
  exhibit: string,
  plan: Plan,
  options: { priority?: number; again?: string } = {},
): Enqueued {
  const { db } = session;
  const text = canonical(plan);
  const planHash = sha256Of(text);
  return db.transaction(() => {
    const waiting = db.one(Job, PENDING, exhibit, planHash);
    if (waiting) return { job: waiting, known: null };
    const known = options.again === undefined ? findAnalysis(db, exhibit, planHash) : null;
    if (known) return { job: null, known };
    const job = Job.parse({
      id: newId(),
      exhibit,
      plan: text,
      planHash,
      priority: options.priority ?? 0,
      state: 'queued',
      attempts: 0,
      interruptions: 0,
      reason: options.again ?? null,
      errorCode: null,
      error: null,
      analysis: null,
      createdUtc: utc(session.now()),
      startedUtc: null,
      finishedUtc: null,
      byExaminer: session.actor.name,
    });
    record(session, 'job.queue', { exhibit, ...(options.again ? { reason: options.again } : {}) }, (edit) =>
      edit.insert('job', job),
    );
    return { job, known: null };
  });
}

const change = (
  session: Session,
  job: Job,
  action: string,
  changes: SqlRow,
  detail: Record<string, string> = {},
): Job =>
  record(session, action, { exhibit: job.exhibit, ...detail }, (edit) => {
    edit.update('job', job.id, changes);
    return Job.parse({ ...job, ...changes });
  });

/** Takes the next job (highest priority, then oldest) and marks it as running, or null when none waits. */
export function startNextJob(session: Session): Job | null {
  const { db } = session;
  return db.transaction(() => {
    const next = db.one(Job, "SELECT * FROM job WHERE state = 'queued' ORDER BY priority DESC, id LIMIT 1");
    if (!next) return null;
    return change(session, next, 'job.start', {
      state: 'running',
      attempts: next.attempts + 1,
      startedUtc: utc(session.now()),
    });
  });
}

/** Marks a job as done within the entry that stores its analysis. */
export const finishJob = (session: Session, edit: Edit, job: Job, analysis: string): void =>
  edit.update('job', job.id, {
    state: 'done',
    analysis,
    finishedUtc: utc(session.now()),
    errorCode: null,
    error: null,
  });

export const failJob = (session: Session, job: Job, error: WireError): Job =>
  change(
    session,
    job,
    'job.fail',
    { state: 'failed', errorCode: error.code, error: error.message, finishedUtc: utc(session.now()) },
    { code: error.code },
  );

/** Puts a running job back: it was stopped, not finished and not failed. */
export const requeueJob = (session: Session, job: Job, reason: string): Job =>
  change(session, job, 'job.requeue', { state: 'queued', reason, startedUtc: null }, { reason });

export function getJob(db: ReadableDb, id: string): Job {
  const job = db.one(Job, 'SELECT * FROM job WHERE id = ?', id);
  if (!job) throw new VidimusError('case.unknown', `There is no job ${id} in this case.`);
  return job;
}

/** Cancels a job that has not ended. */
export function cancelJob(session: Session, id: string, reason: string): Job {
  const job = getJob(session.db, id);
  if (job.state !== 'queued' && job.state !== 'running')
    throw new VidimusError('case.rule', `This job is ${job.state} and cannot be cancelled.`);
  return change(
    session,
    job,
    'job.cancel',
    { state: 'cancelled', reason, finishedUtc: utc(session.now()) },
    { reason },
  );
}

/** Queues a failed or cancelled job again, and says why. */
export function retryJob(session: Session, id: string, reason: string): Job {
  const job = getJob(session.db, id);
  if (job.state !== 'failed' && job.state !== 'cancelled')
    throw new VidimusError('case.rule', `This job is ${job.state}; only failed and cancelled ones are tried again.`);
  const fresh = {
    state: 'queued',
    reason,
    interruptions: 0,
    errorCode: null,
    error: null,
    startedUtc: null,
    finishedUtc: null,
  };
  return change(session, job, 'job.retry', fresh, { reason });
}

export const setPriority = (session: Session, id: string, priority: number): Job =>
  change(session, getJob(session.db, id), 'job.priority', { priority: z.int().min(-100).max(100).parse(priority) });

/** Puts interrupted jobs back; one that was interrupted too often is failed with that reason. Returns both. */
export function recoverJobs(session: Session): { readonly requeued: Job[]; readonly failed: Job[] } {
  const requeued: Job[] = [];
  const failed: Job[] = [];
  for (const job of session.db.all(Job, "SELECT * FROM job WHERE state = 'running' ORDER BY id")) {
    const interruptions = job.interruptions + 1;
    if (interruptions < MAX_INTERRUPTIONS) {
      const reason = 'the program ended while this exhibit was examined';
      requeued.push(change(session, job, 'job.recover', { state: 'queued', interruptions, reason, startedUtc: null }));
      continue;
    }
    const error = `The program ended ${interruptions} times while this exhibit was examined.`;
    const end = { state: 'failed', interruptions, errorCode: 'engine.crashed', error, finishedUtc: utc(session.now()) };
    failed.push(change(session, job, 'job.fail', end, { code: 'engine.crashed' }));
  }
  return { requeued, failed };
}

export const listJobs = (db: ReadableDb, state?: JobState): Job[] =>
  state === undefined
    ? db.all(Job, 'SELECT * FROM job ORDER BY id')
    : db.all(Job, 'SELECT * FROM job WHERE state = ? ORDER BY priority DESC, id', state);

/**
 * At most `limit` jobs as a screen shows them: the running ones, the waiting ones in the order of intake, then those
 * that ended, the latest first.
 */
export const jobsForScreen = (db: ReadableDb, limit: number): Job[] =>
  db.all(
    Job,
    `SELECT * FROM job ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END,
      CASE WHEN state IN ('running', 'queued') THEN id END, id DESC LIMIT ?`,
    limit,
  );

const Counts = z.strictObject({ state: z.string(), n: z.int() });
export const jobCounts = (db: ReadableDb): Record<JobState, number> => {
  const counts = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
  for (const row of db.all(Counts, 'SELECT state, count(*) AS n FROM job GROUP BY state'))
    Object.assign(counts, { [row.state]: row.n });
  return counts;
};

const Setting = z.strictObject({ value: z.string() });

/** A setting of the case, or null. */
export const getSetting = (db: ReadableDb, name: string): string | null =>
  db.one(Setting, 'SELECT value FROM setting WHERE id = ?', name)?.value ?? null;

/** Changes a setting; what it was and is stands in the audit log. */
export function setSetting(session: Session, name: string, value: string): void {
  const before = getSetting(session.db, name);
  if (before === value) return;
  record(session, 'setting.change', { name, before, after: value }, (edit) => {
    if (before === null) edit.insert('setting', { id: name, value });
    else edit.update('setting', name, { value });
  });
}
