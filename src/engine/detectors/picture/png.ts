/** PNG pictures of maps and curves: own colour map, no text, so that they read the same in every report. */
import sharp from 'sharp';
import type { Where } from '../../../contract/result.ts';
import type { Parameters } from '../../../contract/words.ts';
import type { BlockMap } from '../../signals/picture/stats.ts';
import type { ArtifactPng } from '../../types.ts';

/** Dark violet over teal to pale yellow: lightness rises evenly, so it also reads in grey and for colour-blind eyes. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [24, 10, 48],
  [52, 46, 110],
  [32, 104, 132],
  [48, 160, 120],
  [150, 204, 84],
  [252, 244, 180],
];
const UNKNOWN = [128, 128, 128] as const;
/** Artifacts are at most this wide or high; a map is magnified by a whole number. */
const SIDE = 512;

function colour(t: number): readonly [number, number, number] {
  const p = Math.max(0, Math.min(1, t)) * (STOPS.length - 1);
  const k = Math.min(STOPS.length - 2, Math.floor(p));
  const f = p - k;
  const mix = (c: 0 | 1 | 2): number => Math.round(STOPS[k][c] * (1 - f) + STOPS[k + 1][c] * f);
  return [mix(0), mix(1), mix(2)];
}

interface Described {
  readonly id: string;
  readonly title: string;
  readonly parameters: Parameters;
  readonly where?: Where;
}

async function encode(
  what: Described,
  kind: 'heat-map' | 'plot' | 'spectrogram',
  pixels: Uint8Array,
  width: number,
  height: number,
): Promise<ArtifactPng> {
  const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  const { id, title, parameters, where } = what;
  return {
    meta: { id, title, kind, mime: 'image/png', width, height, parameters, ...(where === undefined ? {} : { where }) },
    png: new Uint8Array(png),
  };
}

/**
 * Heat map of a grid; `low` and `high` are the values of the darkest and lightest colour and are printed with the
 * artifact, because a colour without its value says nothing. Unknown cells are grey.
 */
export async function heatMap(what: Described, map: BlockMap, low: number, high: number): Promise<ArtifactPng | null> {
  const { columns, rows, values } = map;
  if (columns === 0 || rows === 0) return null;
  // Maps with more cells than the artifact has pixels keep the largest value of the cells that share a pixel.
  const shrink = Math.max(1, Math.ceil(Math.max(columns, rows) / SIDE));
  const w = Math.ceil(columns / shrink);
  const h = Math.ceil(rows / shrink);
  const zoom = Math.max(1, Math.floor(SIDE / Math.max(w, h)));
  const cells = new Float64Array(w * h).fill(Number.NaN);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = Math.floor(y / shrink) * w + Math.floor(x / shrink);
      const v = values[y * columns + x];
      if (!Number.isNaN(v) && !(cells[at] >= v)) cells[at] = v;
    }
  }
  const pixels = new Uint8Array(w * zoom * h * zoom * 3);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const v = cells[y * w + x];
      const rgb = Number.isNaN(v) ? UNKNOWN : colour(high > low ? (v - low) / (high - low) : 0);
      for (let dy = 0; dy < zoom; dy++) {
        let o = ((y * zoom + dy) * w * zoom + x * zoom) * 3;
        for (let dx = 0; dx < zoom; dx++) {
          pixels[o++] = rgb[0];
          pixels[o++] = rgb[1];
          pixels[o++] = rgb[2];
        }
      }
    }
  }
  const parameters = { ...what.parameters, darkest: low, lightest: high, cellPixels: map.cell };
  return encode({ ...what, parameters }, 'heat-map', pixels, w * zoom, h * zoom);
}

/** Curve of values over their index; the lowest and highest value are printed with the artifact. */
export async function plot(what: Described, values: ArrayLike<number>, bars = false): Promise<ArtifactPng> {
  const width = 720;
  const height = 320;
  const margin = 16;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  const dot = (x: number, y: number, rgb: readonly [number, number, number]): void => {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const o = (y * width + x) * 3;
    pixels[o] = rgb[0];
    pixels[o + 1] = rgb[1];
    pixels[o + 2] = rgb[2];
  };
  const finite = Array.from(values).filter((v) => Number.isFinite(v));
  let low = finite.length > 0 ? Math.min(...finite) : 0;
  const high = finite.length > 0 ? Math.max(...finite) : 1;
  if (bars && low > 0) low = 0;
  const range = high > low ? high - low : 1;
  const px = (i: number): number => Math.round(margin + (i / Math.max(1, values.length - 1)) * (width - 2 * margin));
  const py = (v: number): number => Math.round(height - margin - ((v - low) / range) * (height - 2 * margin));
  for (let x = margin; x < width - margin; x++) dot(x, height - margin, [150, 150, 150]);
  for (let y = margin; y < height - margin; y++) dot(margin, y, [150, 150, 150]);
  const ink = [32, 84, 132] as const;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const x = px(i);
    const y = py(values[i]);
    if (bars) for (let dx = -2; dx <= 2; dx++) for (let v = y; v < height - margin; v++) dot(x + dx, v, ink);
    else if (i > 0 && Number.isFinite(values[i - 1])) {
      const fromX = px(i - 1);
      const fromY = py(values[i - 1]);
      const steps = Math.max(1, Math.abs(x - fromX), Math.abs(y - fromY));
      for (let s = 0; s <= steps; s++) {
        const cx = Math.round(fromX + ((x - fromX) * s) / steps);
        const cy = Math.round(fromY + ((y - fromY) * s) / steps);
        dot(cx, cy, ink);
        dot(cx, cy + 1, ink);
      }
    }
  }
  return encode(
    { ...what, parameters: { ...what.parameters, lowest: low, highest: high } },
    'plot',
    pixels,
    width,
    height,
  );
}
