/**
 * The only way to change a record: every insert and update names its audit entry, and both are one transaction.
 * Entries name each touched row with its hash, so that a row changed behind the program's back is found.
 */

import type { Actor } from '../../contract/caseFiles.ts';
import { VidimusError } from '../../contract/errors.ts';
import { Row, type SqlRow, type SqlValue, type WritableDb } from '../database/handle.ts';
import { rowHash } from './canonical.ts';
import { type AuditObject, appendAudit, type ChainHead, type Detail } from './log.ts';

/** Tables whose rows the audit log vouches for; all have a text column `id`. */
export const AUDITED_TABLES = [
  'caseFile',
  'examiner',
  'setting',
  'exhibit',
  'custodyEvent',
  'verification',
  'finding',
  'analysis',
  'analysisPack',
  'series',
  'artifact',
  'note',
  'tagging',
  'bookmark',
  'proposition',
  'opinion',
  'report',
  'job',
  'merge',
  'mergeConflict',
  'timeStamp',
] as const;
export type AuditedTable = (typeof AUDITED_TABLES)[number];

/** Who works, on which case, by which clock. */
export interface Session {
  readonly db: WritableDb;
  readonly caseId: string;
  readonly actor: Actor;
  readonly now: () => Date;
}

export interface Edit {
  insert(table: AuditedTable, row: SqlRow): void;
  /** Changes columns of one row. @throws VidimusError case.unknown where there is none. */
  update(table: AuditedTable, id: string, changes: SqlRow): void;
  /** Adds to what the entry says. */
  detail(more: Detail): void;
}

/** Runs `work` and writes its audit entry, all or nothing. Returns what `work` returned. */
export function record<T>(session: Session, action: string, detail: Detail, work: (edit: Edit) => T): T {
  return recordWithHead(session, action, detail, work).value;
}

/** Like {@link record}, and tells the head of the chain after it. */
export function recordWithHead<T>(
  session: Session,
  action: string,
  detail: Detail,
  work: (edit: Edit) => T,
): { readonly value: T; readonly head: ChainHead } {
  const { db } = session;
  return db.transaction(() => {
    const touched = new Map<string, AuditObject>();
    let said = detail;
    const touch = (table: AuditedTable, id: string, row: SqlRow | Row): void => {
      touched.set(`${table}/${id}`, { table, id, hash: rowHash(table, row) });
    };
    const value = work({
      insert: (table, row) => {
        const id = row['id'];
        if (typeof id !== 'string') throw new VidimusError('bug', `A row of ${table} has no id.`);
        const columns = Object.keys(row);
        const marks = columns.map(() => '?').join(', ');
        db.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`, ...Object.values(row));
        touch(table, id, row);
      },
      update: (table, id, changes) => {
        const sets = Object.keys(changes).map((column) => `${column} = ?`);
        const values: SqlValue[] = [...Object.values(changes), id];
        if (db.run(`UPDATE ${table} SET ${sets.join(', ')} WHERE id = ?`, ...values) !== 1)
          throw new VidimusError('case.unknown', `There is no ${table} ${id} in this case.`);
        const row = db.one(Row, `SELECT * FROM ${table} WHERE id = ?`, id);
        if (row) touch(table, id, row);
      },
      detail: (more) => {
        said = { ...said, ...more };
      },
    });
    const { caseId, actor } = session;
    const head = appendAudit(db, {
      caseId,
      actor,
      action,
      objects: [...touched.values()],
      detail: said,
      now: session.now(),
    });
    return { value, head };
  });
}
