/** Calls about cases as a whole: list, make, open, people, verification, exchange, audit log. */
import { join } from 'node:path';
import * as z from 'zod';
import { chainHead } from '../../casework/audit/log.ts';
import { createCase, openCaseForReading, setCaseState } from '../../casework/case.ts';
import { recordChecks } from '../../casework/evidence/verify.ts';
import { backupCase } from '../../casework/exchange/backup.ts';
import { exportCase } from '../../casework/exchange/export.ts';
import { importPackage } from '../../casework/exchange/import.ts';
import { listReports } from '../../casework/records/opinions.ts';
import { addExaminer, findExaminer, listExaminers } from '../../casework/records/people.ts';
import { search } from '../../casework/records/search.ts';
import { verifyCase } from '../../casework/verifyCase.ts';
import type { CASE_API, CaseSearchHit, ListedCase } from '../../contract/apiCases.ts';
import type { Exhibit } from '../../contract/case.ts';
import { AuditEntry } from '../../contract/caseFiles.ts';
import { VidimusError } from '../../contract/errors.ts';
import { listCase, listCases, searchCases } from '../cases/cases.ts';
import type { Handlers } from './calls.ts';
import { describe, type OpenCases } from './openCases.ts';
import { forgetFolder, recentFolders, rememberFolder } from './recentCases.ts';

type CaseName = Exclude<keyof typeof CASE_API, `queue.${string}`>;
export type WholeCaseName = Extract<
  CaseName,
  | `cases.${string}`
  | 'case.create'
  | 'case.open'
  | 'case.close'
  | 'case.info'
  | 'case.setState'
  | 'case.actAs'
  | 'case.examiners'
  | 'case.addExaminer'
  | 'case.verify'
  | 'case.backup'
  | 'case.exportPackage'
  | 'case.importPackage'
  | 'case.reports'
  | 'audit.read'
>;

const AuditRow = z.strictObject({ entry: z.string(), hash: z.string() });
const Count = z.strictObject({ n: z.int() });

/** A number as a folder name: letters and digits of any script stay, the rest becomes a hyphen. */
export function folderName(number: string): string {
  const name = number
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  // 200 bytes leave room for what file systems and backups add to 255.
  let cut = name;
  while (Buffer.byteLength(cut) > 200) cut = cut.slice(0, -1);
  return cut === '' ? 'case' : cut;
}

