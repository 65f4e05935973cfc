/** How this window looks to this person. Kept in the browser's own store as well, for the first moment of a start. */
import * as z from 'zod';
import { create } from 'zustand';
import { LANGUAGES, type Language, switchLanguage } from './i18n/i18n.ts';

const Preferences = z.object({
  language: z.enum(LANGUAGES).catch('en'),
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  narrow: z.boolean().catch(false),
  /** Who made a case here last; a suggestion for the next. */
  examiner: z.string().catch(''),
});
export type Preferences = z.infer<typeof Preferences>;

const PLACE = 'vidimus.preferences';

function read(): Preferences {
  const preferred: Language = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? '{}');
    return Preferences.parse({ language: preferred, ...(typeof kept === 'object' && kept !== null ? kept : {}) });
  } catch {
    return Preferences.parse({ language: preferred });
  }
}

/** The preferences of this window. */
export const usePreferences = create<Preferences>(read);

/** Changes some of them, at once and for the next time. */
export function prefer(changes: Partial<Preferences>): void {
  usePreferences.setState(changes);
  if (changes.language) switchLanguage(changes.language);
  try {
    localStorage.setItem(PLACE, JSON.stringify(Preferences.parse(usePreferences.getState())));
  } catch {
    // A full or forbidden store costs the memory of a preference, nothing else.
  }
}
