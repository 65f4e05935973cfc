/** Objects of a PDF file (ISO 32000-1, 7.3): read from bytes and written again. */

/** A name such as /Type, without its slash and as written. */
export interface PdfName {
  readonly kind: 'name';
  readonly name: string;
}
export interface PdfRef {
  readonly kind: 'ref';
  readonly number: number;
  readonly generation: number;
}
/** Numbers, strings, keywords: kept as they were written. */
export interface PdfRaw {
  readonly kind: 'raw';
  readonly text: string;
}
export interface PdfArray {
  readonly kind: 'array';
  readonly items: readonly PdfValue[];
}
export interface PdfDict {
  readonly kind: 'dict';
  readonly entries: ReadonlyMap<string, PdfValue>;
}
export type PdfValue = PdfName | PdfRef | PdfRaw | PdfArray | PdfDict;

/** Thrown for bytes that are not a PDF object; callers name the file. */
export class PdfError extends Error {}

export const name = (text: string): PdfName => ({ kind: 'name', name: text });
export const ref = (number: number, generation = 0): PdfRef => ({ kind: 'ref', number, generation });
export const raw = (text: string): PdfRaw => ({ kind: 'raw', text });
export const array = (items: readonly PdfValue[]): PdfArray => ({ kind: 'array', items });
export const dict = (entries: Readonly<Record<string, PdfValue>>): PdfDict => ({
  kind: 'dict',
  entries: new Map(Object.entries(entries)),
});
export const withEntries = (base: PdfDict, entries: Readonly<Record<string, PdfValue>>): PdfDict => ({
  kind: 'dict',
  entries: new Map([...base.entries, ...Object.entries(entries)]),
});

export function write(value: PdfValue): string {
  switch (value.kind) {
    case 'name':
      return `/${value.name}`;
    case 'ref':
      return `${value.number} ${value.generation} R`;
    case 'raw':
      return value.text;
    case 'array':
      return `[${value.items.map(write).join(' ')}]`;
    case 'dict':
      return `<<${[...value.entries].map(([key, one]) => `\n/${key} ${write(one)}`).join('')}\n>>`;
  }
}

const SPACE = /[\0\t\n\f\r ]/;
const DELIMITER = /[\0\t\n\f\r ()<>[\]{}/%]/;
const MAX_DEPTH = 100;

/** Reads objects one after another. `text` is the file as latin1, so that one character is one byte. */
export class PdfScanner {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  space(): void {
    for (;;) {
      const c = this.#text[this.#at];
      if (c === '%') while (this.#at < this.#text.length && !/[\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      else if (c !== undefined && SPACE.test(c)) this.#at += 1;
      else return;
    }
  }

  /** Whether `word` comes next; it is then passed. */
  take(word: string): boolean {
    this.space();
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /** @throws PdfError. */
  number(): number {
    const value = Number(this.#word());
    if (!Number.isInteger(value) || value < 0) throw new PdfError('a number was expected');
    return value;
  }

  #word(): string {
    this.space();
    const from = this.#at;
    while (this.#at < this.#text.length && !DELIMITER.test(this.#text[this.#at] ?? ' ')) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  /** @throws PdfError. */
  value(depth = 0): PdfValue {
    if (depth > MAX_DEPTH) throw new PdfError('objects are nested too deep');
    this.space();
    const text = this.#text;
    const c = text[this.#at];
    if (c === '/') {
      this.#at += 1;
      return name(this.#word());
    }
    if (c === '[') {
      this.#at += 1;
      const items: PdfValue[] = [];
      while (!this.take(']')) items.push(this.value(depth + 1));
      return array(items);
    }
    if (text.startsWith('<<', this.#at)) {
      this.#at += 2;
      const entries = new Map<string, PdfValue>();
      while (!this.take('>>')) {
        const key = this.value(depth + 1);
        if (key.kind !== 'name' || entries.has(key.name)) throw new PdfError('a dictionary is malformed');
        entries.set(key.name, this.value(depth + 1));
      }
      return { kind: 'dict', entries };
    }
    if (c === '<') {
      const end = text.indexOf('>', this.#at);
      if (end < 0) throw new PdfError('a string has no end');
      const found = text.slice(this.#at, end + 1);
      this.#at = end + 1;
      return raw(found);
    }
    if (c === '(') return raw(this.#literal());
    const reference = /^(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%])/.exec(
      text.slice(this.#at, this.#at + 40),
    );
    if (reference) {
      this.#at += reference[0].length;
      return ref(Number(reference[1]), Number(reference[2]));
    }
    const word = this.#word();
    if (word === '') throw new PdfError('an object was expected');
    return raw(word);
  }

  #literal(): string {
    const from = this.#at;
    let open = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const c = this.#text[this.#at];
      if (c === '\\') this.#at += 1;
      else if (c === '(') open += 1;
      else if (c === ')') {
        open -= 1;
        if (open === 0) {
          this.#at += 1;
          return this.#text.slice(from, this.#at);
        }
      }
    }
    throw new PdfError('a string has no end');
  }
}

/** Bytes of a string object, literal or hexadecimal. @throws PdfError for another object. */
export function stringBytes(value: PdfValue | undefined): Buffer {
  const text = value?.kind === 'raw' ? value.text : '';
  if (text.startsWith('<')) {
    const digits = text.slice(1, -1).replace(/[\0\t\n\f\r ]/g, '');
    if (!/^[0-9a-fA-F]*$/.test(digits)) throw new PdfError('a string is malformed');
    return Buffer.from(digits.length % 2 ? `${digits}0` : digits, 'hex');
  }
  if (!text.startsWith('(')) throw new PdfError('a string was expected');
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  const plain = text
    .slice(1, -1)
    .replace(/\\(?:([0-7]{1,3})|(\r\n|\r|\n)|([\s\S]))/g, (_all, octal?: string, line?: string, letter?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return line === undefined ? (escapes[letter ?? ''] ?? letter ?? '') : '';
    });
  return Buffer.from(plain, 'latin1');
}

/** A text string as PDF writes it: UTF-16 with a byte order mark, in hexadecimal. */
export const textString = (text: string): PdfRaw =>
  raw(`<${Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('hex')}>`);

/** Text of a text string. */
export function textOf(value: PdfValue | undefined): string {
  const bytes = stringBytes(value);
  return bytes[0] === 0xfe && bytes[1] === 0xff
    ? Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
        .swap16()
        .toString('utf16le')
    : bytes.toString('latin1');
}
