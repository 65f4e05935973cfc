/**
 * Decodes a JPEG file to its quantised DCT coefficients: sequential and progressive Huffman coding, 8 bit
 * (ITU-T T.81). No pixel is computed here. Damaged files yield what could be read and `complete: false`; what cannot
 * be read at all yields a reason instead of an exception. Work is bounded by the size of the picture and a limit on
 * scans, so a hostile file cannot hold the engine.
 */
import { quantisationTables, ZIGZAG } from '../../quantisation.ts';
import { BitReader, type HuffmanTable, huffmanTable } from './bits.ts';

/** One colour component. Blocks run in rows; each holds 64 values in natural order. */
export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly blocksWide: number;
  readonly blocksHigh: number;
  readonly coefficients: Int16Array;
  /** Quantisation table in natural order, 64 values of 1 or more. */
  readonly quantisation: Uint16Array;
}

export interface JpegCoefficients {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly JpegComponent[];
  /** Text of the first APP and COM segments is left to the structure room; here only whether all data was there. */
  readonly complete: boolean;
}

type JpegDecoded =
  | { readonly ok: true; readonly picture: JpegCoefficients }
  | { readonly ok: false; readonly reason: string };

const MOST_SCANS = 200;

interface Component {
  id: number;
  horizontal: number;
  vertical: number;
  table: number;
  /** Blocks allocated (whole MCUs) and blocks that scans of this component alone cover. */
  stride: number;
  rows: number;
  blocksWide: number;
  blocksHigh: number;
  coefficients: Int16Array;
  quantisation: Uint16Array | null;
  dc: HuffmanTable | null;
  ac: HuffmanTable | null;
  prediction: number;
}

interface Scan {
  readonly components: readonly Component[];
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
  readonly progressive: boolean;
}

