/** A picture's pages in the form of a decoding pass, so that the pipeline reads every exhibit alike. */
import type { Parameters } from '../../contract/words.ts';
import type { Frame } from '../types.ts';
import type { Decoding, MediaItem } from './decode.ts';

/** Wraps a generator of pages; `pages` is called when the pass is read. */
export function pictureDecoding(
  parameters: Parameters,
  pages: (warn: (sentence: string) => void) => AsyncGenerator<Frame, void, undefined>,
): Decoding {
  const warnings = new Set<string>();
  let given = 0;
  async function* run(): AsyncGenerator<MediaItem, void, undefined> {
    for await (const frame of pages((sentence) => warnings.add(sentence))) {
      given++;
      yield { kind: 'frame', frame };
    }
  }
  return {
    parameters,
    recycle: () => undefined,
    report: () => ({ framesDecoded: given, framesGiven: given, samplesGiven: 0, warnings: [...warnings] }),
    [Symbol.asyncIterator]: run,
  };
}
