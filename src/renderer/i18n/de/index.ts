import { caseWords } from './case.ts';
import { cases } from './cases.ts';
import { common } from './common.ts';
import { frame } from './frame.ts';
import { models } from './models.ts';
import { report } from './report.ts';
import { validation } from './validation.ts';
import { viewer } from './viewer.ts';
import { watch } from './watch.ts';
import { words } from './words.ts';

/** All areas of this language; the words of errors are looked up by code (ui/errorWords.ts). */
export const de = { case: caseWords, cases, common, frame, models, report, validation, viewer, watch, words };
