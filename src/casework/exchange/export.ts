/**
 * A portable case: a folder or zip with the database, chosen evidence, artefacts and a manifest of hashes. A whole case
 * travels with its own audit log and its reports; a part is a new case of its own log, which carries the original's
 * entries about what it holds. Either opens for reading only and can be imported.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { Exhibit } from '../../contract/case.ts';
import type { PortableManifest } from '../../contract/caseFiles.ts';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { record } from '../audit/edit.ts';
import { createCase, openCase, type WritableCase } from '../case.ts';
import { DATABASE_NAME, PORTABLE_MANIFEST, readCard, writeCard, writeDurably } from '../database/card.ts';
import { caseError } from '../database/errors.ts';
import { artifactPath } from '../evidence/artifacts.ts';
import { storePath } from '../evidence/copy.ts';
import { sha256File } from '../evidence/hash.ts';
import { bytesOf, verifyExhibit } from '../evidence/verify.ts';
import { utc } from '../ids.ts';
import { insertCustody } from '../records/exhibits.ts';
import { filesBelow, hashAll, removeFolder, syncFile, zipFolder } from './files.ts';
import { mergeInto } from './merge.ts';

export interface ExportOptions {
  /** Only exhibits that carry one of these tags; null for the whole case. */
  readonly tags: readonly string[] | null;
  /** Whether the bytes of the exhibits come along. */
  readonly evidence: boolean;
  readonly zip: boolean;
  readonly purpose: string;
  /** Who receives it, for the custody record. */
  readonly receivedBy?: string | null;
  /** The pass phrase of the case; the export has the same one. */
  readonly passphrase: string | null;
  readonly signal?: AbortSignal | undefined;
}

function choose(source: WritableCase, tags: readonly string[] | null): Exhibit[] {
  if (tags === null) return source.db.all(Exhibit, 'SELECT * FROM exhibit ORDER BY id');
  const sql = `SELECT DISTINCT e.* FROM exhibit e JOIN tagging t ON t.exhibit = e.id
    WHERE t.state = 'set' AND t.tag IN (SELECT value FROM json_each(?)) ORDER BY e.id`;
  const found = source.db.all(Exhibit, sql, JSON.stringify(tags));
  if (found.length === 0) throw new VidimusError('case.rule', `No exhibit carries the tag ${tags.join(', ')}.`);
  return found;
}

/**
 * Verifies the chosen evidence, records the export in the case, and writes the package. Evidence that does not have
 * its hash is left out, with the reason in the manifest and a finding in the case.
 * @throws VidimusError case.exists, case.rule, case.disk-full, cancelled.
 */
