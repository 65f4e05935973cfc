/**
 * Brings the records of one case into another. Rows keep their ids, so that a second import finds what it knows.
 *
 * A row that both sides have and that differs is decided by the chains: if theirs is a state that ours once had, ours
 * is newer and stays; if ours is a state that theirs once had, theirs is newer and is taken over; else both changed it,
 * ours stays and theirs is kept beside it as a conflict with a finding. Their audit entries come along as they are.
 */
import * as z from 'zod';
import { CaseRecord, Exhibit, Finding } from '../../contract/case.ts';
import { AuditEntry, type MergeReport } from '../../contract/caseFiles.ts';
import { Note } from '../../contract/caseWork.ts';
import { canonical, rowHash } from '../audit/canonical.ts';
import { type AuditedTable, type Edit, record, type Session } from '../audit/edit.ts';
import { chainHead } from '../audit/log.ts';
import { type ReadableDb, Row } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { insertFinding } from '../records/findings.ts';
import { indexExhibit, indexFinding, indexNote } from '../records/search.ts';

/**
 * Tables that travel, parents before children, with the condition that ties a row to the chosen exhibits; `whole` is
 * the condition where all are chosen, and then notes on the case itself come along, which may speak of any exhibit.
 */
const TABLES: readonly { readonly table: AuditedTable; readonly of: string; readonly whole?: string }[] = [
  { table: 'examiner', of: '1' },
  { table: 'exhibit', of: 'id IN (SELECT id FROM chosen)' },
  { table: 'custodyEvent', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'verification', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'finding', of: 'exhibit IS NULL OR exhibit IN (SELECT id FROM chosen)' },
  { table: 'analysis', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'analysisPack', of: 'analysis IN (SELECT a.id FROM analysis a JOIN chosen c ON c.id = a.exhibit)' },
  { table: 'series', of: 'analysis IN (SELECT a.id FROM analysis a JOIN chosen c ON c.id = a.exhibit)' },
  { table: 'artifact', of: 'analysis IN (SELECT a.id FROM analysis a JOIN chosen c ON c.id = a.exhibit)' },
  {
    table: 'note',
    of: 'exhibit IN (SELECT id FROM chosen) OR finding IN (SELECT f.id FROM finding f JOIN chosen c ON c.id = f.exhibit)',
    whole: '1',
  },
  { table: 'tagging', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'bookmark', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'proposition', of: 'exhibit IN (SELECT id FROM chosen)' },
  { table: 'opinion', of: 'exhibit IN (SELECT id FROM chosen)' },
  {
    table: 'report',
    of: 'NOT EXISTS (SELECT 1 FROM json_each(report.exhibits) j WHERE j.value NOT IN (SELECT id FROM chosen))',
  },
  { table: 'timeStamp', of: '1' },
  { table: 'merge', of: '1' },
  { table: 'mergeConflict', of: 'rowId IN (SELECT id FROM chosen)', whole: '1' },
];

/** Tables with a second key beside the id, by which two sides may mean the same thing under different ids. */
const OTHER_KEYS: Partial<Record<AuditedTable, readonly string[]>> = {
  tagging: ['tag', 'exhibit'],
  opinion: ['exhibit', 'proposition', 'place'],
  mergeConflict: ['tableName', 'rowId', 'theirsHash'],
};

/** Every hash that a chain ever gave a record, by `table/id`. */
function history(db: ReadableDb): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>();
  const Entry = z.strictObject({ entry: z.string() });
  for (const { entry } of db.each(Entry, 'SELECT entry FROM audit ORDER BY seq')) {
    for (const object of AuditEntry.parse(JSON.parse(entry)).objects) {
      if (object.hash === null) continue;
      const key = `${object.table}/${object.id}`;
      const hashes = known.get(key);
      if (hashes) hashes.add(object.hash);
      else known.set(key, new Set([object.hash]));
    }
  }
  return known;
}

