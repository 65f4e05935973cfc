/** Draws a spectrogram into the part of the sheet that its times take. */
import type { Sheet } from '../charts/Canvas.tsx';
import type { ColourMap } from '../charts/colours.ts';
import { type Range, toPixel } from '../charts/scale.ts';
import { paintLevels } from './levels.ts';
import type { Levels } from './useSpectrogram.ts';

/** A picture of all levels, one pixel each. Null where there are none. */
export function levelPicture(
  { grid, db }: Levels,
  colours: { readonly floor: number; readonly top: number; readonly map: ColourMap },
): HTMLCanvasElement | null {
  if (grid.columns === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const pixels = new ImageData(paintLevels(db, grid.columns, grid.rows, colours), grid.columns, grid.rows);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  return canvas;
}

export function drawLevels(
  { context, width, height }: Sheet,
  picture: HTMLCanvasElement,
  { from, step, columns }: Levels['grid'],
  range: Range,
): void {
  const left = toPixel(from, range, width);
  const right = toPixel(from + columns * step, range, width);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, left, 0, right - left, height);
}
