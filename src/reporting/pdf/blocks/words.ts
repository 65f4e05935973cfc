/** Headings, paragraphs, lists and fields. */
import type { Field } from '../../templates/blocks.ts';
import {
  decoration,
  drawLine,
  element,
  flow,
  INK,
  lineHeight,
  MARGIN,
  MUTED,
  marked,
  need,
  RULE,
  type Sheet,
  set,
  type TextLook,
} from '../sheet.ts';

export const BODY: TextLook = { style: 'body', size: 9.5, color: INK };
export const SMALL: TextLook = { style: 'body', size: 8, color: MUTED };

/** Heading sizes and the space that must follow on the same page. */
const HEADINGS = { 1: { size: 16, above: 22 }, 2: { size: 12, above: 16 }, 3: { size: 10, above: 11 } } as const;

/** Draws a heading with room for `keep` points of what follows; returns the page it stands on. */
export function heading(sheet: Sheet, level: 1 | 2 | 3, text: string, keep = 54): number {
  const { size, above } = HEADINGS[level];
  const look: TextLook = { style: 'bold', size, color: level === 3 ? INK : sheet.accent };
  const { lines } = set(sheet, text, look, sheet.width);
  const height = lines.length * lineHeight(size);
  if (sheet.y > MARGIN.top) sheet.y += above;
  need(sheet, height + keep);
  const h = element(sheet, `H${level}`);
  flow(sheet, h, `H${level}`, lines, look, sheet.left);
  h.end();
  if (level === 1) {
    decoration(sheet, () => {
      sheet.doc.lineWidth(1.2).strokeColor(sheet.accent);
      sheet.doc
        .moveTo(sheet.left, sheet.y + 2)
        .lineTo(sheet.left + sheet.width, sheet.y + 2)
        .stroke();
    });
    sheet.y += 6;
  }
  sheet.y += 4;
  return sheet.page;
}

/** Draws a paragraph. */
export function paragraph(
  sheet: Sheet,
  text: string,
  look: 'body' | 'small' | 'notice' | 'quote',
  lang: string | undefined,
): void {
  const font: TextLook = look === 'small' ? SMALL : look === 'notice' ? { ...BODY, style: 'bold' } : BODY;
  const indent = look === 'body' || look === 'small' ? 0 : 12;
  const { lines } = set(sheet, text, font, sheet.width - indent);
  const tag = look === 'quote' ? 'BlockQuote' : 'P';
  const p = element(sheet, tag, sheet.root, lang === undefined ? {} : { lang });
  // Two lines at least stand together.
  need(sheet, Math.min(2, lines.length) * lineHeight(font.size));
  const page = sheet.page;
  const from = sheet.y;
  flow(sheet, p, tag, lines, font, sheet.left + indent);
  p.end();
  if (indent > 0) {
    const top = sheet.page === page ? from : MARGIN.top;
    decoration(sheet, () => {
      sheet.doc.rect(sheet.left, top, 2.5, sheet.y - top).fill(look === 'notice' ? sheet.accent : RULE);
    });
  }
  sheet.y += 5;
}

/** Draws a list of short texts. */
export function list(sheet: Sheet, items: readonly string[], lang: string | undefined): void {
  const l = element(sheet, 'L', sheet.root, lang === undefined ? {} : { lang });
  for (const item of items) {
    const { lines } = set(sheet, item, BODY, sheet.width - 14);
    need(sheet, Math.min(2, lines.length) * lineHeight(BODY.size));
    const li = element(sheet, 'LI', l);
    const label = element(sheet, 'Lbl', li);
    const bullet = set(sheet, '•', BODY, 14).lines[0];
    marked(sheet, label, 'Lbl', () => {
      if (bullet) drawLine(sheet, bullet, BODY, sheet.left + 3, sheet.y);
    });
    label.end();
    const body = element(sheet, 'LBody', li);
    flow(sheet, body, 'LBody', lines, BODY, sheet.left + 14);
    body.end();
    li.end();
    sheet.y += 2;
  }
  l.end();
  sheet.y += 4;
}

const LABEL_SHARE = 0.27;

/** Draws labels with their values beside them. A table of two columns to whoever listens. */
export function fields(sheet: Sheet, rows: readonly Field[]): void {
  const labelWidth = sheet.width * LABEL_SHARE;
  const table = element(sheet, 'Table');
  for (const row of rows) {
    const labelLook: TextLook = { style: 'body', size: 8.5, color: MUTED };
    const valueLook: TextLook = row.mono ? { style: 'mono', size: 8, color: INK } : { ...BODY, size: 9 };
    const label = set(sheet, row.label, labelLook, labelWidth - 10).lines;
    const value = set(sheet, row.value, valueLook, sheet.width - labelWidth).lines;
    need(sheet, Math.max(label.length, Math.min(value.length, 3)) * lineHeight(9));
    const tr = element(sheet, 'TR', table);
    const th = element(sheet, 'TH', tr, { scope: 'Row' });
    const top = sheet.y;
    const page = sheet.page;
    flow(sheet, th, 'TH', label, labelLook, sheet.left);
    th.end();
    const labelEnd = sheet.y;
    const moved = sheet.page !== page;
    if (!moved) sheet.y = top;
    const td = element(sheet, 'TD', tr);
    flow(sheet, td, 'TD', value, valueLook, sheet.left + labelWidth);
    td.end();
    tr.end();
    if (!moved && sheet.page === page) sheet.y = Math.max(sheet.y, labelEnd);
    sheet.y += 2.5;
  }
  table.end();
  sheet.y += 5;
}