/** `chosen` as a common table expression over a JSON list of ids; null chooses every exhibit. */
const withChosen = (of: string, table: string, chosen: readonly string[] | null): [string, ...string[]] =>
  chosen === null
    ? [`WITH chosen AS (SELECT id FROM exhibit) SELECT * FROM ${table} WHERE ${of} ORDER BY id`]
    : [
        `WITH chosen AS (SELECT value AS id FROM json_each(?)) SELECT * FROM ${table} WHERE ${of} ORDER BY id`,
        JSON.stringify(chosen),
      ];

/**
 * Merges `source` into the session's case in one transaction. `chosen` are ids of exhibits, or null for all.
 * Files (evidence, artefacts) are the caller's business. @throws VidimusError case.rule, case.damaged.
 */
export function mergeInto(session: Session, source: ReadableDb, chosen: readonly string[] | null): MergeReport {
  const { db } = session;
  return db.transaction(() => {
    const theirHistory = history(source);
    const ourHistory = history(db);
    const info = z.array(CaseRecord).min(1).parse(source.all(CaseRecord, 'SELECT * FROM caseFile'))[0];
    const head = chainHead(source);
    const merge = newId();
    const counts = { added: 0, updated: 0, known: 0, conflicts: 0 };
    record(session, 'case.merge', { source: info?.number ?? '', sourceHead: head?.hash ?? '' }, (edit) => {
      edit.insert('merge', {
        id: merge,
        sourceCase: info?.id ?? '',
        sourceNumber: info?.number ?? '',
        sourceSeq: head?.seq ?? 0,
        sourceHead: head?.hash ?? '',
        sourceRecord: canonical(info ?? null),
        byExaminer: session.actor.name,
        utc: utc(session.now()),
      });
      for (const { table, of, whole } of TABLES) {
        const [sql, ...params] = withChosen(chosen === null ? (whole ?? of) : of, table, chosen);
        for (const row of source.each(Row, sql, ...params)) {
          const done = mergeRow(session, edit, table, row, { merge, ourHistory, theirHistory });
          counts[done] += 1;
        }
      }
      edit.detail({ ...counts });
    });
    const auditEntries = copyAudit(session, source, info?.id ?? '', chosen);
    return { merge, sourceCase: info?.id ?? '', ...counts, evidence: 0, auditEntries };
  });
}

interface Histories {
  readonly merge: string;
  readonly ourHistory: ReadonlyMap<string, ReadonlySet<string>>;
  readonly theirHistory: ReadonlyMap<string, ReadonlySet<string>>;
}

function mergeRow(
  session: Session,
  edit: Edit,
  table: AuditedTable,
  row: Row,
  known: Histories,
): 'added' | 'updated' | 'known' | 'conflicts' {
  const { db } = session;
  const id = String(row['id']);
  const theirs = rowHash(table, row);
  const own = db.one(Row, `SELECT * FROM ${table} WHERE id = ?`, id) ?? sameMeaning(db, table, row);
  if (!own) {
    edit.insert(table, table === 'exhibit' ? freeItemNumber(db, row) : row);
    reindex(session, table, row);
    return 'added';
  }
  const ours = rowHash(table, own);
  const key = `${table}/${id}`;
  const sameId = own['id'] === id;
  const { id: _id, ...rest } = row;
  const { id: _own, ...ownRest } = own;
  if (ours === theirs || known.ourHistory.get(key)?.has(theirs)) return 'known';
  if (table === 'exhibit' && renumbered(own, row)) return 'known';
  if (!sameId && canonicalRow(ownRest) === canonicalRow(rest)) return 'known';
  if (sameId && known.theirHistory.get(key)?.has(ours)) {
    const changes = Object.fromEntries(Object.entries(rest).filter(([name, value]) => own[name] !== value));
    edit.update(table, id, changes);
    reindex(session, table, row);
    return 'updated';
  }
  const rowId = String(own['id']);
  if (
    db.one(
      Row,
      'SELECT id FROM mergeConflict WHERE tableName = ? AND rowId = ? AND theirsHash = ?',
      table,
      rowId,
      theirs,
    )
  )
    return 'known';
  edit.insert('mergeConflict', {
    id: newId(),
    mergeId: known.merge,
    tableName: table,
    rowId,
    oursHash: ours,
    theirsHash: theirs,
    theirs: canonicalRow(row),
  });
  const exhibit = table === 'exhibit' ? id : typeof row['exhibit'] === 'string' ? row['exhibit'] : null;
  const message = `Both cases changed ${table} ${rowId}; ours stays, theirs is kept beside it.`;
  insertFinding(session, edit, { kind: 'merge-conflict', exhibit, effect: 'notice', message });
  return 'conflicts';
}

