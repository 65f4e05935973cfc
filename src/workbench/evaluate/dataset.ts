/** A labelled folder: `real/` and `fake/`, sub-folders as sources and systems, an optional table of labels. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { type LabelRow, parseLabels } from './labels.ts';

/** One labelled file. */
export interface DatasetFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly fake: boolean;
  /** What is drawn and held out as a whole: a camera, person, recording or system. */
  readonly source: string;
  /** What made a manipulated file; null for real ones. */
  readonly system: string | null;
  readonly sha256: string;
}

export interface Dataset {
  readonly folder: string;
  readonly files: readonly DatasetFile[];
  readonly notes: readonly string[];
}

const LABELS = 'labels.csv';

/**
 * Reads the folder and hashes every file. The first sub-folder below `real/` or `fake/` names the source, below
 * `fake/` also the system; a file without a sub-folder is a source of its own. The table overrides both. Links and
 * hidden files are not followed.
 * @throws VidimusError evidence.not-found, usage.invalid, evaluation.labels, evaluation.duplicate, evaluation.one-class
 */
export async function readDataset(path: string, signal?: AbortSignal): Promise<Dataset> {
  const folder = resolve(path);
  const status = await lstat(folder).catch(() => null);
  if (!status) throw new VidimusError('evidence.not-found', `There is no folder ${folder}.`);
  if (!status.isDirectory()) throw new VidimusError('usage.invalid', `${folder} is not a folder.`);
  const rows = await readLabels(folder);
  const paths = await list(folder);
  const notes: string[] = [];
  const labelled: Omit<DatasetFile, 'sha256'>[] = [];
  for (const file of paths) {
    const item = labelOf(file, rows.get(file));
    if (item === null) notes.push(`${file} is neither in real/, in fake/ nor in ${LABELS} and was left out.`);
    else labelled.push(item);
  }
  const lost = [...rows.keys()].find((row) => !paths.includes(row));
  if (lost !== undefined) throw new VidimusError('evaluation.labels', `${LABELS} names ${lost}, which is not there.`);
  const counts = { real: labelled.filter((f) => !f.fake).length, fake: labelled.filter((f) => f.fake).length };
  if (counts.real === 0 || counts.fake === 0) {
    throw new VidimusError(
      'evaluation.one-class',
      `The folder holds ${counts.real} real and ${counts.fake} manipulated files; both kinds are needed.`,
    );
  }
  const files: DatasetFile[] = [];
  for (const item of labelled) {
    throwIfCancelled(signal);
    files.push({ ...item, sha256: await hashOf(join(folder, item.path)) });
  }
  return { folder, ...withoutCopies(files, notes) };
}

/** Copies under both labels are refused; copies under one label are counted once. */
function withoutCopies(
  files: readonly DatasetFile[],
  notes: readonly string[],
): { files: DatasetFile[]; notes: string[] } {
  const first = new Map<string, DatasetFile>();
  const kept: DatasetFile[] = [];
  const out = [...notes];
  for (const file of files) {
    const twin = first.get(file.sha256);
    if (twin === undefined) {
      first.set(file.sha256, file);
      kept.push(file);
    } else if (twin.fake !== file.fake) {
      throw new VidimusError(
        'evaluation.duplicate',
        `${twin.path} and ${file.path} hold the same bytes but are labelled differently.`,
      );
    } else out.push(`${file.path} holds the same bytes as ${twin.path} and was counted once.`);
  }
  return { files: kept, notes: out };
}

function labelOf(path: string, row: LabelRow | undefined): Omit<DatasetFile, 'sha256'> | null {
  const [top, ...rest] = path.split('/');
  const byFolder = top === 'real' ? false : top === 'fake' ? true : null;
  const fake = row?.fake ?? byFolder;
  if (fake === null) return null;
  if (byFolder !== null && fake !== byFolder) {
    throw new VidimusError('evaluation.labels', `${path} lies in ${top}/ but ${LABELS} says the opposite.`);
  }
  const folder = byFolder !== null && rest.length > 1 ? (rest[0] ?? null) : null;
  const kind = fake ? 'fake' : 'real';
  const source = row?.source ?? (folder === null ? `file:${path}` : `${kind}/${folder}`);
  return { path, fake, source, system: fake ? (row?.system ?? folder) : null };
}

async function readLabels(folder: string): Promise<Map<string, LabelRow>> {
  const path = join(folder, LABELS);
  if (!(await lstat(path).catch(() => null))) return new Map();
  return new Map(parseLabels(await readFile(path, 'utf8')).map((row) => [row.path, row]));
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== LABELS && !path.split('/').some((part) => part.startsWith('.')))
    .sort();
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new VidimusError('evidence.read-failed', `${path} cannot be read.`, { cause });
  }
  return hash.digest('hex');
}
