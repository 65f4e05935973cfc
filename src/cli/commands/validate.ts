/** `vidimus validate DIR`: a signed record of what this installation answers on known exemplars. */
import { copyFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import type { SignedValidation, ValidationComparison } from '../../contract/validation.ts';
import { userFolder } from '../../workbench/folders.ts';
import { makePlan } from '../../workbench/plans.ts';
import { readRecord, type Validated, validate } from '../../workbench/validate/validate.ts';
import { type PlanOptions, planOptions, whole, wishesOf } from '../options.ts';
import { fail, interruptSignal, printable, table } from '../output.ts';
import { openWatched } from '../watched.ts';
import { figureText } from './evaluate.ts';

interface Flags extends PlanOptions {
  out?: string;
  against?: string;
  verify?: string;
  json?: boolean;
  concurrency: number;
}

/** Registers the command. */
export function addValidate(program: Command): void {
  const command = program
    .command('validate')
    .description('run the workstation on exemplars (real/ and fake/) and sign what it answered')
    .argument('[dir]')
    .option('--out <file>', 'also write the signed record there')
    .option('--against <record>', 'compare with this record (default: the latest of the same exemplars)')
    .option('--verify <record>', 'check the signature of a record instead')
    .option('--json', 'print JSON')
    .option('--concurrency <n>', 'files examined at once', whole(1), 1);
  planOptions(command).action(async (dir: string | undefined, flags: Flags) => {
    try {
      if (flags.verify !== undefined) print(flags, await readRecord(flags.verify), null, flags.verify);
      else if (dir === undefined) throw new VidimusError('usage.invalid', 'Name the folder of exemplars.');
      else {
        const { signed, path, comparison } = await run(dir, flags);
        print(flags, signed, comparison, path);
      }
    } catch (thrown) {
      fail(thrown, flags.json ?? false);
    }
  });
}

async function run(dir: string, flags: Flags): Promise<Validated> {
  const workbench = openWatched(flags.concurrency);
  try {
    const validated = await validate(workbench, {
      folder: dir,
      plan: makePlan(wishesOf(flags, false)),
      concurrency: flags.concurrency,
      userFolder: userFolder(),
      against: flags.against ?? null,
      signal: interruptSignal(),
      onFile: (entry, done, total) => process.stderr.write(`[${done}/${total}] ${printable(entry.path)}\n`),
    });
    const { out } = flags;
    if (out !== undefined) {
      await copyFile(validated.path, out).catch((cause: unknown) => {
        throw new VidimusError('output.failed', `The record could not be written to ${out}.`, { cause });
      });
    }
    return validated;
  } finally {
    await workbench.close();
  }
}

function print(flags: Flags, signed: SignedValidation, comparison: ValidationComparison | null, path: string): void {
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...signed, comparison })}\n`);
    return;
  }
  const { record, signature } = signed;
  const rows = record.judges.map(({ name, counts, figures }) => [
    name,
    `${counts.real} / ${counts.fake}`,
    figures === null ? '-' : figureText(figures.fpr),
    figures === null ? '-' : figureText(figures.fnr),
    figures === null ? '-' : figureText(figures.eer),
  ]);
  const lines = [
    table([['judge', 'real / manipulated', 'FPR', 'FNR', 'EER'], ...rows]),
    `record ${printable(path)}, ${record.date}, ${record.files.length} files of ${printable(record.set)}`,
    `signature valid, key ${signature.keyId}`,
    ...(comparison === null ? [] : comparisonLines(comparison)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function comparisonLines(c: ValidationComparison): string[] {
  const changed = new Set(c.changes.map((change) => change.sha256)).size;
  return [
    `since ${c.before}: ${c.unchangedFiles} files answered as before, ${changed} differently, ${c.added.length} new, ${c.removed.length} gone`,
    ...c.environment.map((line) => `changed ${line}`),
    ...c.changes.map(({ path, judge, before, after }) => `${path}: ${judge}: ${before} → ${after}`),
  ].map(printable);
}
