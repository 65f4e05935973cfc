/** Opens a portable case where it lies, and merges one into a case. */
import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { Exhibit } from '../../contract/case.ts';
import { type MergeReport, PortableManifest } from '../../contract/caseFiles.ts';
import { VidimusError } from '../../contract/errors.ts';
import { record } from '../audit/edit.ts';
import { verifyChain, verifyRecords } from '../audit/verify.ts';
import { openCaseForReading, type ReadableCase, type WritableCase } from '../case.ts';
import { PORTABLE_MANIFEST } from '../database/card.ts';
import { caseError } from '../database/errors.ts';
import { artifactPath } from '../evidence/artifacts.ts';
import { adoptFile, storePath } from '../evidence/copy.ts';
import { sha256File } from '../evidence/hash.ts';
import { compare, removeFolder, unzip } from './files.ts';
import { mergeInto } from './merge.ts';

export interface OpenedPackage {
  readonly manifest: PortableManifest;
  readonly opened: ReadableCase;
  close(): Promise<void>;
}

/**
 * Opens a package (folder or zip) for reading after comparing every file with its manifest. A zip is unpacked to
 * a temporary folder, which {@link OpenedPackage.close} removes.
 * @throws VidimusError case.not-found, case.package, case.passphrase, case.damaged.
 */
export async function openPackage(
  path: string,
  passphrase: string | null,
  signal?: AbortSignal,
): Promise<OpenedPackage> {
  const place = resolve(path);
  if (!existsSync(place)) throw new VidimusError('case.not-found', `There is no package ${place}.`);
  let folder = place;
  let temporary: string | null = null;
  try {
    if (!statSync(place).isDirectory()) {
      temporary = await mkdtemp(join(tmpdir(), 'vidimus-package-'));
      const { bavail, bsize } = await statfs(temporary);
      await unzip(place, temporary, bavail * bsize, signal);
      folder = temporary;
    }
    const manifest = await readManifest(folder);
    const problems = await compare(folder, manifest.files, [PORTABLE_MANIFEST]);
    if (problems.length > 0)
      throw new VidimusError(
        'case.package',
        `The package is not what was exported: ${problems.slice(0, 3).join('; ')}.`,
      );
    const opened = openCaseForReading(folder, passphrase, true);
    return {
      manifest,
      opened,
      close: async () => {
        opened.close();
        if (temporary) await removeFolder(temporary);
      },
    };
  } catch (thrown) {
    if (temporary) await removeFolder(temporary);
    throw caseError(thrown, place);
  }
}

async function readManifest(folder: string): Promise<PortableManifest> {
  const text = await readFile(join(folder, PORTABLE_MANIFEST), 'utf8').catch(() => null);
  if (text === null)
    throw new VidimusError('case.package', `${folder} holds no ${PORTABLE_MANIFEST}: it is not a portable case.`);
  try {
    return PortableManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new VidimusError('case.package', `${PORTABLE_MANIFEST} is not the manifest of a portable case.`, { cause });
  }
}

const ArtifactRow = z.strictObject({ sha256: z.string() });

/**
 * Merges a package into a case: files first (named by hash, so that an interrupted import leaves only files that no
 * record names), then the records in one transaction.
 * @throws VidimusError case.package, case.chain, case.passphrase, case.rule, case.disk-full.
 */
export async function importPackage(
  target: WritableCase,
  path: string,
  options: { passphrase: string | null; signal?: AbortSignal | undefined },
): Promise<MergeReport> {
  const pack = await openPackage(path, options.passphrase, options.signal);
  try {
    const { db, folder } = pack.opened;
    const chain = verifyChain(db);
    const problem = [...chain.problems, ...verifyRecords(db, chain.records)][0];
    if (problem) throw new VidimusError('case.chain', `The audit log of the package does not hold: ${problem.message}`);
    const exhibits = db.all(Exhibit, 'SELECT * FROM exhibit ORDER BY id');
    const brought = new Set<string>();
    for (const { sha256 } of exhibits) {
      options.signal?.throwIfAborted();
      const file = join(folder, storePath(sha256));
      if (brought.has(sha256) || !existsSync(file)) continue;
      await adoptFile(target.folder, file, sha256);
      brought.add(sha256);
    }
    for (const { sha256 } of db.all(ArtifactRow, 'SELECT DISTINCT sha256 FROM artifact'))
      await adoptArtifact(join(folder, artifactPath(sha256)), join(target.folder, artifactPath(sha256)), sha256);
    const report = target.db.transaction(() => {
      const merged = mergeInto(target, db, null);
      for (const { id, sha256 } of exhibits) {
        const own = target.db.one(Exhibit, 'SELECT * FROM exhibit WHERE id = ?', id);
        if (own?.storage !== 'reference' || !brought.has(sha256)) continue;
        record(target, 'evidence.adopt', { item: own.itemNumber }, (edit) =>
          edit.update('exhibit', id, { storage: 'copy', path: storePath(sha256) }),
        );
      }
      return merged;
    });
    return { ...report, evidence: brought.size };
  } finally {
    await pack.close();
  }
}

async function adoptArtifact(from: string, to: string, sha256: string): Promise<void> {
  if (existsSync(to)) return;
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  } catch (thrown) {
    throw caseError(thrown, to);
  }
  if ((await sha256File(to)).sha256 !== sha256)
    throw new VidimusError('integrity.mismatch', `${to} was not copied whole.`);
}
