/**
 * CSV (RFC 4180) that spreadsheets take as it is meant: UTF-8 with a byte order mark, CRLF, numbers as numbers, and
 * text that cannot become a formula.
 */

/** A number stays a number; null is an empty cell. */
export type Cell = string | number | boolean | null;

/** Characters with which a spreadsheet begins a formula, also in their full-width forms, and those it skips before one. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** Text that no spreadsheet runs: an apostrophe goes before what would begin a formula. */
export const neutral = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  const safe = neutral(cell.toWellFormed().replaceAll('\u0000', '\ufffd'));
  return /[",;\t\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const BYTE_ORDER_MARK = '\ufeff';

/** One line with its end. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellText).join(',')}\r\n`;
