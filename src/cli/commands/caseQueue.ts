/** `vidimus case analyze | queue` */
import { type Command, InvalidArgumentError } from 'commander';
import type { Exhibit } from '../../contract/case.ts';
import type { Job } from '../../contract/caseWork.ts';
import { fromWire } from '../../contract/errors.ts';
import { cancelJob, findExhibit, listExhibits, type WritableCase } from '../../workbench/cases/casework.ts';
import { makePlan } from '../../workbench/plans.ts';
import {
  engineCount,
  enqueue,
  isPaused,
  jobCounts,
  listJobs,
  type QueueSummary,
  retryJob,
  setPaused,
  setPriority,
  startQueue,
} from '../../workbench/queue.ts';
import { openWorkbench } from '../../workbench/workbench.ts';
import { type PlanOptions, planOptions, whole, wishesOf } from '../options.ts';
import { interruptSignal, printable, table } from '../output.ts';
import { answer, type CaseFlags, caseOptions, reading, writing } from './caseSupport.ts';

const priority = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < -100 || value > 100)
    throw new InvalidArgumentError('a whole number from -100 to 100');
  return value;
};

interface AnalyzeFlags extends CaseFlags, PlanOptions {
  exhibit?: string[];
  tag?: string;
  again?: string;
  priority: number;
  concurrency?: number;
  artifacts: boolean;
  queueOnly?: boolean;
}

/** Registers the commands. */
export function addCaseQueue(cases: Command): void {
  const analyze = caseOptions(
    cases.command('analyze').description('queue exhibits and work through the queue').argument('<case>'),
  )
    .option('--exhibit <key...>', 'item numbers, ids or SHA-256 (default: every exhibit)')
    .option('--tag <tag>', 'only exhibits with this tag')
    .option('--again <reason>', 'repeat finished analyses, and say why')
    .option('--priority <n>', '-100 to 100, higher first', priority, 0)
    .option('--concurrency <n>', 'exhibits examined at once (default: by cores and memory)', whole(1))
    .option('--no-artifacts', 'make no heat maps and spectrograms')
    .option('--queue-only', 'queue them and do not start');
  planOptions(analyze).action(async (name: string, flags: AnalyzeFlags) => {
    const signal = interruptSignal();
    const done = await answer(flags, () => writing(name, flags, (target) => run(target, flags, signal)), inWords);
    if (done?.summary?.state === 'stopped') process.exitCode = 130;
    const failed = done?.summary?.ended.find((job) => job.state === 'failed');
    if (failed && !process.exitCode) process.exitCode = exitOf(failed);
  });

  const queue = cases.command('queue').description('the queue of a case');
  caseOptions(queue.command('list').argument('<case>')).action(async (name: string, flags: CaseFlags) => {
    await answer(
      flags,
      () => reading(name, flags, ({ db }) => ({ paused: isPaused({ db }), counts: jobCounts(db), jobs: listJobs(db) })),
      ({ jobs, paused }) =>
        [
          table([
            ['job', 'state', 'priority', 'attempts', 'why'],
            ...jobs.map((job) => [
              job.id,
              job.state,
              String(job.priority),
              String(job.attempts),
              job.error ?? job.reason ?? '',
            ]),
          ]),
          ...(paused ? ['The queue is paused.'] : []),
        ].join('\n'),
    );
  });
  for (const paused of [true, false])
    caseOptions(queue.command(paused ? 'pause' : 'resume').argument('<case>')).action(
      async (name: string, flags: CaseFlags) => {
        await answer(
          flags,
          () =>
            writing(name, flags, (target) => {
              setPaused(target, paused);
              return { paused };
            }),
          () => (paused ? 'The queue is paused.' : 'The queue is open; "vidimus case analyze" goes on with it.'),
        );
      },
    );
  const change = (verb: 'cancel' | 'retry', act: (target: WritableCase, job: string, reason: string) => Job): void => {
    caseOptions(queue.command(verb).argument('<case>').argument('<job>'))
      .requiredOption('--reason <text>')
      .action(async (name: string, job: string, flags: CaseFlags & { reason: string }) => {
        await answer(
          flags,
          () => writing(name, flags, (target) => act(target, job, flags.reason)),
          (after) => `The job is ${after.state}.`,
        );
      });
  };
  change('cancel', cancelJob);
  change('retry', retryJob);
  caseOptions(
    queue.command('priority').argument('<case>').argument('<job>').argument('<n>', '-100 to 100', priority),
  ).action(async (name: string, job: string, n: number, flags: CaseFlags) => {
    await answer(
      flags,
      () => writing(name, flags, (target) => setPriority(target, job, n)),
      (after) => `The job has priority ${after.priority}.`,
    );
  });
}

interface Analyzed {
  readonly queued: number;
  readonly known: number;
  readonly summary: QueueSummary | null;
}

function chosen(target: WritableCase, flags: AnalyzeFlags): Exhibit[] {
  if (flags.exhibit) return flags.exhibit.map((key) => findExhibit(target.db, key));
  return listExhibits(target.db, { limit: 1_000_000, tag: flags.tag });
}

async function run(target: WritableCase, flags: AnalyzeFlags, signal: AbortSignal): Promise<Analyzed> {
  const plan = makePlan(wishesOf(flags, flags.artifacts));
  let queued = 0;
  let known = 0;
  target.db.transaction(() => {
    for (const exhibit of chosen(target, flags)) {
      const again = flags.again === undefined ? {} : { again: flags.again };
      const entered = enqueue(target, exhibit.id, plan, { priority: flags.priority, ...again });
      if (entered.known) known += 1;
      else queued += 1;
    }
  });
  if (flags.queueOnly) return { queued, known, summary: null };
  const concurrency = flags.concurrency ?? engineCount();
  const workbench = openWorkbench({
    engines: concurrency,
    onLog: (line) => process.env['VIDIMUS_DEBUG'] && process.stderr.write(`${line}\n`),
  });
  try {
    const queue = startQueue(target, workbench, {
      concurrency,
      signal,
      onEnd: (job, exhibit, left) =>
        process.stderr.write(
          `${printable(exhibit.itemNumber)} ${printable(exhibit.originalName)}: ${job.state}${job.error ? `, ${printable(job.error)}` : ''} (${left} waiting)\n`,
        ),
    });
    return { queued, known, summary: await queue.done };
  } finally {
    await workbench.close();
  }
}

function inWords({ queued, known, summary }: Analyzed): string {
  const before = known > 0 ? `, ${known} were analysed by this plan before` : '';
  const lines = [`${queued} exhibits in the queue${before}`];
  if (summary) {
    if (summary.recovered > 0) lines.push(`${summary.recovered} interrupted jobs were put back`);
    lines.push(printable(summary.words));
  }
  return lines.join('\n');
}

const exitOf = (job: Job): number =>
  fromWire({ code: job.errorCode ?? 'bug', message: '', advice: '', family: 'expected' }).exitCode;
