/** Looks for edited, removed, inserted and reordered entries, and for records that changed without an entry. */
import * as z from 'zod';
import { AuditEntry, type ChainProblem } from '../../contract/caseFiles.ts';
import { type ReadableDb, Row } from '../database/handle.ts';
import { rowHash, sha256Of } from './canonical.ts';
import { AUDITED_TABLES } from './edit.ts';
import { type ChainHead, GENESIS } from './log.ts';

const AuditRow = z.strictObject({ seq: z.int(), entry: z.string(), hash: z.string() });

export interface ChainVerdict {
  readonly entries: number;
  readonly head: ChainHead | null;
  readonly problems: ChainProblem[];
  /** True statements that are not faults, such as a clock that was set back. */
  readonly notices: string[];
  /** The hash that the chain gives each record, by `table/id`. */
  readonly records: ReadonlyMap<string, string | null>;
}

const parseEntry = (text: string): AuditEntry | null => {
  try {
    return AuditEntry.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Checks the chain by itself: each entry's bytes, number, case and predecessor. */
export function verifyChain(db: ReadableDb): ChainVerdict {
  const problems: ChainProblem[] = [];
  const notices: string[] = [];
  const records = new Map<string, string | null>();
  const seen = new Map<string, number>();
  let previous = GENESIS;
  let expected = 1;
  let caseId: string | null = null;
  let entries = 0;
  let head: ChainHead | null = null;
  const problem = (kind: ChainProblem['kind'], seq: number, message: string): void => {
    problems.push({ kind, seq, message });
  };
  for (const row of db.each(AuditRow, 'SELECT seq, entry, hash FROM audit ORDER BY seq')) {
    entries += 1;
    const entry = parseEntry(row.entry);
    const hash = sha256Of(row.entry);
    if (hash !== row.hash) problem('edited', row.seq, `Entry ${row.seq} does not have the hash stored beside it.`);
    if (row.seq !== expected) {
      const missing = row.seq - expected === 1 ? `Entry ${expected} is` : `Entries ${expected} to ${row.seq - 1} are`;
      problem('removed', expected, `${missing} missing.`);
    }
    if (!entry) problem('edited', row.seq, `Entry ${row.seq} is not an audit entry.`);
    else {
      caseId ??= entry.case;
      if (entry.case !== caseId) problem('inserted', row.seq, `Entry ${row.seq} belongs to another case.`);
      if (entry.seq !== row.seq)
        problem('reordered', row.seq, `Entry ${row.seq} calls itself ${entry.seq}: entries were moved.`);
      if (entry.previous !== previous && row.seq === expected) {
        const other = seen.get(entry.previous);
        if (other === undefined)
          problem(
            'edited',
            row.seq,
            `Entry ${row.seq} follows an entry that is not in the log: one before it was edited, removed or put in.`,
          );
        else
          problem(
            'inserted',
            row.seq,
            `Entry ${row.seq} follows entry ${other}: entries between them were put in or moved.`,
          );
      }
      if (entry.clockBackMs !== undefined)
        notices.push(`Entry ${row.seq}: the clock stood ${entry.clockBackMs} ms behind the entry before.`);
      for (const object of entry.objects) records.set(`${object.table}/${object.id}`, object.hash);
    }
    seen.set(hash, row.seq);
    previous = hash;
    expected = row.seq + 1;
    head = { seq: row.seq, hash };
  }
  if (entries === 0) problems.push({ kind: 'removed', seq: 1, message: 'The audit log is empty.' });
  return { entries, head, problems, notices, records };
}

/** Compares every record with the hash that the chain gives it. */
export function verifyRecords(db: ReadableDb, records: ChainVerdict['records']): ChainProblem[] {
  const problems: ChainProblem[] = [];
  const left = new Set([...records].filter(([, hash]) => hash !== null).map(([key]) => key));
  for (const table of AUDITED_TABLES) {
    for (const row of db.each(Row, `SELECT * FROM ${table}`)) {
      const key = `${table}/${String(row['id'])}`;
      const hash = records.get(key);
      left.delete(key);
      if (hash === undefined || hash === null)
        problems.push({ kind: 'record-unknown', seq: null, message: `${key} was put in without an audit entry.` });
      else if (rowHash(table, row) !== hash)
        problems.push({ kind: 'record-changed', seq: null, message: `${key} was changed without an audit entry.` });
    }
  }
  for (const key of left)
    problems.push({ kind: 'record-missing', seq: null, message: `${key} was removed without an audit entry.` });
  return problems;
}
