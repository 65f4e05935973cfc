/** Text into lines: fonts by character, breaks by width, order by direction. */
import { codePoint, ISOLATE, ISOLATE_END } from '../../figures/text.ts';
import { hasRightToLeft, levelsOf, mirrored, visualOrder } from './bidi.ts';
import type { FontChain } from './fonts.ts';

/** A stretch of one font and one direction on a line; `text` is in logical order. */
export interface Piece {
  readonly font: string;
  readonly level: number;
  readonly text: string;
  readonly width: number;
}

export interface Line {
  /** From left to right. */
  readonly pieces: readonly Piece[];
  readonly width: number;
}

/** Measures text set in one font, in points. */
export type Measure = (text: string, font: string, size: number) => number;

interface Letter {
  readonly c: string;
  readonly font: string;
  readonly level: number;
}

/** Characters of scripts that may be broken between any two of them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\u3000-\u303f\uff00-\uff60]/u;
const NOT_FIRST = /[、。，．：；！？）］｝」』】〕〉》ー々\p{Mn}]/u;

/** Whether a line may end between two characters. */
function mayBreak(before: string, after: string): boolean {
  if (before === ' ') return after !== ' ';
  if (after === ' ') return false;
  if (UNSPACED.test(before) || UNSPACED.test(after)) return !NOT_FIRST.test(after);
  return /[/\\_|;]/.test(before) || (before === '-' && /\p{L}/u.test(after));
}

export interface SetText {
  readonly lines: Line[];
  /** Characters that no font has; they are printed as their code points. */
  readonly missing: ReadonlySet<string>;
}

/** Sets text in lines of at most `width` points. A line end in the text ends a line. */
export function setText(text: string, chain: FontChain, size: number, width: number, measure: Measure): SetText {
  const missing = new Set<string>();
  const lines = text.split('\n').flatMap((paragraph) => {
    const letters = lettersOf(paragraph, chain, missing);
    return broken(letters, size, width, measure);
  });
  return { lines, missing };
}

const isIsolate = (c: string): boolean => c === ISOLATE || c === ISOLATE_END;

function lettersOf(paragraph: string, chain: FontChain, missing: Set<string>): Letter[] {
  const known = (c: string): boolean => isIsolate(c) || chain.fontFor(c) !== null;
  let characters = [...paragraph.normalize('NFC')];
  if (!characters.every(known)) {
    characters = characters.flatMap((c) => {
      if (known(c)) return [c];
      missing.add(c);
      return [...`[${codePoint(c)}]`];
    });
  }
  const levels = hasRightToLeft(paragraph) ? levelsOf(characters) : null;
  let font = chain.first;
  return characters.flatMap((c, i) => {
    if (isIsolate(c)) return [];
    // A blank or a mark stays in the font of the letter before it, so that shaping sees whole words.
    if (!(/[\s\p{Mn}]/u.test(c) && chain.has(font, c))) font = chain.fontFor(c) ?? chain.first;
    return [{ c, font, level: levels?.[i] ?? 0 }];
  });
}

/** A word longer than this may be broken anywhere: no word, and measuring it whole for every line would take forever. */
const LONGEST_WORD = 120;

/** For every letter the end of the word that it stands in. */
function wordEnds(letters: readonly Letter[]): Int32Array {
  const ends = new Int32Array(letters.length);
  let start = 0;
  for (let i = 1; i <= letters.length; i += 1) {
    const open = i < letters.length && !mayBreak(letters[i - 1]?.c ?? '', letters[i]?.c ?? '');
    if (open && i - start < LONGEST_WORD) continue;
    ends.fill(i, start, i);
    start = i;
  }
  return ends;
}

/** Lines of letters, broken where they may be, or within a word that is wider than a line. */
function broken(letters: readonly Letter[], size: number, width: number, measure: Measure): Line[] {
  const lines: Line[] = [];
  const ends = wordEnds(letters);
  let start = 0;
  while (start < letters.length) {
    const end = lineEnd(letters, ends, start, size, width, measure);
    lines.push(arranged(letters.slice(start, end), size, measure));
    start = end;
    while (letters[start]?.c === ' ') start += 1;
  }
  return lines.length === 0 ? [{ pieces: [], width: 0 }] : lines;
}

function lineEnd(
  letters: readonly Letter[],
  ends: Int32Array,
  start: number,
  size: number,
  width: number,
  measure: Measure,
): number {
  let used = 0;
  let end = start;
  while (end < letters.length) {
    const next = ends[end] ?? letters.length;
    const whole = widthOf(letters, end, next, size, measure);
    const bare = widthOf(letters, end, trimmedEnd(letters, end, next), size, measure);
    if (used + bare > width + 0.01) break;
    used += whole;
    end = next;
  }
  const here = letters[end];
  if (end > start && (here === undefined || mayBreak(letters[end - 1]?.c ?? '', here.c))) return end;
  // Within a word that is too wide: as many characters as fit, at least one; marks stay with their letter.
  let cut = end;
  const limit = ends[end] ?? letters.length;
  while (cut < limit) {
    let next = cut + 1;
    while (next < limit && /\p{M}/u.test(letters[next]?.c ?? '')) next += 1;
    const extra = widthOf(letters, cut, next, size, measure);
    if (cut > start && used + extra > width) break;
    used += extra;
    cut = next;
  }
  return cut;
}

function trimmedEnd(letters: readonly Letter[], start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && letters[trimmed - 1]?.c === ' ') trimmed -= 1;
  return trimmed;
}

function widthOf(letters: readonly Letter[], start: number, end: number, size: number, measure: Measure): number {
  return piecesOf(letters, start, end).reduce((sum, { font, text }) => sum + measure(text, font, size), 0);
}

/** The drawing turns a run around where it sees letters from right to left; signs alone are turned here. */
const turned = (text: string): string =>
  hasRightToLeft(text) ? mirrored(text) : [...mirrored(text)].reverse().join('');

/** Runs of one font and level. Text from right to left is cut at its blanks: the drawing shapes one word at a time. */
function piecesOf(letters: readonly Letter[], start: number, end: number): Omit<Piece, 'width'>[] {
  const pieces: { font: string; level: number; text: string }[] = [];
  for (let i = start; i < end; i += 1) {
    const letter = letters[i];
    if (letter === undefined) continue;
    const last = pieces.at(-1);
    const odd = letter.level % 2 === 1;
    const cut = odd && (letter.c === ' ' || last?.text === ' ');
    if (last && !cut && last.font === letter.font && last.level === letter.level) last.text += letter.c;
    else pieces.push({ font: letter.font, level: letter.level, text: letter.c });
  }
  return pieces.map((p) => (p.level % 2 === 1 ? { ...p, text: turned(p.text) } : p));
}

function arranged(letters: readonly Letter[], size: number, measure: Measure): Line {
  const end = trimmedEnd(letters, 0, letters.length);
  const pieces = piecesOf(letters, 0, end).map((p) => ({ ...p, width: measure(p.text, p.font, size) }));
  return { pieces: visualOrder(pieces), width: pieces.reduce((sum, p) => sum + p.width, 0) };
}
