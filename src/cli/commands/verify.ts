/** `vidimus verify FILE`: is it what was signed, by whom, and does the analysis come out again? */
import { type Command, InvalidArgumentError } from 'commander';
import type { VerificationReport } from '../../contract/verification.ts';
import { verifyFile } from '../../workbench/verify/verify.ts';
import { openWorkbench } from '../../workbench/workbench.ts';
import { interruptSignal, printable } from '../output.ts';
import { answer } from './caseSupport.ts';

interface Flags {
  json?: boolean;
  trust?: string[];
  evidence?: string[];
  replay?: boolean;
  tolerance?: number;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('a number from 0 to 1');
  return value;
}

/** Registers the command. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('check a report, bundle, result, validation record or audit log')
    .argument('<path>')
    .option('--trust <file...>', 'root certificates of the laboratory and of its time stamp server (PEM or DER)')
    .option('--evidence <path...>', 'exhibits, as files or folders; they are found by their hash')
    .option('--replay', 'run the analyses again and compare every value')
    .option('--tolerance <x>', 'largest difference of a value (default: 1e-6, or 1e-3 on another provider)', positive)
    .option('--json', 'print the answer as JSON')
    .action(async (path: string, flags: Flags) => {
      const workbench = openWorkbench();
      try {
        const found = await answer(
          flags,
          () =>
            verifyFile(path, workbench, {
              trust: flags.trust ?? [],
              evidence: flags.evidence ?? [],
              replay: flags.replay ?? false,
              tolerance: flags.tolerance ?? null,
              now: new Date(),
              signal: interruptSignal(),
            }),
          words,
        );
        if (found && !found.sound) process.exitCode = 5;
      } finally {
        await workbench.close();
      }
    });
}

const STATE = { ok: 'OK     ', 'not-ok': 'NOT OK ', open: 'open   ' } as const;
const SHOWN_DIFFERENCES = 50;

function words(report: VerificationReport): string {
  const lines = report.points.map(
    ({ state, subject, statement }) => `${STATE[state]} ${printable(subject)}: ${printable(statement)}`,
  );
  for (const { name, differences } of report.replays) {
    for (const one of differences.slice(0, SHOWN_DIFFERENCES))
      lines.push(
        `        ${printable(name)}: ${printable(one.what)}: ${printable(one.before)} then, ${printable(one.after)} now`,
      );
    if (differences.length > SHOWN_DIFFERENCES)
      lines.push(`        and ${differences.length - SHOWN_DIFFERENCES} more; see --json`);
  }
  const open = report.points.filter(({ state }) => state === 'open').length;
  const bad = report.points.filter(({ state }) => state === 'not-ok').length;
  const verdict = report.sound
    ? `OK: everything that was checked holds${open > 0 ? `; ${open} points are open` : ''}.`
    : `NOT OK: ${bad} points do not hold.`;
  return [...lines, '', `${printable(report.path)} (${report.kind})`, verdict].join('\n');
}
