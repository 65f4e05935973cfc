/** `vidimus evaluate DIR`: error rates on the laboratory's own labelled files, and calibration. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Evaluation, Figure, FigureName, Judge } from '../../contract/evaluation.ts';
import { evaluate } from '../../workbench/evaluate/evaluate.ts';
import { profileFolder } from '../../workbench/evaluate/profiles.ts';
import { userFolder } from '../../workbench/folders.ts';
import { makePlan } from '../../workbench/plans.ts';
import { type PlanOptions, planOptions, whole, wishesOf } from '../options.ts';
import { fail, interruptSignal, printable, table } from '../output.ts';
import { openWatched } from '../watched.ts';

interface Flags extends PlanOptions {
  out?: string;
  calibrate?: string[];
  json?: boolean;
  concurrency: number;
}

/** Where an evaluation without `--out` goes: one folder per labelled folder, so that it can be resumed. */
export const evaluationFolder = (folder: string): string =>
  join(userFolder(), 'evaluations', createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16));

/** Registers the command. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('error rates on a folder with real/ and fake/: figures with intervals, plots, calibration')
    .argument('<dir>')
    .option('--out <dir>', 'where evaluation.json and plots go (default: in the user folder)')
    .option('--calibrate <pack...>', 'write a lab profile for these packs; "ensemble" also fits their weights')
    .option('--json', 'print evaluation.json')
    .option('--concurrency <n>', 'files examined at once', whole(1), 1);
  planOptions(command).action(async (dir: string, flags: Flags) => {
    const workbench = openWatched(flags.concurrency);
    const out = flags.out ?? evaluationFolder(dir);
    try {
      const evaluation = await evaluate(workbench, {
        folder: dir,
        out,
        plan: makePlan(wishesOf(flags, false)),
        concurrency: flags.concurrency,
        calibrate: flags.calibrate ?? [],
        profiles: profileFolder(userFolder()),
        signal: interruptSignal(),
        onFile: (entry, done, total) => {
          const what = entry.error === null ? 'examined' : `failed: ${entry.error.message} [${entry.error.code}]`;
          process.stderr.write(`[${done}/${total}] ${printable(entry.path)}: ${printable(what)}\n`);
        },
      });
      if (flags.json) process.stdout.write(`${JSON.stringify(evaluation)}\n`);
      else process.stdout.write(`${evaluationText(evaluation)}\nwritten to ${printable(out)}\n`);
    } catch (thrown) {
      fail(thrown, flags.json ?? false);
    } finally {
      await workbench.close();
    }
  });
}

const COLUMNS: readonly (readonly [FigureName, string])[] = [
  ['auc', 'AUC'],
  ['eer', 'EER'],
  ['fpr', 'FPR'],
  ['fnr', 'FNR'],
  ['tprAt1pctFpr', 'TPR at 1 % FPR'],
  ['cllr', 'Cllr'],
  ['cllrMin', 'Cllr_min'],
];

/** A figure with its interval; a dash where it does not exist. */
export function figureText({ value, low, high }: Figure): string {
  if (value === null) return '-';
  const interval = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${value.toFixed(3)}${interval}`;
}

const row = (judge: Judge): string[] => [
  judge.name,
  `${judge.counts.real} / ${judge.counts.fake}`,
  String(judge.counts.silent),
  ...COLUMNS.map(([name]) => (judge.figures === null ? '-' : figureText(judge.figures[name]))),
];

/** The evaluation for people: one line per judge, then what must be known to read it. */
export function evaluationText(evaluation: Evaluation): string {
  const header = ['judge', 'real / manipulated', 'silent', ...COLUMNS.map(([, title]) => title)];
  const remarks = evaluation.judges.flatMap(({ name, error, notes }) => [
    ...(error === null ? [] : [`${name}: ${error.message} [${error.code}]`]),
    ...notes.map((note) => `${name}: ${note}`),
  ]);
  const profiles = evaluation.profiles.map((p) => `profile of ${p.name} written to ${p.file}`);
  const lines = [...remarks, ...evaluation.notes, ...profiles].map(printable);
  return [
    table([header, ...evaluation.judges.map(row)], 60),
    `Intervals: 95 %, bootstrap over sources. FPR and FNR at each detector’s working threshold.`,
    ...lines,
  ].join('\n');
}
