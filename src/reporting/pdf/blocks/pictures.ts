/** Pictures with faces drawn on them, alone or two abreast. */
import type { ReportFigure } from '../../../contract/report.ts';
import { trackColor } from '../../figures/colors.ts';
import { fitted, type Size } from '../../figures/fit.ts';
import { drawLine, element, flow, lineHeight, marked, need, type Sheet, set, type TextLook } from '../sheet.ts';
import { paragraph, SMALL } from './words.ts';

/** Largest height of a picture on the page, in points. */
const MOST_HEIGHT = 270;
const MOST_HEIGHT_ABREAST = 190;
const GAP = 14;

export interface Picture {
  readonly figure: ReportFigure;
  readonly bytes: Uint8Array | undefined;
  readonly caption: string;
  readonly alt: string;
}

/** Room that a picture standing alone takes without its caption. */
export const pictureHeight = (sheet: Sheet, figure: ReportFigure): number =>
  fitted(figure.width, figure.height, sheet.width, MOST_HEIGHT).height;

/** Draws a picture of the exhibit over the whole width, or one or two others, each in half of it. `missing` is said of a picture without bytes. */
export function pictures(sheet: Sheet, row: readonly Picture[], missing: string): void {
  const there = row.filter(({ bytes }) => bytes !== undefined);
  for (const { caption } of row.filter(({ bytes }) => bytes === undefined))
    paragraph(sheet, `${caption} ${missing}`, 'notice', undefined);
  const narrow = !there.some(({ figure }) => figure.kind === 'exhibit' || figure.kind === 'faces');
  const width = narrow ? (sheet.width - GAP) / 2 : sheet.width;
  const most = narrow ? MOST_HEIGHT_ABREAST : MOST_HEIGHT;
  const laid = there.map((picture) => {
    const size = fitted(picture.figure.width, picture.figure.height, width, most);
    return { picture, size, lines: set(sheet, picture.caption, SMALL, width).lines };
  });
  if (laid.length === 0) return;
  const height = Math.max(...laid.map(({ size, lines }) => size.height + lines.length * lineHeight(SMALL.size)));
  need(sheet, height + 14);
  const top = sheet.y;
  laid.forEach(({ picture, size, lines }, i) => {
    const left = sheet.left + i * (width + GAP);
    const block = element(sheet, 'Figure', sheet.root, {
      alt: picture.alt,
      bbox: [left, top, left + size.width, top + size.height],
    });
    marked(sheet, block, 'Figure', () => drawPicture(sheet, picture, left, top, size));
    const caption = element(sheet, 'Caption', block);
    sheet.y = top + size.height + 4;
    flow(sheet, caption, 'Caption', lines, SMALL, left);
    caption.end();
    block.end();
  });
  sheet.y = top + height + 14;
}

function drawPicture(sheet: Sheet, { figure, bytes }: Picture, left: number, top: number, size: Size): void {
  if (bytes === undefined) return;
  const { doc } = sheet;
  doc.image(Buffer.from(bytes), left, top, { width: size.width, height: size.height });
  doc.lineWidth(0.5).strokeColor('#8a93a0').rect(left, top, size.width, size.height).stroke();
  // Boxes are in pixels of the upright exhibit; the picture may be smaller.
  const scale = size.width / (figure.original?.width ?? figure.width);
  for (const { track, box } of figure.faces) {
    const look: TextLook = { style: 'bold', size: 7, color: '#ffffff' };
    const color = trackColor(track);
    const x = left + box.x * scale;
    const y = top + box.y * scale;
    doc.lineWidth(1.4).strokeColor(color);
    doc.rect(x, y, box.width * scale, box.height * scale).stroke();
    const line = set(sheet, `track ${track}`, look, 100).lines[0];
    if (!line) continue;
    const tag = lineHeight(look.size);
    const above = Math.max(top, y - tag);
    doc.rect(x, above, line.width + 6, tag).fill(color);
    drawLine(sheet, line, look, x + 3, above);
  }
}
