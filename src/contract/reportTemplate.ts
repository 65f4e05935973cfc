/**
 * How a laboratory's reports look and what they hold: `vidimus/report-template/1`. A template changes appearance,
 * order and wording around the results; it cannot leave out what ISO/IEC 27042 and the ENFSI guideline ask for.
 */
import * as z from 'zod';

export const ReportLanguage = z.enum(['en', 'de']);
export type ReportLanguage = z.infer<typeof ReportLanguage>;

/** Chapters in their usual order. Those of {@link OPTIONAL_SECTIONS} may be left out, the others only moved. */
export const ReportSection = z.enum([
  'summary',
  'request',
  'exhibits',
  'results',
  'interpretation',
  'conclusion',
  'methods',
  'limitations',
  'custody',
  'integrity',
  'glossary',
]);
export type ReportSection = z.infer<typeof ReportSection>;

export const OPTIONAL_SECTIONS: readonly ReportSection[] = ['summary', 'glossary'];

const Line = z.string().max(2_000);

export const ReportTemplate = z
  .strictObject({
    schema: z.literal('vidimus/report-template/1'),
    name: z.string().min(1).max(200),
    language: ReportLanguage,
    paper: z.enum(['A4', 'Letter']),
    title: Line.nullable(),
    laboratory: z.strictObject({
      name: Line,
      address: Line.nullable(),
      contact: Line.nullable(),
      accreditation: Line.nullable(),
    }),
    /** PNG or JPEG, base64, as a data URI. At most 2 MiB. */
    logo: z
      .string()
      .regex(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/, 'a logo is a PNG or JPEG as a data URI')
      .max(2_800_000)
      .nullable(),
    header: Line.nullable(),
    footer: Line.nullable(),
    /** Text of the laboratory's own, printed after the front page (accreditation, legal notice). */
    notice: z.string().max(20_000).nullable(),
    sections: z.array(ReportSection),
    /** Zone of the local time that stands beside UTC; null takes the zone of this computer. */
    timeZone: z.string().max(100).nullable(),
    /** Colour of rules and headings, as `#rrggbb`. */
    accent: z.string().regex(/^#[0-9a-f]{6}$/i),
    /** Most pictures and most charts that are printed of one analysis; what is left out is counted in the report. */
    maxFigures: z.int().min(0).max(100),
    maxCharts: z.int().min(0).max(100),
  })
  .refine((t) => new Set(t.sections).size === t.sections.length, 'a section stands once')
  .refine(
    (t) => ReportSection.options.every((s) => OPTIONAL_SECTIONS.includes(s) || t.sections.includes(s)),
    `only ${OPTIONAL_SECTIONS.join(' and ')} may be left out`,
  );
export type ReportTemplate = z.infer<typeof ReportTemplate>;

/** What is used where a laboratory has no template. */
export const DEFAULT_TEMPLATE: ReportTemplate = {
  schema: 'vidimus/report-template/1',
  name: 'standard',
  language: 'en',
  paper: 'A4',
  title: null,
  laboratory: { name: '', address: null, contact: null, accreditation: null },
  logo: null,
  header: null,
  footer: null,
  notice: null,
  sections: [...ReportSection.options],
  timeZone: null,
  accent: '#1f3a5f',
  maxFigures: 8,
  maxCharts: 8,
};
