/** Incremental updates (ISO 32000-1, 7.5.6): new objects behind the file, whose own bytes stay as they are. */
import type { PdfFile } from './file.ts';
import { PdfError, type PdfRef, type PdfValue, raw, ref, withEntries, write } from './values.ts';

/** Collects objects of one update. */
export class PdfUpdate {
  readonly #file: PdfFile;
  readonly #objects = new Map<number, { readonly generation: number; readonly body: Buffer }>();
  #next: number;

  constructor(file: PdfFile) {
    this.#file = file;
    const size = file.trailer.entries.get('Size');
    this.#next = size?.kind === 'raw' ? Number(size.text) : Number.NaN;
    if (!Number.isInteger(this.#next)) throw new PdfError('its trailer has no size');
  }

  /** A number for a new object. */
  reserve(): PdfRef {
    const made = ref(this.#next);
    this.#next += 1;
    return made;
  }

  /** Sets a new object, or an existing one anew. */
  set(target: PdfRef, value: PdfValue, stream: Uint8Array | null = null): void {
    const body = stream === null ? [write(value)] : [`${write(value)}\nstream\n`, stream, '\nendstream'];
    const parts = body.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
    this.#objects.set(target.number, { generation: target.generation, body: Buffer.concat(parts) });
  }

  /** The whole file with the update, its table and trailer. */
  finish(): Buffer {
    const { bytes, trailer, revisions } = this.#file;
    const parts: Uint8Array[] = [bytes];
    let length = bytes.length;
    const add = (part: Uint8Array | string): void => {
      const binary = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
      parts.push(binary);
      length += binary.length;
    };
    if (bytes.at(-1) !== 0x0a) add('\n');
    const rows: string[] = [];
    const numbers = [...this.#objects.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      const object = this.#objects.get(number);
      if (!object) continue;
      rows.push(`${number} 1\n${String(length).padStart(10, '0')} ${String(object.generation).padStart(5, '0')} n \n`);
      add(`${number} ${object.generation} obj\n`);
      add(object.body);
      add('\nendobj\n');
    }
    const xref = length;
    const last = revisions.at(-1)?.xref ?? 0;
    const next = withEntries(trailer, { Size: raw(String(this.#next)), Prev: raw(String(last)) });
    add(`xref\n${rows.join('')}trailer\n${write(next)}\nstartxref\n${xref}\n%%EOF\n`);
    return Buffer.concat(parts);
  }
}
