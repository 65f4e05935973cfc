/** Text of the pages: direction, lines, characters, fonts. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolated, numberText, visible } from '../../src/reporting/figures/text.ts';
import { levelsOf, visualOrder } from '../../src/reporting/pdf/text/bidi.ts';
import { coverageOf } from '../../src/reporting/pdf/text/coverage.ts';
import type { FontChain } from '../../src/reporting/pdf/text/fonts.ts';
import { setText } from '../../src/reporting/pdf/text/layout.ts';
import { findFonts } from '../../src/workbench/report/fonts.ts';

/** Letters in the order in which they stand from left to right. */
function seen(text: string): string {
  const letters = [...text];
  const levels = levelsOf(letters);
  return visualOrder(letters.map((c, i) => ({ c, level: levels[i] })))
    .map(({ c }) => c)
    .join('')
    .replace(/[\u2068\u2069]/g, '');
}

// A font in which every character is ten points wide and only Greek is missing.
const chain: FontChain = {
  first: 'f',
  fontFor: (c) => (/\p{Script=Greek}/u.test(c) ? null : 'f'),
  has: (_font, c) => !/\p{Script=Greek}/u.test(c),
};
const ten = (text: string): number => [...text].length * 10;
const lines = (text: string, width: number): string[] =>
  setText(text, chain, 10, width, ten).lines.map(({ pieces }) => pieces.map((p) => p.text).join(''));

describe('direction of text (UAX #9)', () => {
  it('leaves text from left to right alone and turns Hebrew and Arabic around', () => {
    expect(seen('abc 123')).toBe('abc 123');
    expect(seen('אבג')).toBe('גבא');
    expect(seen('abc אבג def')).toBe('abc גבא def');
    expect(seen('אבג 12 דה')).toBe('הד 12 גבא');
  });

  it('gives both brackets of a pair one direction', () => {
    // Upright, as the paired-bracket rule N0 asks: a(b) with b from right to left keeps the sentence around it.
    expect(seen('x (אב) y')).toBe('x (בא) y');
    expect(seen('אב (12) גד')).toBe('דג )12( בא');
  });

  it('keeps a name from changing the order of what stands beside it', () => {
    expect(seen(`1: ${isolated('אב 7.jpg')}, 5 x`)).toBe('1: jpg.7 בא, 5 x');
    expect(seen(`1: אב 7, 5 x`)).not.toBe('1: 7 בא, 5 x');
  });

  it('loses no letter and stays in bounds for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const letters = [...text.replace(/[\u2068\u2069]/g, '')];
        const levels = levelsOf(letters);
        expect(levels).toHaveLength(letters.length);
        expect(levels.every((level) => level >= 0 && level <= 4)).toBe(true);
        const order = visualOrder(letters.map((c, i) => ({ c, level: levels[i] })));
        expect(order.map(({ c }) => c).sort()).toEqual([...letters].sort());
      }),
    );
  });
});

describe('lines', () => {
  it('breaks at blanks, after slashes, between ideographs, and within a word only where it must', () => {
    expect(lines('one two three', 80)).toEqual(['one two', 'three']);
    expect(lines('/aa/bb/cc', 60)).toEqual(['/aa/', 'bb/cc']);
    expect(lines('證據照片、次', 40)).toEqual(['證據照', '片、次']);
    expect(lines('abcdefgh', 30)).toEqual(['abc', 'def', 'gh']);
    expect(lines('a\nb', 100)).toEqual(['a', 'b']);
  });

  it('prints the code point of a character that no font has, and says which', () => {
    const set = setText('aαb', chain, 10, 500, ten);
    expect(set.lines[0].pieces.map((p) => p.text).join('')).toBe('a[U+03B1]b');
    expect([...set.missing]).toEqual(['α']);
  });

  it('sets 100,000 letters without a blank, and as many brackets, in a blink', () => {
    const started = performance.now();
    expect(setText('x'.repeat(100_000), chain, 10, 1000, ten).lines).toHaveLength(1000);
    expect(setText('א()'.repeat(33_000), chain, 10, 1000, ten).lines).toHaveLength(990);
    expect(levelsOf([...'א((((('.repeat(20_000)])).toHaveLength(120_000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('never makes a line wider than it may be, and keeps every character but blanks at breaks', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 2, max: 30 }), (text, columns) => {
        const plain = text.replace(/\n/g, '');
        const set = setText(plain, chain, 10, columns * 10, ten);
        for (const line of set.lines) expect(line.width).toBeLessThanOrEqual(columns * 10 + 0.01);
        const out = set.lines.map(({ pieces }) => pieces.map((p) => p.text).join('')).join('');
        expect(out.replaceAll(' ', '')).toBe(plain.normalize('NFC').replaceAll(' ', ''));
      }),
    );
  });
});

describe('hostile text', () => {
  it('shows control and format characters instead of obeying them', () => {
    expect(visible('evil\u202egpj.exe')).toBe('evil[U+202E]gpj.exe');
    expect(visible('a\u0000b\u200bc\u2068')).toBe('a[U+0000]b[U+200B]c[U+2068]');
    expect(visible('two\r\nlines\there')).toBe('two lines here');
    expect(visible('two\r\nlines', true)).toBe('two\nlines');
    expect(visible('half \ud800 pair')).toBe('half \ufffd pair');
  });

  it('prints six significant digits and no more', () => {
    expect([0, 1 / 3, 123456789, -2.5e-9, 1e21].map(numberText)).toEqual([
      '0',
      '0.333333',
      '123457000',
      '-2.5e-9',
      '1e+21',
    ]);
  });
});

describe('fonts', () => {
  it('finds fonts with the scripts that names are written in', async () => {
    const { body, bold, mono } = await findFonts();
    expect(bold.length).toBeGreaterThan(0);
    expect(mono.length).toBeGreaterThan(0);
    const covers = body.map(({ bytes, name }) => coverageOf(bytes, name));
    const has = (c: string): boolean => covers.some((one) => one(c.codePointAt(0) ?? 0));
    for (const c of 'Aßžαж') expect(has(c), c).toBe(true);
    expect(has('\u{10ffff}')).toBe(false);
  });

  it('reads coverage from the character map and refuses what is no font', () => {
    const path = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
    if (!existsSync(path)) {
      console.warn(`skipped: ${path} is not here`);
      return;
    }
    const covers = coverageOf(readFileSync(path), 'DejaVuSans');
    expect([...'A€אب'].every((c) => covers(c.codePointAt(0) ?? 0))).toBe(true);
    expect(covers(0x4e2d)).toBe(false);
    expect(() => coverageOf(new Uint8Array(100), 'nothing')).toThrow(/cannot be read/);
  });
});
