/** Words of the screens in English and German. Keys are typed; a test proves that both languages have the same. */
import i18next, { type i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { de } from './de/index.ts';
import { en } from './en/index.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en;
  }
}

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Whether a string names a language the screens speak. */
export const isLanguage = (text: string): text is Language => text === 'en' || text === 'de';

/** Sets the words up; call once before the first screen. */
export function startLanguages(language: Language): I18n {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'common',
    ns: Object.keys(en),
    resources: { en, de },
    interpolation: { escapeValue: false },
    initAsync: false,
    returnNull: false,
  });
  document.documentElement.lang = language;
  return i18next;
}

/** Switches the language of every screen at once. */
export function switchLanguage(language: Language): void {
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}
