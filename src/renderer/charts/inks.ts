/** Colours of drawings, read from the theme so that they follow light and dark. */

export interface Inks {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly strong: string;
  readonly ground: string;
  readonly accent: string;
  readonly h1: string;
  readonly h2: string;
  readonly alarm: string;
  readonly warning: string;
  readonly good: string;
}

const NAMES: { readonly [K in keyof Inks]: string } = {
  text: '--mantine-color-text',
  faint: '--mantine-color-dimmed',
  line: '--vidimus-line',
  strong: '--vidimus-strong-line',
  ground: '--vidimus-panel',
  accent: '--vidimus-accent-text',
  h1: '--vidimus-h1-fill',
  h2: '--vidimus-h2-fill',
  alarm: '--vidimus-alarm',
  warning: '--vidimus-warning',
  good: '--vidimus-good',
};

/** The inks that hold at an element. */
export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  const ink = (name: keyof Inks): string => style.getPropertyValue(NAMES[name]).trim() || '#808080';
  return {
    text: ink('text'),
    faint: ink('faint'),
    line: ink('line'),
    strong: ink('strong'),
    ground: ink('ground'),
    accent: ink('accent'),
    h1: ink('h1'),
    h2: ink('h2'),
    alarm: ink('alarm'),
    warning: ink('warning'),
    good: ink('good'),
  };
}

/** Colours that tell tracks apart, over pictures and over either theme. */
const TRACKS = ['#e07b1f', '#3f8fd6', '#2fa57a', '#c257b5', '#b59a17', '#7a78e0'] as const;

/** The colour of a track, the same everywhere. */
export const trackInk = (track: number): string => TRACKS[track % TRACKS.length] ?? TRACKS[0];
