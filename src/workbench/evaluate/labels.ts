/** `labels.csv` of a labelled folder: columns path, label, source, system (RFC 4180); only `path` and `label` must be there. */
import { VidimusError } from '../../contract/errors.ts';

/** What the table says of one file. */
export interface LabelRow {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly fake: boolean;
  readonly source: string | null;
  readonly system: string | null;
}

const COLUMNS = ['path', 'label', 'source', 'system'] as const;
const FAKE = new Set(['fake', 'manipulated', 'spoof', '1']);
const REAL = new Set(['real', 'bonafide', '0']);

const wrong = (message: string): VidimusError => new VidimusError('evaluation.labels', `labels.csv: ${message}`);

/** Parses the table. @throws VidimusError evaluation.labels naming the line */
export function parseLabels(text: string): LabelRow[] {
  const [header, ...lines] = csvRows(text.replace(/^\uFEFF/, ''));
  if (header === undefined) throw wrong('the file is empty.');
  const names = header.cells.map((cell) => cell.trim().toLowerCase());
  const unknown = names.find((name) => !COLUMNS.some((known) => known === name));
  if (unknown !== undefined) throw wrong(`there is no column "${unknown}"; columns are ${COLUMNS.join(', ')}.`);
  if (!names.includes('path') || !names.includes('label')) throw wrong('the columns path and label must be there.');
  const seen = new Set<string>();
  return lines.map(({ line, cells }) => {
    if (cells.length !== names.length)
      throw wrong(`line ${line} has ${cells.length} cells, the header ${names.length}.`);
    const cell = (name: (typeof COLUMNS)[number]): string => cells[names.indexOf(name)]?.trim() ?? '';
    const path = cell('path').replaceAll('\\', '/').replace(/^\.\//, '');
    if (path === '') throw wrong(`line ${line} names no file.`);
    if (seen.has(path)) throw wrong(`${path} stands there twice (line ${line}).`);
    seen.add(path);
    const label = cell('label').toLowerCase();
    if (!FAKE.has(label) && !REAL.has(label))
      throw wrong(`line ${line} has the label "${label}"; it must be real or fake.`);
    return { path, fake: FAKE.has(label), source: cell('source') || null, system: cell('system') || null };
  });
}

/** Rows with the number of their first line; empty lines are left out. */
function csvRows(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let start = 1;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') rows.push({ line: start, cells });
    cells = [];
    cell = '';
    start = line + 1;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      cells.push(cell);
      cell = '';
    } else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
    if (c === '\n') line += 1;
  }
  if (quoted) throw wrong(`a quotation mark opened on line ${start} is never closed.`);
  if (cell !== '' || cells.length > 0) endRow();
  return rows;
}
