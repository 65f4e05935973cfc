/** Charts and time lines, drawn as lines so that they stay sharp in any size. */
import type { ReportChart, Timeline } from '../../../contract/report.ts';
import { LINE, spanColor, THRESHOLD } from '../../figures/colors.ts';
import { plotOf, ticks } from '../../figures/fit.ts';
import { numberText } from '../../figures/text.ts';
import { drawLine, element, INK, MUTED, marked, need, RULE, type Sheet, set, type TextLook } from '../sheet.ts';
import { caption, captionHeight } from './caption.ts';

const AXIS: TextLook = { style: 'body', size: 7, color: MUTED };
const HEIGHT = 104;
const LEFT = 46;
const FOOT = 15;
const LANE = 18;
/** Up to so many points of a chart are marked. */
const FEW = 40;

/** A label at a place; `align` says which of its sides stands there. */
function label(
  sheet: Sheet,
  text: string,
  x: number,
  y: number,
  align: 'left' | 'right' | 'middle',
  look = AXIS,
): void {
  const line = set(sheet, text, look, 400).lines[0];
  if (!line) return;
  const shift = align === 'left' ? 0 : align === 'right' ? line.width : line.width / 2;
  drawLine(sheet, line, look, x - shift, y);
}

const AXIS_UNIT = { seconds: 's', frame: 'frame', hertz: 'Hz', index: '' } as const;

/** Draws a chart with its caption. */
export function chart(sheet: Sheet, c: ReportChart, text: string, alt: string, threshold: string): void {
  need(sheet, HEIGHT + FOOT + captionHeight(sheet, text) + 8);
  const { doc } = sheet;
  const left = sheet.left + LEFT;
  const width = sheet.width - LEFT - 8;
  const top = sheet.y + 4;
  const bottom = top + HEIGHT;
  const plot = plotOf(c);
  const at = (x: number, y: number): readonly [number, number] => [left + x * width, bottom - y * HEIGHT];
  const share = (value: number, [low, high]: readonly [number, number]): number => (value - low) / (high - low);
  const block = element(sheet, 'Figure', sheet.root, {
    alt,
    bbox: [sheet.left, top, sheet.left + sheet.width, bottom],
  });
  marked(sheet, block, 'Figure', () => {
    doc.lineWidth(0.4).strokeColor(RULE);
    for (const tick of plot.yTicks) {
      const [, y] = at(0, share(tick, plot.y));
      doc
        .moveTo(left, y)
        .lineTo(left + width, y)
        .stroke();
      label(sheet, numberText(tick), left - 4, y - 5, 'right');
    }
    doc
      .lineWidth(0.6)
      .strokeColor(MUTED)
      .moveTo(left, bottom)
      .lineTo(left + width, bottom)
      .stroke();
    for (const tick of plot.xTicks) {
      const [x] = at(share(tick, plot.x), 0);
      doc
        .lineWidth(0.6)
        .strokeColor(MUTED)
        .moveTo(x, bottom)
        .lineTo(x, bottom + 3)
        .stroke();
      label(sheet, `${numberText(tick)} ${AXIS_UNIT[c.axis]}`.trim(), x, bottom + 4, 'middle');
    }
    doc.lineWidth(1).lineJoin('round').strokeColor(LINE);
    for (const run of plot.runs) {
      run.forEach(([px, py], i) => {
        const [x, y] = at(px, py);
        if (i === 0) doc.moveTo(x, y);
        else doc.lineTo(x, y);
      });
      doc.stroke();
      // Few points are shown as such; the line between them is no measurement.
      if (run.length <= FEW) for (const point of run) doc.circle(...at(...point), 1.6).fill(LINE);
    }
    if (plot.threshold !== null) {
      const [, y] = at(0, plot.threshold);
      doc.lineWidth(0.9).strokeColor(THRESHOLD).dash(4, { space: 3 });
      doc
        .moveTo(left, y)
        .lineTo(left + width, y)
        .stroke()
        .undash();
      label(sheet, `${threshold} ${numberText(c.threshold ?? 0)}`, left + width, y - 10, 'right', {
        ...AXIS,
        color: THRESHOLD,
      });
    }
  });
  sheet.y = bottom + FOOT + 3;
  caption(sheet, block, text);
  block.end();
}

/** Draws the time line of an exhibit with its caption. */
export function timeline(
  sheet: Sheet,
  line: Timeline,
  text: string,
  alt: string,
  names: Readonly<Record<string, string>>,
): void {
  const lanes = [...new Set(line.spans.map(({ lane }) => lane))];
  const height = lanes.length * LANE;
  need(sheet, height + FOOT + captionHeight(sheet, text) + 8);
  const { doc } = sheet;
  const left = sheet.left + LEFT + 16;
  const width = sheet.width - LEFT - 24;
  const top = sheet.y + 4;
  const x = (seconds: number): number => left + (Math.max(0, Math.min(line.duration, seconds)) / line.duration) * width;
  const block = element(sheet, 'Figure', sheet.root, {
    alt,
    bbox: [sheet.left, top, sheet.left + sheet.width, top + height],
  });
  marked(sheet, block, 'Figure', () => {
    lanes.forEach((lane, i) => {
      const y = top + i * LANE;
      label(sheet, names[lane] ?? lane, left - 6, y + 3, 'right', { ...AXIS, color: INK });
      doc.rect(left, y + 2, width, LANE - 5).fill('#f0f2f5');
      for (const span of line.spans.filter((s) => s.lane === lane)) {
        const color = spanColor(span);
        doc.rect(x(span.from), y + 2, Math.max(1.6, x(span.to) - x(span.from)), LANE - 5).fill(color);
      }
    });
    const bottom = top + height;
    doc
      .lineWidth(0.6)
      .strokeColor(MUTED)
      .moveTo(left, bottom)
      .lineTo(left + width, bottom)
      .stroke();
    for (const tick of ticks(0, line.duration, 8)) {
      doc
        .moveTo(x(tick), bottom)
        .lineTo(x(tick), bottom + 3)
        .stroke();
      label(sheet, `${numberText(tick)} s`, x(tick), bottom + 4, 'middle');
    }
  });
  sheet.y = top + height + FOOT + 3;
  caption(sheet, block, text);
  block.end();
}
