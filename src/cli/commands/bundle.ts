/** `vidimus bundle CASE`: a signed report with what it rests on, as one folder or zip. */
import type { Command } from 'commander';
import { bundleCase } from '../../workbench/bundle/bundle.ts';
import { userFolder } from '../../workbench/folders.ts';
import { readKeyFile } from '../../workbench/signing/keys.ts';
import { keyPassphrase } from '../keyPassphrase.ts';
import { interruptSignal, printable } from '../output.ts';
import { answer, type CaseFlags, caseOptions, writing } from './caseSupport.ts';

interface Flags extends CaseFlags {
  out: string;
  report: string;
  html?: string;
  p12: string;
  p12PassFile?: string;
  evidence?: string[] | true;
  zip?: boolean;
  purpose: string;
  receivedBy?: string;
}

/** Registers the command. */
export function addBundle(program: Command): void {
  caseOptions(program.command('bundle').description('a signed report with what it rests on (BagIt)').argument('<case>'))
    .requiredOption('--report <file.pdf>', 'the signed report')
    .requiredOption('--out <path>', 'folder, or zip where the name ends in .zip')
    .requiredOption('--p12 <file>', 'key file of the examiner who signs the bundle')
    .requiredOption('--purpose <text>', 'why, for the custody record')
    .option('--p12-pass-file <file|fd:N>', 'file or descriptor whose first line is the pass phrase of the key file')
    .option('--html <file>', 'the same report as HTML')
    .option(
      '--evidence [key...]',
      'include the bytes of these exhibits; all where none is named (default: hashes only)',
    )
    .option('--zip', 'one zip file')
    .option('--received-by <text>')
    .action(async (name: string, flags: Flags) => {
      const signal = interruptSignal();
      await answer(
        flags,
        async () => {
          const identity = await readKeyFile(flags.p12, await keyPassphrase(flags.p12, flags.p12PassFile));
          return writing(name, flags, (target) =>
            bundleCase(target, {
              out: flags.out,
              zip: flags.zip ?? flags.out.endsWith('.zip'),
              report: flags.report,
              html: flags.html ?? null,
              evidence: flags.evidence === true ? 'all' : (flags.evidence ?? []),
              purpose: flags.purpose,
              receivedBy: flags.receivedBy ?? null,
              identity,
              userFolder: userFolder(),
              signal,
            }),
          );
        },
        (made) =>
          `Bundle ${printable(made.path)}: ${made.files} files, ${made.bytes} bytes.\nSHA-256 of SHA256SUMS: ${made.sumsSha256}`,
      );
    });
}
