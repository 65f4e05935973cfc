/** What the chapters share. */
import type { ReportExhibit, ReportModel } from '../../../contract/report.ts';
import type { Where } from '../../../contract/result.ts';
import { isolated, numberText, visible } from '../../figures/text.ts';
import { momentOf, utcText } from '../../model/moment.ts';
import type { Block, Field } from '../blocks.ts';
import type { Words } from '../words/en.ts';

/** A chapter: a heading is put before its blocks. */
export type Section = (model: ReportModel, words: Words) => Block[];

export const body = (text: string): Block => ({ kind: 'paragraph', text, look: 'body' });
export const small = (text: string): Block => ({ kind: 'paragraph', text, look: 'small' });
export const notice = (text: string): Block => ({ kind: 'paragraph', text, look: 'notice' });
export const heading = (level: 1 | 2 | 3, text: string): Block => ({
  kind: 'heading',
  level,
  text,
  listed: level === 2,
});

/** Stored sentences of the methods are English. */
export const STORED = 'en';

/** Both times of an instant in one line. */
export function timeText(utc: string, model: ReportModel): string {
  const { local, zone } = momentOf(utc, model.prepared.zone);
  return `${utcText(utc)} (${local} ${zone})`;
}

/** Fields that say something; empty ones are left out. */
export const filled = (rows: readonly (readonly [string, string | null, boolean?])[]): Field[] =>
  rows.flatMap(([label, value, mono]) =>
    value === null || value === '' ? [] : [{ label, value: visible(value, true), mono: mono ?? false }],
  );

/** Number and name of an exhibit, as headings name it. */
export const nameOf = ({ exhibit }: ReportExhibit, words: Words): string =>
  `${words.exhibit} ${visible(exhibit.itemNumber)}: ${isolated(exhibit.originalName)}`;

/** Where something was found. */
export function whereText(where: Where | undefined): string {
  if (!where) return '';
  const { box, track, frames, seconds, bytes, channel } = where;
  const range = ([from, to]: readonly [number, number]): string =>
    from === to ? numberText(from) : `${numberText(from)}–${numberText(to)}`;
  return [
    track === undefined ? '' : `track ${track}`,
    frames ? `frames ${range(frames)}` : '',
    seconds ? `${range(seconds)} s` : '',
    box ? `box ${[box.x, box.y, box.width, box.height].map((n) => Math.round(n)).join(', ')} px` : '',
    bytes ? `bytes ${range(bytes)}` : '',
    channel === undefined ? '' : `channel ${channel}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** With more exhibits than this the table of contents names chapters only; the outline still names them all. */
const MOST_LISTED = 60;

/** Blocks about one exhibit each, under the name of it; the page heads follow. */
export function perExhibit(
  model: ReportModel,
  words: Words,
  blocksOf: (exhibit: ReportExhibit) => readonly Block[],
  inContents = false,
): Block[] {
  const listed = inContents && model.exhibits.length <= MOST_LISTED;
  const out: Block[] = [];
  for (const one of model.exhibits) {
    const blocks = blocksOf(one);
    if (blocks.length === 0) continue;
    const name: Block = { kind: 'heading', level: 2, text: nameOf(one, words), listed };
    out.push({ kind: 'exhibit', item: visible(one.exhibit.itemNumber) }, name, ...blocks);
  }
  out.push({ kind: 'exhibit', item: null });
  return out;
}
