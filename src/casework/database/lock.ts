/**
 * One writer per case, across processes. The lock is an SQLite transaction held on a small file of its own: the
 * operating system releases it when its holder dies, however it dies, so no stale lock ever needs breaking.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { VidimusError } from '../../contract/errors.ts';
import { caseError } from './errors.ts';

export interface WriterLock {
  release(): void;
}

const holderOf = (folder: string): string => {
  try {
    return ` (${readFileSync(join(folder, 'writer.txt'), 'utf8').trim()})`;
  } catch {
    return '';
  }
};

/**
 * Takes the writer's lock of a case folder.
 * @throws VidimusError case.locked while another process (or another handle of this one) holds it; case.read-only.
 */
export function takeWriterLock(folder: string): WriterLock {
  const path = join(folder, 'writer.lock');
  let connection: Database.Database | undefined;
  try {
    connection = new Database(path, { timeout: 250 });
    connection.pragma('journal_mode = MEMORY');
    connection.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    connection?.close();
    const error = caseError(thrown, folder);
    if (error.code === 'case.locked')
      throw new VidimusError('case.locked', `${folder} is open for writing in another program${holderOf(folder)}.`);
    if (error.code === 'case.not-found')
      throw new VidimusError('case.read-only', `${folder} cannot be written.`, { cause: thrown });
    throw error;
  }
  const held = connection;
  const holder = join(folder, 'writer.txt');
  try {
    writeFileSync(holder, `process ${process.pid} on ${hostname()}\n`);
  } catch (thrown) {
    held.close();
    throw caseError(thrown, folder);
  }
  return {
    release: () => {
      if (!held.open) return;
      rmSync(holder, { force: true });
      held.exec('ROLLBACK');
      held.close();
    },
  };
}
