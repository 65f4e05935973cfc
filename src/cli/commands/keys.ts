/** `vidimus keys root | examiner | list | show`: certificates for laboratories without a PKI of their own. */
import { type Command, Option } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import {
  createExaminer,
  createRoot,
  listKeys,
  type ShownKey,
  showCertificates,
  showKeyFile,
} from '../../workbench/signing/keys.ts';
import { keyPassphrase } from '../keyPassphrase.ts';
import { whole } from '../options.ts';
import { printable } from '../output.ts';
import { answer } from './caseSupport.ts';

interface Flags {
  json?: boolean;
  name: string;
  organisation?: string;
  country?: string;
  type: 'ec' | 'rsa';
  years: number;
  passFile?: string;
  rootPassFile?: string;
  out?: string;
}

const certificateOf = (flags: Flags) => ({
  subject: { name: flags.name, organisation: flags.organisation ?? null, country: flags.country ?? null },
  kind: flags.type,
  // Whole seconds, as certificates count.
  from: new Date(Math.floor(Date.now() / 1000) * 1000),
  years: flags.years,
});

const making = (command: Command, years: number): Command =>
  command
    .requiredOption('--name <text>', 'common name')
    .option('--organisation <text>')
    .option('--country <code>', 'two letters, such as DE')
    .addOption(new Option('--type <kind>', 'kind of key').choices(['ec', 'rsa']).default('ec'))
    .option('--years <n>', 'how long it is valid', whole(1), years)
    .option('--pass-file <file|fd:N>', 'file or descriptor whose first line is the pass phrase')
    .option('--json', 'print the answer as JSON');

const words = (key: ShownKey): string =>
  [
    `${printable(key.path)}: ${printable(key.subject)} (${key.kind}, ${key.use})`,
    `  issued by ${printable(key.issuer)}, valid ${key.fromUtc} to ${key.toUtc}`,
    `  SHA-256 ${key.sha256}`,
  ].join('\n');

/** Registers the commands. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('keys and certificates for signing reports');

  making(keys.command('root').description('make the root of the laboratory').argument('<dir>'), 15).action(
    async (dir: string, flags: Flags) => {
      await answer(
        flags,
        async () => createRoot(dir, certificateOf(flags), await keyPassphrase('the new root', flags.passFile, true)),
        (key) => `${words(key)}\nKeep root.p12 locked away; hand out root.crt.`,
      );
    },
  );

  making(keys.command('examiner').description('make the key file of an examiner under the root').argument('<dir>'), 3)
    .requiredOption('--out <file.p12>')
    .option('--root-pass-file <file|fd:N>', 'the same for the pass phrase of the root')
    .action(async (dir: string, flags: Flags) => {
      await answer(
        flags,
        async () => {
          const { out } = flags;
          if (out === undefined) throw new VidimusError('usage.invalid', 'Name the key file with --out.');
          const root = await keyPassphrase('the root', flags.rootPassFile);
          const own = await keyPassphrase('the new key file', flags.passFile, true);
          return createExaminer(dir, out, certificateOf(flags), root, own);
        },
        words,
      );
    });

  keys
    .command('list')
    .description('the certificates of a folder')
    .argument('<dir>')
    .option('--json', 'print the answer as JSON')
    .action(async (dir: string, flags: { json?: boolean }) => {
      await answer(
        flags,
        () => listKeys(dir),
        (found) => found.map(words).join('\n') || 'no certificates',
      );
    });

  keys
    .command('show')
    .description('what a certificate or key file holds')
    .argument('<file>')
    .option('--pass-file <file|fd:N>', 'file or descriptor whose first line is the pass phrase')
    .option('--json', 'print the answer as JSON')
    .action(async (file: string, flags: { json?: boolean; passFile?: string }) => {
      await answer(
        flags,
        async () =>
          /\.(p12|pfx)$/i.test(file)
            ? [await showKeyFile(file, await keyPassphrase(file, flags.passFile))]
            : showCertificates(file),
        (found) => found.map(words).join('\n'),
      );
    });
}
