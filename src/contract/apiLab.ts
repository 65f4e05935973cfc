/** Calls about the laboratory: settings, validation, monitoring, method pages, and what the host can do. */
import * as z from 'zod';
import { Evaluation, LabProfile } from './evaluation.ts';
import { MonitorReport } from './monitor.ts';
import { OpinionSettings } from './opinionSettings.ts';
import { SignedValidation, ValidationComparison } from './validation.ts';

const Path = z.string().min(1).max(4096);
const Nothing = z.strictObject({});

/** Settings of this workstation. */
export const Settings = z.strictObject({
  schema: z.literal('vidimus/settings/1'),
  language: z.enum(['en', 'de']),
  theme: z.enum(['light', 'dark', 'system']),
  laboratory: z.string().max(500),
  /** Scores stay covered until two propositions are fixed for the exhibit. */
  propositionsFirst: z.boolean(),
  /** How exhibits come into a case unless somebody says otherwise. */
  storage: z.enum(['reference', 'copy']),
  /** Exhibits examined at once; null: by cores and memory. */
  concurrency: z.int().positive().max(64).nullable(),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = {
  schema: 'vidimus/settings/1',
  language: 'en',
  theme: 'system',
  laboratory: '',
  propositionsFirst: true,
  storage: 'copy',
  concurrency: null,
};

/** What the host of the screen can do: native dialogs and paths of dropped files, or uploads. */
export const HostInfo = z.strictObject({
  kind: z.enum(['desktop', 'browser']),
  version: z.string(),
  platform: z.string(),
  /** The demonstration case of the first start, where it was made. */
  demoCase: z.string().nullable(),
});
export type HostInfo = z.infer<typeof HostInfo>;

export const LAB_API = {
  'host.info': { args: Nothing, result: HostInfo },
  'settings.read': { args: Nothing, result: Settings },
  'settings.write': { args: Settings, result: Settings },
  'settings.opinion': { args: Nothing, result: OpinionSettings },
  /** A method page by its name below docs/methods, without the ending. */
  'methods.read': {
    args: z.strictObject({ page: z.string().regex(/^[a-z0-9][a-z0-9-]*$/) }),
    result: z.strictObject({ title: z.string(), markdown: z.string() }),
  },
  'methods.list': { args: Nothing, result: z.array(z.strictObject({ page: z.string(), title: z.string() })) },
  /** The card of an installed pack. */
  'models.card': {
    args: z.strictObject({ id: z.string(), version: z.string() }),
    result: z.strictObject({ markdown: z.string().nullable() }),
  },
  /** A folder with `real/` and `fake/`. Progress counts files. */
  'evaluate.run': {
    args: z.strictObject({ folder: Path, out: Path, calibrate: z.array(z.string()) }),
    result: Evaluation,
  },
  'validate.run': {
    args: z.strictObject({ folder: Path }),
    result: z.strictObject({
      path: z.string(),
      signed: SignedValidation,
      comparison: ValidationComparison.nullable(),
    }),
  },
  'validate.list': { args: Nothing, result: z.array(z.strictObject({ path: z.string(), signed: SignedValidation })) },
  'profiles.list': { args: Nothing, result: z.array(LabProfile) },
  'monitor.read': { args: Nothing, result: MonitorReport },
  /** Asks for files or a folder with the system's own dialog; in a browser there is none and `supported` is false. */
  'dialog.open': {
    args: z.strictObject({ kind: z.enum(['files', 'folder', 'case']), title: z.string().max(200) }),
    result: z.strictObject({ supported: z.boolean(), paths: z.array(z.string()) }),
  },
  'dialog.save': {
    args: z.strictObject({ name: z.string().max(255), title: z.string().max(200) }),
    result: z.strictObject({ supported: z.boolean(), path: z.string().nullable() }),
  },
} as const;
