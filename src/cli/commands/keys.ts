/** `vidimus keys`: a laboratory's root and its examiners' signing keys, for places without a PKI of their own. */
import { type Command, Option } from 'commander';
import type { KeyKind } from '../../reporting/keys/makeKeys.ts';
import { type CertificateFacts, createExaminer, createRoot, showCertificate } from '../../workbench/keys/keys.ts';
import { printable } from '../output.ts';
import { secret } from '../secrets.ts';
import { answer } from './caseSupport.ts';

interface Flags {
  readonly name: string;
  readonly organisation?: string;
  readonly key: KeyKind;
  readonly json?: boolean;
  readonly passFile?: string;
}

const words = ({ path, subject, issuer, validFrom, validTo, sha256 }: CertificateFacts): string =>
  [
    printable(path),
    `for       ${printable(subject)}`,
    `issued by ${printable(issuer)}`,
    `valid     ${validFrom} to ${validTo}`,
    `SHA-256   ${sha256}`,
  ].join('\n');

const kind = (): Option => new Option('--key <kind>', 'EC P-256 or RSA 3072').choices(['ec', 'rsa']).default('ec');

/** Registers the commands. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('root and examiner certificates of a laboratory without a PKI');
  keys
    .command('root')
    .description('make root.crt and root.key (encrypted)')
    .argument('<folder>')
    .requiredOption('--name <text>', 'name of the root')
    .option('--organisation <text>')
    .addOption(kind())
    .option('--pass-file <file>', 'file whose first line is the pass phrase of the root')
    .option('--json')
    .action(async (folder: string, flags: Flags) => {
      await answer(
        { json: flags.json ?? false },
        async () => {
          const phrase = await secret(flags.passFile, 'Pass phrase for the root', true);
          return createRoot(folder, { name: flags.name, organisation: flags.organisation ?? null }, flags.key, phrase);
        },
        words,
      );
    });
  keys
    .command('examiner')
    .description('make an examiner’s PKCS#12, signed by the root')
    .argument('<folder>', 'folder of the root')
    .requiredOption('--name <text>', 'name of the examiner')
    .requiredOption('--out <file.p12>')
    .option('--organisation <text>')
    .addOption(kind())
    .option('--root-pass-file <file>', 'file whose first line is the pass phrase of the root')
    .option('--pass-file <file>', 'file whose first line is the pass phrase of the examiner')
    .option('--json')
    .action(async (folder: string, flags: Flags & { out: string; rootPassFile?: string }) => {
      await answer(
        { json: flags.json ?? false },
        async () => {
          const root = await secret(flags.rootPassFile, 'Pass phrase of the root');
          const examiner = await secret(flags.passFile, 'Pass phrase for the examiner', true);
          const subject = { name: flags.name, organisation: flags.organisation ?? null };
          return createExaminer(folder, flags.out, subject, flags.key, { root, examiner });
        },
        words,
      );
    });
  keys
    .command('show')
    .description('what stands in a certificate')
    .argument('<file>')
    .option('--json')
    .action(async (file: string, flags: { json?: boolean }) => {
      await answer({ json: flags.json ?? false }, () => showCertificate(file), words);
    });
}
