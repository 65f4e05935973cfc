/** Laboratory templates: read, checked, and completed with what is left out. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import { DEFAULT_TEMPLATE, ReportTemplate } from '../../contract/reportTemplate.ts';
import { isTimeZone } from '../../reporting/model/moment.ts';

/** A template as somebody writes it: what is left out is as in the default; the logo may be a file beside it. */
const Written = z.looseObject({ logo: z.string().nullable().optional() });

/** Largest logo in bytes. */
const MOST_LOGO = 2 << 20;

/**
 * The template in `path`, or the default.
 * @throws VidimusError usage.invalid, naming what is wrong with it.
 */
export async function readTemplate(path: string | null): Promise<ReportTemplate> {
  if (path === null) return DEFAULT_TEMPLATE;
  const bad = (why: string, cause?: unknown): VidimusError =>
    new VidimusError('usage.invalid', `The template ${path} cannot be used: ${why}.`, {
      advice: 'docs/report.md lists what a template may say.',
      cause,
    });
  let written: z.infer<typeof Written>;
  try {
    written = Written.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw bad('it is not a readable JSON file', cause);
  }
  const { logo = null, ...rest } = written;
  const asData = logo === null || logo.startsWith('data:') ? logo : await logoFile(resolve(dirname(path), logo), bad);
  const parsed = ReportTemplate.safeParse({ ...DEFAULT_TEMPLATE, ...rest, logo: asData });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bad(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it has another form'}`, parsed.error);
  }
  const { timeZone } = parsed.data;
  if (timeZone !== null && !isTimeZone(timeZone)) throw bad(`there is no time zone "${timeZone}"`);
  return parsed.data;
}

async function logoFile(path: string, bad: (why: string, cause?: unknown) => VidimusError): Promise<string> {
  const mime = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg' }[extname(path).toLowerCase()];
  if (mime === undefined) throw bad('a logo is a PNG or JPEG file');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw bad(`the logo ${path} cannot be read`, cause);
  });
  if (bytes.length > MOST_LOGO) throw bad('the logo is larger than 2 MiB');
  return `data:${mime};base64,${bytes.toString('base64')}`;
}
