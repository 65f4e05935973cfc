/** Pictures with faces drawn on them. */
import type { ReportFigure } from '../../../contract/report.ts';
import { trackColor } from '../../figures/colors.ts';
import { fitted } from '../../figures/fit.ts';
import { drawLine, element, lineHeight, marked, need, type Sheet, set, type TextLook } from '../sheet.ts';
import { caption, captionHeight } from './caption.ts';
import { paragraph } from './words.ts';

/** Largest height of a picture on the page, in points. */
const MOST_HEIGHT = 300;

/** Draws a picture with its caption; `bytes` undefined says that the file is not there. */
export function figure(
  sheet: Sheet,
  fig: ReportFigure,
  bytes: Uint8Array | undefined,
  text: string,
  alt: string,
  missing: string,
): void {
  if (bytes === undefined) {
    paragraph(sheet, `${text} ${missing}`, 'notice', undefined);
    return;
  }
  const { width, height } = fitted(fig.width, fig.height, sheet.width, MOST_HEIGHT);
  need(sheet, height + captionHeight(sheet, text) + 6);
  const block = element(sheet, 'Figure', sheet.root, {
    alt,
    bbox: [sheet.left, sheet.y, sheet.left + width, sheet.y + height],
  });
  marked(sheet, block, 'Figure', () => {
    sheet.doc.image(Buffer.from(bytes), sheet.left, sheet.y, { width, height });
    sheet.doc.lineWidth(0.5).strokeColor('#8a93a0').rect(sheet.left, sheet.y, width, height).stroke();
    drawFaces(sheet, fig, width);
  });
  sheet.y += height + 4;
  caption(sheet, block, text);
  block.end();
}

/** Boxes are in pixels of the upright exhibit; the picture may be smaller. */
function drawFaces(sheet: Sheet, fig: ReportFigure, width: number): void {
  const { doc, left, y } = sheet;
  const scale = width / (fig.original?.width ?? fig.width);
  for (const { track, box } of fig.faces) {
    const look: TextLook = { style: 'bold', size: 7, color: '#ffffff' };
    const color = trackColor(track);
    const x = left + box.x * scale;
    const top = y + box.y * scale;
    doc.lineWidth(1.4).strokeColor(color);
    doc.rect(x, top, box.width * scale, box.height * scale).stroke();
    const line = set(sheet, `track ${track}`, look, 100).lines[0];
    if (!line) continue;
    const tag = lineHeight(look.size);
    const above = Math.max(y, top - tag);
    doc.rect(x, above, line.width + 6, tag).fill(color);
    drawLine(sheet, line, look, x + 3, above);
  }
}
