/** Draws a line of many points: a vertical stroke from the lowest to the highest of each pixel column. */
import type { Sheet } from './Canvas.tsx';
import { columnsOf, firstAfter, firstAtOrAfter, type Points } from './decimate.ts';
import { type Range, toPixel } from './scale.ts';

/** Height in pixels from the top. */
export const heightFor = (value: number, vertical: Range, height: number): number =>
  height - toPixel(value, vertical, height);

/** Draws the points within `range`; with few points each gets a dot, so that single values are seen. */
export function drawSeries(
  { context, width, height }: Sheet,
  points: Points,
  range: Range,
  vertical: Range,
  ink: string,
): void {
  const y = (value: number): number => heightFor(value, vertical, height);
  const first = Math.max(0, firstAtOrAfter(points.x, range.from) - 1);
  const last = Math.min(points.x.length, firstAfter(points.x, range.to) + 1);
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  if (last - first <= width) {
    let drawing = false;
    for (let i = first; i < last; i += 1) {
      const value = points.y[i] ?? Number.NaN;
      const x = toPixel(points.x[i] ?? 0, range, width);
      if (Number.isNaN(value)) drawing = false;
      else if (drawing) context.lineTo(x, y(value));
      else {
        context.moveTo(x, y(value));
        drawing = true;
      }
    }
    context.stroke();
    if (last - first > width / 6) return;
    for (let i = first; i < last; i += 1) {
      const value = points.y[i] ?? Number.NaN;
      if (!Number.isNaN(value)) context.fillRect(toPixel(points.x[i] ?? 0, range, width) - 1.5, y(value) - 1.5, 3, 3);
    }
    return;
  }
  let joined = Number.NaN;
  for (const { column, low, high, first: enter, last: leave } of columnsOf(points, range.from, range.to, width)) {
    const x = column + 0.5;
    if (!Number.isNaN(joined) && !Number.isNaN(enter)) {
      context.moveTo(x - 1, y(joined));
      context.lineTo(x, y(enter));
    }
    // At least a pixel high, or a flat stretch would vanish.
    context.moveTo(x, Math.max(y(low), y(high) + 1));
    context.lineTo(x, y(high));
    joined = leave;
  }
  context.stroke();
}

/** Threshold as a dashed line, the uncertain band as a ground behind the line. */
export function drawThreshold(
  { context, width, height, inks }: Sheet,
  vertical: Range,
  threshold: number | null,
  band: readonly [number, number] | null,
): void {
  if (band) {
    const top = heightFor(band[1], vertical, height);
    context.fillStyle = inks.line;
    context.globalAlpha = 0.55;
    context.fillRect(0, top, width, heightFor(band[0], vertical, height) - top);
    context.globalAlpha = 1;
  }
  if (threshold === null) return;
  const y = Math.round(heightFor(threshold, vertical, height)) + 0.5;
  context.strokeStyle = inks.faint;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
  context.setLineDash([]);
}
