/** `vidimus case export | import | backup | restore | export-log | timestamp` */
import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import {
  backupCase,
  exportCase,
  exportLog,
  importPackage,
  importToken,
  openPackage,
  readAnchors,
  requestForHead,
  restoreCase,
} from '../../workbench/cases/casework.ts';
import { interruptSignal, printable } from '../output.ts';
import {
  answer,
  type CaseFlags,
  caseFolder,
  caseOptions,
  passphrase,
  readInput,
  reading,
  writing,
} from './caseSupport.ts';
import { showCase } from './caseWords.ts';

interface ExportFlags extends CaseFlags {
  out: string;
  tag?: string[];
  zip?: boolean;
  evidence: boolean;
  purpose: string;
  receivedBy?: string;
}

/** Registers the commands. */
export function addCaseExchange(cases: Command): void {
  caseOptions(cases.command('export').description('write a portable case, folder or zip').argument('<case>'))
    .requiredOption('--out <path>')
    .requiredOption('--purpose <text>', 'why, for the custody record')
    .option('--tag <tag...>', 'only exhibits with one of these tags')
    .option('--zip', 'one zip file (also where the name ends in .zip)')
    .option('--no-evidence', 'records only, without the bytes of the exhibits')
    .option('--received-by <text>')
    .action(async (name: string, flags: ExportFlags) => {
      const signal = interruptSignal();
      await answer(
        flags,
        () =>
          writing(name, flags, (target, phrase) =>
            exportCase(target, flags.out, {
              tags: flags.tag ?? null,
              evidence: flags.evidence,
              zip: flags.zip ?? flags.out.endsWith('.zip'),
              purpose: flags.purpose,
              receivedBy: flags.receivedBy ?? null,
              passphrase: phrase,
              signal,
            }),
          ),
        (manifest) =>
          [
            `${manifest.files.length} files were exported to ${printable(flags.out)}.`,
            ...manifest.evidenceLeftOut.map(
              (one) => `left out: item ${printable(one.itemNumber)}: ${printable(one.reason)}`,
            ),
          ].join('\n'),
      );
    });

  caseOptions(
    cases.command('import').description('merge a portable case into a case').argument('<case>').argument('<package>'),
  ).action(async (name: string, path: string, flags: CaseFlags) => {
    const signal = interruptSignal();
    await answer(
      flags,
      () =>
        writing(name, flags, async (target, phrase) =>
          importPackage(target, path, { passphrase: phrase ?? (await passphrase(flags, false)), signal }),
        ),
      (merged) =>
        `${merged.added} records added, ${merged.updated} brought up to date, ${merged.known} known, ${merged.conflicts} conflicts; ${merged.evidence} files of evidence.`,
    );
  });

  caseOptions(
    cases.command('peek').description('look into a portable case where it lies').argument('<package>'),
  ).action(async (path: string, flags: CaseFlags) => {
    await answer(
      flags,
      async () => {
        const pack = await openPackage(path, await passphrase(flags, true), interruptSignal());
        try {
          return showCase(path, pack.opened.info, pack.opened.db);
        } finally {
          await pack.close();
        }
      },
      (shown) => shown.words,
    );
  });

  caseOptions(cases.command('backup').description('copy a case while it is worked on').argument('<case>'))
    .requiredOption('--out <dir>', 'a new folder')
    .option('--evidence', 'with the copies of the evidence store')
    .action(async (name: string, flags: CaseFlags & { out: string; evidence?: boolean }) => {
      const signal = interruptSignal();
      await answer(
        flags,
        () =>
          reading(name, flags, (target) =>
            backupCase(target, flags.out, { evidence: flags.evidence ?? false, signal }),
          ),
        (made) => `Backup of case ${printable(made.number)} at audit entry ${made.seq}, head ${made.head}.`,
      );
    });

  caseOptions(cases.command('restore').description('restore a backup to a new folder').argument('<backup>'))
    .requiredOption('--out <case>', 'a new folder, or a name in the workspace')
    .option('--evidence-from <case>', 'take copies that the backup leaves out from the store of this case')
    .action(async (backup: string, flags: CaseFlags & { out: string; evidenceFrom?: string }) => {
      await answer(
        flags,
        async () =>
          restoreCase(backup, caseFolder(flags.out), {
            passphrase: await passphrase(flags, false),
            evidenceFrom: flags.evidenceFrom === undefined ? undefined : caseFolder(flags.evidenceFrom),
          }),
        ({ manifest, missing }) =>
          [
            `Case ${printable(manifest.number)} was restored.`,
            ...missing.map((one) => `its bytes are missing: ${printable(one)}`),
          ].join('\n'),
      );
    });

  caseOptions(cases.command('export-log').description('write the audit log, one entry per line').argument('<case>'))
    .requiredOption('--out <file.jsonl>')
    .action(async (name: string, flags: CaseFlags & { out: string }) => {
      await answer(
        flags,
        () =>
          reading(name, flags, ({ db }) => {
            if (existsSync(flags.out)) throw new VidimusError('case.exists', `${flags.out} exists already.`);
            return exportLog(db, flags.out);
          }),
        (head) => `${head?.seq ?? 0} entries, head ${head?.hash ?? 'none'}`,
      );
    });

  caseOptions(
    cases.command('timestamp').description('have the head of the audit log attested (RFC 3161)').argument('<case>'),
  )
    .option('--request <file.tsq>', 'write a request for a time stamp server')
    .option('--token <file.tsr>', 'take its answer in')
    .option('--anchors <file>', 'trust anchors of time stamp servers (PEM)')
    .action(timestamp);
}

async function timestamp(
  name: string,
  flags: CaseFlags & { request?: string; token?: string; anchors?: string },
): Promise<void> {
  const { request, token, anchors } = flags;
  await answer(
    flags,
    async () => {
      if ((request === undefined) === (token === undefined))
        throw new VidimusError('usage.invalid', 'Give either --request or --token.');
      if (request !== undefined)
        return reading(name, flags, ({ db }) => {
          const made = requestForHead(db);
          if (existsSync(request)) throw new VidimusError('case.exists', `${request} exists already.`);
          writeFileSync(request, made.request, { flag: 'wx' });
          return { seq: made.head.seq, head: made.head.hash, genTimeUtc: null, tsa: null, anchor: null };
        });
      const trusted = anchors === undefined ? [] : readAnchors(readInput(anchors).toString('utf8'));
      return writing(name, flags, async (target) => {
        const { seq, head, genTimeUtc, tsa, anchor } = await importToken(target, readInput(token ?? ''), trusted);
        return { seq, head, genTimeUtc, tsa, anchor };
      });
    },
    (stamp) =>
      stamp.genTimeUtc === null
        ? `A request for entry ${stamp.seq} was written, head ${stamp.head}.`
        : `Entry ${stamp.seq} is attested for ${stamp.genTimeUtc} by ${printable(stamp.tsa ?? '')}${stamp.anchor ? `, under ${printable(stamp.anchor)}` : '; the signer was not checked against an anchor'}.`,
  );
}
