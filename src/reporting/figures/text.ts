/** Text of the case made fit for print. */

/**
 * Control and format characters (bidirectional overrides among them) would let a hostile name rearrange a line; they
 * are shown as their code points. Line ends and tabs become blanks where `lines` is false.
 */
export function visible(text: string, lines = false): string {
  const flat = lines ? text.replace(/\r\n?/g, '\n') : text.replace(/[\r\n\t]+/g, ' ');
  return flat
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (c) => (c === '\n' ? c : `[${codePoint(c)}]`));
}

/** `U+202E` for a character. */
export const codePoint = (c: string): string =>
  `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** A number as printed: six significant digits at most; the attached result holds all of them. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

/** Parameters in one line. */
export const parametersText = (parameters: Readonly<Record<string, unknown>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.map(plain).join(', ') : plain(value)}`)
    .join('; ');

const plain = (value: unknown): string =>
  typeof value === 'number' ? numberText(value) : value === null ? 'none' : String(value);

/** Around a name these keep its letters from changing the order of what stands beside it (FSI and PDI of UAX #9). */
export const ISOLATE = '\u2068';
export const ISOLATE_END = '\u2069';

/** A name of the case inside a sentence of ours. */
export const isolated = (name: string): string => `${ISOLATE}${visible(name)}${ISOLATE_END}`;

/** Text for places that have no room for layout, such as the outline. */
export const bare = (text: string): string => text.replaceAll(ISOLATE, '').replaceAll(ISOLATE_END, '');
