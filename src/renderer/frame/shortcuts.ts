/** Keys that work on every screen: Ctrl+K, ?, g and a letter, d. They never act while somebody types. */
import { useEffect, useRef } from 'react';
import { PLACES } from './places.ts';

export interface ShortcutActions {
  readonly search: () => void;
  readonly help: () => void;
  readonly theme: () => void;
  readonly go: (href: string) => void;
}

/** A "g" waits this long for its letter. */
const CHORD_MS = 1200;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) &&
  !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'range', 'button'].includes(target.type));

/** Listens to the keys of the frame for as long as the component lives. */
export function useShortcuts(actions: ShortcutActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    let chordUntil = 0;
    const heard = (event: KeyboardEvent): void => {
      const { search, help, theme, go } = latest.current;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        search();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const inChord = event.timeStamp < chordUntil;
      chordUntil = 0;
      const place = inChord ? PLACES.find(({ key }) => key === event.key) : undefined;
      if (place) go(place.href);
      else if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS;
      else if (event.key === '?') help();
      else if (event.key === 'd') theme();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', heard);
    return () => window.removeEventListener('keydown', heard);
  }, []);
}
