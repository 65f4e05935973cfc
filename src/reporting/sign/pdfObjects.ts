/**
 * As much of the file structure of PDF (ISO 32000-1, 7.5) as adding to a document takes: where its objects lie, and what
 * stands in a dictionary. Reads files with classic cross-reference tables, as this program writes them.
 */
import { VidimusError } from '../../contract/errors.ts';

const refuse = (why: string): VidimusError =>
  new VidimusError('signing.document', `This PDF cannot be added to: ${why}.`);

const WHITE = /[\0\t\n\f\r ]/;
const DELIMITER = /[()<>[\]{}/%]/;

/** End of the token or object that starts at `at` in `text`: names, numbers, strings, arrays, dictionaries, references. */
function endOf(text: string, at: number): number {
  const next = text[at];
  if (next === '(') {
    let depth = 0;
    for (let i = at; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '(') depth++;
      else if (text[i] === ')' && --depth === 0) return i + 1;
    }
    throw refuse('a string has no end');
  }
  if (text.startsWith('<<', at)) return enclosed(text, at + 2, '>>');
  if (next === '[') return enclosed(text, at + 1, ']');
  if (next === '<') {
    const end = text.indexOf('>', at);
    if (end < 0) throw refuse('a string has no end');
    return end + 1;
  }
  let end = at + 1;
  while (end < text.length && !WHITE.test(text[end] ?? '') && !DELIMITER.test(text[end] ?? '')) end++;
  const reference = /^\d+[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![A-Za-z0-9])/.exec(text.slice(at, at + 40));
  return reference === null ? end : at + reference[0].length;
}

function enclosed(text: string, from: number, close: string): number {
  let at = skip(text, from);
  while (!text.startsWith(close, at)) {
    if (at >= text.length) throw refuse('a dictionary or array has no end');
    at = skip(text, endOf(text, at));
  }
  return at + close.length;
}

/** Over white space and comments. */
function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (WHITE.test(text[at] ?? '')) at++;
    else if (text[at] === '%') while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
    else break;
  }
  return at;
}

/** Entries of the dictionary that starts at `at`: key without slash to the text of its value. */
export function entriesOf(text: string, at: number): { readonly entries: Map<string, string>; readonly end: number } {
  if (!text.startsWith('<<', at)) throw refuse('a dictionary is not where it should be');
  const entries = new Map<string, string>();
  let i = skip(text, at + 2);
  while (!text.startsWith('>>', i)) {
    if (text[i] !== '/') throw refuse('a dictionary is damaged');
    const keyEnd = endOf(text, i);
    const from = skip(text, keyEnd);
    const to = endOf(text, from);
    entries.set(text.slice(i + 1, keyEnd), text.slice(from, to));
    i = skip(text, to);
  }
  return { entries, end: i + 2 };
}

/** A dictionary as it is written. */
export const dictionary = (entries: ReadonlyMap<string, string>): string =>
  `<<\n${[...entries].map(([key, value]) => `/${key} ${value}\n`).join('')}>>`;

/** References in an array or single reference, as `[number, generation]`. */
export const referencesIn = (value: string): [number, number][] =>
  [...value.matchAll(/(\d+)\s+(\d+)\s+R/g)].map((m) => [Number(m[1]), Number(m[2])]);

/** A document that can be read object by object. Bytes are taken as Latin-1, so that places in text are places in bytes. */
export class PdfDocument {
  readonly bytes: Uint8Array;
  readonly #text: string;
  readonly #places = new Map<number, number>();
  /** The newest trailer. */
  readonly trailer: ReadonlyMap<string, string>;
  /** Place of the newest cross-reference table. */
  readonly startXref: number;

  /** @throws VidimusError signing.document where the file is no PDF of this kind, is encrypted or damaged */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    if (!this.#text.startsWith('%PDF-')) throw refuse('it does not start as one');
    const last = this.#text.lastIndexOf('startxref');
    const place = /^startxref\s+(\d+)\s+%%EOF\s*$/.exec(this.#text.slice(last, last + 64));
    if (last < 0 || place === null) throw refuse('it does not end as one');
    this.startXref = Number(place[1]);
    let newest: ReadonlyMap<string, string> | null = null;
    const seen = new Set<number>();
    for (let at: number | null = this.startXref; at !== null && !seen.has(at); ) {
      seen.add(at);
      const trailer = this.#readTable(at);
      newest ??= trailer;
      const previous = trailer.get('Prev');
      at = previous === undefined ? null : Number(previous);
    }
    if (newest === null) throw refuse('it has no trailer');
    if (newest.has('Encrypt')) throw refuse('it is encrypted');
    this.trailer = newest;
  }

  /** Reads one table; entries of newer ones stay. */
  #readTable(at: number): ReadonlyMap<string, string> {
    const text = this.#text;
    if (!text.startsWith('xref', at)) throw refuse('its cross-reference is a stream or lies elsewhere');
    let i = skip(text, at + 4);
    while (!text.startsWith('trailer', i)) {
      const head = /^(\d+)\s+(\d+)\s+/.exec(text.slice(i, i + 40));
      if (head === null) throw refuse('its cross-reference is damaged');
      i += head[0].length;
      for (let k = 0; k < Number(head[2]); k++, i += 20) {
        const line = /^(\d{10}) (\d{5}) ([nf])/.exec(text.slice(i, i + 20));
        if (line === null) throw refuse('its cross-reference is damaged');
        const number = Number(head[1]) + k;
        if (line[3] === 'n' && !this.#places.has(number)) this.#places.set(number, Number(line[1]));
      }
      i = skip(text, i);
    }
    return entriesOf(text, skip(text, i + 7)).entries;
  }

  /** The dictionary of an object, and whether a stream follows. */
  object(number: number): Map<string, string> {
    const at = this.#places.get(number);
    const head = at === undefined ? null : /^\d+\s+\d+\s+obj\s*/.exec(this.#text.slice(at, at + 40));
    if (at === undefined || head === null) throw refuse(`object ${number} is not where the table says`);
    return entriesOf(this.#text, skip(this.#text, at + head[0].length)).entries;
  }

  /** The bytes of a stream object as they are stored. */
  stream(number: number): Uint8Array {
    const at = this.#places.get(number) ?? -1;
    const head = /^\d+\s+\d+\s+obj\s*/.exec(this.#text.slice(at, at + 40));
    if (head === null) throw refuse(`object ${number} is not where the table says`);
    const { entries, end } = entriesOf(this.#text, skip(this.#text, at + head[0].length));
    const start = /^\s*stream\r?\n/.exec(this.#text.slice(end, end + 16));
    const length = Number(entries.get('Length'));
    if (start === null || !Number.isInteger(length)) throw refuse(`object ${number} is no stream`);
    const from = end + start[0].length;
    return this.bytes.subarray(from, from + length);
  }

  /** Numbers of all objects in use. */
  numbers(): number[] {
    return [...this.#places.keys()];
  }

  /** The one object a value refers to. */
  reference(value: string | undefined, what: string): number {
    const [found] = referencesIn(value ?? '');
    if (found === undefined) throw refuse(`it names no ${what}`);
    return found[0];
  }

  /** The first page. */
  firstPage(): number {
    let node = this.reference(this.object(this.reference(this.trailer.get('Root'), 'catalogue')).get('Pages'), 'pages');
    for (let depth = 0; depth < 64; depth++) {
      const entries = this.object(node);
      if (entries.get('Type') === '/Page') return node;
      node = this.reference(entries.get('Kids'), 'page');
    }
    throw refuse('its pages lie too deep');
  }
}
