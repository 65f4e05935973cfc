/** Front page and table of contents. */
import type { Composition } from '../templates/blocks.ts';
import { BODY, fields, paragraph } from './blocks/words.ts';
import {
  decoration,
  drawLine,
  type Element,
  element,
  flow,
  INK,
  lineHeight,
  MARGIN,
  MUTED,
  marked,
  newPage,
  RULE,
  type Sheet,
  set,
  type TextLook,
} from './sheet.ts';

export interface Logo {
  readonly bytes: Uint8Array;
  readonly alt: string;
}

/** Draws the front page. */
export function frontPage(
  sheet: Sheet,
  composition: Composition,
  laboratory: readonly string[],
  logo: Logo | null,
  notice: string | null,
): void {
  const { doc } = sheet;
  if (logo) {
    const block = element(sheet, 'Figure', sheet.root, {
      alt: logo.alt,
      bbox: [sheet.left, sheet.y, sheet.left + 180, sheet.y + 60],
    });
    marked(sheet, block, 'Figure', () => doc.image(Buffer.from(logo.bytes), sheet.left, sheet.y, { fit: [180, 60] }));
    block.end();
    sheet.y += 70;
  }
  for (const [i, line] of laboratory.entries()) {
    const look: TextLook = i === 0 ? { style: 'bold', size: 11, color: INK } : { style: 'body', size: 9, color: MUTED };
    const p = element(sheet, 'P');
    flow(sheet, p, 'P', set(sheet, line, look, sheet.width).lines, look, sheet.left);
    p.end();
  }
  sheet.y = Math.max(sheet.y + 40, 210);
  const look: TextLook = { style: 'bold', size: 24, color: sheet.accent };
  const h = element(sheet, 'H1');
  flow(sheet, h, 'H1', set(sheet, composition.title, look, sheet.width).lines, look, sheet.left);
  h.end();
  decoration(sheet, () => {
    doc.lineWidth(2).strokeColor(sheet.accent);
    doc
      .moveTo(sheet.left, sheet.y + 6)
      .lineTo(sheet.left + 90, sheet.y + 6)
      .stroke();
  });
  sheet.y += 28;
  fields(sheet, composition.front);
  sheet.y += 8;
  paragraph(sheet, composition.standing, 'notice', undefined);
  if (notice !== null) paragraph(sheet, notice, 'small', undefined);
}

export interface Entry {
  readonly level: 1 | 2;
  readonly text: string;
  readonly page: number;
}

interface Reserved {
  readonly fill: (entries: readonly Entry[]) => void;
}

const TITLE_SPACE = 34;
const look = (level: 1 | 2): TextLook => ({ ...BODY, style: level === 1 ? 'bold' : 'body', size: 9.5 });
const ENTRY = lineHeight(9.5) + 2;

/**
 * Keeps the pages that a table of contents with `count` lines takes; `fill` writes it when the page numbers are known.
 * Texts are cut to one line each, so that the number of lines is known beforehand.
 */
export function reserveContents(sheet: Sheet, title: string, count: number): Reserved {
  newPage(sheet);
  const first = sheet.page;
  const perPage = Math.floor((sheet.bottom - MARGIN.top - TITLE_SPACE) / ENTRY);
  const pages = Math.max(1, Math.ceil(count / perPage));
  for (let i = 1; i < pages; i += 1) newPage(sheet);
  sheet.y = sheet.bottom;
  const heading = element(sheet, 'H1');
  const toc = element(sheet, 'TOC');
  return {
    fill: (entries) => {
      const { y, page } = sheet;
      for (let i = 0; i < pages; i += 1) {
        sheet.doc.switchToPage(first + i);
        sheet.page = first + i;
        sheet.y = MARGIN.top;
        if (i === 0) {
          const big: TextLook = { style: 'bold', size: 16, color: sheet.accent };
          flow(sheet, heading, 'H1', set(sheet, title, big, sheet.width).lines, big, sheet.left);
        }
        sheet.y = MARGIN.top + TITLE_SPACE;
        for (const entry of entries.slice(i * perPage, (i + 1) * perPage)) contentsLine(sheet, toc, entry);
      }
      heading.end();
      toc.end();
      sheet.y = y;
      sheet.page = page;
    },
  };
}

function contentsLine(sheet: Sheet, toc: Element, entry: Entry): void {
  const indent = entry.level === 1 ? 0 : 14;
  const style = look(entry.level);
  const line = set(sheet, entry.text, style, sheet.width - indent - 40).lines[0];
  const number = set(sheet, String(entry.page + 1), style, 40).lines[0];
  const toci = element(sheet, 'TOCI', toc);
  const right = sheet.left + sheet.width;
  marked(sheet, toci, 'TOCI', () => {
    if (line) drawLine(sheet, line, style, sheet.left + indent, sheet.y);
    if (number) drawLine(sheet, number, style, right - number.width, sheet.y);
  });
  toci.end();
  const from = sheet.left + indent + (line?.width ?? 0) + 6;
  decoration(sheet, () => {
    sheet.doc.lineWidth(0.5).strokeColor(RULE).dash(1, { space: 2 });
    sheet.doc
      .moveTo(from, sheet.y + 10)
      .lineTo(right - (number?.width ?? 0) - 6, sheet.y + 10)
      .stroke()
      .undash();
  });
  sheet.y += ENTRY;
}
