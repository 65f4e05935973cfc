/** The fonts of a report: for every style a first choice and others for the characters it lacks. */
import { VidimusError } from '../../../contract/errors.ts';
import { type Coverage, coverageOf } from './coverage.ts';

/** A font file as the workbench hands it in. */
export interface FontFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** First choices first. */
export interface FontFiles {
  readonly body: readonly FontFile[];
  readonly bold: readonly FontFile[];
  readonly mono: readonly FontFile[];
}

export type FontStyle = keyof FontFiles;

/** The fonts of one style; fonts go by the SHA-256 of their file. */
export interface FontChain {
  readonly first: string;
  /** The first font that has the character, or null. */
  fontFor(character: string): string | null;
  has(font: string, character: string): boolean;
}

/** Chains for every style. @throws VidimusError output.failed where a style has no font or one cannot be read. */
export function fontChains(files: FontFiles): Readonly<Record<FontStyle, FontChain>> {
  const coverages = new Map<string, Coverage>();
  const coverage = (file: FontFile): Coverage => {
    const seen = coverages.get(file.sha256);
    if (seen) return seen;
    const made = coverageOf(file.bytes, file.name);
    coverages.set(file.sha256, made);
    return made;
  };
  const chain = (list: readonly FontFile[]): FontChain => {
    const [first] = list;
    if (first === undefined)
      throw new VidimusError('output.failed', 'No font was found to set the report in.', {
        advice: 'Install the fonts of this program anew, or name a folder of TrueType fonts in VIDIMUS_FONTS.',
      });
    const fonts = list.map((file) => ({ id: file.sha256, covers: coverage(file) }));
    const found = new Map<string, string | null>();
    return {
      first: first.sha256,
      fontFor: (c) => {
        const seen = found.get(c);
        if (seen !== undefined) return seen;
        const point = c.codePointAt(0) ?? 0;
        const hit = fonts.find(({ covers }) => covers(point))?.id ?? null;
        found.set(c, hit);
        return hit;
      },
      has: (font, c) => fonts.find(({ id }) => id === font)?.covers(c.codePointAt(0) ?? 0) ?? false,
    };
  };
  return { body: chain(files.body), bold: chain(files.bold), mono: chain(files.mono) };
}

/** Every file once, in the order of first use. */
export const distinctFonts = (files: FontFiles): FontFile[] => [
  ...new Map([...files.body, ...files.bold, ...files.mono].map((file) => [file.sha256, file])).values(),
];
