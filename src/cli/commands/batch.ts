/** `vidimus batch DIR --out DIR` */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { runBatch } from '../../workbench/batch.ts';
import { makePlan } from '../../workbench/plans.ts';
import { type PlanOptions, planOptions, whole, wishesOf } from '../options.ts';
import { fail, interruptSignal, printable } from '../output.ts';
import { openWatched } from '../watched.ts';

interface BatchFlags extends PlanOptions {
  out: string;
  resume?: boolean;
  json?: boolean;
  concurrency: number;
}

/** Registers the command. */
export function addBatch(program: Command): void {
  const command = program
    .command('batch')
    .description('examine a folder, recursively; one result per file, summary.csv and summary.json')
    .argument('<dir>')
    .requiredOption('--out <dir>', 'where results go')
    .option('--resume', 'go on with an earlier batch; finished files are not repeated')
    .option('--json', 'print the summary as JSON')
    .option(
      '--concurrency <n>',
      'files examined at once',
      whole(1),
      Math.max(1, Math.floor(availableParallelism() / 2)),
    );
  planOptions(command).action(async (dir: string, options: BatchFlags) => {
    const workbench = openWatched(options.concurrency);
    const started = performance.now();
    try {
      const summary = await runBatch(workbench, {
        folder: dir,
        out: options.out,
        plan: makePlan(wishesOf(options, true)),
        resume: options.resume ?? false,
        concurrency: options.concurrency,
        signal: interruptSignal(),
        onFile: (entry, done, total) => {
          const left = ((performance.now() - started) / 1000 / Math.max(1, done)) * (total - done);
          const percent = Math.floor((100 * done) / total);
          const what =
            entry.state === 'done' ? 'done' : `failed: ${entry.error?.message ?? ''} [${entry.error?.code ?? ''}]`;
          process.stderr.write(
            `[${done}/${total} ${percent} %, ${Math.ceil(left)} s left] ${printable(entry.path)}: ${printable(what)}\n`,
          );
        },
      });
      const { entries: _, ...counts } = summary;
      if (options.json) process.stdout.write(`${JSON.stringify({ ...counts, out: options.out })}\n`);
      else {
        const tail = summary.failed === 0 ? '' : `, ${summary.failed} failed (see summary.csv)`;
        const before = summary.resumed === 0 ? '' : ` (${summary.resumed} of them by an earlier run)`;
        process.stdout.write(`${summary.files} files: ${summary.done} examined${before}${tail}\n`);
      }
      process.exitCode = summary.failed > 0 ? 3 : 0;
    } catch (thrown) {
      fail(thrown, options.json ?? false);
    } finally {
      await workbench.close();
    }
  });
}
