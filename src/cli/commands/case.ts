/** `vidimus case …`: casework without a screen. */
import { type Command, Option } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import { listCases, searchCases, workspaceFolder } from '../../workbench/cases/cases.ts';
import {
  addExaminer,
  createCase,
  findExhibit,
  listExaminers,
  search,
  setCaseState,
} from '../../workbench/cases/casework.ts';
import { printable, table } from '../output.ts';
import { addCaseEvidence } from './caseEvidence.ts';
import { addCaseExchange } from './caseExchange.ts';
import { addCaseQueue } from './caseQueue.ts';
import {
  account,
  answer,
  type CaseFlags,
  caseFolder,
  caseOptions,
  passphrase,
  readInput,
  reading,
  writing,
} from './caseSupport.ts';
import { showCase, showExhibit } from './caseWords.ts';
import { addCaseWork } from './caseWork.ts';

/** Registers the commands. */
export function addCase(program: Command): void {
  const cases = program.command('case').description('cases: exhibits, custody, analyses, opinions, audit log');
  addBasics(cases);
  addPeople(cases);
  addCaseEvidence(cases);
  addCaseQueue(cases);
  addCaseWork(cases);
  addCaseExchange(cases);
}

interface CreateFlags extends CaseFlags {
  number?: string;
  agency?: string;
  matter?: string;
  description?: string;
  encrypt?: boolean;
}

function addBasics(cases: Command): void {
  caseOptions(
    cases
      .command('create')
      .description('make a case in a new folder')
      .argument('<case>', 'folder, or a name in the workspace'),
  )
    .option('--number <text>', 'case number (default: the name)')
    .option('--agency <text>')
    .option('--matter <text>')
    .option('--description <text>')
    .option('--encrypt', 'protect the database with a pass phrase')
    .action(async (name: string, flags: CreateFlags) => {
      await answer(
        flags,
        async () => {
          const phrase = flags.encrypt ? await passphrase(flags, true, true) : null;
          if (flags.encrypt && !phrase)
            throw new VidimusError('case.passphrase', 'A pass phrase is needed to encrypt the case.');
          const folder = caseFolder(name);
          const fields = {
            number: flags.number ?? name,
            agency: flags.agency ?? null,
            matter: flags.matter ?? null,
            description: flags.description ?? null,
          };
          const made = createCase(folder, fields, {
            passphrase: phrase,
            actor: { id: null, name: `account ${account()}` },
          });
          made.close();
          return { folder, encrypted: phrase !== null, ...made.info };
        },
        (made) => `Case ${printable(made.number)} was made in ${printable(made.folder)}.`,
      );
    });

  cases
    .command('list')
    .description('the cases of the workspace')
    .option('--workspace <dir>', 'folder with one folder per case')
    .option('--passphrase-file <file>')
    .option('--json')
    .action(async (flags: CaseFlags & { workspace?: string }) => {
      await answer(
        flags,
        async () => listCases(flags.workspace ?? workspaceFolder(), await passphrase(flags, false)),
        (listed) =>
          listed.length === 0
            ? 'There are no cases. Make one with "vidimus case create".'
            : table(
                [
                  ['number', 'state', 'exhibits', 'folder'],
                  ...listed.map(({ info, exhibits, folder, problem }) => [
                    info?.number ?? '?',
                    problem ? `${problem.message} [${problem.code}]` : (info?.state ?? ''),
                    exhibits === null ? '?' : String(exhibits),
                    folder,
                  ]),
                ],
                90,
              ),
      );
    });

  caseOptions(cases.command('show').description('a case, or one exhibit of it').argument('<case>'))
    .option('--exhibit <key>', 'item number, id or SHA-256')
    .action(async (name: string, flags: CaseFlags & { exhibit?: string }) => {
      await answer(
        flags,
        () =>
          reading(name, flags, ({ db, info, folder }) =>
            flags.exhibit === undefined ? showCase(folder, info, db) : showExhibit(db, findExhibit(db, flags.exhibit)),
          ),
        (shown) => shown.words,
      );
    });

  caseOptions(
    cases.command('search').description('find words in a case, or in all of the workspace').argument('<words>'),
  )
    .option('--case <case>', 'only in this case')
    .action(async (words: string, flags: CaseFlags & { case?: string }) => {
      await answer(
        flags,
        async () => {
          const own = flags.case;
          if (own === undefined) return searchCases(workspaceFolder(), words, await passphrase(flags, false));
          return reading(own, flags, ({ db, info, folder }) => ({
            hits: search(db, words).map((hit) => ({ ...hit, caseNumber: info.number, caseFolder: folder })),
            notSearched: [],
          }));
        },
        ({ hits, notSearched }) =>
          [
            table([
              ['case', 'kind', 'what', 'text'],
              ...hits.map((hit) => [hit.caseNumber, hit.kind, hit.title, hit.excerpt]),
            ]),
            ...notSearched.map((why) => `not searched: ${printable(why)}`),
          ].join('\n'),
      );
    });

  for (const state of ['close', 'reopen'] as const)
    caseOptions(cases.command(state).description(`${state} a case`).argument('<case>'))
      .requiredOption('--reason <text>')
      .action(async (name: string, flags: CaseFlags & { reason: string }) => {
        const wanted = state === 'close' ? 'closed' : 'open';
        await answer(
          flags,
          () =>
            writing(name, flags, (target) => {
              setCaseState(target, wanted, flags.reason);
              return { case: target.caseId, state: wanted };
            }),
          () => `The case is ${wanted}.`,
        );
      });
}

interface ExaminerFlags extends CaseFlags {
  name: string;
  role: 'examiner' | 'reviewer' | 'technician' | 'manager';
  qualification?: string;
  organisation?: string;
  certificate?: string;
}

function addPeople(cases: Command): void {
  const people = cases.command('examiner').description('examiners of a case');
  caseOptions(people.command('add').argument('<case>'))
    .requiredOption('--name <text>')
    .addOption(
      new Option('--role <role>').choices(['examiner', 'reviewer', 'technician', 'manager']).default('examiner'),
    )
    .option('--qualification <text>')
    .option('--organisation <text>')
    .option('--certificate <file>', 'signing certificate (PEM)')
    .action(async (name: string, flags: ExaminerFlags) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) =>
            addExaminer(target, {
              name: flags.name,
              role: flags.role,
              qualification: flags.qualification ?? null,
              organisation: flags.organisation ?? null,
              certificatePem: flags.certificate === undefined ? null : readInput(flags.certificate).toString('utf8'),
            }),
          ),
        (made) => `${printable(made.name)} is ${made.role} of this case (${made.id}).`,
      );
    });
  caseOptions(people.command('list').argument('<case>')).action(async (name: string, flags: CaseFlags) => {
    await answer(
      flags,
      () => reading(name, flags, ({ db }) => listExaminers(db)),
      (all) =>
        table([
          ['name', 'role', 'qualification', 'id'],
          ...all.map((one) => [one.name, one.role, one.qualification ?? '', one.id]),
        ]),
    );
  });
}
