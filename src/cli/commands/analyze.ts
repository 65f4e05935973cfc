/** `vidimus analyze FILE…` */
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { asVidimusError, toWire } from '../../contract/errors.ts';
import { resultName, writeAtomically } from '../../workbench/files.ts';
import { makePlan } from '../../workbench/plans.ts';
import { type PlanOptions, planOptions, wishesOf } from '../options.ts';
import { fail, interruptSignal, printable, progressBar, table } from '../output.ts';
import { openWatched } from '../watched.ts';
import { countsOf, findingOf, propositionsOf } from '../wording.ts';

/** Registers the command. Files are examined one after another; one that fails does not stop the others. */
export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .description('examine files; a short table, or one JSON document per file')
    .argument('<file...>')
    .option('--json', 'print one JSON document per file')
    .option('--stress', 'examine altered working copies as well; a flip makes the opinion uncertain')
    .option('--out <dir>', 'write results and pictures (heat maps, spectrograms) there');
  planOptions(command).action(
    async (files: string[], options: PlanOptions & { json?: boolean; out?: string; stress?: boolean }) => {
      const { json = false, out } = options;
      const plan = makePlan({ ...wishesOf(options, out !== undefined), stress: options.stress });
      await analyze(files, { json, out, plan });
    },
  );
}

interface Settings {
  readonly json: boolean;
  readonly out: string | undefined;
  readonly plan: ReturnType<typeof makePlan>;
}

async function analyze(files: readonly string[], settings: Settings): Promise<void> {
  const { json, out, plan } = settings;
  const signal = interruptSignal();
  const workbench = openWatched();
  const rows: string[][] = [['file', 'type', 'finding', 'basis', 'not assessed', 'anomalies']];
  let exit = 0;
  const taken = new Set<string>();
  const propositions = new Set<string>();
  try {
    for (const path of files) {
      const bar = progressBar(basename(path));
      try {
        const name = freeName(resultName(basename(path)), taken);
        const artifactsDir = out === undefined ? null : join(out, `${name}.artifacts`);
        const result = await workbench.call(
          'analysis.run',
          { path, plan, artifactsDir },
          { signal, onProgress: bar.update },
        );
        bar.stop();
        if (out !== undefined) await writeAtomically(join(out, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
        if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
        else {
          rows.push([path, result.mediaType, findingOf(result), ...countsOf(result)]);
          const named = propositionsOf(result);
          if (named !== null) propositions.add(named);
        }
      } catch (thrown) {
        bar.stop();
        const error = asVidimusError(thrown);
        if (error.code === 'cancelled') throw error;
        exit ||= error.exitCode;
        if (json) {
          const { code, message, advice } = toWire(error);
          process.stdout.write(`${JSON.stringify({ error: { code, message, advice, file: path } })}\n`);
        } else {
          rows.push([path, '', `not examined: ${error.message}`, '', '', '']);
          process.stderr.write(
            `${printable(path)}: ${printable(error.message)} [${error.code}]\n${printable(error.advice)}\n`,
          );
          if (error.family === 'bug' && error.detail) process.stderr.write(`${error.detail}\n`);
        }
      }
    }
    if (!json) process.stdout.write(`${table(rows, 90)}\n`);
    for (const named of propositions) process.stdout.write(`${named}\n`);
    process.exitCode = exit;
  } catch (thrown) {
    fail(thrown, json);
  } finally {
    await workbench.close();
  }
}

/** Two exhibits of one name from different folders get different result names. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n += 1) free = `${name}-${n}`;
  taken.add(free);
  return free;
}
