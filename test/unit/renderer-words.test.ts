/** The words of the screens: both languages say the same things, and every error has words. */
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, VidimusError } from '../../src/contract/errors.ts';
import { errorWords as germanErrors } from '../../src/renderer/i18n/de/errors.ts';
import { de } from '../../src/renderer/i18n/de/index.ts';
import { errorWords as englishErrors } from '../../src/renderer/i18n/en/errors.ts';
import { en } from '../../src/renderer/i18n/en/index.ts';
import { wordsOfError } from '../../src/renderer/ui/errorWords.ts';

/** All sentences of a tree by their path. */
function leaves(tree: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[`${path}${name}`, value]] : [...leaves(value, `${path}${name}.`)],
    ),
  );
}
const gaps = (text: string): string[] => [...text.matchAll(/\{\{(\w+)[^}]*\}\}/g)].map(([, name]) => name ?? '').sort();

describe('English and German', () => {
  const [english, german] = [leaves(en), leaves(de)];
  it('have the same keys', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    expect(english.size).toBeGreaterThan(300);
  });
  it('leave the same gaps for values, and say something everywhere', () => {
    for (const [key, text] of english) {
      const other = german.get(key) ?? '';
      expect(other.trim(), key).not.toBe('');
      expect(text.trim(), key).not.toBe('');
      expect(gaps(other), key).toEqual(gaps(text));
    }
  });
  it('never claim authenticity', () => {
    for (const [key, text] of [...english, ...german])
      expect(text, key).not.toMatch(/\bauthentic\b|\bgenuine\b|no manipulation|authentisch|keine Manipulation/i);
  });
});

describe('errors', () => {
  it('have a title and advice for every code in both languages', () => {
    const codes = Object.keys(ERROR_CODES).sort();
    expect(Object.keys(englishErrors).sort()).toEqual(codes);
    expect(Object.keys(germanErrors).sort()).toEqual(codes);
  });
  it('keep advice that was given for the very case', () => {
    const plain = new VidimusError('case.damaged', 'x');
    expect(wordsOfError(plain, 'de').advice).toBe(germanErrors['case.damaged'].advice);
    const special = new VidimusError('case.damaged', 'x', { advice: 'Ask Ada.' });
    expect(wordsOfError(special, 'de').advice).toBe('Ask Ada.');
  });
});
