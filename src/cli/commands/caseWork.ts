/** `vidimus case note | tag | bookmark | propositions | opinion` */
import { type Command, InvalidArgumentError } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import {
  addBookmark,
  addNote,
  findExhibit,
  fixPropositions,
  listPropositions,
  opinionsFor,
  setTag,
  signOpinion,
  tagsOf,
  writeOpinion,
} from '../../workbench/cases/casework.ts';
import { printable } from '../output.ts';
import { answer, type CaseFlags, caseOptions, readInput, writing } from './caseSupport.ts';

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('a number');
  return value;
};

/** Registers the commands. */
export function addCaseWork(cases: Command): void {
  caseOptions(cases.command('note').description('write a note').argument('<case>').argument('<text>'))
    .option('--exhibit <key>', 'on this exhibit (default: on the case)')
    .option('--finding <id>', 'explains this finding')
    .option('--supersedes <note>', 'takes the place of an earlier note, which stays')
    .action(
      async (
        name: string,
        text: string,
        flags: CaseFlags & { exhibit?: string; finding?: string; supersedes?: string },
      ) => {
        await answer(
          flags,
          () =>
            writing(name, flags, (target) =>
              addNote(target, {
                text,
                exhibit: flags.exhibit === undefined ? null : findExhibit(target.db, flags.exhibit).id,
                finding: flags.finding ?? null,
                supersedes: flags.supersedes ?? null,
              }),
            ),
          (note) => `Note ${note.id} was written.`,
        );
      },
    );

  caseOptions(
    cases.command('tag').description('tag an exhibit').argument('<case>').argument('<exhibit>').argument('<tag...>'),
  )
    .option('--remove', 'take the tags off')
    .action(async (name: string, key: string, tags: string[], flags: CaseFlags & { remove?: boolean }) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) => {
            const { id } = findExhibit(target.db, key);
            for (const tag of tags) setTag(target, id, tag, flags.remove ? 'removed' : 'set');
            return { exhibit: id, tags: tagsOf(target.db, id) };
          }),
        (after) => `Tags: ${after.tags.map(printable).join(', ') || 'none'}`,
      );
    });

  caseOptions(
    cases
      .command('bookmark')
      .description('mark a place in an exhibit')
      .argument('<case>')
      .argument('<exhibit>')
      .argument('<label>'),
  )
    .option('--time <seconds>', 'seconds from the start', number)
    .option('--frame <n>', 'frame number from 0', number)
    .action(async (name: string, key: string, label: string, flags: CaseFlags & { time?: number; frame?: number }) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) =>
            addBookmark(target, {
              exhibit: findExhibit(target.db, key).id,
              analysis: null,
              label,
              timeSeconds: flags.time ?? null,
              frame: flags.frame ?? null,
            }),
          ),
        (mark) => `Bookmark ${mark.id} was set.`,
      );
    });

  caseOptions(
    cases
      .command('propositions')
      .description('fix the two competing propositions')
      .argument('<case>')
      .argument('<exhibit>'),
  )
    .requiredOption('--h1 <text>')
    .requiredOption('--h2 <text>')
    .action(async (name: string, key: string, flags: CaseFlags & { h1: string; h2: string }) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) => fixPropositions(target, findExhibit(target.db, key).id, flags.h1, flags.h2)),
        (fixed) => `Fixed ${fixed.utc}; ${fixed.analysesBefore} analyses of this exhibit existed before.`,
      );
    });
  addOpinion(cases.command('opinion').description('opinions of the first and the second examiner'));
}

const onExhibit = (command: Command, description: string): Command =>
  caseOptions(command.description(description).argument('<case>').argument('<exhibit>'));

/** The propositions fixed last. */
function current(db: Parameters<typeof listPropositions>[0], exhibit: string): string {
  const last = listPropositions(db, exhibit).at(-1);
  if (!last) throw new VidimusError('case.rule', 'The propositions of this exhibit are not fixed yet.');
  return last.id;
}

function addOpinion(opinion: Command): void {
  onExhibit(opinion.command('write'), 'write or rewrite a draft')
    .requiredOption('--text <file>', 'file with the text of the opinion')
    .option('--limitations <text>')
    .option('--log10-lr <number>', 'strength of support as log10 of the likelihood ratio', number)
    .action(
      async (
        name: string,
        key: string,
        flags: CaseFlags & { text: string; limitations?: string; log10Lr?: number },
      ) => {
        await answer(
          flags,
          () =>
            writing(name, flags, (target) => {
              const exhibit = findExhibit(target.db, key).id;
              return writeOpinion(target, {
                exhibit,
                proposition: current(target.db, exhibit),
                text: readInput(flags.text).toString('utf8'),
                limitations: flags.limitations ?? null,
                log10Lr: flags.log10Lr ?? null,
              });
            }),
          (draft) => `Draft of the ${draft.place} examiner: ${draft.id}`,
        );
      },
    );
  onExhibit(opinion.command('sign'), 'sign your draft').action(async (name: string, key: string, flags: CaseFlags) => {
    await answer(
      flags,
      () =>
        writing(name, flags, (target) => {
          const exhibit = findExhibit(target.db, key).id;
          const own = opinionsFor(target.db, exhibit, current(target.db, exhibit), target.actor.id).opinions.find(
            (one) => one.examiner === target.actor.id,
          );
          if (!own) throw new VidimusError('case.rule', 'There is no draft of yours on this exhibit.');
          return signOpinion(target, own.id, null);
        }),
      (signed) => `Signed ${signed.signedUtc ?? ''} in the audit log, without a key.`,
    );
  });
  onExhibit(opinion.command('show'), 'the opinions you may see').action(
    async (name: string, key: string, flags: CaseFlags) => {
      await answer(
        flags,
        () =>
          writing(name, flags, (target) => {
            const exhibit = findExhibit(target.db, key).id;
            return opinionsFor(target.db, exhibit, current(target.db, exhibit), target.actor.id);
          }),
        ({ opinions, withheld }) =>
          [
            ...opinions.map((one) => `${one.place} examiner, ${one.state}: ${printable(one.text)}`),
            ...(withheld > 0 ? [`${withheld} withheld until your own opinion is signed`] : []),
          ].join('\n'),
      );
    },
  );
}
