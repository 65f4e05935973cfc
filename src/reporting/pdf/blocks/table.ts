/** Tables: rows stay whole where they fit a page, and the head is repeated on every page. */
import type { Column } from '../../templates/blocks.ts';
import {
  decoration,
  drawLine,
  type Element,
  element,
  flow,
  INK,
  lineHeight,
  marked,
  newPage,
  RULE,
  type Sheet,
  set,
  type TextLook,
} from '../sheet.ts';
import type { Line } from '../text/layout.ts';
import { SMALL } from './words.ts';

const CELL: TextLook = { style: 'body', size: 8, color: INK };
const MONO: TextLook = { style: 'mono', size: 7.2, color: INK };
const HEAD: TextLook = { style: 'bold', size: 8, color: '#ffffff' };
const PAD = 4;
const ROW_PAD = 2.5;
const HEIGHT = lineHeight(CELL.size);
/** Rows of so many lines stay on one page. */
const MOST_WHOLE = 24;

interface Place {
  readonly x: number;
  readonly width: number;
  readonly column: Column;
}

/** Lines of the highest cell. */
const heightOf = (cells: readonly (readonly Line[])[]): number => Math.max(1, ...cells.map((lines) => lines.length));

const lookOf = (column: Column): TextLook => (column.look === 'mono' ? MONO : CELL);

function places(sheet: Sheet, columns: readonly Column[]): Place[] {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  let x = sheet.left;
  return columns.map((column) => {
    const width = (sheet.width * column.share) / total;
    const place = { x, width, column };
    x += width;
    return place;
  });
}

/** Draws a table. */
export function table(
  sheet: Sheet,
  caption: string | null,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  const where = places(sheet, columns);
  const head = where.map(({ column, width }) => set(sheet, column.title, HEAD, width - 2 * PAD).lines);
  const headHeight = Math.max(...head.map((lines) => lines.length)) * HEIGHT + 2 * ROW_PAD;
  const captionLines = caption === null ? [] : set(sheet, caption, SMALL, sheet.width).lines;
  const cellsOf = (row: readonly string[]): Line[][] =>
    where.map(({ column, width }, k) => set(sheet, row[k] ?? '', lookOf(column), width - 2 * PAD).lines);
  const firstRow = Math.min(MOST_WHOLE, heightOf(cellsOf(rows[0] ?? []))) * HEIGHT;
  const opening = captionLines.length * lineHeight(SMALL.size) + headHeight + firstRow + 4 * ROW_PAD;
  if (sheet.y + opening > sheet.bottom) newPage(sheet);
  const t = element(sheet, 'Table');
  if (captionLines.length > 0) {
    const c = element(sheet, 'Caption', t);
    flow(sheet, c, 'Caption', captionLines, SMALL, sheet.left);
    c.end();
    sheet.y += 2;
  }
  drawHead(sheet, where, head, headHeight, t);
  rows.forEach((row, i) => {
    drawRow(sheet, where, cellsOf(row), t, i % 2 === 1, () => drawHead(sheet, where, head, headHeight, null));
  });
  t.end();
  sheet.y += 8;
}

/** The head; `into` is null where it is repeated for the eye only. */
function drawHead(
  sheet: Sheet,
  where: readonly Place[],
  head: readonly Line[][],
  height: number,
  into: Element | null,
): void {
  const top = sheet.y;
  decoration(sheet, () => {
    sheet.doc.rect(sheet.left, top, sheet.width, height).fill(sheet.accent);
  });
  const tr = into === null ? null : element(sheet, 'TR', into);
  where.forEach(({ x, width, column }, k) => {
    const draw = (): void => drawCell(sheet, head[k] ?? [], HEAD, x, width, column, top + ROW_PAD);
    if (tr === null) decoration(sheet, draw);
    else {
      const th = element(sheet, 'TH', tr, { scope: 'Column' });
      marked(sheet, th, 'TH', draw);
      th.end();
    }
  });
  tr?.end();
  sheet.y = top + height;
}

function drawCell(
  sheet: Sheet,
  lines: readonly Line[],
  look: TextLook,
  x: number,
  width: number,
  column: Column,
  top: number,
): void {
  lines.forEach((line, i) => {
    const at = column.look === 'number' ? x + width - PAD - line.width : x + PAD;
    drawLine(sheet, line, look, at, top + i * HEIGHT);
  });
}

/** A row; one that is higher than what is left of the page moves on, and one higher than a page is cut into slices. */
function drawRow(
  sheet: Sheet,
  where: readonly Place[],
  cells: readonly Line[][],
  into: Element,
  shaded: boolean,
  repeatHead: () => void,
): void {
  const tr = element(sheet, 'TR', into);
  const elements = where.map(() => element(sheet, 'TD', tr));
  const count = heightOf(cells);
  const room = (): number => Math.floor((sheet.bottom - sheet.y - 2 * ROW_PAD) / HEIGHT);
  let done = 0;
  while (done < count) {
    const wantWhole = done === 0 && count <= MOST_WHOLE;
    if (room() < (wantWhole ? count : Math.min(3, count - done))) {
      newPage(sheet);
      repeatHead();
    }
    const now = Math.min(count - done, Math.max(1, room()));
    const height = now * HEIGHT + 2 * ROW_PAD;
    const top = sheet.y;
    decoration(sheet, () => {
      if (shaded) sheet.doc.rect(sheet.left, top, sheet.width, height).fill('#f3f5f8');
      sheet.doc.lineWidth(0.4).strokeColor(RULE);
      sheet.doc
        .moveTo(sheet.left, top + height)
        .lineTo(sheet.left + sheet.width, top + height)
        .stroke();
    });
    where.forEach(({ x, width, column }, k) => {
      const part = (cells[k] ?? []).slice(done, done + now);
      const td = elements[k];
      if (part.length === 0 || td === undefined) return;
      marked(sheet, td, 'TD', () => drawCell(sheet, part, lookOf(column), x, width, column, top + ROW_PAD));
    });
    sheet.y = top + height;
    done += now;
  }
  for (const td of elements) td.end();
  tr.end();
}
