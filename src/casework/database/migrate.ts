/** Numbered migrations. Each runs once, in a transaction of its own that also raises `user_version`. */
import type Database from 'better-sqlite3';
import { VidimusError } from '../../contract/errors.ts';
import { caseError } from './errors.ts';
import { caseAndAudit } from './migrations/0001-case.ts';
import { evidence } from './migrations/0002-evidence.ts';
import { analyses } from './migrations/0003-analyses.ts';
import { examination } from './migrations/0004-examination.ts';
import { queue } from './migrations/0005-queue.ts';
import { search } from './migrations/0006-search.ts';
import { exchange } from './migrations/0007-exchange.ts';

/** In order; the place in the list is the number. A migration that was released is never edited. */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-case', sql: caseAndAudit },
  { name: '0002-evidence', sql: evidence },
  { name: '0003-analyses', sql: analyses },
  { name: '0004-examination', sql: examination },
  { name: '0005-queue', sql: queue },
  { name: '0006-search', sql: search },
  { name: '0007-exchange', sql: exchange },
];

/** The version that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** "VidC": marks the file as a case of ours (SQLite's application_id). */
export const APPLICATION_ID = 0x56_69_64_43;

export const versionOf = (connection: Database.Database): number =>
  Number(connection.pragma('user_version', { simple: true }));

/**
 * Brings the schema from its version to `target`. Returns the names of the migrations that ran.
 * @throws VidimusError case.damaged when a migration does not fit the tables it finds.
 */
export function migrate(connection: Database.Database, target = SCHEMA_VERSION): string[] {
  const done: string[] = [];
  for (let version = versionOf(connection); version < target; version += 1) {
    const step = MIGRATIONS[version];
    if (!step) break;
    try {
      connection
        .transaction(() => {
          connection.exec(step.sql);
          connection.pragma(`user_version = ${version + 1}`);
        })
        .immediate();
    } catch (thrown) {
      const error = caseError(thrown, connection.name);
      if (error.family === 'bug') {
        throw new VidimusError('case.damaged', `Migration ${step.name} does not fit this database: ${error.message}`, {
          cause: thrown,
        });
      }
      throw error;
    }
    done.push(step.name);
  }
  return done;
}
