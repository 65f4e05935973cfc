/** Pages of the table of exhibits, with the state of their work, for a screen that jumps to any place in it. */
import * as z from 'zod';
import type { ExhibitRow, ExhibitSort } from '../../contract/apiCases.ts';
import { Exhibit, Verification } from '../../contract/case.ts';
import { JobState } from '../../contract/caseWork.ts';
import { Label } from '../../contract/words.ts';
import type { ReadableDb, SqlValue } from '../database/handle.ts';

export interface TableQuery {
  readonly offset: number;
  readonly limit: number;
  /** Part of the item number, name, description or hash; empty for all. */
  readonly text: string;
  readonly tag: string | null;
  /** State of the exhibit's last job; `none` for exhibits that were never queued. */
  readonly state: JobState | 'none' | null;
  readonly sort: ExhibitSort;
  readonly descending: boolean;
}

const Count = z.strictObject({ n: z.int() });
const Work = z.strictObject({
  job: JobState.nullable(),
  analysis: z.string().nullable(),
  label: Label.nullable(),
  score: z.number().nullable(),
  log10Lr: z.number().nullable(),
  outcome: Verification.shape.outcome.nullable(),
  propositions: z.int(),
});
const Tag = z.strictObject({ tag: z.string() });

const LAST_JOB = '(SELECT j.state FROM job j WHERE j.exhibit = e.id ORDER BY j.id DESC LIMIT 1)';

/** Numbers that are numbers are in their order, not in that of their digits. Ids are in the order of intake. */
const ORDER: Readonly<Record<ExhibitSort, string>> = {
  itemNumber: 'CAST(e.itemNumber AS INTEGER) {dir}, e.itemNumber {dir}',
  originalName: 'e.originalName COLLATE NOCASE {dir}',
  bytes: 'e.bytes {dir}',
  addedUtc: 'e.id {dir}',
  mediaType: 'e.mediaType {dir}',
};

function conditions({ text, tag, state }: TableQuery): { where: string; params: SqlValue[] } {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  if (text !== '') {
    parts.push(`(instr(lower(e.itemNumber || ' ' || e.originalName || ' ' || coalesce(e.description, '')), lower(?)) > 0
      OR e.sha256 = lower(?))`);
    params.push(text, text);
  }
  if (tag !== null) {
    parts.push("EXISTS (SELECT 1 FROM tagging t WHERE t.exhibit = e.id AND t.tag = ? AND t.state = 'set')");
    params.push(tag);
  }
  if (state === 'none') parts.push(`${LAST_JOB} IS NULL`);
  else if (state !== null) {
    parts.push(`${LAST_JOB} = ?`);
    params.push(state);
  }
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, params };
}

const WORK = `SELECT ${LAST_JOB} AS job, a.id AS analysis, a.label, a.score, a.log10Lr,
  (SELECT v.outcome FROM verification v WHERE v.exhibit = e.id ORDER BY v.id DESC LIMIT 1) AS outcome,
  (SELECT count(*) FROM proposition p WHERE p.exhibit = e.id) AS propositions
  FROM exhibit e LEFT JOIN analysis a ON a.id = (SELECT max(id) FROM analysis WHERE exhibit = e.id) WHERE e.id = ?`;

/** One page and the number of all rows that fit. */
export function exhibitTable(
  db: ReadableDb,
  query: TableQuery,
): { readonly total: number; readonly rows: ExhibitRow[] } {
  const { where, params } = conditions(query);
  const total = db.one(Count, `SELECT count(*) AS n FROM exhibit e ${where}`, ...params)?.n ?? 0;
  const direction = query.descending ? 'DESC' : 'ASC';
  const order = `${ORDER[query.sort].replaceAll('{dir}', direction)}, e.id ${direction}`;
  const exhibits = db.all(
    Exhibit,
    `SELECT e.* FROM exhibit e ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
    ...params,
    query.limit,
    query.offset,
  );
  return { total, rows: exhibits.map((exhibit) => rowOf(db, exhibit)) };
}

function rowOf(db: ReadableDb, exhibit: Exhibit): ExhibitRow {
  const work = db.one(Work, WORK, exhibit.id);
  const tags = db.all(Tag, "SELECT tag FROM tagging WHERE exhibit = ? AND state = 'set' ORDER BY tag", exhibit.id);
  const { analysis = null, label = null, score = null, log10Lr = null } = work ?? {};
  return {
    exhibit,
    tags: tags.map(({ tag }) => tag),
    job: work?.job ?? null,
    analysis: analysis === null || label === null ? null : { id: analysis, label, score, log10Lr },
    check: work?.outcome ?? null,
    propositionsFixed: (work?.propositions ?? 0) > 0,
  };
}
