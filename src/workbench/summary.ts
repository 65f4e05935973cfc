/** The table of a batch as CSV (RFC 4180), safe to open in a spreadsheet. */
import type { WireError } from '../contract/errors.ts';
import type { AnalysisResult } from '../contract/result.ts';

const COLUMNS = [
  'path',
  'state',
  'mediaType',
  'label',
  'score',
  'threshold',
  'log10Lr',
  'bytes',
  'sha256',
  'duration_s',
  'anomalies',
  'notAssessed',
  'seconds',
  'errorCode',
  'error',
] as const;

/**
 * One field. A text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection);
 * numbers are written as they are.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

interface Row {
  readonly entry: {
    readonly path: string;
    readonly state: string;
    readonly seconds: number;
    readonly error: WireError | null;
  };
  readonly result: AnalysisResult | null;
}

/** The whole file with a header line; lines end in CR LF. */
export function summaryCsv(rows: readonly Row[]): string {
  const lines = rows.map(({ entry, result }) => [
    entry.path,
    entry.state,
    result?.mediaType ?? null,
    result?.result ?? null,
    result?.opinion.score ?? null,
    result?.opinion.threshold ?? null,
    result?.opinion.log10Lr ?? null,
    result?.evidence.bytes ?? null,
    result?.evidence.sha256 ?? null,
    result?.evidence.duration ?? null,
    result?.anomalies.length ?? null,
    result?.opinion.notAssessed.length ?? null,
    Math.round(entry.seconds * 1000) / 1000,
    entry.error?.code ?? null,
    entry.error?.message ?? null,
  ]);
  return [COLUMNS, ...lines].map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}