export async function exportCase(
  source: WritableCase,
  target: string,
  options: ExportOptions,
): Promise<PortableManifest> {
  const place = resolve(target);
  if (existsSync(place)) throw new VidimusError('case.exists', `${place} exists already.`);
  const chosen = choose(source, options.tags);
  const leftOut: PortableManifest['evidenceLeftOut'] = [];
  const bring: Exhibit[] = [];
  for (const exhibit of chosen) {
    throwIfCancelled(options.signal);
    const { outcome, detail } = options.evidence
      ? await verifyExhibit(source, exhibit, 'before-export', { signal: options.signal })
      : { outcome: 'left out', detail: 'evidence was not asked for' };
    if (outcome === 'match') bring.push(exhibit);
    else leftOut.push({ exhibit: exhibit.id, itemNumber: exhibit.itemNumber, reason: `${outcome}: ${detail ?? ''}` });
  }
  const custody = { type: 'exported', purpose: options.purpose, receivedBy: options.receivedBy ?? null } as const;
  record(
    source,
    'case.export',
    { purpose: options.purpose, exhibits: chosen.length, part: options.tags !== null },
    (edit) => {
      const brought = new Set(bring.map(({ id }) => id));
      for (const { id, sha256 } of chosen)
        insertCustody(
          source,
          edit,
          id,
          brought.has(id)
            ? { ...custody, hashBefore: sha256, hashAfter: sha256 }
            : { ...custody, remark: 'record only, without its bytes' },
        );
    },
  );
  const part = `${place}.staging`;
  try {
    await removeFolder(part);
    const head = await writeDatabase(source, part, chosen, options);
    for (const exhibit of bring) {
      throwIfCancelled(options.signal);
      await bringFile(bytesOf(source.folder, exhibit), join(part, storePath(exhibit.sha256)), exhibit.sha256);
    }
    await bringArtifacts(source, part, chosen);
    // A report speaks of the exhibits it names, so a part of a case leaves reports behind.
    if (options.tags === null) await bringReports(source.folder, part);
    const manifest: PortableManifest = {
      format: 'vidimus/portable-case/1',
      case: source.caseId,
      number: source.info.number,
      part: options.tags === null ? null : { tags: [...options.tags], exhibits: chosen.length },
      createdUtc: utc(source.now()),
      createdBy: source.actor.name,
      purpose: options.purpose,
      sourceSeq: head.seq,
      sourceHead: head.hash,
      files: await hashAll(part, await filesBelow(part), options.signal),
      evidenceLeftOut: leftOut,
    };
    writeDurably(join(part, PORTABLE_MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
    if (options.zip) {
      await zipFolder(part, place);
      await removeFolder(part);
    } else await rename(part, place);
    return manifest;
  } catch (thrown) {
    await removeFolder(part);
    throw caseError(thrown, place);
  }
}

const Head = z.strictObject({ seq: z.int(), hash: z.string() });

/** The database of the package; returns the head of the original's log at that moment. */
async function writeDatabase(
  source: WritableCase,
  part: string,
  chosen: readonly Exhibit[],
  options: ExportOptions,
): Promise<z.infer<typeof Head>> {
  const { passphrase } = options;
  const head = Head.parse(source.db.one(Head, 'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1'));
  const opening = { passphrase, actor: source.actor, now: source.now };
  if (options.tags === null) {
    await mkdir(part, { recursive: true });
    source.db.snapshot(join(part, DATABASE_NAME));
    await syncFile(join(part, DATABASE_NAME));
    const card = readCard(source.folder);
    if (card) writeCard(part, card);
    const copy = openCase(part, opening);
    record(copy, 'case.mark-export', { purpose: options.purpose }, (edit) =>
      edit.update('caseFile', copy.caseId, { kind: 'export' }),
    );
    copy.close();
  } else {
    const { agency, matter, description } = source.info;
    const copy = createCase(
      part,
      { number: `${source.info.number} (part)`, agency, matter, description },
      opening,
      'export',
    );
    try {
      mergeInto(
        copy,
        source.db,
        chosen.map(({ id }) => id),
      );
    } finally {
      copy.close();
    }
  }
  for (const shelf of ['work', 'writer.lock', 'writer.txt']) await removeFolder(join(part, shelf));
  return head;
}

async function bringFile(from: string, to: string, sha256: string): Promise<void> {
  if (existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await syncFile(to).catch(() => undefined);
  if ((await sha256File(to)).sha256 !== sha256)
    throw new VidimusError('integrity.mismatch', `${from} changed while it was exported.`);
}

const ArtifactRow = z.strictObject({ sha256: z.string() });

async function bringArtifacts(source: WritableCase, part: string, chosen: readonly Exhibit[]): Promise<void> {
  const sql = `SELECT DISTINCT r.sha256 FROM artifact r JOIN analysis a ON a.id = r.analysis
    WHERE a.exhibit IN (SELECT value FROM json_each(?))`;
  for (const { sha256 } of source.db.all(ArtifactRow, sql, JSON.stringify(chosen.map(({ id }) => id))))
    await bringFile(join(source.folder, artifactPath(sha256)), join(part, artifactPath(sha256)), sha256);
}

async function bringReports(folder: string, part: string): Promise<void> {
  const shelf = join(folder, 'reports');
  for (const file of existsSync(shelf) ? await filesBelow(shelf) : []) {
    const { sha256 } = await sha256File(join(shelf, file));
    await bringFile(join(shelf, file), join(part, 'reports', file), sha256);
  }
}
