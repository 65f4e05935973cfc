/** Cuts streamed sound into overlapping frames, whatever sizes the chunks have. */

/** Called with the buffer and where in it the frame starts; the buffer is overwritten afterwards. */
type OnFrame = (buffer: Float32Array, offset: number, index: number) => void;

/** Frame `i` covers the samples `i * hop` to `i * hop + length`; memory is one frame plus a fixed block. */
export class FrameFeed {
  private readonly length: number;
  private readonly hop: number;
  private readonly onFrame: OnFrame;
  private readonly buffer: Float32Array;
  private filled = 0;
  private skip = 0;
  private index = 0;

  constructor(length: number, hop: number, onFrame: OnFrame) {
    this.length = length;
    this.hop = hop;
    this.onFrame = onFrame;
    this.buffer = new Float32Array(length + Math.max(length, 8192));
  }

  /** Number of frames seen. */
  get frames(): number {
    return this.index;
  }

  push(samples: Float32Array): void {
    const { buffer, length, hop } = this;
    let at = 0;
    while (at < samples.length) {
      if (this.skip > 0) {
        const jump = Math.min(this.skip, samples.length - at);
        this.skip -= jump;
        at += jump;
        continue;
      }
      const take = Math.min(buffer.length - this.filled, samples.length - at);
      buffer.set(samples.subarray(at, at + take), this.filled);
      this.filled += take;
      at += take;
      let start = 0;
      while (start + length <= this.filled) {
        this.onFrame(buffer, start, this.index++);
        start += hop;
      }
      if (start > this.filled) {
        this.skip = start - this.filled;
        this.filled = 0;
      } else {
        buffer.copyWithin(0, start, this.filled);
        this.filled -= start;
      }
    }
  }

  /** The samples that did not fill a frame. */
  rest(): Float32Array {
    return this.buffer.slice(0, this.filled);
  }
}
