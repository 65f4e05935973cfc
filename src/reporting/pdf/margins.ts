/** Head, foot and preview mark of every page: case and exhibit, laboratory, page x of y. */
import type { Composition } from '../templates/blocks.ts';
import { decoration, drawLine, MARGIN, MUTED, RULE, type Sheet, set, type TextLook } from './sheet.ts';

const LOOK: TextLook = { style: 'body', size: 7.5, color: MUTED };
const BOLD: TextLook = { ...LOOK, style: 'bold' };

export interface MarginTexts {
  readonly header: string;
  readonly footer: string;
  readonly caseNumber: string;
  /** Items of the whole report, for pages that speak of no single one. */
  readonly items: readonly string[];
  readonly preview: boolean;
}

/** Draws the margins of all pages; call it when the last page is drawn. */
export function margins(sheet: Sheet, composition: Composition, texts: MarginTexts): void {
  const { doc, width, left } = sheet;
  const { words } = composition;
  const { count } = doc.bufferedPageRange();
  const right = left + width;
  const foot = doc.page.height - MARGIN.bottom + 20;
  const put = (text: string, look: TextLook, y: number, align: 'left' | 'right', most: number): void => {
    const line = set(sheet, text, look, most).lines[0];
    if (line) drawLine(sheet, line, look, align === 'left' ? left : right - line.width, y);
  };
  for (let i = 0; i < count; i += 1) {
    doc.switchToPage(i);
    const onPage = sheet.itemsOnPage.get(i);
    const items = onPage ? texts.items.filter((item) => onPage.has(item)) : texts.items;
    decoration(
      sheet,
      () => {
        if (texts.preview) previewMark(sheet, words.preview);
        put(`${words.caseLabel} ${texts.caseNumber}`, BOLD, 36, 'left', width * 0.45);
        put(words.exhibitLabel(items), BOLD, 36, 'right', width * 0.52);
        put(texts.header, LOOK, 48, 'left', width);
        doc.lineWidth(0.5).strokeColor(RULE).moveTo(left, 64).lineTo(right, 64).stroke();
        doc.moveTo(left, foot).lineTo(right, foot).stroke();
        put(texts.footer, LOOK, foot + 6, 'left', width * 0.74);
        put(words.page(i + 1, count), BOLD, foot + 6, 'right', width * 0.25);
        if (texts.preview) put(words.preview, { ...BOLD, color: '#b00020' }, foot + 17, 'left', width);
      },
      'Pagination',
    );
  }
}

/** The word across the page. */
function previewMark(sheet: Sheet, words: string): void {
  const { doc } = sheet;
  const look: TextLook = { style: 'bold', size: 74, color: '#b00020' };
  const [word = words] = words.split(' ');
  const line = set(sheet, word, look, 2000).lines[0];
  if (!line) return;
  const x = doc.page.width / 2;
  const y = doc.page.height / 2;
  doc
    .save()
    .fillOpacity(0.09)
    .rotate(-52, { origin: [x, y] });
  drawLine(sheet, line, look, x - line.width / 2, y - 50);
  doc.restore();
}
