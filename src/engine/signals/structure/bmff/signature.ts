/**
 * A compact signature of how an ISO base media file was written: order of boxes, brands, handler names and encoder
 * strings. Files of one writer agree in it, and editing or re-encoding usually changes it.
 *
 * After Gloe, Fischer, Kirchner, "Forensic analysis of video file formats", Digital Investigation 11 (2014), and
 * Iuliani et al., "A video forensic framework for the unsupervised analysis of MP4-like file container", IEEE TIFS 14
 * (2019); the form of the text is our own.
 */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../source.ts';
import { printable } from '../tree.ts';
import { type Box, eachBox, findBox } from './boxes.ts';
import { type FileType, readFileType, readHandler, readKeys, readTextItem } from './fields.ts';
import type { Track } from './tracks.ts';

/** A name with text that the file carries: tags, QuickTime keys, compressor names, encoder banners. */
interface WriterString {
  readonly from: string;
  readonly text: string;
}

export interface ContainerSignature {
  readonly fileType: FileType | null;
  /** Types of the top-level boxes; repeats of one type (or of a moof/mdat pair) are folded. */
  readonly order: string;
  /** Every type on every path inside `moov`, without media data. */
  readonly moov: string;
  readonly handlers: readonly string[];
  readonly strings: readonly WriterString[];
  /** Lower-case hexadecimal user types of `uuid` boxes. */
  readonly uuids: readonly string[];
  /** The signature as one line, and its SHA-256. */
  readonly text: string;
  readonly sha256: string;
}

const MAX_STRINGS = 200;

/** Derives the signature from boxes already walked. */
export function containerSignature(
  source: ByteSource,
  boxes: readonly Box[],
  tracks: readonly Track[],
): ContainerSignature {
  const ftyp = findBox(boxes, 'ftyp');
  const fileType = ftyp === null ? null : readFileType(source, ftyp);
  const order = foldRepeats(boxes.map((box) => box.type)).join('/');
  const moovBox = findBox(boxes, 'moov');
  const moov = moovBox === null ? '' : describe(moovBox);
  const handlers = tracks.map((track) => `${track.handler}:${printable(track.handlerName, 80)}`);
  const strings = collectStrings(source, boxes, tracks);
  const uuids = [...eachBox(boxes)].flatMap(({ box }) => (box.uuid === null ? [] : [box.uuid])).slice(0, 50);
  const brands = fileType === null ? '' : `${fileType.major};${fileType.minor};${fileType.compatible.join(',')}`;
  const text = [brands, order, moov, handlers.join('|'), uuids.join('|')].join(' # ');
  return {
    fileType,
    order,
    moov,
    handlers,
    strings,
    uuids,
    text,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

/** Structure without the length of tables: sample tables, text items and their number are content, not the writer. */
function describe(box: Box): string {
  if (box.children.length === 0 || box.type === 'ilst') return box.type;
  return `${box.type}(${foldRepeats(box.children.map(describe)).join(' ')})`;
}

/** Folds runs of one item, and runs of the pair a b, into `item+`. */
export function foldRepeats(items: readonly string[]): string[] {
  const out: string[] = [];
  let i = 0;
  while (i < items.length) {
    for (const period of [1, 2, 3]) {
      let repeats = 1;
      while (samePeriod(items, i, i + repeats * period, period)) repeats++;
      if (repeats > 1) {
        const unit = items.slice(i, i + period).join('/');
        out.push(period === 1 ? `${unit}+` : `(${unit})+`);
        i += repeats * period;
        break;
      }
      if (period === 3) out.push(items[i++]);
    }
  }
  return out;
}

function samePeriod(items: readonly string[], a: number, b: number, period: number): boolean {
  if (b + period > items.length) return false;
  for (let k = 0; k < period; k++) if (items[a + k] !== items[b + k]) return false;
  return true;
}

function collectStrings(source: ByteSource, boxes: readonly Box[], tracks: readonly Track[]): WriterString[] {
  const found: WriterString[] = [];
  const add = (from: string, text: string | null): void => {
    if (text !== null && text.trim() !== '' && found.length < MAX_STRINGS)
      found.push({ from, text: printable(text, 900) });
  };
  let keys: string[] = [];
  for (const { box, path } of eachBox(boxes)) {
    if (box.type === 'keys') keys = readKeys(source, box);
    else if (box.type === 'free' || box.type === 'skip') add(path, freeText(source, box));
    else if (box.type === 'hdlr' && !path.includes('/meta/')) add(path, readHandler(source, box)?.name ?? null);
    else if (box.type.startsWith('©') && box.children.length === 0) add(path, readTextItem(source, box));
    else if (path.includes('/ilst/') && box.children.length > 0) {
      const data = findBox(box.children, 'data');
      const index = source.read(box.offset + 4, 4).readUInt32BE(0);
      add(keys[index - 1] ?? path, data === null ? null : readTextItem(source, data));
    }
  }
  for (const track of tracks) {
    add(`compressor of track ${track.id ?? '?'}`, track.compressor);
    if (track.handler === 'vide' && track.firstChunk !== null) {
      for (const banner of encoderBanners(readMedia(source, boxes, track.firstChunk))) {
        add(`first samples of track ${track.id ?? '?'}`, banner);
      }
    }
  }
  return found;
}

/** The first bytes of the media at a place, not beyond the top-level box that holds it. */
function readMedia(source: ByteSource, boxes: readonly Box[], at: number): Buffer {
  const holder = boxes.find((box) => at >= box.body && at < box.offset + box.size);
  return holder === undefined ? Buffer.alloc(0) : source.read(at, Math.min(65_536, holder.offset + holder.size - at));
}

/** Text that some muxers leave in padding, such as "IsoMedia File Produced with GPAC". */
function freeText(source: ByteSource, box: Box): string | null {
  const text = source.read(box.body, Math.min(200, box.offset + box.size - box.body)).toString('latin1');
  return /^[\x20-\x7e]{8,}/.exec(text)?.[0] ?? null;
}

/** Banners that encoders leave in the stream itself (SEI user data of H.264 and H.265, AAC filler). */
export function encoderBanners(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  const found = text.match(
    /(?:x264 - core|x265 \(build|Lavc\d|Lavf\d|JVT NVENC|NVENC |VideoToolbox|MainConcept|Ateme )[\x20-\x7e]{0,800}/g,
  );
  return [...new Set(found ?? [])].slice(0, 8);
}
