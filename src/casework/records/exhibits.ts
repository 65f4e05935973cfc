/** Exhibits and their custody. Their bytes are the evidence store's business. */
import * as z from 'zod';
import { CustodyEvent, Exhibit, type ExhibitFields, type ExhibitForm } from '../../contract/case.ts';
import { VidimusError } from '../../contract/errors.ts';
import { type Edit, record, type Session } from '../audit/edit.ts';
import type { ReadableDb } from '../database/handle.ts';
import { localTime, newId, utc } from '../ids.ts';
import { indexExhibit } from './search.ts';

/** What intake measured. */
export type Measured = Pick<
  Exhibit,
  | 'originalName'
  | 'originalPath'
  | 'bytes'
  | 'mediaType'
  | 'fileModifiedUtc'
  | 'sha256'
  | 'sha512'
  | 'md5'
  | 'storage'
  | 'path'
>;

/** Fields of an exhibit form with nothing filled in. */
export const EMPTY_FIELDS: Omit<ExhibitFields, 'itemNumber'> = {
  description: null,
  maker: null,
  model: null,
  serial: null,
  acquisitionMethod: null,
  acquisitionTool: null,
  acquisitionToolVersion: null,
  writeBlocker: null,
  source: null,
  authority: null,
  collectedBy: null,
  collectedUtc: null,
  collectedPlace: null,
  sealNumber: null,
  storagePlace: null,
};

const Highest = z.strictObject({ n: z.int().nullable() });

/** The next free whole number as item number; found at the end of an index, however many exhibits there are. */
export function nextItemNumber(session: Session): string {
  const row = session.db.one(
    Highest,
    "SELECT max(CAST(itemNumber AS INTEGER)) AS n FROM exhibit WHERE originCase = ? AND itemNumber NOT GLOB '*[^0-9]*'",
    session.caseId,
  );
  return String((row?.n ?? 0) + 1);
}

/** Enters an exhibit with its `received` event. The item number is the next free one unless given. */
export function insertExhibit(session: Session, measured: Measured, fields: ExhibitForm, purpose: string): Exhibit {
  const now = session.now();
  const row = Exhibit.parse({
    ...EMPTY_FIELDS,
    ...fields,
    itemNumber: fields.itemNumber ?? nextItemNumber(session),
    ...measured,
    id: newId(),
    originCase: session.caseId,
    addedUtc: utc(now),
    addedBy: session.actor.name,
  });
  return session.db.transaction(() => {
    record(session, 'exhibit.add', { item: row.itemNumber, sha256: row.sha256, storage: row.storage }, (edit) => {
      edit.insert('exhibit', row);
      insertCustody(session, edit, row.id, {
        type: row.storage === 'copy' ? 'copied' : 'received',
        purpose,
        hashBefore: row.sha256,
        hashAfter: row.storage === 'copy' ? row.sha256 : null,
      });
    });
    indexExhibit(session.db, row);
    return row;
  });
}

/** Corrects descriptive fields; the audit entry says which and why. Identity and hashes cannot be changed. */
export function updateExhibit(session: Session, id: string, changes: ExhibitForm, reason: string): Exhibit {
  return session.db.transaction(() => {
    const before = getExhibit(session.db, id);
    const after = Exhibit.parse({ ...before, ...changes });
    const columns = Object.entries(changes).filter((pair): pair is [string, string | null] => pair[1] !== undefined);
    record(session, 'exhibit.correct', { fields: columns.map(([name]) => name), reason }, (edit) =>
      edit.update('exhibit', id, Object.fromEntries(columns)),
    );
    indexExhibit(session.db, after);
    return after;
  });
}

/** @throws VidimusError case.unknown. */
export function getExhibit(db: ReadableDb, id: string): Exhibit {
  const found = db.one(Exhibit, 'SELECT * FROM exhibit WHERE id = ?', id);
  if (!found) throw new VidimusError('case.unknown', `There is no exhibit ${id} in this case.`);
  return found;
}

/** The exhibit with this id, item number or SHA-256. @throws VidimusError case.unknown when none or several fit. */
export function findExhibit(db: ReadableDb, key: string): Exhibit {
  const hits = db.all(
    Exhibit,
    'SELECT * FROM exhibit WHERE id = ? OR itemNumber = ? OR sha256 = ? ORDER BY id LIMIT 2',
    key,
    key,
    key,
  );
  const [hit] = hits;
  if (!hit || hits.length > 1)
    throw new VidimusError(
      'case.unknown',
      `${hits.length === 0 ? 'No' : 'More than one'} exhibit answers to "${key}".`,
    );
  return hit;
}

export interface ExhibitPage {
  /** Id after which the page starts. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly tag?: string | undefined;
  readonly mediaType?: string | undefined;
}

/** A page of exhibits in the order of intake. Pages are found by key, so the last costs what the first does. */
export function listExhibits(db: ReadableDb, page: ExhibitPage = {}): Exhibit[] {
  const { after = '', limit = 100 } = page;
  if (page.tag !== undefined) {
    const sql = `SELECT e.* FROM tagging t JOIN exhibit e ON e.id = t.exhibit
      WHERE t.tag = ? AND t.state = 'set' AND t.exhibit > ? ORDER BY t.exhibit LIMIT ?`;
    return db.all(Exhibit, sql, page.tag, after, limit);
  }
  if (page.mediaType !== undefined)
    return db.all(
      Exhibit,
      'SELECT * FROM exhibit WHERE mediaType = ? AND id > ? ORDER BY id LIMIT ?',
      page.mediaType,
      after,
      limit,
    );
  return db.all(Exhibit, 'SELECT * FROM exhibit WHERE id > ? ORDER BY id LIMIT ?', after, limit);
}

const Count = z.strictObject({ n: z.int() });
export const countExhibits = (db: ReadableDb): number => db.one(Count, 'SELECT count(*) AS n FROM exhibit')?.n ?? 0;

export type NewCustody = Pick<CustodyEvent, 'type' | 'purpose'> &
  Partial<Pick<CustodyEvent, 'releasedBy' | 'receivedBy' | 'hashBefore' | 'hashAfter' | 'remark'>>;

/** Writes a custody event within an entry of the audit log. */
export function insertCustody(session: Session, edit: Edit, exhibit: string, fields: NewCustody): CustodyEvent {
  const now = session.now();
  const { hashBefore = null, hashAfter = null } = fields;
  const compared = hashBefore === null || hashAfter === null ? 'not-checked' : hashBefore === hashAfter ? 'yes' : 'no';
  const row = CustodyEvent.parse({
    id: newId(),
    exhibit,
    type: fields.type,
    releasedBy: fields.releasedBy ?? null,
    receivedBy: fields.receivedBy ?? null,
    utc: utc(now),
    localTime: localTime(now),
    purpose: fields.purpose,
    hashBefore,
    hashAfter,
    matches: compared,
    remark: fields.remark ?? null,
    byExaminer: session.actor.name,
  });
  edit.insert('custodyEvent', row);
  return row;
}

/** Records a step of custody. */
export const addCustody = (session: Session, exhibit: string, fields: NewCustody): CustodyEvent =>
  record(session, `custody.${fields.type}`, {}, (edit) => insertCustody(session, edit, exhibit, fields));

export const listCustody = (db: ReadableDb, exhibit: string): CustodyEvent[] =>
  db.all(CustodyEvent, 'SELECT * FROM custodyEvent WHERE exhibit = ? ORDER BY id', exhibit);
