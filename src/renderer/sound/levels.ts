/** Levels of a spectrogram as numbers, colours and read-outs. Pure. */
import type { Spectrogram } from '../../contract/apiEvidence.ts';
import { type ColourMap, colourTable } from '../charts/colours.ts';

/** The 32-bit floats of a spectrogram. @throws RangeError where there are fewer than columns times rows */
export function levelsOf({ db, columns, rows }: Pick<Spectrogram, 'db' | 'columns' | 'rows'>): Float32Array {
  const text = atob(db);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  if (bytes.length < columns * rows * 4) throw new RangeError('The spectrogram is shorter than it says.');
  return Float32Array.from({ length: columns * rows }, (_, i) => view.getFloat32(i * 4, true));
}

/** Red, green, blue and alpha of each level, low frequencies at the bottom. `floor` is the darkest, `top` the brightest. */
export function paintLevels(
  db: Float32Array,
  columns: number,
  rows: number,
  { floor, top, map }: { readonly floor: number; readonly top: number; readonly map: ColourMap },
): Uint8ClampedArray<ArrayBuffer> {
  const table = colourTable(map);
  const out = new Uint8ClampedArray(columns * rows * 4);
  const scale = 255 / (top - floor);
  for (let column = 0; column < columns; column += 1) {
    for (let row = 0; row < rows; row += 1) {
      const level = db[column * rows + row] ?? floor;
      const colour = Math.min(255, Math.max(0, Math.round((level - floor) * scale))) * 3;
      const at = ((rows - 1 - row) * columns + column) * 4;
      out[at] = table[colour] ?? 0;
      out[at + 1] = table[colour + 1] ?? 0;
      out[at + 2] = table[colour + 2] ?? 0;
      out[at + 3] = 255;
    }
  }
  return out;
}

/** The highest level; 0 where there is none. */
export function highest(db: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const level of db) if (level > most) most = level;
  return Number.isFinite(most) ? most : 0;
}

export interface LevelReading {
  readonly seconds: number;
  readonly hertz: number;
  readonly db: number;
}

/** What lies under a point, `x` and `y` as shares of the picture from its upper left corner; null beside it. */
export function readLevel(
  { from, to, step, columns, rows, frequencies }: Omit<Spectrogram, 'db' | 'sampleRate'>,
  db: Float32Array,
  x: number,
  y: number,
): LevelReading | null {
  if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1) || columns === 0) return null;
  const seconds = from + x * (to - from);
  const column = Math.min(columns - 1, Math.max(0, Math.floor((seconds - from) / step)));
  const row = Math.min(rows - 1, Math.max(0, Math.floor((1 - y) * rows)));
  return { seconds, hertz: frequencies[row] ?? 0, db: db[column * rows + row] ?? Number.NaN };
}

/** Height of a frequency as a share from the top; the rows need not be equally far apart. Clamped to the picture. */
export function heightOf(hertz: number, frequencies: readonly number[]): number {
  const n = frequencies.length;
  const after = frequencies.findIndex((f) => f >= hertz);
  if (after < 0) return 0;
  if (after === 0) return 1 - 0.5 / n;
  const [a, b] = [frequencies[after - 1] ?? 0, frequencies[after] ?? 0];
  return 1 - (after - 1 + (hertz - a) / (b - a) + 0.5) / n;
}

/** Measurements of a part of a spectrogram: the loudest place, and the mean power as a level. */
export function measureLevels(
  spectrogram: Omit<Spectrogram, 'db' | 'sampleRate'>,
  db: Float32Array,
  seconds: { readonly from: number; readonly to: number },
  hertz: { readonly from: number; readonly to: number },
): { readonly peak: LevelReading; readonly mean: number } | null {
  const { from, step, columns, rows, frequencies } = spectrogram;
  const first = Math.max(0, Math.floor((seconds.from - from) / step));
  const last = Math.min(columns - 1, Math.floor((seconds.to - from) / step));
  let peak: LevelReading | null = null;
  let power = 0;
  let count = 0;
  for (let column = first; column <= last; column += 1) {
    for (let row = 0; row < rows; row += 1) {
      const f = frequencies[row] ?? 0;
      if (f < hertz.from || f > hertz.to) continue;
      const level = db[column * rows + row] ?? Number.NaN;
      if (!Number.isFinite(level)) continue;
      power += 10 ** (level / 10);
      count += 1;
      if (peak === null || level > peak.db) peak = { seconds: from + (column + 0.5) * step, hertz: f, db: level };
    }
  }
  return peak === null ? null : { peak, mean: 10 * Math.log10(power / count) };
}
