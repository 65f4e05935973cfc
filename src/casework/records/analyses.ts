/** Finished analyses: the result without its series and artefacts, which are stored beside it, and back again. */
import * as z from 'zod';
import { AnalysisPack, AnalysisRecord } from '../../contract/caseWork.ts';
import { VidimusError } from '../../contract/errors.ts';
import { AnalysisResult, Series } from '../../contract/result.ts';
import { canonical, canonicalNumbers, canonicalObject, sha256Of } from '../audit/canonical.ts';
import { type Edit, record, type Session } from '../audit/edit.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { insertCustody } from './exhibits.ts';
import { type Packed, pack, unpack, unpackTyped } from './series.ts';

const RECORD_COLUMNS =
  'id, exhibit, planHash, resultSha256, mediaType, label, score, log10Lr, fusion, startedUtc, finishedUtc, byExaminer';

const SeriesHead = z.strictObject(Series.shape).omit({ x: true, y: true });
const Kind = z.enum(['ramp', 'i32', 'f32', 'f64']);
const SeriesRow = z.strictObject({
  head: z.string(),
  points: z.int(),
  xKind: Kind,
  x: z.instanceof(Uint8Array),
  yKind: Kind,
  y: z.instanceof(Uint8Array),
});

/**
 * Stores a result within an entry of the audit log. `result` must name the exhibit's own SHA-256: the caller has
 * compared it. `artifactBytes` gives the length of each artefact whose file lies in the store, by SHA-256.
 */
export function insertAnalysis(
  session: Session,
  edit: Edit,
  exhibit: string,
  result: AnalysisResult,
  started: Date,
  artifactBytes: ReadonlyMap<string, number>,
): AnalysisRecord {
  const { db } = session;
  const now = session.now();
  const id = newId();
  const { series, ...rest } = result;
  const row = {
    id,
    exhibit,
    planHash: result.run.planHash,
    plan: canonical(result.run.plan),
    run: canonical(result.run),
    resultSha256: resultHash(result),
    result: JSON.stringify(rest),
    mediaType: result.mediaType,
    label: result.result,
    score: result.opinion.score,
    log10Lr: result.opinion.log10Lr,
    fusion: result.opinion.fusion.method,
    startedUtc: utc(started),
    finishedUtc: utc(now),
    byExaminer: session.actor.name,
  };
  edit.insert('analysis', row);
  for (const used of result.run.packs)
    edit.insert('analysisPack', {
      id: newId(),
      analysis: id,
      packId: used.id,
      version: used.version,
      sha256: used.sha256,
      provider: used.provider,
    });
  series.forEach((one, ordinal) => {
    const { x, y, ...head } = one;
    insertSeries(edit, id, ordinal, JSON.stringify(head), x, y);
  });
  result.artifacts.forEach((artifact, ordinal) => {
    const bytes = artifactBytes.get(artifact.sha256);
    if (bytes === undefined) return;
    edit.insert('artifact', {
      id: newId(),
      analysis: id,
      ordinal,
      sha256: artifact.sha256,
      bytes,
      mime: artifact.mime,
    });
  });
  insertCustody(session, edit, exhibit, {
    type: 'analysed',
    purpose: `Analysis ${id}`,
    hashBefore: result.evidence.sha256,
    hashAfter: result.evidence.sha256,
    remark: `plan ${row.planHash}`,
  });
  const stored = db.one(AnalysisRecord, `SELECT ${RECORD_COLUMNS} FROM analysis WHERE id = ?`, id);
  if (!stored) throw new VidimusError('bug', 'An analysis was not stored.');
  return stored;
}

function insertSeries(
  edit: Edit,
  analysis: string,
  ordinal: number,
  head: string,
  x: readonly number[],
  y: readonly (number | null)[],
): void {
  const px = pack(x);
  const py = pack(y);
  edit.insert('series', {
    id: newId(),
    analysis,
    ordinal,
    head,
    points: x.length,
    xKind: px.kind,
    x: px.bytes,
    yKind: py.kind,
    y: py.bytes,
  });
}

