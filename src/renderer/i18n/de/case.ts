import type { caseWords as english } from '../en/case.ts';
import type { Translation } from '../shape.ts';

export const caseWords: Translation<typeof english> = {
  selectAll: 'Alle Zeilen auswählen',
  selectRow: 'Zeile {{row}} auswählen',
};
