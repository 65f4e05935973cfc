import { caseWords } from './case.ts';
import { common } from './common.ts';
import { frame } from './frame.ts';
import { models } from './models.ts';
import { viewer } from './viewer.ts';
import { words } from './words.ts';

/** All areas of this language; the words of errors are looked up by code (ui/errorWords.ts). */
export const en = { common, frame, words, case: caseWords, models, viewer };
