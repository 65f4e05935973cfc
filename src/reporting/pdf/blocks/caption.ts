/** Captions under figures. */
import { type Element, element, flow, lineHeight, type Sheet, set } from '../sheet.ts';
import { SMALL } from './words.ts';

export const captionHeight = (sheet: Sheet, text: string): number =>
  set(sheet, text, SMALL, sheet.width).lines.length * lineHeight(SMALL.size) + 10;

/** Draws a caption as part of its figure. */
export function caption(sheet: Sheet, figure: Element, text: string): void {
  const c = element(sheet, 'Caption', figure);
  flow(sheet, c, 'Caption', set(sheet, text, SMALL, sheet.width).lines, SMALL, sheet.left);
  c.end();
  sheet.y += 10;
}
