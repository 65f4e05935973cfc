/** Backup of a case while it is worked on, and its restoration to a new folder. A restore never replaces anything. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { Exhibit, RecordId, Utc } from '../../contract/case.ts';
import { VidimusError } from '../../contract/errors.ts';
import { Sha256 } from '../../contract/words.ts';
import { chainHead } from '../audit/log.ts';
import type { ReadableCase } from '../case.ts';
import { DATABASE_NAME, readCard, writeCard, writeDurably } from '../database/card.ts';
import { caseError } from '../database/errors.ts';
import { openForReading } from '../database/open.ts';
import { adoptFile, storePath } from '../evidence/copy.ts';
import { sha256File } from '../evidence/hash.ts';
import { compare, filesBelow, hashAll, removeFolder, syncFile } from './files.ts';

const MANIFEST = 'backup.json';
/** Shelves of a case's folder that every backup holds. Reports are signed once; nothing could make them again. */
const KEPT = ['artifacts', 'reports'];

const BackupManifest = z.strictObject({
  format: z.literal('vidimus/backup/1'),
  case: RecordId,
  number: z.string(),
  createdUtc: Utc,
  seq: z.int(),
  head: Sha256,
  evidence: z.boolean(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: Sha256 })),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

export interface BackupOptions {
  /** Whether the copies in the evidence store come along; artefacts and reports always do. */
  readonly evidence: boolean;
  readonly now?: Date;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a backup to a folder that must not exist. The database is copied within one read transaction, so a writer
 * may go on meanwhile. @throws VidimusError case.exists, case.disk-full, case.read-only.
 */
export async function backupCase(
  source: ReadableCase | { folder: string; db: ReadableCase['db']; info: ReadableCase['info'] },
  target: string,
  options: BackupOptions,
): Promise<BackupManifest> {
  const place = resolve(target);
  if (existsSync(place)) throw new VidimusError('case.exists', `${place} exists already.`);
  const part = `${place}.part`;
  try {
    await removeFolder(part);
    await mkdir(part, { recursive: true });
    source.db.snapshot(join(part, DATABASE_NAME));
    await syncFile(join(part, DATABASE_NAME));
    const card = readCard(source.folder);
    if (card) writeCard(part, card);
    for (const shelf of options.evidence ? ['evidence', ...KEPT] : KEPT) {
      const from = join(source.folder, shelf);
      const files = existsSync(from) ? await filesBelow(from) : [];
      for (const file of files) {
        if (file.startsWith('incoming/')) continue;
        options.signal?.throwIfAborted();
        await mkdir(dirname(join(part, shelf, file)), { recursive: true });
        await copyFile(join(from, file), join(part, shelf, file));
      }
    }
    const head = chainHead(source.db);
    const manifest: BackupManifest = {
      format: 'vidimus/backup/1',
      case: source.info.id,
      number: source.info.number,
      createdUtc: (options.now ?? new Date()).toISOString(),
      seq: head?.seq ?? 0,
      head: head?.hash ?? '',
      evidence: options.evidence,
      files: await hashAll(part, await filesBelow(part), options.signal),
    };
    writeDurably(join(part, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    await rename(part, place);
    return manifest;
  } catch (thrown) {
    await removeFolder(part);
    throw caseError(thrown, place);
  }
}

/** Reads a backup's manifest and compares every file. @throws VidimusError case.package, case.not-found. */
export async function checkBackup(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null);
  if (text === null) throw new VidimusError('case.not-found', `There is no backup in ${folder}.`);
  let manifest: BackupManifest;
  try {
    manifest = BackupManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new VidimusError('case.package', `${join(folder, MANIFEST)} is not the manifest of a backup.`, { cause });
  }
  const problems = await compare(folder, manifest.files, [MANIFEST]);
  if (problems.length > 0)
    throw new VidimusError('case.package', `The backup is not what was written: ${problems.slice(0, 3).join('; ')}.`);
  return manifest;
}

/**
 * Restores a backup into a folder that must not exist. Evidence copies that the backup leaves out are taken from the
 * store of `evidenceFrom` (for instance the damaged case), each checked against its hash; those that are missing
 * there too are named. @throws VidimusError case.exists, case.package, case.passphrase, case.damaged.
 */
export async function restoreCase(
  backup: string,
  target: string,
  options: { passphrase: string | null; evidenceFrom?: string | undefined },
): Promise<{ readonly manifest: BackupManifest; readonly missing: string[] }> {
  const place = resolve(target);
  if (existsSync(place)) throw new VidimusError('case.exists', `${place} exists already.`);
  const manifest = await checkBackup(backup);
  openForReading(backup, options.passphrase, true).close();
  const part = `${place}.part`;
  const missing: string[] = [];
  try {
    await removeFolder(part);
    for (const { path } of manifest.files) {
      await mkdir(dirname(join(part, path)), { recursive: true });
      await copyFile(join(backup, path), join(part, path));
      if (path.startsWith('evidence/')) await chmod(join(part, path), 0o444);
    }
    for (const shelf of ['evidence', 'artifacts', 'work']) await mkdir(join(part, shelf), { recursive: true });
    const db = openForReading(part, options.passphrase);
    try {
      for (const exhibit of db.all(Exhibit, "SELECT * FROM exhibit WHERE storage = 'copy' ORDER BY id")) {
        const path = storePath(exhibit.sha256);
        if (existsSync(join(part, path))) continue;
        const other = options.evidenceFrom === undefined ? null : join(options.evidenceFrom, path);
        const found = other === null ? null : await sha256File(other).catch(() => null);
        if (other !== null && found?.sha256 === exhibit.sha256) await adoptFile(part, other, exhibit.sha256);
        else missing.push(`${exhibit.itemNumber} (${exhibit.originalName})`);
      }
    } finally {
      db.close();
    }
    await rename(part, place);
  } catch (thrown) {
    await rm(part, { recursive: true, force: true });
    throw caseError(thrown, place);
  }
  return { manifest, missing };
}
