/**
 * A report as a list of blocks in reading order: what pages and screens have in common. The PDF and the HTML are set
 * from the same list, so that they cannot say different things.
 */
import type { ReportChart, ReportFigure, Timeline } from '../../contract/report.ts';

export interface Column {
  readonly title: string;
  /** Part of the width, relative to the other columns. */
  readonly share: number;
  readonly look: 'text' | 'mono' | 'number';
}

export interface Field {
  readonly label: string;
  readonly value: string;
  readonly mono?: boolean;
}

/** `lang` is there where the text is not in the language of the report: stored sentences stay as they were written. */
export type Block =
  /** `listed` puts it into the table of contents; the outline of the PDF has levels 1 and 2 in any case. */
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string; readonly listed: boolean }
  | {
      readonly kind: 'paragraph';
      readonly text: string;
      readonly look: 'body' | 'small' | 'notice' | 'quote';
      readonly lang?: string;
    }
  | { readonly kind: 'list'; readonly items: readonly string[]; readonly lang?: string }
  | { readonly kind: 'fields'; readonly rows: readonly Field[] }
  | {
      readonly kind: 'table';
      readonly caption: string | null;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'figure'; readonly figure: ReportFigure; readonly caption: string; readonly alt: string }
  | { readonly kind: 'chart'; readonly chart: ReportChart; readonly caption: string; readonly alt: string }
  | { readonly kind: 'timeline'; readonly timeline: Timeline; readonly caption: string; readonly alt: string }
  /** What the head of the page names from here on: an item number, or null for the case as a whole. */
  | { readonly kind: 'exhibit'; readonly item: string | null }
  | { readonly kind: 'page' };

/** A composed report. */
export interface Composition {
  readonly lang: string;
  readonly title: string;
  /** Lines of the front page under the title. */
  readonly front: readonly Field[];
  /** Stated on the front page in a frame of its own. */
  readonly standing: string;
  readonly blocks: readonly Block[];
  readonly words: {
    readonly contents: string;
    readonly page: (page: number, of: number) => string;
    readonly caseLabel: string;
    readonly exhibitLabel: (items: readonly string[]) => string;
    readonly preview: string;
    readonly typesetting: string;
    readonly missingCharacters: (list: string) => string;
    readonly pictureMissing: string;
    readonly threshold: string;
    readonly lanes: Readonly<Record<string, string>>;
  };
}
