/** PNG pictures of maps and curves: own colour map, no text, so that they read the same in every report. */
import type { Where } from '../../../contract/result.ts';
import type { Parameters } from '../../../contract/words.ts';
import type { BlockMap } from '../../signals/picture/stats.ts';
import type { ArtifactPng } from '../../types.ts';
import { encodeIndexedPng } from '../indexed-png.ts';

/** Dark violet over teal to pale yellow: lightness rises evenly, so it also reads in grey and for colour-blind eyes. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [24, 10, 48],
  [52, 46, 110],
  [32, 104, 132],
  [48, 160, 120],
  [150, 204, 84],
  [252, 244, 180],
];
/** Colours of a map: 255 steps from the lowest to the highest value, then one for cells without a value. */
const STEPS = 255;
const UNKNOWN = 255;
/** Artifacts are at most this wide or high; a map is magnified by a whole number. */
const SIDE = 512;

function mapPalette(): Uint8Array {
  const out = new Uint8Array(256 * 3).fill(128);
  for (let i = 0; i < STEPS; i++) {
    const p = (i / (STEPS - 1)) * (STOPS.length - 1);
    const k = Math.min(STOPS.length - 2, Math.floor(p));
    for (let c = 0; c < 3; c++) out[i * 3 + c] = Math.round(STOPS[k][c] + (STOPS[k + 1][c] - STOPS[k][c]) * (p - k));
  }
  return out;
}
const MAP_PALETTE = mapPalette();

/** Index of the colour of a value between the map's lowest and highest. */
const step = (t: number): number => Math.round(Math.max(0, Math.min(1, t)) * (STEPS - 1));

interface Described {
  readonly id: string;
  readonly title: string;
  readonly parameters: Parameters;
  readonly where?: Where;
}

function encode(
  what: Described,
  kind: 'heat-map' | 'plot',
  picture: {
    readonly indices: Uint8Array;
    readonly palette: Uint8Array;
    readonly width: number;
    readonly height: number;
  },
): ArtifactPng {
  const { id, title, parameters, where } = what;
  const { indices, palette, width, height } = picture;
  return {
    meta: { id, title, kind, mime: 'image/png', width, height, parameters, ...(where === undefined ? {} : { where }) },
    png: encodeIndexedPng(indices, width, height, palette),
  };
}

/**
 * Heat map of a grid; `low` and `high` are the values of the darkest and lightest colour and are printed with the
 * artifact, because a colour without its value says nothing. Unknown cells are grey.
 */
export function heatMap(what: Described, map: BlockMap, low: number, high: number): ArtifactPng | null {
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
  const width = w * zoom;
  const indices = new Uint8Array(width * h * zoom);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const v = cells[y * w + x];
      const index = Number.isNaN(v) ? UNKNOWN : step(high > low ? (v - low) / (high - low) : 0);
      for (let dy = 0; dy < zoom; dy++) {
        const from = (y * zoom + dy) * width + x * zoom;
        indices.fill(index, from, from + zoom);
      }
    }
  }
  const parameters = { ...what.parameters, darkest: low, lightest: high, cellPixels: map.cell };
  return encode({ ...what, parameters }, 'heat-map', { indices, palette: MAP_PALETTE, width, height: h * zoom });
}

/** Paper, axis and ink of a plot. */
const PLOT_PALETTE = Uint8Array.of(255, 255, 255, 150, 150, 150, 32, 84, 132);
const AXIS = 1;
const INK = 2;

/** Curve of values over their index; the lowest and highest value are printed with the artifact. */
export function plot(what: Described, values: ArrayLike<number>, bars = false): ArtifactPng {
  const width = 720;
  const height = 320;
  const margin = 16;
  const indices = new Uint8Array(width * height);
  const dot = (x: number, y: number, colour: number): void => {
    if (x >= 0 && y >= 0 && x < width && y < height) indices[y * width + x] = colour;
  };
  const finite = Array.from(values).filter((v) => Number.isFinite(v));
  let low = finite.length > 0 ? Math.min(...finite) : 0;
  const high = finite.length > 0 ? Math.max(...finite) : 1;
  if (bars && low > 0) low = 0;
  const range = high > low ? high - low : 1;
  const px = (i: number): number => Math.round(margin + (i / Math.max(1, values.length - 1)) * (width - 2 * margin));
  const py = (v: number): number => Math.round(height - margin - ((v - low) / range) * (height - 2 * margin));
  for (let x = margin; x < width - margin; x++) dot(x, height - margin, AXIS);
  for (let y = margin; y < height - margin; y++) dot(margin, y, AXIS);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    const x = px(i);
    const y = py(values[i]);
    if (bars) for (let dx = -2; dx <= 2; dx++) for (let v = y; v < height - margin; v++) dot(x + dx, v, INK);
    else if (i > 0 && Number.isFinite(values[i - 1])) {
      const fromX = px(i - 1);
      const fromY = py(values[i - 1]);
      const steps = Math.max(1, Math.abs(x - fromX), Math.abs(y - fromY));
      for (let s = 0; s <= steps; s++) {
        const cx = Math.round(fromX + ((x - fromX) * s) / steps);
        const cy = Math.round(fromY + ((y - fromY) * s) / steps);
        dot(cx, cy, INK);
        dot(cx, cy + 1, INK);
      }
    }
  }
  const parameters = { ...what.parameters, lowest: low, highest: high };
  return encode({ ...what, parameters }, 'plot', { indices, palette: PLOT_PALETTE, width, height });
}
