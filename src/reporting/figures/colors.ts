/** Colours that stay apart for readers who do not tell red from green (Okabe and Ito, 2008), dark enough for paper. */

const SET = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56849c'] as const;

/** The colour of a face track, the same on every figure. */
export const trackColor = (track: number): string => SET[track % SET.length] ?? SET[0];

export const SEVERITY: Readonly<Record<'low' | 'medium' | 'high', string>> = {
  low: '#8a6d00',
  medium: '#d55e00',
  high: '#b00020',
};

export const LINE = SET[0];
export const THRESHOLD = '#b00020';
