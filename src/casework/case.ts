/** A case as one opens it: its folder, its database, who works on it and by which clock. */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CaseRecord } from '../contract/case.ts';
import type { Actor } from '../contract/caseFiles.ts';
import { VidimusError } from '../contract/errors.ts';
import { record, type Session } from './audit/edit.ts';
import { PORTABLE_MANIFEST } from './database/card.ts';
import { caseError } from './database/errors.ts';
import type { ReadableDb } from './database/handle.ts';
import { createDatabase, type OpenedForWriting, openDatabase, openForReading } from './database/open.ts';
import { newId, utc } from './ids.ts';
import { indexCase } from './records/search.ts';

/** A case that can be read. */
export interface ReadableCase {
  readonly folder: string;
  readonly db: ReadableDb;
  readonly info: CaseRecord;
  close(): void;
}

/** A case that this process alone may write. It is a {@link Session} of its actor. */
export interface WritableCase extends Session {
  readonly folder: string;
  readonly info: CaseRecord;
  close(): void;
}

export interface OpenOptions {
  readonly passphrase?: string | null;
  readonly actor: Actor;
  /** The clock; only tests bring their own. */
  readonly now?: () => Date;
}

export type NewCase = Pick<CaseRecord, 'number' | 'agency' | 'matter' | 'description'>;

const COLUMNS = 'id, number, agency, matter, description, state, kind, openedUtc, closedUtc';

/** What the case says of itself. @throws VidimusError case.damaged where it says nothing. */
export function caseRecord(db: ReadableDb): CaseRecord {
  const found = db.one(CaseRecord, `SELECT ${COLUMNS} FROM caseFile`);
  if (!found) throw new VidimusError('case.damaged', `${db.path} holds no case: its making was interrupted.`);
  return found;
}

function session(opened: OpenedForWriting, folder: string, info: CaseRecord, options: OpenOptions): WritableCase {
  const now = options.now ?? (() => new Date());
  return { db: opened.db, caseId: info.id, actor: options.actor, now, folder, info, close: opened.close };
}

/** Makes a case in an empty folder. @throws VidimusError case.exists, case.read-only, case.disk-full, usage.invalid. */
export function createCase(
  folder: string,
  fields: NewCase,
  options: OpenOptions,
  kind: CaseRecord['kind'] = 'working',
): WritableCase {
  const place = resolve(folder);
  const now = (options.now ?? (() => new Date()))();
  const parsed = CaseRecord.safeParse({
    ...fields,
    id: newId(),
    state: 'open',
    kind,
    openedUtc: utc(now),
    closedUtc: null,
  });
  if (!parsed.success)
    throw new VidimusError('usage.invalid', `The case cannot be made: ${parsed.error.issues[0]?.message}.`);
  const info = parsed.data;
  const opened = createDatabase(place, info.id, options.passphrase ?? null);
  const made = session(opened, place, info, options);
  try {
    opened.db.transaction(() => {
      record(made, 'case.create', { number: info.number, kind }, (edit) => edit.insert('caseFile', info));
      indexCase(opened.db, info);
    });
    for (const part of ['evidence', 'artifacts', 'work']) mkdirSync(`${place}/${part}`, { recursive: true });
  } catch (thrown) {
    opened.close();
    throw caseError(thrown, place);
  }
  return made;
}

/**
 * Opens a case for writing. An export opens for reading only.
 * @throws VidimusError see {@link openDatabase}.
 */
export function openCase(folder: string, options: OpenOptions): WritableCase {
  const place = resolve(folder);
  const readOnly = (): VidimusError =>
    new VidimusError('case.read-only', `${place} is an export of a case and opens for reading only.`);
  // Before anything is opened: even taking the lock would change what the manifest vouches for.
  if (existsSync(join(place, PORTABLE_MANIFEST))) throw readOnly();
  const opened = openDatabase(place, options.passphrase ?? null);
  try {
    const info = caseRecord(opened.db);
    if (info.kind === 'export') throw readOnly();
    const made = session(opened, place, info, options);
    if (opened.migrated.length > 0)
      record(made, 'database.migrate', { migrations: [...opened.migrated] }, () => undefined);
    return made;
  } catch (thrown) {
    opened.close();
    throw thrown;
  }
}

/** Opens a case for reading; `thorough` runs SQLite's full integrity check instead of the quick one. */
export function openCaseForReading(folder: string, passphrase: string | null = null, thorough = false): ReadableCase {
  const place = resolve(folder);
  const db = openForReading(place, passphrase, thorough);
  try {
    return { folder: place, db, info: caseRecord(db), close: () => db.close() };
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** Closes or reopens the case (its state; the database stays open). Findings stay whatever the state. */
export function setCaseState(session: WritableCase, state: CaseRecord['state'], reason: string): void {
  const closedUtc = state === 'closed' ? utc(session.now()) : null;
  record(session, state === 'closed' ? 'case.close' : 'case.reopen', { reason }, (edit) =>
    edit.update('caseFile', session.caseId, { state, closedUtc }),
  );
}
