/** `vidimus report CASE`: the report of a case, and its tables. */
import type { Command } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import type { MadeReport } from '../../contract/report.ts';
import { userFolder } from '../../workbench/folders.ts';
import { makeReport, previewReport, type ReportOptions } from '../../workbench/report/report.ts';
import { type KeyFile, signerOf } from '../../workbench/report/sign.ts';
import { readTemplate } from '../../workbench/report/template.ts';
import { openWorkbench } from '../../workbench/workbench.ts';
import { interruptSignal, printable } from '../output.ts';
import { account, answer, ask, type CaseFlags, readInput, reading, writing } from './caseSupport.ts';

interface Flags extends Omit<CaseFlags, 'json'> {
  out?: string;
  html?: string;
  json?: string | true;
  csv?: string;
  template?: string;
  exhibit?: string[];
  preview?: boolean;
  p12?: string[];
  p12PassphraseFile?: string[];
  tsa?: string;
}

/** Registers the command. */
export function addReport(program: Command): void {
  program
    .command('report')
    .description('the report of a case as PDF, HTML, JSON and tables; evidence is verified first')
    .argument('<case>', 'folder, or a name in the workspace')
    .requiredOption('--out <file.pdf>', 'the report as PDF')
    .option('--html <file>', 'also as one HTML file')
    .option('--json [file]', 'also as canonical JSON (RFC 8785); without a file, print the answer as JSON')
    .option('--csv <dir>', 'also findings.csv, series.csv and custody.csv for spreadsheets')
    .option('--template <file>', 'the laboratory’s template (docs/report.md)')
    .option('--exhibit <key...>', 'only these exhibits: item number, id or SHA-256')
    .option('--examiner <name>', 'who works: name or id of an examiner of the case')
    .option('--passphrase-file <file>', 'file whose first line is the pass phrase of the case (or VIDIMUS_PASSPHRASE)')
    .option('--preview', 'marked pages to look through; nothing is verified, recorded or signed')
    .option('--p12 <file...>', 'sign with the keys in these PKCS#12 files, in this order')
    .option(
      '--p12-passphrase-file <file...>',
      'files whose first lines are their pass phrases (or set VIDIMUS_P12_PASSPHRASE)',
    )
    .option('--tsa <url>', 'have the signatures stamped by this RFC 3161 server; nothing else uses a network')
    .action(async (name: string, flags: Flags) => {
      const { json, ...rest } = flags;
      const own: CaseFlags = { ...rest, json: json === true };
      await answer(own, () => run(name, flags, own), words);
    });
}

async function run(name: string, flags: Flags, own: CaseFlags): Promise<MadeReport> {
  const { out } = flags;
  if (out === undefined) throw new VidimusError('usage.invalid', 'Name the file of the report with --out.');
  const options: ReportOptions = {
    out,
    html: flags.html ?? null,
    json: typeof flags.json === 'string' ? flags.json : null,
    tables: flags.csv ?? null,
    template: await readTemplate(flags.template ?? null),
    exhibits: flags.exhibit ?? null,
    userFolder: userFolder(),
    signal: interruptSignal(),
    onStep: (step, done, total) => {
      if (done === total || process.stderr.isTTY)
        process.stderr.write(`${step === 'verify' ? 'verified' : 'gathered'} ${done} of ${total}\n`);
    },
  };
  const workbench = openWorkbench();
  try {
    if (flags.preview && flags.p12)
      throw new VidimusError('usage.invalid', 'A preview is not signed. Leave out --p12, or --preview.');
    if (flags.preview)
      return await reading(name, own, (source) =>
        previewReport(source, workbench, { ...options, examiner: flags.examiner ?? null, account: account() }),
      );
    const keys = await keysOf(flags);
    return await writing(name, own, (target) =>
      makeReport(
        target,
        workbench,
        options,
        keys.length === 0 ? null : signerOf(target, keys, flags.tsa ?? null, options.signal),
      ),
    );
  } finally {
    await workbench.close();
  }
}

/** The key files with their pass phrases: from files, the environment or the terminal, never from the arguments. */
async function keysOf({ p12 = [], p12PassphraseFile = [] }: Flags): Promise<KeyFile[]> {
  const fromEnvironment = process.env['VIDIMUS_P12_PASSPHRASE'];
  const keys: KeyFile[] = [];
  for (const [i, path] of p12.entries()) {
    const file = p12PassphraseFile[i];
    const bytes = readInput(path);
    if (file !== undefined)
      keys.push({ bytes, passphrase: readInput(file).toString('utf8').split(/\r?\n/, 1)[0] ?? '' });
    else if (fromEnvironment !== undefined) keys.push({ bytes, passphrase: fromEnvironment });
    else if (process.stdin.isTTY) keys.push({ bytes, passphrase: await ask(`Pass phrase of ${printable(path)}: `) });
    else
      throw new VidimusError('key.passphrase', `There is no pass phrase for ${path}.`, {
        advice: 'Give it with --p12-passphrase-file, in VIDIMUS_P12_PASSPHRASE, or at the prompt.',
      });
  }
  return keys;
}

function words(made: MadeReport): string {
  const files = [made.html, made.json, ...made.tables].filter((path) => path !== null);
  return [
    made.state === 'preview' ? `Preview ${made.pdf}, not signed.` : `Report ${made.pdf}`,
    `SHA-256 ${made.sha256}, ${made.bytes} bytes, ${made.exhibits.length} exhibits, ${made.signed ? 'signed' : 'not signed'}`,
    `audit log entry ${made.auditSeq}: ${made.auditHead}`,
    ...files.map((path) => `also ${path}`),
    ...made.notes,
  ]
    .map(printable)
    .join('\n');
}
