/** Takes files into a case, by reference or as a verified copy. */
import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Exhibit, ExhibitForm } from '../../contract/case.ts';
import { VidimusError } from '../../contract/errors.ts';
import { caseRecord, type WritableCase } from '../case.ts';
import { utc } from '../ids.ts';
import { insertExhibit, type Measured } from '../records/exhibits.ts';
import { copyIntoStore } from './copy.ts';
import { evidenceError, hashFile, type ReadOptions } from './hash.ts';

export interface IntakeOptions extends ReadOptions {
  readonly storage: Exhibit['storage'];
  readonly fields?: ExhibitForm;
  /** Why the exhibit comes into the case; part of its first custody event. */
  readonly purpose: string;
}

/** Hashes (and copies) a file without touching the database, so that long work holds no transaction. */
export async function measure(
  folder: string,
  path: string,
  options: Pick<IntakeOptions, 'storage' | 'signal' | 'onBytes'>,
): Promise<Measured> {
  const given = resolve(path);
  let place: string;
  try {
    place = await realpath(given);
  } catch (thrown) {
    throw evidenceError(thrown, given);
  }
  const named = { originalName: basename(given), originalPath: given, mediaType: null };
  if (options.storage === 'copy') {
    const copied = await copyIntoStore(folder, place, options);
    const { bytes, modified } = copied.stamp;
    return { ...named, ...copied.digests, bytes, fileModifiedUtc: utc(modified), storage: 'copy', path: copied.path };
  }
  const { digests, stamp } = await hashFile(place, options);
  return {
    ...named,
    ...digests,
    bytes: stamp.bytes,
    fileModifiedUtc: utc(stamp.modified),
    storage: 'reference',
    path: place,
  };
}

/** Takes one file in. @throws VidimusError evidence.*, case.disk-full, case.rule (item number taken, case closed). */
export async function takeIn(target: WritableCase, path: string, options: IntakeOptions): Promise<Exhibit> {
  if (caseRecord(target.db).state === 'closed')
    throw new VidimusError('case.rule', 'The case is closed; reopen it first.');
  const measured = await measure(target.folder, path, options);
  return insertExhibit(target, measured, options.fields ?? {}, options.purpose);
}
