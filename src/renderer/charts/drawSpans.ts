/** Draws what has a beginning and an end, single moments, and the clock above them. */
import type { Sheet } from './Canvas.tsx';
import { clock, clockDecimals, niceTimeStep, type Range, ticks, toPixel } from './scale.ts';

/** A bar from one time to another, at least two pixels wide so that it is seen at any zoom. */
export function drawSpan(
  { context, width }: Sheet,
  span: Range,
  range: Range,
  { top, height, ink }: { readonly top: number; readonly height: number; readonly ink: string },
): void {
  const left = Math.max(-2, toPixel(span.from, range, width));
  const right = Math.min(width + 2, toPixel(span.to, range, width));
  if (right < 0 || left > width) return;
  context.fillStyle = ink;
  context.fillRect(left, top, Math.max(2, right - left), height);
}

/** Marks of moments. */
export function drawMoments(sheet: Sheet, moments: readonly number[], range: Range, ink: string): void {
  const { context, width, height } = sheet;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  let before = Number.NEGATIVE_INFINITY;
  for (const moment of moments) {
    if (moment < range.from || moment > range.to) continue;
    const x = Math.round(toPixel(moment, range, width)) + 0.5;
    if (x === before) continue;
    before = x;
    context.moveTo(x, height - 7);
    context.lineTo(x, height);
  }
  context.stroke();
}

/** The clock over the time line. */
export function drawRuler({ context, width, height, inks }: Sheet, range: Range): void {
  const step = niceTimeStep(range.to - range.from, Math.max(2, width / 90));
  context.font = '11px sans-serif';
  context.textBaseline = 'top';
  context.fillStyle = inks.faint;
  context.strokeStyle = inks.strong;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticks(range, step)) {
    const x = Math.round(toPixel(tick, range, width)) + 0.5;
    context.moveTo(x, height - 6);
    context.lineTo(x, height);
    const text = clock(tick, clockDecimals(step));
    const { width: long } = context.measureText(text);
    context.fillText(text, Math.min(width - long - 1, Math.max(1, x - long / 2)), 3);
  }
  context.stroke();
}

/** The lowest and highest samples of equal parts of a time. */
export function drawWave(
  { context, width, height, inks }: Sheet,
  wave: {
    readonly from: number;
    readonly to: number;
    readonly min: readonly number[];
    readonly max: readonly number[];
  },
  range: Range,
): void {
  const n = wave.min.length;
  const middle = height / 2;
  context.fillStyle = inks.accent;
  for (let i = 0; i < n; i += 1) {
    const left = toPixel(wave.from + (i / n) * (wave.to - wave.from), range, width);
    const right = toPixel(wave.from + ((i + 1) / n) * (wave.to - wave.from), range, width);
    if (right < 0 || left > width) continue;
    const top = middle - (wave.max[i] ?? 0) * middle;
    context.fillRect(left, top, Math.max(0.75, right - left), Math.max(1, middle - (wave.min[i] ?? 0) * middle - top));
  }
  context.fillStyle = inks.strong;
  context.fillRect(0, middle, width, 0.5);
}
