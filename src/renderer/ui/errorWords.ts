/** The words for an error in the language of the screens. */
import { ERROR_CODES, type VidimusError } from '../../contract/errors.ts';
import { errorWords as german } from '../i18n/de/errors.ts';
import { errorWords as english } from '../i18n/en/errors.ts';

interface ErrorWords {
  readonly title: string;
  readonly advice: string;
}

const TABLES: Readonly<Record<string, Readonly<Record<string, ErrorWords>>>> = { en: english, de: german };

/**
 * Title and advice by code. Advice that was given for this very case (it differs from the code's own) goes before the
 * table's; a code this screen does not know keeps its own words.
 */
export function wordsOfError(error: VidimusError, language: string): ErrorWords {
  const known = (TABLES[language] ?? english)[error.code];
  const special = error.advice !== ERROR_CODES[error.code].advice;
  return { title: known?.title ?? error.code, advice: special || !known ? error.advice : known.advice };
}
