/**
 * Cases as the hosts see them: what casework offers, and what needs several cases of a workspace (a folder with one
 * folder per case).
 */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openCase, openCaseForReading, type ReadableCase, type WritableCase } from '../../casework/case.ts';
import { readCard } from '../../casework/database/card.ts';
import { duplicatesIn } from '../../casework/evidence/duplicates.ts';
import { dueExhibits, verifyExhibit } from '../../casework/evidence/verify.ts';
import { countExhibits } from '../../casework/records/exhibits.ts';
import { getSetting } from '../../casework/records/jobs.ts';
import { findExaminer } from '../../casework/records/people.ts';
import { type SearchHit, search } from '../../casework/records/search.ts';
import type { CaseRecord, Verification } from '../../contract/case.ts';
import type { Actor, Duplicate } from '../../contract/caseFiles.ts';
import { asVidimusError, throwIfCancelled, toWire, type WireError } from '../../contract/errors.ts';
import { userFolder } from '../folders.ts';

/** Where cases lie unless a host says otherwise. */
export const workspaceFolder = (): string => process.env['VIDIMUS_CASES'] ?? join(userFolder(), 'cases');

export interface ListedCase {
  readonly folder: string;
  readonly info: CaseRecord | null;
  readonly exhibits: number | null;
  readonly encrypted: boolean;
  /** Why the case could not be looked into (locked by a pass phrase, damaged, of a newer version). */
  readonly problem: WireError | null;
}

/** Looks into one case. `busy` says that this program has it open: its own connection knows better. */
export function listCase(folder: string, passphrase: string | null = null, busy = false): ListedCase {
  let encrypted = false;
  try {
    encrypted = readCard(folder)?.encrypted ?? false;
    if (busy) return { folder, info: null, exhibits: null, encrypted, problem: null };
    const opened = openCaseForReading(folder, passphrase);
    try {
      return { folder, info: opened.info, exhibits: countExhibits(opened.db), encrypted, problem: null };
    } finally {
      opened.close();
    }
  } catch (thrown) {
    return { folder, info: null, exhibits: null, encrypted, problem: toWire(thrown) };
  }
}

/** The cases of a workspace; one that cannot be opened is listed with its reason. */
export async function listCases(
  workspace: string,
  passphrase: string | null = null,
  busy: (folder: string) => boolean = () => false,
): Promise<ListedCase[]> {
  return (await caseFolders(workspace)).map((folder) => listCase(folder, passphrase, busy(folder)));
}

async function caseFolders(workspace: string): Promise<string[]> {
  const items = await readdir(workspace, { withFileTypes: true }).catch(() => []);
  return items
    .filter((item) => item.isDirectory() && !item.name.endsWith('.part'))
    .map((item) => join(workspace, item.name))
    .filter((folder) => existsSync(join(folder, 'case.json')) || existsSync(join(folder, 'case.db')))
    .sort();
}

/** Opens every case but those to skip, one after another; returns the cases that could not be opened. */
async function eachCase(
  workspace: string,
  skip: (folder: string) => boolean,
  passphrase: string | null,
  look: (opened: ReadableCase) => void,
): Promise<string[]> {
  const closed: string[] = [];
  for (const folder of await caseFolders(workspace)) {
    if (skip(folder)) continue;
    try {
      const opened = openCaseForReading(folder, passphrase);
      try {
        look(opened);
      } finally {
        opened.close();
      }
    } catch (thrown) {
      closed.push(`${folder}: ${asVidimusError(thrown).message}`);
    }
  }
  return closed;
}

/** The same bytes in other cases of the workspace. `notSearched` names cases that could not be opened. */
export async function findDuplicates(
  workspace: string,
  own: string | null,
  hashes: readonly string[],
  passphrase: string | null = null,
): Promise<{ readonly duplicates: Duplicate[]; readonly notSearched: string[] }> {
  const duplicates: Duplicate[] = [];
  const notSearched = await eachCase(
    workspace,
    (folder) => folder === own,
    passphrase,
    (opened) => duplicates.push(...duplicatesIn(opened, hashes)),
  );
  return { duplicates, notSearched };
}

/** Full-text search over all cases of the workspace. */
export async function searchCases(
  workspace: string,
  text: string,
  passphrase: string | null = null,
  limit = 50,
  skip: (folder: string) => boolean = () => false,
): Promise<{
  readonly hits: (SearchHit & { readonly caseNumber: string; readonly caseFolder: string })[];
  readonly notSearched: string[];
}> {
  const hits: (SearchHit & { caseNumber: string; caseFolder: string })[] = [];
  const notSearched = await eachCase(workspace, skip, passphrase, (opened) => {
    for (const hit of search(opened.db, text, limit))
      hits.push({ ...hit, caseNumber: opened.info.number, caseFolder: opened.folder });
  });
  return { hits: hits.slice(0, limit), notSearched };
}

/** Opens a case for an examiner of it (by id or name), or for an account of the system that nobody vouches for. */
export function openCaseAs(
  folder: string,
  options: {
    readonly passphrase: string | null;
    readonly examiner: string | null;
    readonly account: string;
    readonly now?: () => Date;
  },
): WritableCase {
  const { passphrase, examiner, account, now } = options;
  const unnamed: Actor = { id: null, name: `account ${account}` };
  const opened = openCase(folder, { passphrase, actor: unnamed, ...(now ? { now } : {}) });
  if (examiner === null) return opened;
  try {
    const { id, name } = findExaminer(opened.db, examiner);
    return { ...opened, actor: { id, name } };
  } catch (thrown) {
    opened.close();
    throw thrown;
  }
}

/** Setting that holds how many days a verification counts; 0 or absent: no schedule. */
export const SCHEDULE_SETTING = 'verify.everyDays';

/** Verifies the exhibits whose last check is older than the schedule of the case allows. */
export async function verifyDue(target: WritableCase, signal?: AbortSignal): Promise<Verification[]> {
  const days = Number(getSetting(target.db, SCHEDULE_SETTING) ?? 0);
  if (!(days > 0)) return [];
  const before = new Date(target.now().getTime() - days * 86_400_000);
  const done: Verification[] = [];
  for (const exhibit of dueExhibits(target.db, before)) {
    throwIfCancelled(signal);
    done.push(await verifyExhibit(target, exhibit, 'schedule', { signal }));
  }
  return done;
}
