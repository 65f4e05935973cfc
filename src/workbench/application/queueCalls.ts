/** Calls about the queue of a case, which works on while screens come and go. */
import * as z from 'zod';
import { getExhibit } from '../../casework/records/exhibits.ts';
import { cancelJob, jobsForScreen } from '../../casework/records/jobs.ts';
import type { AnalysisWishes, CASE_API, QueueView } from '../../contract/apiCases.ts';
import { asVidimusError } from '../../contract/errors.ts';
import type { OpinionSettings } from '../../contract/opinionSettings.ts';
import type { Plan } from '../../contract/result.ts';
import { makePlan } from '../plans.ts';
import { enqueue, isPaused, jobCounts, retryJob, setPaused, setPriority, startQueue } from '../queue.ts';
import type { Workbench } from '../workbench.ts';
import type { Handlers } from './calls.ts';
import type { Entry, OpenCases } from './openCases.ts';

export type QueueName = Extract<keyof typeof CASE_API, `queue.${string}`>;

/** What the queue needs of the laboratory's settings, read anew for every run. */
export interface QueueSettings {
  readonly concurrency: () => number | null;
  readonly opinion: () => OpinionSettings;
}

const Id = z.strictObject({ id: z.string() });
/** Jobs shown at most: the waiting and running ones first, then the latest ends. */
const SHOWN = 500;

/** The plan for an examiner's wishes; heat maps are made unless they are refused. */
export function planFor({ frames, ...wishes }: AnalysisWishes, opinion: OpinionSettings): Plan {
  const sampling =
    frames === undefined
      ? undefined
      : typeof frames === 'number'
        ? ({ kind: 'evenly', n: frames } as const)
        : ({ kind: frames } as const);
  return makePlan({ ...wishes, frames: sampling, artifacts: wishes.artifacts ?? true, opinion });
}

/** Handlers over the open cases; `workbench` examines. */
export function queueCalls(
  open: OpenCases,
  workbench: Pick<Workbench, 'call'>,
  settings: QueueSettings,
): Handlers<QueueName> {
  const view = (entry: Entry): QueueView => {
    const { db } = entry.target;
    return {
      running: entry.queue !== null,
      paused: isPaused(entry.target),
      counts: jobCounts(db),
      rows: jobsForScreen(db, SHOWN).map(({ plan: _, ...job }) => {
        const { itemNumber, originalName } = getExhibit(db, job.exhibit);
        return { job, itemNumber, originalName, progress: entry.progress.get(job.id) ?? null };
      }),
      words: entry.words,
    };
  };
  const start = (entry: Entry): void => {
    if (isPaused(entry.target)) return;
    if (entry.queue !== null) {
      entry.queue.wake();
      return;
    }
    const concurrency = settings.concurrency();
    entry.words = null;
    const queue = startQueue(entry.target, workbench, {
      ...(concurrency === null ? {} : { concurrency }),
      signal: entry.closing.signal,
      onProgress: (job, _exhibit, progress) => entry.progress.set(job.id, progress),
      onEnd: (job) => entry.progress.delete(job.id),
    });
    entry.queue = queue;
    const ended = (words: string): void => {
      entry.queue = null;
      entry.progress.clear();
      entry.words = words;
      // What was queued while the last job ended would otherwise wait for the next click.
      if (!entry.closing.signal.aborted && !isPaused(entry.target) && jobCounts(entry.target.db).queued > 0)
        start(entry);
    };
    queue.done.then(
      ({ words }) => ended(words),
      (thrown: unknown) => {
        entry.queue = null;
        entry.progress.clear();
        entry.words = asVidimusError(thrown).message;
      },
    );
  };
  return {
    'queue.list': ({ case: handle }) => view(open.get(handle)),
    'queue.enqueue': ({ case: handle, exhibits, wishes, priority, again }) => {
      const entry = open.get(handle);
      const { target } = entry;
      const plan = planFor(wishes, settings.opinion());
      const ids = exhibits ?? target.db.all(Id, 'SELECT id FROM exhibit ORDER BY id').map(({ id }) => id);
      let queued = 0;
      let known = 0;
      target.db.transaction(() => {
        for (const id of ids) {
          const { job } = enqueue(target, id, plan, { priority, ...(again === null ? {} : { again }) });
          if (job === null) known++;
          else queued++;
        }
      });
      start(entry);
      return { queued, known };
    },
    'queue.start': ({ case: handle }) => {
      const entry = open.get(handle);
      if (isPaused(entry.target)) setPaused(entry.target, false);
      start(entry);
      return view(entry);
    },
    'queue.pause': ({ case: handle }) => {
      const entry = open.get(handle);
      if (entry.queue === null) setPaused(entry.target, true);
      else entry.queue.pause();
      return view(entry);
    },
    'queue.cancel': ({ case: handle, job, reason }) => {
      const entry = open.get(handle);
      if (entry.queue === null) cancelJob(entry.target, job, reason);
      else entry.queue.cancel(job, reason);
      return view(entry);
    },
    'queue.retry': ({ case: handle, job, reason }) => {
      const entry = open.get(handle);
      retryJob(entry.target, job, reason);
      start(entry);
      return view(entry);
    },
    'queue.priority': ({ case: handle, job, priority }) => {
      const entry = open.get(handle);
      setPriority(entry.target, job, priority);
      return view(entry);
    },
  };
}
