/**
 * A PDF file as its cross-reference tables describe it (ISO 32000-1, 7.5), revision by revision: enough to add
 * signatures and to check them. Cross-reference streams and encryption are refused by name; reports have neither.
 */
import { inflateSync } from 'node:zlib';
import { VidimusError } from '../../../contract/errors.ts';
import { type PdfDict, PdfError, PdfScanner, type PdfValue } from './values.ts';

/** Where one revision's objects lie; `end` is the first byte after its %%EOF and line end. */
export interface Revision {
  readonly xref: number;
  readonly end: number;
  readonly offsets: ReadonlyMap<number, { readonly offset: number; readonly generation: number }>;
  /** Objects that this revision takes out. */
  readonly freed: ReadonlySet<number>;
  readonly trailer: PdfDict;
}

export interface IndirectObject {
  readonly value: PdfValue;
  /** Raw bytes of its stream; null where it has none. */
  readonly stream: Uint8Array | null;
  /** The whole of it in the file, from its number to `endobj`. */
  readonly bytes: Uint8Array;
}

const MAX_REVISIONS = 64;

/** An opened file. Objects are looked up in `upTo`, the number of revisions that count; all unless said otherwise. */
export class PdfFile {
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Oldest first. */
  readonly revisions: readonly Revision[];

  /** @throws VidimusError signature.document. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    try {
      if (!this.text.startsWith('%PDF-')) throw new PdfError('it does not start like a PDF');
      this.revisions = readRevisions(this.text);
      if (this.trailer.entries.has('Encrypt')) throw new PdfError('it is encrypted');
    } catch (thrown) {
      throw new VidimusError(
        'signature.document',
        `The file is not a PDF that can be signed or checked: ${thrown instanceof Error ? thrown.message : ''}.`,
        { cause: thrown },
      );
    }
  }

  get trailer(): PdfDict {
    const last = this.revisions.at(-1);
    if (!last) throw new PdfError('it has no revision');
    return last.trailer;
  }

  /** The object of this number in the newest of the first `upTo` revisions; null where there is none. */
  object(number: number, upTo = this.revisions.length): IndirectObject | null {
    for (const revision of this.revisions.slice(0, upTo).reverse()) {
      if (revision.freed.has(number)) return null;
      const entry = revision.offsets.get(number);
      if (!entry) continue;
      return this.#read(number, entry.offset);
    }
    return null;
  }

  #read(number: number, offset: number): IndirectObject {
    const scanner = new PdfScanner(this.text, offset);
    if (scanner.number() !== number) throw new PdfError(`object ${number} is not where the file says`);
    scanner.number();
    if (!scanner.take('obj')) throw new PdfError(`object ${number} is malformed`);
    const value = scanner.value();
    let stream: Uint8Array | null = null;
    let end: number;
    if (scanner.take('stream')) {
      const from = scanner.position + (this.text.startsWith('\r\n', scanner.position) ? 2 : 1);
      const length = value.kind === 'dict' ? this.#length(value) : 0;
      stream = this.bytes.subarray(from, from + length);
      const after = new PdfScanner(this.text, from + length);
      if (!after.take('endstream') || !after.take('endobj'))
        throw new PdfError(`the stream of object ${number} has no end`);
      end = after.position;
    } else {
      if (!scanner.take('endobj')) throw new PdfError(`object ${number} has no end`);
      end = scanner.position;
    }
    return { value, stream, bytes: this.bytes.subarray(offset, end) };
  }

  #length(stream: PdfDict): number {
    const length = this.resolve(stream.entries.get('Length'));
    const value = length?.kind === 'raw' ? Number(length.text) : Number.NaN;
    if (!Number.isInteger(value) || value < 0) throw new PdfError('a stream has no length');
    return value;
  }

  /** The value itself, or what a reference leads to. */
  resolve(value: PdfValue | undefined, upTo = this.revisions.length): PdfValue | undefined {
    let found = value;
    for (let hops = 0; found?.kind === 'ref'; hops += 1) {
      if (hops > 32) throw new PdfError('references go in a circle');
      found = this.object(found.number, upTo)?.value;
    }
    return found;
  }

  /** A dictionary behind a value. @throws PdfError where there is none. */
  dict(value: PdfValue | undefined, upTo = this.revisions.length): PdfDict {
    const found = this.resolve(value, upTo);
    if (found?.kind !== 'dict') throw new PdfError('a dictionary is missing');
    return found;
  }

  /** Items of an array behind a value; none where there is no array. */
  items(value: PdfValue | undefined, upTo = this.revisions.length): readonly PdfValue[] {
    const found = this.resolve(value, upTo);
    return found?.kind === 'array' ? found.items : [];
  }

  /** Bytes of a stream, inflated where they are deflated. `limit` bounds what comes out. @throws PdfError. */
  streamBytes(value: PdfValue | undefined, limit = 1 << 30): Uint8Array {
    const object = value?.kind === 'ref' ? this.object(value.number) : null;
    if (!object?.stream || object.value.kind !== 'dict') throw new PdfError('a stream is missing');
    const filter = this.resolve(object.value.entries.get('Filter'));
    if (filter === undefined) return object.stream;
    if (filter.kind === 'name' && filter.name === 'FlateDecode')
      return inflateSync(object.stream, { maxOutputLength: limit });
    throw new PdfError('a stream is packed in an unexpected way');
  }
}

/** End of the revision that `%%EOF` closes, with its line end. */
function endOf(text: string, from: number): number {
  const mark = text.indexOf('%%EOF', from);
  if (mark < 0) throw new PdfError('it is cut off');
  let end = mark + 5;
  if (text[end] === '\r') end += 1;
  if (text[end] === '\n') end += 1;
  return end;
}

function readRevisions(text: string): Revision[] {
  const found: Revision[] = [];
  const start = text.lastIndexOf('startxref');
  if (start < 0) throw new PdfError('it is cut off');
  let at: number | null = new PdfScanner(text, start + 9).number();
  while (at !== null) {
    if (found.length >= MAX_REVISIONS || found.some(({ xref }) => xref === at))
      throw new PdfError('it has too many revisions');
    const revision = readTable(text, at);
    found.unshift(revision);
    const previous = revision.trailer.entries.get('Prev');
    at = previous?.kind === 'raw' ? Number(previous.text) : null;
  }
  return found;
}

function readTable(text: string, at: number): Revision {
  const scanner = new PdfScanner(text, at);
  if (!scanner.take('xref')) throw new PdfError('its cross-reference table is compressed or not where the file says');
  const offsets = new Map<number, { offset: number; generation: number }>();
  const freed = new Set<number>();
  while (!scanner.take('trailer')) {
    const first = scanner.number();
    const count = scanner.number();
    if (count > text.length / 18) throw new PdfError('its cross-reference table is malformed');
    for (let i = 0; i < count; i += 1) {
      const offset = scanner.number();
      const generation = scanner.number();
      if (scanner.take('n')) offsets.set(first + i, { offset, generation });
      else if (scanner.take('f')) freed.add(first + i);
      else throw new PdfError('its cross-reference table is malformed');
    }
  }
  const trailer = scanner.value();
  if (trailer.kind !== 'dict') throw new PdfError('its trailer is malformed');
  if (trailer.entries.has('XRefStm')) throw new PdfError('its cross-reference table is compressed');
  if (!scanner.take('startxref')) throw new PdfError('its trailer is malformed');
  return { xref: at, end: endOf(text, scanner.position), offsets, freed, trailer };
}
