/**
 * Propositions and opinions. Two competing propositions are fixed before an opinion is written (ENFSI 2015). The
 * second examiner works blind: what the first wrote is not handed to them before they have signed their own.
 */
import * as z from 'zod';
import { IssuedReport, Opinion, Proposition } from '../../contract/caseWork.ts';
import { VidimusError } from '../../contract/errors.ts';
import { record, type Session } from '../audit/edit.ts';
import { chainHead } from '../audit/log.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { assertSignable } from './findings.ts';

const Count = z.strictObject({ n: z.int() });

/** Fixes the two propositions; how many analyses existed by then is kept with them. */
export function fixPropositions(session: Session, exhibit: string, h1: string, h2: string): Proposition {
  const analyses = session.db.one(Count, 'SELECT count(*) AS n FROM analysis WHERE exhibit = ?', exhibit)?.n ?? 0;
  const row = Proposition.parse({
    id: newId(),
    exhibit,
    h1,
    h2,
    analysesBefore: analyses,
    byExaminer: session.actor.name,
    utc: utc(session.now()),
  });
  record(session, 'proposition.fix', { analysesBefore: analyses }, (edit) => edit.insert('proposition', row));
  return row;
}

export const listPropositions = (db: ReadableDb, exhibit: string): Proposition[] =>
  db.all(Proposition, 'SELECT * FROM proposition WHERE exhibit = ? ORDER BY id', exhibit);

/** The examiner of the session. @throws VidimusError case.rule where an account of the system works unnamed. */
function author(session: Session): string {
  if (session.actor.id === null)
    throw new VidimusError('case.rule', 'An opinion needs a named examiner of this case.', {
      advice: 'Enter yourself with "vidimus case examiner add" and give --examiner.',
    });
  return session.actor.id;
}

export type NewOpinion = Pick<Opinion, 'exhibit' | 'proposition' | 'text' | 'limitations' | 'log10Lr'>;

/**
 * Writes or rewrites the draft of the session's examiner. Whoever writes first is the first examiner.
 * @throws VidimusError case.rule when both places are taken or the own opinion is signed.
 */
export function writeOpinion(session: Session, fields: NewOpinion): Opinion {
  const examiner = author(session);
  const { db } = session;
  return db.transaction(() => {
    const there = opinionsOn(db, fields.exhibit, fields.proposition);
    if (
      !db.one(Proposition, 'SELECT * FROM proposition WHERE id = ? AND exhibit = ?', fields.proposition, fields.exhibit)
    )
      throw new VidimusError('case.rule', 'The propositions of this exhibit are not fixed yet.');
    const own = there.find((opinion) => opinion.examiner === examiner);
    const { text, limitations, log10Lr } = fields;
    const written = { text, limitations, log10Lr, writtenUtc: utc(session.now()) };
    if (own) {
      if (own.state === 'signed') throw new VidimusError('case.rule', 'A signed opinion is never changed.');
      const row = Opinion.parse({ ...own, ...written });
      record(session, 'opinion.rewrite', { place: own.place }, (edit) => edit.update('opinion', own.id, written));
      return row;
    }
    if (there.length >= 2) throw new VidimusError('case.rule', 'Two examiners have given their opinion already.');
    const place = there.length === 0 ? 'first' : 'second';
    const row = Opinion.parse({
      ...fields,
      ...written,
      id: newId(),
      examiner,
      place,
      state: 'draft',
      signedUtc: null,
      signature: null,
    });
    record(session, 'opinion.write', { place }, (edit) => edit.insert('opinion', row));
    return row;
  });
}

/**
 * Signs the draft of the session's examiner; `signature` is a detached CMS in base64 where a key was at hand.
 * @throws VidimusError case.signing-blocked while a finding stands against the exhibit; case.rule without a draft.
 */
export function signOpinion(session: Session, opinion: string, signature: string | null): Opinion {
  const examiner = author(session);
  const { db } = session;
  return db.transaction(() => {
    const draft = db.one(Opinion, 'SELECT * FROM opinion WHERE id = ?', opinion);
    if (draft?.examiner !== examiner)
      throw new VidimusError('case.rule', 'Only the examiner who wrote an opinion can sign it.');
    if (draft.state === 'signed') throw new VidimusError('case.rule', 'This opinion is signed already.');
    assertSignable(db, [draft.exhibit]);
    const change = { state: 'signed', signedUtc: utc(session.now()), signature } as const;
    record(session, 'opinion.sign', { place: draft.place }, (edit) => edit.update('opinion', opinion, change));
    return Opinion.parse({ ...draft, ...change });
  });
}

const opinionsOn = (db: ReadableDb, exhibit: string, proposition: string): Opinion[] =>
  db.all(Opinion, 'SELECT * FROM opinion WHERE exhibit = ? AND proposition = ? ORDER BY id', exhibit, proposition);

export interface OpinionView {
  readonly opinions: Opinion[];
  /** Opinions that exist and are kept from this reader until they have signed their own. */
  readonly withheld: number;
}

/**
 * The opinions that `reader` may see. An examiner sees their own; another's only when it is signed and the reader
 * has signed too. A reader without an opinion of their own sees signed ones once both places are signed, or when
 * `blind` is false (a manager, a report after the review).
 */
export function opinionsFor(
  db: ReadableDb,
  exhibit: string,
  proposition: string,
  reader: string | null,
  blind = true,
): OpinionView {
  const all = opinionsOn(db, exhibit, proposition);
  const signed = (opinion: Opinion): boolean => opinion.state === 'signed';
  const own = all.find((opinion) => opinion.examiner === reader);
  const open = own ? signed(own) : (all.length === 2 && all.every(signed)) || !blind;
  const opinions = all.filter((opinion) => opinion === own || (open && signed(opinion)));
  return { opinions, withheld: all.length - opinions.length };
}

export type NewReport = Pick<IssuedReport, 'format' | 'title' | 'fileName' | 'sha256' | 'bytes'> & {
  readonly exhibits: readonly string[];
};

/** Records a report that was issued. @throws VidimusError case.signing-blocked. */
export function issueReport(session: Session, fields: NewReport): IssuedReport {
  const { db } = session;
  return db.transaction(() => {
    assertSignable(db, fields.exhibits);
    const head = chainHead(db);
    const row = IssuedReport.parse({
      ...fields,
      exhibits: JSON.stringify(fields.exhibits),
      id: newId(),
      chainSeq: head?.seq,
      chainHead: head?.hash,
      byExaminer: session.actor.name,
      utc: utc(session.now()),
    });
    record(session, 'report.issue', { format: row.format, sha256: row.sha256 }, (edit) => edit.insert('report', row));
    return row;
  });
}

export const listReports = (db: ReadableDb): IssuedReport[] => db.all(IssuedReport, 'SELECT * FROM report ORDER BY id');
