/** Calls about exhibits: the table, one exhibit, taking files in, marks, custody, opinions. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { takeIn } from '../../casework/evidence/intake.ts';
import { listVerifications, verifyExhibit } from '../../casework/evidence/verify.ts';
import { listAnalyses } from '../../casework/records/analyses.ts';
import { addCustody, getExhibit, listCustody, updateExhibit } from '../../casework/records/exhibits.ts';
import { exhibitTable } from '../../casework/records/exhibitTable.ts';
import { listFindings } from '../../casework/records/findings.ts';
import {
  addBookmark,
  addNote,
  listBookmarks,
  listNotes,
  listTags,
  setTag,
  tagsOf,
} from '../../casework/records/marks.ts';
import {
  fixPropositions,
  listPropositions,
  opinionsFor,
  signOpinion,
  writeOpinion,
} from '../../casework/records/opinions.ts';
import type { AddReport, CASE_API } from '../../contract/apiCases.ts';
import type { Opinion } from '../../contract/caseWork.ts';
import { asVidimusError, throwIfCancelled, toWire, VidimusError } from '../../contract/errors.ts';
import type { Handlers } from './calls.ts';
import type { OpenCases } from './openCases.ts';

export type ExhibitName = Extract<
  keyof typeof CASE_API,
  | 'case.exhibits'
  | 'case.exhibit'
  | 'case.tags'
  | 'case.addFiles'
  | 'case.updateExhibit'
  | 'case.addCustody'
  | 'case.setTag'
  | 'case.addNote'
  | 'case.addBookmark'
  | 'case.fixPropositions'
  | 'case.writeOpinion'
  | 'case.signOpinion'
  | 'case.verifyExhibits'
>;

/** Handlers over the open cases. */
export function exhibitCalls(open: OpenCases): Handlers<ExhibitName> {
  const of = (handle: string) => open.get(handle).target;
  return {
    'case.exhibits': ({ case: handle, ...query }) => exhibitTable(of(handle).db, query),
    'case.exhibit': ({ case: handle, exhibit: id }) => {
      const { db, actor } = of(handle);
      const propositions = listPropositions(db, id);
      const views = propositions.map((p) => opinionsFor(db, id, p.id, actor.id));
      return {
        exhibit: getExhibit(db, id),
        tags: tagsOf(db, id),
        notes: listNotes(db, id),
        custody: listCustody(db, id),
        verifications: listVerifications(db, id),
        bookmarks: listBookmarks(db, id),
        analyses: listAnalyses(db, id),
        propositions,
        opinions: views.flatMap(({ opinions }): Opinion[] => opinions),
        hiddenOpinions: views.reduce((sum, { withheld }) => sum + withheld, 0),
        findings: listFindings(db, id),
      };
    },
    'case.tags': ({ case: handle }) => listTags(of(handle).db).map(({ tag, exhibits }) => ({ tag, count: exhibits })),
    'case.addFiles': async ({ case: handle, paths, storage, purpose }, { signal, onProgress }) => {
      const target = of(handle);
      const report: AddReport = { added: [], refused: [] };
      const files = await filesOf(paths, report, signal);
      for (const [i, path] of files.entries()) {
        throwIfCancelled(signal);
        onProgress({ stage: 'intake', done: i, total: files.length, unit: 'files' });
        try {
          const exhibit = await takeIn(target, path, { storage, purpose, signal });
          const { id, itemNumber, originalName, sha256 } = exhibit;
          report.added.push({ exhibit: id, itemNumber, name: originalName, sha256 });
        } catch (thrown) {
          const error = asVidimusError(thrown);
          // A full disk or a closed case would refuse every other file as well.
          if (error.code === 'cancelled' || error.code.startsWith('case.')) throw error;
          report.refused.push({ path, error: toWire(error) });
        }
      }
      onProgress({ stage: 'intake', done: files.length, total: files.length, unit: 'files' });
      return report;
    },
    'case.updateExhibit': ({ case: handle, exhibit, fields, reason }) =>
      updateExhibit(of(handle), exhibit, fields, reason),
    'case.addCustody': ({ case: handle, exhibit, ...fields }) => addCustody(of(handle), exhibit, fields),
    'case.setTag': ({ case: handle, exhibits, tag, state }) => {
      const target = of(handle);
      target.db.transaction(() => {
        for (const exhibit of exhibits) setTag(target, exhibit, tag, state);
      });
      return {};
    },
    'case.addNote': ({ case: handle, exhibit, text, supersedes }) =>
      addNote(of(handle), { exhibit, finding: null, text, supersedes }),
    'case.addBookmark': ({ case: handle, ...fields }) => addBookmark(of(handle), fields),
    'case.fixPropositions': ({ case: handle, exhibit, h1, h2 }) => fixPropositions(of(handle), exhibit, h1, h2),
    'case.writeOpinion': ({ case: handle, ...fields }) => writeOpinion(of(handle), fields),
    'case.signOpinion': ({ case: handle, opinion }) => signOpinion(of(handle), opinion, null),
    'case.verifyExhibits': async ({ case: handle, exhibits }, { signal, onProgress }) => {
      const target = of(handle);
      const done = [];
      for (const [i, id] of exhibits.entries()) {
        throwIfCancelled(signal);
        onProgress({ stage: 'intake', done: i, total: exhibits.length, unit: 'files' });
        done.push(await verifyExhibit(target, getExhibit(target.db, id), 'on-demand', { signal }));
      }
      return done;
    },
  };
}

/** Files as given, and those below folders in the order of their names. Links are not followed out of a folder. */
async function filesOf(paths: readonly string[], report: AddReport, signal: AbortSignal): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    throwIfCancelled(signal);
    const status = await stat(path).catch(() => null);
    if (!status?.isDirectory()) {
      files.push(path);
      continue;
    }
    try {
      const inside = await readdir(path, { recursive: true, withFileTypes: true });
      const found = inside.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      files.push(...found.sort());
    } catch (cause) {
      const error = new VidimusError('evidence.read-failed', `The folder ${path} cannot be read.`, { cause });
      report.refused.push({ path, error: toWire(error) });
    }
  }
  return files;
}
