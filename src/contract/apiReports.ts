/** Calls about reports. Paths are of this computer, as the host's dialogs answer them. */
import * as z from 'zod';
import { CaseHandle } from './apiCases.ts';
import { RecordId } from './case.ts';
import { MadeReport } from './report.ts';

const Path = z.string().min(1).max(4096);

/** Spread into the API. */
export const REPORT_API = {
  /**
   * Makes the report of an open case, or with `preview` the same pages with a mark and nothing recorded. `exhibits`
   * null: all of them. `template` null: the standard one. A report replaces nothing; a preview replaces an earlier
   * preview at `out` and nothing else, and is that PDF alone. In an archived case there are previews only.
   */
  'report.make': {
    args: z.strictObject({
      case: CaseHandle,
      preview: z.boolean(),
      out: Path,
      html: Path.nullable(),
      json: Path.nullable(),
      tables: Path.nullable(),
      template: Path.nullable(),
      exhibits: z.array(RecordId).min(1).max(100_000).nullable(),
      /** PKCS#12 files to sign with, one signature after the other; a preview is never signed. */
      sign: z
        .array(z.strictObject({ p12: Path, passphrase: z.string().max(1000) }))
        .max(2)
        .default([]),
    }),
    result: MadeReport,
  },
} as const;
