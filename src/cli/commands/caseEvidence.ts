/** `vidimus case add | verify | custody | correct | duplicates` */
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CustodyType, type Exhibit, ExhibitForm } from '../../contract/case.ts';
import type { CaseVerification } from '../../contract/caseFiles.ts';
import { asVidimusError, toWire, VidimusError, type WireError } from '../../contract/errors.ts';
import { findDuplicates, SCHEDULE_SETTING, verifyDue, workspaceFolder } from '../../workbench/cases/cases.ts';
import {
  addCustody,
  type Checked,
  findExhibit,
  listExhibits,
  readAnchors,
  recordChecks,
  setSetting,
  takeIn,
  updateExhibit,
  verifyCase,
} from '../../workbench/cases/casework.ts';
import { whole } from '../options.ts';
import { interruptSignal, printable, table } from '../output.ts';
import { answer, bytesMeter, type CaseFlags, caseOptions, readInput, reading, writing } from './caseSupport.ts';

const FIELD_NAMES = Object.keys(ExhibitForm.shape);

/** `name=value` pairs of the exhibit form. */
function field(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  if (at < 1 || !FIELD_NAMES.includes(name))
    throw new InvalidArgumentError(`name=value; names: ${FIELD_NAMES.join(', ')}`);
  return { ...before, [name]: text.slice(at + 1) };
}

function fieldsOf(given: Record<string, string>): ExhibitForm {
  const parsed = ExhibitForm.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new VidimusError('usage.invalid', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data;
}

interface AddFlags extends CaseFlags {
  reference?: boolean;
  set?: Record<string, string>;
  purpose: string;
}

/** Registers the commands. */
export function addCaseEvidence(cases: Command): void {
  caseOptions(cases.command('add').description('take files in as exhibits').argument('<case>').argument('<file...>'))
    .option('--reference', 'leave the file where it is (default: a verified copy in the case)')
    .option('--set <name=value>', 'a field of the exhibit form; may be repeated', field)
    .option('--purpose <text>', 'why it comes into the case', 'received for examination')
    .action(addFiles);

  caseOptions(
    cases.command('correct').description('correct fields of an exhibit form').argument('<case>').argument('<exhibit>'),
  )
    .requiredOption('--set <name=value>', 'a field; may be repeated', field)
    .requiredOption('--reason <text>')
    .action(async (name: string, key: string, flags: CaseFlags & { set: Record<string, string>; reason: string }) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) =>
            updateExhibit(target, findExhibit(target.db, key).id, fieldsOf(flags.set), flags.reason),
          ),
        (exhibit) => `Exhibit ${printable(exhibit.itemNumber)} was corrected.`,
      );
    });

  caseOptions(cases.command('custody').description('record a step of custody').argument('<case>').argument('<exhibit>'))
    .addOption(new Option('--type <type>').choices(CustodyType.options).makeOptionMandatory())
    .requiredOption('--purpose <text>')
    .option('--released-by <text>')
    .option('--received-by <text>')
    .option('--remark <text>')
    .action(
      async (
        name: string,
        key: string,
        flags: CaseFlags & Record<'type' | 'purpose' | 'releasedBy' | 'receivedBy' | 'remark', string | undefined>,
      ) => {
        const { type, purpose = '', releasedBy = null, receivedBy = null, remark = null } = flags;
        await answer(
          flags,
          () =>
            writing(name, flags, (target) =>
              addCustody(target, findExhibit(target.db, key).id, {
                type: CustodyType.parse(type),
                purpose,
                releasedBy,
                receivedBy,
                remark,
              }),
            ),
          (event) => `Recorded: ${event.type}, ${event.utc}.`,
        );
      },
    );

  caseOptions(cases.command('verify').description('check database, audit log, records and evidence').argument('<case>'))
    .option('--no-evidence', 'do not read the bytes of the exhibits')
    .option('--no-record', 'do not write the outcome into the case')
    .option('--due', 'only exhibits whose last check is older than the schedule')
    .option('--schedule <days>', 'from now on, a check counts for so many days', whole(0))
    .option('--anchors <file>', 'trust anchors of time stamp servers (PEM)')
    .action(verify);

  caseOptions(
    cases.command('duplicates').description('the same bytes in other cases of the workspace').argument('<case>'),
  ).action(async (name: string, flags: CaseFlags) => {
    await answer(
      flags,
      () =>
        reading(name, flags, ({ db, folder }, phrase) =>
          findDuplicates(
            workspaceFolder(),
            folder,
            listExhibits(db, { limit: 1_000_000 }).map(({ sha256 }) => sha256),
            phrase,
          ),
        ),
      ({ duplicates, notSearched }) =>
        [
          table([
            ['SHA-256', 'case', 'item', 'name'],
            ...duplicates.map((d) => [d.sha256.slice(0, 16), d.caseNumber, d.itemNumber, d.name]),
          ]),
          ...notSearched.map((why) => `not searched: ${printable(why)}`),
        ].join('\n'),
    );
  });
}

