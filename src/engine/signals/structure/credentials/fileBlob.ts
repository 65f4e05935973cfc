/**
 * The two browser interfaces that the validator's WebAssembly reads through, over a file: a Blob whose slices are
 * places in the file, and the FileReaderSync that reads a slice. Nothing is read before it is asked for.
 */
import { type ByteSource, memorySource } from '../source.ts';

/** A part of a source that passes for a Blob. */
export class SourceBlob extends Blob {
  readonly #source: ByteSource;
  readonly #start: number;
  override readonly size: number;
  override readonly type: string;

  constructor(source: ByteSource, type: string, start = 0, end = source.size) {
    super([]);
    this.#source = source;
    this.#start = Math.max(0, Math.min(start, source.size));
    this.size = Math.max(0, Math.min(end, source.size) - this.#start);
    this.type = type;
  }

  /** As Blob.slice: negative places count from the end. */
  override slice(start = 0, end = this.size, type = ''): SourceBlob {
    const place = (at: number): number => (at < 0 ? Math.max(0, this.size + at) : Math.min(at, this.size));
    return new SourceBlob(this.#source, type, this.#start + place(start), this.#start + place(end));
  }

  /** The bytes of this part, read now. */
  readSync(): ArrayBuffer {
    const bytes = this.#source.read(this.#start, this.size);
    const out = new ArrayBuffer(bytes.length);
    new Uint8Array(out).set(bytes);
    return out;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.readSync();
  }
}

/** FileReaderSync for {@link SourceBlob}. */
export class SourceReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer {
    if (blob instanceof SourceBlob) return blob.readSync();
    // The validator only ever reads slices of what it was given; anything else has nothing behind it.
    return new SourceBlob(memorySource(new Uint8Array(0)), blob.type).readSync();
  }
}