/** Handlers over the open cases; `workspace` holds one folder per case. */
export function caseCalls(open: OpenCases, workspace: string, userFolder: string): Handlers<WholeCaseName> {
  const list = async (): Promise<ListedCase[]> => {
    const inside = await listCases(workspace, null, (folder) => open.handleAt(folder) !== null);
    const known = new Set(inside.map(({ folder }) => folder));
    const elsewhere = recentFolders(userFolder).filter((folder) => !known.has(folder));
    const listed = [...inside, ...elsewhere.map((folder) => listCase(folder, null, open.handleAt(folder) !== null))];
    return listed.map((one) => {
      const handle = open.handleAt(one.folder);
      if (handle === null) return { ...one, handle };
      const { info, exhibits } = describe(open.get(handle));
      return { ...one, handle, info, exhibits, problem: null };
    });
  };
  const remember = async (folder: string): Promise<void> => {
    if (!folder.startsWith(workspace)) await rememberFolder(userFolder, folder);
  };
  return {
    'cases.list': list,
    'cases.forget': async ({ folder }) => {
      await forgetFolder(userFolder, folder);
      return {};
    },
    'cases.search': async ({ text, limit }) => {
      const hits: CaseSearchHit[] = [];
      for (const { target } of open.all())
        for (const hit of search(target.db, text, limit))
          hits.push({ ...hit, caseNumber: target.info.number, folder: target.folder });
      const closed = await searchCases(workspace, text, null, limit, (folder) => open.handleAt(folder) !== null);
      for (const { caseFolder, ...hit } of closed.hits) hits.push({ ...hit, folder: caseFolder });
      return { hits: hits.slice(0, limit), notSearched: closed.notSearched };
    },
    'case.create': async ({ folder, passphrase, ...fields }) => {
      const place = folder ?? join(workspace, folderName(fields.number));
      const phrase = passphrase === '' ? null : passphrase;
      const made = createCase(place, fields, {
        passphrase: phrase,
        actor: { id: null, name: `account ${open.account}` },
      });
      await remember(made.folder);
      return describe(open.adopt(made, phrase));
    },
    'case.open': async ({ folder, passphrase }) => {
      const entry = open.open(folder, passphrase === '' ? null : passphrase);
      await remember(entry.target.folder);
      return describe(entry);
    },
    'case.close': async ({ case: handle }) => {
      await open.close(handle);
      return {};
    },
    'case.info': ({ case: handle }) => describe(open.get(handle)),
    'case.setState': ({ case: handle, state, reason }) => {
      const entry = open.get(handle);
      setCaseState(entry.target, state, reason);
      return describe(entry);
    },
    'case.actAs': ({ case: handle, examiner }) => {
      const entry = open.get(handle);
      const actor =
        examiner === null
          ? { id: null, name: `account ${entry.account}` }
          : { id: examiner, name: findExaminer(entry.target.db, examiner).name };
      entry.target = { ...entry.target, actor };
      return describe(entry);
    },
    'case.examiners': ({ case: handle }) => listExaminers(open.get(handle).target.db),
    'case.addExaminer': ({ case: handle, ...fields }) => addExaminer(open.get(handle).target, fields),
    'case.verify': async ({ case: handle, evidence }, { signal, onProgress }) => {
      const { target, passphrase } = open.get(handle);
      // A second, reading connection: SQLite's full integrity check belongs to opening.
      const reading = openCaseForReading(target.folder, passphrase, true);
      const checks: Parameters<typeof recordChecks>[2][number][] = [];
      try {
        const verdict = await verifyCase(reading, {
          evidence,
          signal,
          onExhibit: (done, total) => onProgress({ stage: 'intake', done, total, unit: 'files' }),
          onChecked: (exhibit: Exhibit, checked) => checks.push({ exhibit, checked }),
        });
        recordChecks(target, 'on-demand', checks);
        return verdict;
      } finally {
        reading.close();
      }
    },
    'case.backup': async ({ case: handle, target, evidence }, { signal }) => {
      const manifest = await backupCase(open.get(handle).target, target, { evidence, signal });
      return { folder: target, files: manifest.files.length };
    },
    'case.exportPackage': ({ case: handle, target, tags, evidence, purpose }, { signal }) => {
      const { target: source, passphrase } = open.get(handle);
      const zip = target.toLowerCase().endsWith('.zip');
      const chosen = tags.length === 0 ? null : tags;
      return exportCase(source, target, { tags: chosen, evidence, zip, purpose, passphrase, signal });
    },
    'case.importPackage': ({ case: handle, path }, { signal }) => {
      const { target, passphrase } = open.get(handle);
      return importPackage(target, path, { passphrase, signal });
    },
    'case.reports': ({ case: handle }) => listReports(open.get(handle).target.db),
    'audit.read': ({ case: handle, offset, limit }) => {
      const { db } = open.get(handle).target;
      const sql = 'SELECT entry, hash FROM audit ORDER BY seq DESC LIMIT ? OFFSET ?';
      const rows = db.all(AuditRow, sql, limit, offset).map(({ entry, hash }) => ({ hash, entry: parseEntry(entry) }));
      return {
        total: db.one(Count, 'SELECT count(*) AS n FROM audit')?.n ?? 0,
        head: chainHead(db)?.hash ?? null,
        rows,
      };
    },
  };
}

function parseEntry(text: string): AuditEntry {
  const parsed = AuditEntry.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new VidimusError('case.damaged', 'An entry of the audit log cannot be read.', {
    advice: 'Verify the case; it names the entry.',
  });
}