const canonicalRow = (row: Row): string =>
  canonical(
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      ]),
    ),
  );

function sameMeaning(db: ReadableDb, table: AuditedTable, row: Row): Row | null {
  const columns = OTHER_KEYS[table];
  if (!columns) return null;
  const where = columns.map((column) => `${column} = ?`).join(' AND ');
  return db.one(Row, `SELECT * FROM ${table} WHERE ${where}`, ...columns.map((column) => row[column] ?? null));
}

/** Two copies of one case may both have given out the same item number; theirs then says so. */
function freeItemNumber(db: ReadableDb, row: Row): Row {
  const taken = (item: string): boolean =>
    db.one(Row, 'SELECT id FROM exhibit WHERE originCase = ? AND itemNumber = ?', row['originCase'] ?? null, item) !==
    null;
  let item = String(row['itemNumber']);
  for (let n = 1; taken(item); n += 1) item = `${String(row['itemNumber'])} (merged ${n})`;
  return { ...row, itemNumber: item };
}

/** Whether ours is theirs as an earlier merge had to take it in: under another item number, with its bytes adopted. */
function renumbered(own: Row, row: Row): boolean {
  if (!String(own['itemNumber']).startsWith(`${String(row['itemNumber'])} (merged `)) return false;
  const { itemNumber = null, storage = null, path = null } = row;
  return canonicalRow({ ...own, itemNumber, storage, path }) === canonicalRow(row);
}

function reindex(session: Session, table: AuditedTable, row: Row): void {
  if (table === 'exhibit') indexExhibit(session.db, Exhibit.parse(row));
  if (table === 'note') indexNote(session.db, Note.parse(row));
  if (table === 'finding') indexFinding(session.db, Finding.parse(row));
}

const AuditRow = z.strictObject({ seq: z.int(), entry: z.string(), hash: z.string() });
const ForeignRow = z.strictObject({ sourceCase: z.string(), ...AuditRow.shape });

/** Copies the source's audit entries, and those it holds of others. For a part, only entries about chosen records. */
function copyAudit(session: Session, source: ReadableDb, sourceCase: string, chosen: readonly string[] | null): number {
  const { db } = session;
  const wanted = chosen && new Set(chosen);
  let copied = 0;
  const put = (from: string, seq: number, hash: string, entry: string): void => {
    copied += db.run(
      'INSERT OR IGNORE INTO foreignAudit (sourceCase, seq, hash, entry) VALUES (?, ?, ?, ?)',
      from,
      seq,
      hash,
      entry,
    );
  };
  /** Whether an entry speaks of a record that came along. */
  const travels = (text: string): boolean =>
    wanted === null ||
    AuditEntry.parse(JSON.parse(text)).objects.some(
      ({ table, id }) =>
        wanted.has(id) || (AUDITED.has(table) && db.one(Row, `SELECT id FROM ${table} WHERE id = ?`, id) !== null),
    );
  for (const row of source.each(AuditRow, 'SELECT seq, entry, hash FROM audit ORDER BY seq'))
    if (travels(row.entry)) put(sourceCase, row.seq, row.hash, row.entry);
  const foreign = 'SELECT sourceCase, seq, entry, hash FROM foreignAudit ORDER BY sourceCase, seq';
  for (const row of source.each(ForeignRow, foreign))
    if (travels(row.entry)) put(row.sourceCase, row.seq, row.hash, row.entry);
  return copied;
}

const AUDITED: ReadonlySet<string> = new Set(
  TABLES.map(({ table }) => table).filter(
    (table) => table !== 'examiner' && table !== 'timeStamp' && table !== 'merge',
  ),
);
