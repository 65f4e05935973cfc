/** Where a report and what goes with it are written, as paths of this computer (either kind of separator). */

/** Folder of a case in which its reports are put unless the examiner says otherwise. */
const REPORTS = 'reports';

const separatorOf = (path: string): string => (/^[A-Za-z]:|^\\\\/.test(path) ? '\\' : '/');

/** A case number as part of a file name: letters and digits of any script stay, the rest becomes a hyphen. */
const namePart = (number: string): string =>
  number
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    // Room for what is added, in file systems that count 255 bytes.
    .slice(0, 60);

/**
 * The name a new report gets: word and case number, counted on past the names of the reports that were issued.
 * @param taken file names of issued reports
 */
export function freeName(word: string, number: string, taken: readonly string[]): string {
  const stem = [word, namePart(number)].filter((part) => part !== '').join('-');
  const used = new Set(taken.map((name) => name.toLowerCase()));
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? `${stem}.pdf` : `${stem}-${n}.pdf`;
    if (!used.has(name.toLowerCase())) return name;
  }
}

/** A file in the folder of reports of a case. */
export function inReports(caseFolder: string, name: string): string {
  const separator = separatorOf(caseFolder);
  return [caseFolder.replace(/[\\/]+$/, ''), REPORTS, name].join(separator);
}

/** What keeps a path from being that of a report; null where nothing does. */
export function pathProblem(path: string): 'empty' | 'relative' | 'ending' | null {
  if (path === '') return 'empty';
  if (!/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path)) return 'relative';
  return /[^\\/]\.pdf$/i.test(path) ? null : 'ending';
}

/** The path with the ending of a report. */
export const withEnding = (path: string): string => (/\.pdf$/i.test(path) ? path : `${path}.pdf`);

const stemOf = (pdf: string): string => pdf.replace(/\.pdf$/i, '');

/** Where the preview of a report goes: beside it, never in its place. */
export const previewPath = (pdf: string): string => `${stemOf(pdf)}-preview.pdf`;

/** What may be written beside the PDF. */
export const EXTRAS = ['html', 'json', 'tables'] as const;
export type Extra = (typeof EXTRAS)[number];

const SUFFIXES: Readonly<Record<Extra, string>> = { html: '.html', json: '.json', tables: '-tables' };

/** Where a companion of the report goes; for the tables a folder. */
export const extraPath = (pdf: string, extra: Extra): string => `${stemOf(pdf)}${SUFFIXES[extra]}`;

/** Last part of a path. */
export const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** The command with which anybody checks a report, quoted for the shell of the system that the path is of. */
export function verifyCommand(path: string): string {
  if (/^[\w./:\\@+-]+$/.test(path)) return `vidimus verify ${path}`;
  return separatorOf(path) === '\\'
    ? `vidimus verify "${path}"`
    : `vidimus verify '${path.replaceAll("'", String.raw`'\''`)}'`;
}
