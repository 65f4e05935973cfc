/** Artefacts (pictures that an analysis made) by hash, and the sweeping of what a kill left half-written. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import type { WritableCase } from '../case.ts';
import { caseError } from '../database/errors.ts';
import type { ReadableDb } from '../database/handle.ts';
import { syncFolder } from './copy.ts';
import { sha256File } from './hash.ts';

/** Where an artefact lies, relative to the case folder. */
export const artifactPath = (sha256: string): string => `artifacts/${sha256.slice(0, 2)}/${sha256}.png`;

/** Folder in which the artefacts of a job are made. */
export const workFolder = (folder: string, job: string): string => join(folder, 'work', job);

/**
 * Moves the files of a result from its work folder into the store, each checked against its hash.
 * Returns their lengths by SHA-256. @throws VidimusError integrity.mismatch, case.disk-full.
 */
export async function storeArtifacts(
  folder: string,
  work: string,
  result: AnalysisResult,
): Promise<Map<string, number>> {
  const stored = new Map<string, number>();
  const folders = new Set<string>();
  for (const artifact of result.artifacts) {
    if (artifact.file === null || stored.has(artifact.sha256)) continue;
    const from = join(work, basename(artifact.file));
    const { sha256, bytes } = await sha256File(from);
    if (sha256 !== artifact.sha256)
      throw new VidimusError(
        'integrity.mismatch',
        `The picture ${artifact.title} does not have the hash of the result.`,
      );
    const to = join(folder, artifactPath(sha256));
    try {
      await mkdir(dirname(to), { recursive: true });
      const handle = await open(from, 'r+');
      await handle.sync();
      await handle.close();
      await rename(from, to);
    } catch (thrown) {
      throw caseError(thrown, to);
    }
    folders.add(dirname(to));
    stored.set(sha256, bytes);
  }
  for (const one of folders) await syncFolder(one);
  return stored;
}

const Known = z.strictObject({ n: z.int() });
const isKnown = (db: ReadableDb, sha256: string): boolean =>
  (db.one(Known, 'SELECT count(*) AS n FROM artifact WHERE sha256 = ?', sha256)?.n ?? 0) > 0;

/**
 * Removes work folders and artefacts that no analysis names: what a kill left between making and recording them.
 * Evidence is never swept. No job may run. Returns the number of files and folders removed.
 */
export async function sweep(target: WritableCase): Promise<number> {
  let removed = 0;
  const list = (path: string) => readdir(path, { withFileTypes: true }).catch(() => []);
  for (const item of await list(join(target.folder, 'work'))) {
    await rm(join(target.folder, 'work', item.name), { recursive: true, force: true });
    removed += 1;
  }
  for (const shelf of await list(join(target.folder, 'artifacts'))) {
    if (!shelf.isDirectory()) continue;
    for (const item of await list(join(target.folder, 'artifacts', shelf.name))) {
      if (isKnown(target.db, item.name.replace(/\.png$/, ''))) continue;
      await rm(join(target.folder, 'artifacts', shelf.name, item.name), { force: true });
      removed += 1;
    }
  }
  return removed;
}

const ArtifactRow = z.strictObject({ sha256: z.string() });

/** Artefacts that are missing or do not have their hash, each as a sentence. */
export async function artifactProblems(folder: string, db: ReadableDb): Promise<string[]> {
  const problems: string[] = [];
  for (const { sha256 } of db.all(ArtifactRow, 'SELECT DISTINCT sha256 FROM artifact')) {
    const found = await sha256File(join(folder, artifactPath(sha256))).catch(() => null);
    if (found === null) problems.push(`Artefact ${sha256} is missing.`);
    else if (found.sha256 !== sha256) problems.push(`Artefact ${sha256} was changed.`);
  }
  return problems;
}
