/** Which characters a font has: its `cmap` table (OpenType 1.9), read without drawing anything. */
import { VidimusError } from '../../../contract/errors.ts';

/** Whether the font has a glyph for a code point. */
export type Coverage = (codePoint: number) => boolean;

/** @throws VidimusError output.failed for what is no TrueType or OpenType font with a Unicode table. */
export function coverageOf(bytes: Uint8Array, name: string): Coverage {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const cmap = tableAt(view, 'cmap');
    const ranges = unicodeRanges(view, cmap);
    return (codePoint) => inRanges(ranges, codePoint);
  } catch (cause) {
    throw new VidimusError('output.failed', `The font ${name} cannot be read.`, { cause });
  }
}

function tableAt(view: DataView, tag: string): number {
  const count = view.getUint16(4);
  for (let i = 0; i < count; i += 1) {
    const at = 12 + 16 * i;
    if (view.getUint32(at) === tagNumber(tag)) return view.getUint32(at + 8);
  }
  throw new Error(`there is no ${tag} table`);
}

const tagNumber = (tag: string): number => [...tag].reduce((sum, c) => sum * 256 + c.charCodeAt(0), 0);

/** First and last code points of each range, rising, flat. */
type Ranges = readonly number[];

/** The widest Unicode subtable: format 12 before format 4. */
function unicodeRanges(view: DataView, cmap: number): Ranges {
  const count = view.getUint16(cmap + 2);
  let short: number | null = null;
  for (let i = 0; i < count; i += 1) {
    const record = cmap + 4 + 8 * i;
    const platform = view.getUint16(record);
    const encoding = view.getUint16(record + 2);
    const unicode = platform === 0 || (platform === 3 && (encoding === 1 || encoding === 10));
    if (!unicode) continue;
    const at = cmap + view.getUint32(record + 4);
    const format = view.getUint16(at);
    if (format === 12) return groups(view, at);
    if (format === 4) short = at;
  }
  if (short === null) throw new Error('there is no Unicode character map');
  return segments(view, short);
}

function groups(view: DataView, at: number): Ranges {
  const out: number[] = [];
  const count = view.getUint32(at + 12);
  for (let i = 0; i < count; i += 1) {
    const group = at + 16 + 12 * i;
    out.push(view.getUint32(group), view.getUint32(group + 4));
  }
  return out;
}

/** Format 4. Characters that a segment maps to glyph 0 (missing) are left out. */
function segments(view: DataView, at: number): Ranges {
  const out: number[] = [];
  const doubled = view.getUint16(at + 6);
  for (let i = 0; i < doubled; i += 2) {
    const last = view.getUint16(at + 14 + i);
    const first = view.getUint16(at + 16 + doubled + i);
    const delta = view.getUint16(at + 16 + 2 * doubled + i);
    const place = at + 16 + 3 * doubled + i;
    const offset = view.getUint16(place);
    if (first === 0xffff) continue;
    for (let code = first; code <= last; code += 1) {
      const glyph = offset === 0 ? (code + delta) & 0xffff : view.getUint16(place + offset + 2 * (code - first));
      if (glyph === 0) continue;
      if (out.at(-1) === code - 1) out[out.length - 1] = code;
      else out.push(code, code);
    }
  }
  return out;
}

function inRanges(ranges: Ranges, codePoint: number): boolean {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (codePoint < (ranges[2 * middle] ?? 0)) high = middle - 1;
    else if (codePoint > (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}