/** Stores a result without artefacts, with an audit entry of its own. */
export const addAnalysis = (session: Session, exhibit: string, result: AnalysisResult, started: Date): AnalysisRecord =>
  record(session, 'analysis.add', { exhibit }, (edit) =>
    insertAnalysis(session, edit, exhibit, result, started, new Map()),
  );

export const listAnalyses = (db: ReadableDb, exhibit: string): AnalysisRecord[] =>
  db.all(AnalysisRecord, `SELECT ${RECORD_COLUMNS} FROM analysis WHERE exhibit = ? ORDER BY id`, exhibit);

export const listPacks = (db: ReadableDb, analysis: string): AnalysisPack[] =>
  db.all(AnalysisPack, 'SELECT * FROM analysisPack WHERE analysis = ? ORDER BY id', analysis);

/** A finished analysis of this exhibit by this plan, or null. */
export const findAnalysis = (db: ReadableDb, exhibit: string, planHash: string): AnalysisRecord | null =>
  db.one(
    AnalysisRecord,
    `SELECT ${RECORD_COLUMNS} FROM analysis WHERE exhibit = ? AND planHash = ? ORDER BY id DESC LIMIT 1`,
    exhibit,
    planHash,
  );

const ResultRow = z.strictObject({ result: z.string(), resultSha256: z.string() });
const SERIES = 'SELECT head, points, xKind, x, yKind, y FROM series WHERE analysis = ? ORDER BY ordinal';

const packedX = (row: z.infer<typeof SeriesRow>): Packed => ({ kind: row.xKind, bytes: row.x });
const packedY = (row: z.infer<typeof SeriesRow>): Packed => ({ kind: row.yKind, bytes: row.y });

const withoutForm = (): VidimusError =>
  new VidimusError('case.damaged', 'A series holds a value that is no number and no gap.');

/** SHA-256 of the RFC 8785 form of a result; its series may be long. */
function resultHash(result: AnalysisResult): string {
  const members = ({ x, y, ...head }: Series): Record<string, string> => {
    const [first, second] = [canonicalNumbers(x), canonicalNumbers(y)];
    if (first === null || second === null) throw withoutForm();
    return { ...formsOf(head), x: first, y: second };
  };
  const { series, ...rest } = result;
  const list = series.map((one) => canonicalObject(members(one)));
  return sha256Of(canonicalObject({ ...formsOf(rest), series: `[${list.join(',')}]` }));
}

const formsOf = (object: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, canonical(value)]])),
  );

/**
 * The result document as the engine gave it. The points of its series are numbers by the way they are stored; that they
 * are those of the document, like all the rest of it, is what the hash proves.
 * @throws VidimusError case.unknown, case.damaged.
 */
export function readResult(db: ReadableDb, analysis: string): AnalysisResult {
  const row = db.one(ResultRow, 'SELECT result, resultSha256 FROM analysis WHERE id = ?', analysis);
  if (!row) throw new VidimusError('case.unknown', `There is no analysis ${analysis} in this case.`);
  const series = db.all(SeriesRow, SERIES, analysis).map((one) => ({
    ...SeriesHead.parse(JSON.parse(one.head)),
    x: Array.from(unpackTyped(packedX(one), one.points)),
    y: unpack(packedY(one), one.points),
  }));
  const bare = z.record(z.string(), z.unknown()).parse(JSON.parse(row.result));
  const result = { ...AnalysisResult.parse({ ...bare, series: [] }), series };
  if (resultHash(result) !== row.resultSha256)
    throw new VidimusError(
      'case.damaged',
      `The stored result of analysis ${analysis} is not the one that was computed.`,
    );
  return result;
}

export interface TypedSeries {
  readonly head: z.infer<typeof SeriesHead>;
  readonly x: Int32Array | Float32Array | Float64Array;
  /** NaN marks a gap. */
  readonly y: Int32Array | Float32Array | Float64Array;
}

/** Series for a chart, without turning them into plain arrays. */
export const readSeries = (db: ReadableDb, analysis: string): TypedSeries[] =>
  db.all(SeriesRow, SERIES, analysis).map((row) => ({
    head: SeriesHead.parse(JSON.parse(row.head)),
    x: unpackTyped(packedX(row), row.points),
    y: unpackTyped(packedY(row), row.points),
  }));
