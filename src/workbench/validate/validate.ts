/** `vidimus validate`: the whole workstation on exemplars, on this machine, as a signed record. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import {
  type SignedValidation,
  type ValidationCitation,
  type ValidationComparison,
  ValidationRecord,
} from '../../contract/validation.ts';
import { type EvaluateOptions, evaluate } from '../evaluate/evaluate.ts';
import { profileFolder } from '../evaluate/profiles.ts';
import { writeAtomically } from '../files.ts';
import { hardware } from '../monitor/hardware.ts';
import type { Workbench } from '../workbench.ts';
import { compareRecords } from './compare.ts';
import { checkRecord, signRecord, workstationKey } from './signing.ts';

export interface ValidateOptions
  extends Pick<EvaluateOptions, 'folder' | 'plan' | 'concurrency' | 'signal' | 'onFile' | 'replicates'> {
  readonly userFolder: string;
  /** An earlier record to compare with; the latest of this workstation with exemplars in common where null. */
  readonly against: string | null;
  readonly date?: Date;
}

export interface Validated {
  readonly signed: SignedValidation;
  /** Where the record lies. */
  readonly path: string;
  readonly comparison: ValidationComparison | null;
}

const recordsFolder = (userFolder: string): string => join(userFolder, 'validations');
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Examines every exemplar anew (nothing of an earlier run is reused), signs what came of it and compares it with the
 * run before.
 * @throws VidimusError evaluation.*, record.invalid (the record to compare with), output.failed, those of the batch
 */
export async function validate(workbench: Workbench, options: ValidateOptions): Promise<Validated> {
  const { userFolder, against, date = new Date(), ...rest } = options;
  // Read first: an earlier record that was tampered with must be known before hours of work.
  const earlier = against === null ? await ownRecords(userFolder) : [{ signed: await readRecord(against) }];
  const key = await workstationKey(userFolder);
  const name = date.toISOString().replaceAll(':', '-');
  const out = join(recordsFolder(userFolder), name);
  const profiles = profileFolder(userFolder);
  const evaluation = await evaluate(workbench, { ...rest, out, profiles, calibrate: [], plots: false, date });
  const record = ValidationRecord.parse({
    schema: 'vidimus/validation/1',
    date: evaluation.date,
    set: evaluation.set,
    hardware: await hardware(),
    versions: evaluation.versions,
    plan: evaluation.plan,
    planHash: evaluation.planHash,
    packs: evaluation.packs,
    profiles: await profileHashes(profiles),
    judges: evaluation.judges.map(({ curves: _, ...judge }) => judge),
    files: evaluation.files,
    notes: evaluation.notes,
    evaluationSha256: sha256(await readFile(join(out, 'evaluation.json'))),
  } satisfies ValidationRecord);
  const signed = signRecord(record, key);
  const mine = new Set(record.files.map((f) => f.sha256));
  const shares = (r: ValidationRecord): boolean => against !== null || r.files.some((f) => mine.has(f.sha256));
  const previous = earlier.find(({ signed: old }) => shares(old.record))?.signed.record;
  const path = join(recordsFolder(userFolder), `${name}.json`);
  await writeAtomically(path, `${JSON.stringify(signed, null, 1)}\n`);
  return { signed, path, comparison: previous === undefined ? null : compareRecords(previous, record) };
}

/** Reads and checks a record from anywhere. @throws VidimusError evidence.not-found, record.invalid */
export async function readRecord(path: string): Promise<SignedValidation> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new VidimusError('evidence.not-found', `The record ${path} cannot be read.`, { cause });
  });
  return checkRecord(text, null);
}

async function profileHashes(folder: string): Promise<ValidationRecord['profiles']> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const list: ValidationRecord['profiles'] = [];
  for (const name of names) list.push({ name: name.slice(0, -5), sha256: sha256(await readFile(join(folder, name))) });
  return list;
}

/** Records of this workstation, newest first. @throws VidimusError record.invalid for one that was tampered with */
export async function ownRecords(
  userFolder: string,
): Promise<{ readonly path: string; readonly signed: SignedValidation; readonly sha256: string }[]> {
  const folder = recordsFolder(userFolder);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  if (names.length === 0) return [];
  const key = await workstationKey(userFolder);
  const list: { path: string; signed: SignedValidation; sha256: string }[] = [];
  for (const name of names.sort().reverse()) {
    const bytes = await readFile(join(folder, name));
    list.push({ path: join(folder, name), signed: checkRecord(bytes.toString('utf8'), key), sha256: sha256(bytes) });
  }
  return list;
}

/** The newest validation of this workstation for a report to cite; null before the first. @throws record.invalid */
export async function latestValidation(userFolder: string): Promise<ValidationCitation | null> {
  const [newest] = await ownRecords(userFolder);
  if (newest === undefined) return null;
  const { record, signature } = newest.signed;
  return {
    date: record.date,
    set: record.set,
    files: record.files.length,
    sha256: newest.sha256,
    keyId: signature.keyId,
  };
}