async function addFiles(name: string, files: string[], flags: AddFlags): Promise<void> {
  const signal = interruptSignal();
  const failed: { file: string; error: WireError; exit: number }[] = [];
  await answer(
    flags,
    () =>
      writing(name, flags, async (target, phrase) => {
        const added: Exhibit[] = [];
        const fields = fieldsOf(flags.set ?? {});
        if (fields.itemNumber !== undefined && files.length > 1)
          throw new VidimusError('usage.invalid', 'One item number cannot be given to several files.');
        for (const file of files) {
          try {
            const storage = flags.reference ? 'reference' : 'copy';
            const onBytes = bytesMeter(basename(file));
            added.push(await takeIn(target, file, { storage, fields, purpose: flags.purpose, signal, onBytes }));
          } catch (thrown) {
            const error = asVidimusError(thrown);
            // A fault of the case ends the intake; a fault of one file does not.
            if (!error.code.startsWith('evidence.')) throw error;
            failed.push({ file, error: toWire(error), exit: error.exitCode });
          }
        }
        const found = await findDuplicates(
          workspaceFolder(),
          target.folder,
          added.map(({ sha256 }) => sha256),
          phrase,
        );
        return { added, failed: failed.map(({ file, error }) => ({ file, error })), ...found };
      }),
    ({ added, duplicates }) =>
      [
        table(
          [
            ['item', 'name', 'bytes', 'SHA-256', 'storage'],
            ...added.map((e) => [e.itemNumber, e.originalName, String(e.bytes), e.sha256, e.storage]),
          ],
          70,
        ),
        ...duplicates.map((d) => `same bytes: item ${printable(d.itemNumber)} of case ${printable(d.caseNumber)}`),
      ].join('\n'),
  );
  for (const { file, error } of failed)
    process.stderr.write(`${printable(file)}: ${printable(error.message)} [${error.code}]\n`);
  if (failed[0] && !process.exitCode) process.exitCode = failed[0].exit;
}

interface VerifyFlags extends CaseFlags {
  evidence: boolean;
  record: boolean;
  due?: boolean;
  schedule?: number;
  anchors?: string;
}

async function verify(name: string, flags: VerifyFlags): Promise<void> {
  const signal = interruptSignal();
  const work = async (): Promise<CaseVerification> => {
    const { schedule } = flags;
    if (schedule !== undefined)
      await writing(name, flags, (target) => setSetting(target, SCHEDULE_SETTING, String(schedule)));
    if (flags.due) await writing(name, flags, (target) => verifyDue(target, signal));
    const anchors = flags.anchors === undefined ? [] : readAnchors(readInput(flags.anchors).toString('utf8'));
    const checks: { exhibit: Exhibit; checked: Checked }[] = [];
    const seen = await reading(
      name,
      flags,
      (target) =>
        verifyCase(target, {
          evidence: flags.evidence && !flags.due,
          anchors,
          signal,
          onExhibit: bytesMeter('verifying'),
          onChecked: (exhibit, checked) => checks.push({ exhibit, checked }),
        }),
      true,
    );
    // Nothing is written into a case whose log does not hold: it is to be kept as it is.
    if (!flags.record || checks.length === 0 || seen.chain.length > 0 || seen.database.length > 0) return seen;
    try {
      await writing(name, flags, (target) => recordChecks(target, 'on-demand', checks));
    } catch (thrown) {
      seen.notices.push(`The outcome could not be written into the case: ${asVidimusError(thrown).message}`);
    }
    return seen;
  };
  const seen = await answer(flags, work, words);
  if (seen && !seen.sound) process.exitCode = 5;
}

function words(seen: CaseVerification): string {
  const checked = seen.evidence.filter(({ outcome }) => outcome !== 'not-checked');
  const good = checked.filter(({ outcome }) => outcome === 'match').length;
  return [
    `audit log: ${seen.entries} entries, head ${seen.head ?? 'none'}`,
    ...seen.chain.map((problem) => `NOT SOUND (${problem.kind}): ${problem.message}`),
    ...seen.database.map((problem) => `NOT SOUND: ${problem}`),
    `evidence: ${good} of ${checked.length} checked exhibits have the hash of their intake`,
    ...checked
      .filter(({ outcome }) => outcome !== 'match')
      .map(
        (one) =>
          `NOT SOUND: exhibit ${printable(one.itemNumber)} ${printable(one.name)}: ${one.outcome}; ${printable(one.detail ?? '')}`,
      ),
    ...seen.artifacts.map((problem) => `NOT SOUND: ${problem}`),
    ...seen.timestamps.map(
      (stamp) => `time stamp of entry ${stamp.seq}: ${stamp.utc}, ${printable(stamp.tsa)}: ${printable(stamp.state)}`,
    ),
    ...seen.notices.map((notice) => `notice: ${printable(notice)}`),
    seen.sound ? 'The case is sound.' : 'The case is NOT sound.',
  ].join('\n');
}
