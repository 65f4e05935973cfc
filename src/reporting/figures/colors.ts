/** Colours that stay apart for readers who do not tell red from green (Okabe and Ito, 2008), dark enough for paper. */

import type { TimelineSpan } from '../../contract/report.ts';

const SET = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56849c'] as const;

/** The colour of a face track, the same on every figure. */
export const trackColor = (track: number): string => SET[track % SET.length] ?? SET[0];

const SEVERITY: Readonly<Record<'low' | 'medium' | 'high', string>> = {
  low: '#8a6d00',
  medium: '#d55e00',
  high: '#b00020',
};

export const LINE = SET[0];

/** A face has the colour of its track, an irregularity that of its severity. */
export const spanColor = ({ track, severity }: TimelineSpan): string =>
  track === null ? (severity === null ? LINE : SEVERITY[severity]) : trackColor(track);

export const THRESHOLD = '#b00020';
