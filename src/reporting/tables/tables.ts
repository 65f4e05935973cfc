/** Findings, series and custody as tables for other programs. Values are those stored, in full precision. */
import type { Exhibit } from '../../contract/case.ts';
import type { ReportModel } from '../../contract/report.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import { BYTE_ORDER_MARK, type Cell, csvLine } from './csv.ts';

const table = (head: readonly string[], rows: Iterable<readonly Cell[]>): string => {
  const parts = [BYTE_ORDER_MARK, csvLine(head)];
  for (const row of rows) parts.push(csvLine(row));
  return parts.join('');
};

const FINDINGS = [
  'item',
  'file',
  'sha256',
  'analysis',
  'kind',
  'detector',
  'version',
  'family',
  'quantity',
  'status',
  'value',
  'unit',
  'direction',
  'threshold',
  'log10_lr',
  'track',
  'first_frame',
  'last_frame',
  'from_s',
  'to_s',
  'severity',
  'text',
];

/** Every observation and anomaly of every analysis. `kind` is `score`, `measurement` or `anomaly`. */
export function findingsTable(model: ReportModel): string {
  const rows: Cell[][] = [];
  for (const { exhibit: e, analyses } of model.exhibits)
    for (const { record, observations, anomalies } of analyses) {
      const own = [e.itemNumber, e.originalName, e.sha256, record.id];
      for (const o of observations)
        rows.push([
          ...own,
          ...[o.kind, o.detector, o.version, o.family, o.quantity, o.status, o.value, o.unit, o.direction],
          ...[o.threshold ?? null, o.log10Lr ?? null, ...place(o.where), null, o.reason ?? null],
        ]);
      for (const a of anomalies)
        rows.push([
          ...own,
          ...['anomaly', a.detector, null, null, a.type, 'ok', null, null, null, null, null],
          ...[...place(a.where), a.severity, a.description],
        ]);
    }
  return table(FINDINGS, rows);
}

function place(where: ReportModel['exhibits'][number]['analyses'][number]['anomalies'][number]['where']): Cell[] {
  const [firstFrame = null, lastFrame = null] = where?.frames ?? [];
  const [from = null, to = null] = where?.seconds ?? [];
  return [where?.track ?? null, firstFrame, lastFrame, from, to];
}

const SERIES_HEAD = ['item', 'sha256', 'series', 'detector', 'quantity', 'unit', 'track', 'axis', 'x', 'y'];

/** The points of every series of a result; a gap has an empty `y`. */
export function* seriesRows(exhibit: Exhibit, result: AnalysisResult): Generator<string, void, undefined> {
  for (const s of result.series)
    for (const [i, x] of s.x.entries())
      yield csvLine([
        ...[exhibit.itemNumber, exhibit.sha256, s.id, s.detector, s.quantity, s.unit],
        ...[s.track ?? null, s.axis, x, s.y[i] ?? null],
      ]);
}

/** The series table of several results. */
export const seriesTable = (rows: readonly string[]): string =>
  [BYTE_ORDER_MARK, csvLine(SERIES_HEAD), ...rows].join('');

const CUSTODY = [
  'item',
  'file',
  'sha256',
  'event',
  'utc',
  'local_time',
  'released_by',
  'received_by',
  'purpose',
  'hash_before',
  'hash_after',
  'matches',
  'remark',
  'recorded_by',
];

/** Every custody event. */
export function custodyTable(model: ReportModel): string {
  return table(
    CUSTODY,
    model.exhibits.flatMap(({ exhibit: e, custody }) =>
      custody.map((c) => [
        ...[e.itemNumber, e.originalName, e.sha256, c.type, c.utc, c.localTime, c.releasedBy, c.receivedBy, c.purpose],
        ...[c.hashBefore, c.hashAfter, c.matches, c.remark, c.byExaminer],
      ]),
    ),
  );
}