/** @param maxPixels refuse pictures that are larger: their coefficients would not fit the memory set aside */
export function decodeJpeg(data: Uint8Array, maxPixels: number): JpegDecoded {
  const no = (reason: string): JpegDecoded => ({ ok: false, reason });
  if (data.length < 4 || data[0] !== 0xff || data[1] !== 0xd8) return no('the file does not start as a JPEG');
  const quantisation: (Uint16Array | undefined)[] = [];
  const dcTables: (HuffmanTable | undefined)[] = [];
  const acTables: (HuffmanTable | undefined)[] = [];
  const components: Component[] = [];
  let width = 0;
  let height = 0;
  let mcusWide = 0;
  let mcusHigh = 0;
  let progressive = false;
  let restartInterval = 0;
  let scans = 0;
  let complete = false;
  let damaged = false;
  let at = 2;
  const finish = (): JpegDecoded => {
    if (components.length === 0) return no('no frame header was found');
    if (scans === 0) return no('no scan was found');
    const out: JpegComponent[] = [];
    for (const c of components) {
      if (c.quantisation === null) return no('a quantisation table is missing');
      out.push({
        id: c.id,
        horizontal: c.horizontal,
        vertical: c.vertical,
        blocksWide: c.blocksWide,
        blocksHigh: c.blocksHigh,
        coefficients: trimmed(c),
        quantisation: c.quantisation,
      });
    }
    return { ok: true, picture: { width, height, progressive, components: out, complete: complete && !damaged } };
  };

  while (at + 4 <= data.length) {
    if (data[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = data[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) break;
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    const length = (data[at + 2] << 8) | data[at + 3];
    const body = at + 4;
    const end = at + 2 + length;
    if (length < 2 || end > data.length) {
      damaged = true;
      break;
    }
    at = end;
    if (marker === 0xdb) {
      const found = quantisationTables(data.subarray(body, end));
      if (found.damaged || found.tables.some((t) => t.values.includes(0))) damaged = true;
      for (const { id, values } of found.tables) quantisation[id] = values.map((v) => Math.max(1, v));
    } else if (marker === 0xc4) {
      for (let p = body; p + 17 <= end; ) {
        const counts = data.subarray(p + 1, p + 17);
        const total = counts.reduce((s, v) => s + v, 0);
        const table =
          p + 17 + total > end || total > 256 ? null : huffmanTable(counts, data.slice(p + 17, p + 17 + total));
        if (table === null) {
          if (scans === 0) return no('a Huffman table is damaged');
          damaged = true;
          return finish();
        }
        (data[p] >> 4 === 0 ? dcTables : acTables)[data[p] & 15] = table;
        p += 17 + total;
      }
    } else if (marker === 0xdd) {
      if (length >= 4) restartInterval = (data[body] << 8) | data[body + 1];
    } else if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
      if (components.length > 0) return no('the file has more than one frame header');
      const count = data[body + 5];
      if (end - body < 6 + 3 * count) return no('the frame header is cut short');
      if (data[body] !== 8) return no(`samples of ${data[body]} bit are not supported`);
      height = (data[body + 1] << 8) | data[body + 2];
      width = (data[body + 3] << 8) | data[body + 4];
      progressive = marker === 0xc2;
      if (width === 0 || height === 0) return no('the frame header gives no size');
      if (width * height > maxPixels) return no(`the picture has more than ${maxPixels} pixels`);
      if (count < 1 || count > 4) return no(`${count} components are not supported`);
      for (let i = 0; i < count; i++) {
        const p = body + 6 + 3 * i;
        const horizontal = data[p + 1] >> 4;
        const vertical = data[p + 1] & 15;
        if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4)
          return no('a sampling factor is impossible');
        components.push({
          id: data[p],
          horizontal,
          vertical,
          table: data[p + 2] & 15,
          stride: 0,
          rows: 0,
          blocksWide: 0,
          blocksHigh: 0,
          coefficients: new Int16Array(0),
          quantisation: null,
          dc: null,
          ac: null,
          prediction: 0,
        });
      }
      const most = (pick: (c: Component) => number): number => Math.max(...components.map(pick));
      const h = most((c) => c.horizontal);
      const v = most((c) => c.vertical);
      mcusWide = Math.ceil(width / (8 * h));
      mcusHigh = Math.ceil(height / (8 * v));
      for (const c of components) {
        c.stride = mcusWide * c.horizontal;
        c.rows = mcusHigh * c.vertical;
        c.blocksWide = Math.ceil(Math.ceil((width * c.horizontal) / h) / 8);
        c.blocksHigh = Math.ceil(Math.ceil((height * c.vertical) / v) / 8);
        c.coefficients = new Int16Array(c.stride * c.rows * 64);
      }
    } else if (marker === 0xda) {
      if (components.length === 0) return no('a scan comes before the frame header');
      if (++scans > MOST_SCANS) return no(`the file has more than ${MOST_SCANS} scans`);
      const count = data[body];
      if (count < 1 || count > 4 || end - body < 4 + 2 * count) return no('a scan header is damaged');
      const chosen: Component[] = [];
      for (let i = 0; i < count; i++) {
        const component = components.find((c) => c.id === data[body + 1 + 2 * i]);
        if (component === undefined || chosen.includes(component)) return no('a scan names an unknown component');
        component.dc = dcTables[data[body + 2 + 2 * i] >> 4] ?? null;
        component.ac = acTables[data[body + 2 + 2 * i] & 15] ?? null;
        component.quantisation ??= quantisation[component.table] ?? null;
        component.prediction = 0;
        chosen.push(component);
      }
      const p = body + 1 + 2 * count;
      const scan: Scan = {
        components: chosen,
        from: progressive ? data[p] : 0,
        to: progressive ? data[p + 1] : 63,
        high: progressive ? data[p + 2] >> 4 : 0,
        low: progressive ? data[p + 2] & 15 : 0,
        progressive,
      };
      if (scan.from > scan.to || scan.to > 63 || scan.low > 13 || (scan.from > 0 && count > 1)) {
        return no('a scan header is damaged');
      }
      const needsDc = scan.from === 0 && scan.high === 0;
      if (chosen.some((c) => (needsDc && c.dc === null) || (scan.to > 0 && c.ac === null))) {
        return no('a Huffman table is missing');
      }
      const done = decodeScan(data, at, scan, mcusWide, mcusHigh, restartInterval);
      at = done.position;
      if (!done.whole) damaged = true;
    } else if (marker >= 0xc3 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      return no('lossless, hierarchical and arithmetic-coded JPEG are not supported');
    }
  }
  complete = scans > 0;
  // A picture that lacks its end marker was cut, however well the rest decoded.
  if (!(at + 2 <= data.length && data[at] === 0xff && data[at + 1] === 0xd9)) damaged = true;
  return finish();
}

/** Without the blocks that only fill up the last MCU. */
function trimmed(c: Component): Int16Array {
  if (c.stride === c.blocksWide && c.rows === c.blocksHigh) return c.coefficients;
  const out = new Int16Array(c.blocksWide * c.blocksHigh * 64);
  for (let y = 0; y < c.blocksHigh; y++) {
    const from = y * c.stride * 64;
    out.set(c.coefficients.subarray(from, from + c.blocksWide * 64), y * c.blocksWide * 64);
  }
  return out;
}

