/** The pages under the pen: where the next line goes, page breaks, and marked content for the structure tree. */
import type PDFDocument from 'pdfkit';
import type { FontChain, FontStyle } from './text/fonts.ts';
import { type Line, type SetText, setText } from './text/layout.ts';

export type Document = InstanceType<typeof PDFDocument>;
export type Element = ReturnType<Document['struct']>;

export const MARGIN = { left: 62, right: 62, top: 84, bottom: 72 } as const;
export const INK = '#1a1a1a';
export const MUTED = '#5a6270';
export const RULE = '#c4cad3';
const LEADING = 1.36;

export interface TextLook {
  readonly style: FontStyle;
  readonly size: number;
  readonly color: string;
}

/** State of the pages while a report is drawn. Lengths are points from the upper left corner. */
export interface Sheet {
  readonly doc: Document;
  readonly root: Element;
  readonly chains: Readonly<Record<FontStyle, FontChain>>;
  readonly accent: string;
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
  y: number;
  /** Item numbers named on each page, by page number from 0. */
  readonly itemsOnPage: Map<number, Set<string>>;
  item: string | null;
  page: number;
  readonly missing: Set<string>;
}

export const lineHeight = (size: number): number => size * LEADING;

/** Begins a page. No content may be marked at this moment. */
export function newPage(sheet: Sheet): void {
  sheet.doc.addPage();
  sheet.page += 1;
  sheet.y = MARGIN.top;
  noteItem(sheet);
}

/** Notes that the present page speaks of the present exhibit. */
export function noteItem(sheet: Sheet): void {
  const { item, page, itemsOnPage } = sheet;
  if (item === null) return;
  const items = itemsOnPage.get(page) ?? new Set<string>();
  items.add(item);
  itemsOnPage.set(page, items);
}

/** A new page unless `height` fits; a page that is empty stays. */
export function need(sheet: Sheet, height: number): void {
  if (sheet.y + height > sheet.bottom && sheet.y > MARGIN.top) newPage(sheet);
}

/** Sets text for this sheet. */
export function set(sheet: Sheet, text: string, look: TextLook, width: number): SetText {
  const { doc, chains } = sheet;
  const measure = (part: string, font: string, size: number): number =>
    doc.font(font).fontSize(size).widthOfString(part);
  const done = setText(text, chains[look.style], look.size, width, measure);
  for (const c of done.missing) sheet.missing.add(c);
  return done;
}

/** Draws one line; `y` is its top. */
export function drawLine(sheet: Sheet, line: Line, look: TextLook, x: number, y: number): void {
  const { doc } = sheet;
  // Ascent and descent of fonts differ: all stand on one baseline.
  const baseline = y + look.size * 1.06;
  let at = x;
  for (const piece of line.pieces) {
    if (piece.text.trim() !== '')
      doc
        .font(piece.font)
        .fontSize(look.size)
        .fillColor(look.color)
        .text(piece.text, at, baseline, { lineBreak: false, baseline: 'alphabetic' });
    at += piece.width;
  }
}

/** Runs `draw` as content of a structure element on the present page. */
export function marked(sheet: Sheet, element: Element, tag: string, draw: () => void): void {
  element.add(sheet.doc.markStructureContent(tag));
  draw();
  sheet.doc.endMarkedContent();
}

/** Runs `draw` as decoration that readers aloud pass over. */
export function decoration(sheet: Sheet, draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
  sheet.doc.markContent('Artifact', { type });
  draw();
  sheet.doc.endMarkedContent();
}

/** A structure element under `parent` (the whole document where none is given). End it when it is complete. */
export function element(sheet: Sheet, tag: string, parent: Element = sheet.root, options: object = {}): Element {
  const made = sheet.doc.struct(tag, options);
  parent.add(made);
  return made;
}

/** Lines as content of `into`, over as many pages as they take. Advances the pen. */
export function flow(
  sheet: Sheet,
  into: Element,
  tag: string,
  lines: readonly Line[],
  look: TextLook,
  x: number,
): void {
  const height = lineHeight(look.size);
  let i = 0;
  while (i < lines.length) {
    need(sheet, height);
    const fit = Math.max(1, Math.floor((sheet.bottom - sheet.y) / height));
    const now = lines.slice(i, i + fit);
    marked(sheet, into, tag, () => {
      for (const line of now) {
        drawLine(sheet, line, look, x, sheet.y);
        sheet.y += height;
      }
    });
    i += now.length;
  }
}