function decodeScan(
  data: Uint8Array,
  start: number,
  scan: Scan,
  mcusWide: number,
  mcusHigh: number,
  restartInterval: number,
): { position: number; whole: boolean } {
  const bits = new BitReader(data, start);
  const single = scan.components.length === 1 ? scan.components[0] : null;
  const units = single === null ? mcusWide * mcusHigh : single.blocksWide * single.blocksHigh;
  const run = { left: 0 };
  let whole = true;
  for (let unit = 0; unit < units; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      const next = nextRestart(data, bits.position);
      if (next === null) {
        whole = false;
        break;
      }
      bits.restart(next);
      run.left = 0;
      for (const c of scan.components) c.prediction = 0;
    }
    if (single !== null) {
      const y = Math.floor(unit / single.blocksWide);
      decodeBlock(bits, scan, single, (y * single.stride + (unit % single.blocksWide)) * 64, run);
    } else {
      const my = Math.floor(unit / mcusWide);
      const mx = unit % mcusWide;
      for (const c of scan.components) {
        for (let v = 0; v < c.vertical; v++) {
          for (let h = 0; h < c.horizontal; h++) {
            const block = (my * c.vertical + v) * c.stride + mx * c.horizontal + h;
            decodeBlock(bits, scan, c, block * 64, run);
          }
        }
      }
    }
    if (bits.ended) {
      whole = false;
      if (restartInterval === 0) break;
    }
  }
  // The next marker that is neither stuffing nor a restart.
  let at = bits.position;
  while (at + 1 < data.length) {
    const m = data[at + 1];
    if (data[at] === 0xff && m !== 0 && m !== 0xff && (m < 0xd0 || m > 0xd7)) break;
    at++;
  }
  return { position: at, whole };
}

/** Position behind the next restart marker; null where another marker or the end of the file comes first. */
function nextRestart(data: Uint8Array, from: number): number | null {
  for (let at = from; at + 1 < data.length; at++) {
    if (data[at] !== 0xff) continue;
    const m = data[at + 1];
    if (m >= 0xd0 && m <= 0xd7) return at + 2;
    if (m !== 0 && m !== 0xff) return null;
  }
  return null;
}

function decodeBlock(bits: BitReader, scan: Scan, c: Component, at: number, run: { left: number }): void {
  const out = c.coefficients;
  if (!scan.progressive) {
    if (c.dc === null || c.ac === null) return;
    c.prediction += bits.readSigned(Math.min(16, bits.symbol(c.dc)));
    out[at] = c.prediction;
    for (let k = 1; k < 64; k++) {
      const rs = bits.symbol(c.ac);
      const size = rs & 15;
      if (size === 0) {
        if (rs !== 0xf0) break;
        k += 15;
        continue;
      }
      k += rs >> 4;
      if (k > 63) break;
      out[at + ZIGZAG[k]] = bits.readSigned(size);
    }
    return;
  }
  if (scan.from === 0) {
    if (scan.high === 0) {
      if (c.dc === null) return;
      c.prediction += bits.readSigned(Math.min(16, bits.symbol(c.dc)));
      out[at] = c.prediction << scan.low;
    } else if (bits.read(1) === 1) out[at] |= 1 << scan.low;
    return;
  }
  if (c.ac === null) return;
  if (scan.high === 0) firstAc(bits, scan, c.ac, out, at, run);
  else refineAc(bits, scan, c.ac, out, at, run);
}

function firstAc(
  bits: BitReader,
  scan: Scan,
  table: HuffmanTable,
  out: Int16Array,
  at: number,
  run: { left: number },
): void {
  if (run.left > 0) {
    run.left--;
    return;
  }
  for (let k = scan.from; k <= scan.to; k++) {
    const rs = bits.symbol(table);
    const r = rs >> 4;
    const size = rs & 15;
    if (size === 0) {
      if (r < 15) {
        run.left = (1 << r) - 1 + bits.read(r);
        return;
      }
      k += 15;
      continue;
    }
    k += r;
    if (k > 63) return;
    out[at + ZIGZAG[k]] = bits.readSigned(size) << scan.low;
  }
}

/** Refinement of AC coefficients (T.81, G.1.2.3): correction bits for old values between new ones. */
function refineAc(
  bits: BitReader,
  scan: Scan,
  table: HuffmanTable,
  out: Int16Array,
  at: number,
  run: { left: number },
): void {
  const one = 1 << scan.low;
  const correct = (i: number): void => {
    if (bits.read(1) === 1 && (out[i] & one) === 0) out[i] += out[i] > 0 ? one : -one;
  };
  let k = scan.from;
  if (run.left === 0) {
    while (k <= scan.to) {
      const rs = bits.symbol(table);
      let zeros = rs >> 4;
      const size = rs & 15;
      let value = 0;
      if (size === 0) {
        if (zeros < 15) {
          run.left = (1 << zeros) + bits.read(zeros);
          break;
        }
      } else value = bits.read(1) === 1 ? one : -one;
      while (k <= scan.to) {
        const i = at + ZIGZAG[k++];
        if (out[i] !== 0) correct(i);
        else if (zeros-- === 0) {
          if (value !== 0) out[i] = value;
          break;
        }
      }
      if (bits.ended) return;
    }
  }
  if (run.left > 0) {
    for (; k <= scan.to; k++) {
      const i = at + ZIGZAG[k];
      if (out[i] !== 0) correct(i);
    }
    run.left--;
  }
}
