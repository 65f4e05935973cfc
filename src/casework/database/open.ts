/**
 * Creates and opens the database of a case.
 *
 * One database per case, not per workspace: a case is locked, encrypted, backed up, archived, handed over and, if it
 * comes to that, damaged alone; its audit chain tells one story; and two examiners can write two cases at the same
 * time. The price is that questions across cases (duplicates, search) open several files, which takes milliseconds
 * each, and that cases under another pass phrase are named as not searched.
 *
 * While a case is open for writing it is in WAL mode with `synchronous = FULL`: an answered call is on the disk.
 * A closed case is one file in rollback mode, which also opens on a read-only medium.
 */
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { VidimusError } from '../../contract/errors.ts';
import { DATABASE_NAME, makeCard, phraseFits, readCard, writeCard } from './card.ts';
import { caseError, isNotADatabase } from './errors.ts';
import { type ReadableDb, readableHandle, type WritableDb, writableHandle } from './handle.ts';
import { takeWriterLock } from './lock.ts';
import { APPLICATION_ID, MIGRATIONS, migrate, SCHEMA_VERSION, versionOf } from './migrate.ts';

const PLAIN_HEADER = 'SQLite format 3\0';

/** Gives the connection its key. Must come before anything reads a page. */
function unlock(connection: Database.Database, phrase: string | null): void {
  if (phrase === null) return;
  // ChaCha20-Poly1305 with PBKDF2-HMAC-SHA256 (sqleet scheme of SQLite3 Multiple Ciphers): every page is authenticated.
  connection.pragma("cipher = 'chacha20'");
  connection.pragma(`hexkey = '${Buffer.from(phrase.normalize('NFC'), 'utf8').toString('hex')}'`);
}

function header(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(100);
    return bytes.subarray(0, readSync(file, bytes, 0, 100, 0));
  } finally {
    closeSync(file);
  }
}

/** Refuses what is not ours before SQLite touches it. */
function inspect(folder: string, phrase: string | null): { path: string; phrase: string | null } {
  const path = join(folder, DATABASE_NAME);
  const card = readCard(folder);
  if (!existsSync(path)) {
    if (card)
      throw new VidimusError(
        'case.damaged',
        `The database of the case ${folder} is missing, or its making was interrupted.`,
      );
    throw new VidimusError('case.not-found', `There is no case in ${folder}.`);
  }
  let first: Buffer;
  try {
    first = header(path);
  } catch (thrown) {
    throw caseError(thrown, path);
  }
  const plain = first.toString('latin1', 0, 16) === PLAIN_HEADER;
  if (plain) {
    const application = first.length >= 72 ? first.readUInt32BE(68) : 0;
    if (application !== APPLICATION_ID)
      throw new VidimusError('case.foreign', `${path} is a database of another program.`);
    if (card?.encrypted)
      throw new VidimusError('case.damaged', `${path} should be encrypted and is not: it was exchanged.`);
    return { path, phrase: null };
  }
  if (!card) throw new VidimusError('case.foreign', `${path} is not a database of Vidimus, or its card is missing.`);
  if (!card.encrypted || first.length < 100) throw new VidimusError('case.damaged', `The start of ${path} is damaged.`);
  if (phrase === null || phrase === '') throw new VidimusError('case.passphrase', 'This case needs its pass phrase.');
  if (!phraseFits(card, phrase))
    throw new VidimusError('case.passphrase', 'The pass phrase is not the one of this case.');
  return { path, phrase };
}

/** Checks that the database is ours, of our time and whole. */
function check(connection: Database.Database, path: string, thorough: boolean): void {
  try {
    const application = connection.pragma('application_id', { simple: true });
    if (application !== APPLICATION_ID)
      throw new VidimusError('case.foreign', `${path} is a database of another program.`);
    const version = versionOf(connection);
    if (version > SCHEMA_VERSION)
      throw new VidimusError(
        'case.newer',
        `${path} was written by a newer version (${version}, this one knows ${SCHEMA_VERSION}).`,
      );
    if (version < 1) throw new VidimusError('case.damaged', `${path} holds no case: its making was interrupted.`);
    const problems = integrityProblems(connection, thorough);
    if (problems.length > 0)
      throw new VidimusError('case.damaged', `The database ${path} is damaged: ${problems[0]}`, {
        detail: problems.join('\n'),
      });
  } catch (thrown) {
    if (isNotADatabase(thrown))
      throw new VidimusError('case.damaged', `The database ${path} is damaged.`, { cause: thrown });
    throw caseError(thrown, path);
  }
}

function integrityProblems(connection: Database.Database, thorough: boolean): string[] {
  const answer = connection.pragma(thorough ? 'integrity_check(20)' : 'quick_check(20)', { simple: false });
  const lines = Array.isArray(answer) ? answer.flatMap((row: unknown) => Object.values(row ?? {}).map(String)) : [];
  const keys = thorough ? connection.pragma('foreign_key_check') : [];
  const broken = Array.isArray(keys) ? keys.map((row: unknown) => `foreign key: ${JSON.stringify(row)}`) : [];
  return [...lines.filter((line) => line !== 'ok'), ...broken];
}

export interface OpenedForWriting {
  readonly db: WritableDb;
  /** Migrations that ran on opening; a copy from before them lies beside the database. */
  readonly migrated: readonly string[];
  close(): void;
}

function prepareWriter(connection: Database.Database): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('trusted_schema = OFF');
  connection.pragma('busy_timeout = 10000');
}

/**
 * Makes the folder and an empty case database in it. The folder may exist but must be empty.
 * @throws VidimusError case.exists, case.read-only, case.disk-full.
 */
export function createDatabase(folder: string, id: string, phrase: string | null): OpenedForWriting {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    const error = caseError(thrown, folder);
    if (error.family !== 'bug') throw error;
    // Node says ENOENT where a recursive mkdir meets a read-only file system.
    throw new VidimusError('case.read-only', `The folder ${folder} cannot be made.`, { cause: thrown });
  }
  if (existsSync(join(folder, DATABASE_NAME)) || readCard(folder))
    throw new VidimusError('case.exists', `${folder} already holds a case.`);
  if (phrase === '') throw new VidimusError('case.passphrase', 'The pass phrase is empty.');
  const lock = takeWriterLock(folder);
  const path = join(folder, DATABASE_NAME);
  let connection: Database.Database | undefined;
  try {
    writeCard(folder, makeCard(id, phrase));
    connection = new Database(path);
    unlock(connection, phrase);
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    prepareWriter(connection);
    return opened(connection, path, migrate(connection), lock.release);
  } catch (thrown) {
    connection?.close();
    lock.release();
    throw caseError(thrown, folder);
  }
}

function opened(
  connection: Database.Database,
  path: string,
  migrated: readonly string[],
  release: () => void,
): OpenedForWriting {
  return {
    db: writableHandle(connection, path),
    migrated,
    close: () => {
      if (!connection.open) return;
      try {
        connection.pragma('busy_timeout = 0');
        connection.pragma('journal_mode = DELETE');
      } catch {
        // Somebody is reading: the WAL stays and the next writer goes on with it.
      }
      connection.close();
      release();
    },
  };
}

/** A name for the copy from before a migration; an earlier one (of a migration that was interrupted) stays. */
function copyName(path: string): string {
  let name = `${path}.before-${SCHEMA_VERSION}`;
  for (let n = 2; existsSync(name); n += 1) name = `${path}.before-${SCHEMA_VERSION}-${n}`;
  return name;
}

/**
 * Opens a case for writing: takes the lock, checks the database, runs missing migrations after copying it.
 * @throws VidimusError case.not-found, case.foreign, case.newer, case.damaged, case.locked, case.passphrase, case.read-only.
 */
export function openDatabase(folder: string, phrase: string | null): OpenedForWriting {
  const found = inspect(folder, phrase);
  const lock = takeWriterLock(folder);
  let connection: Database.Database | undefined;
  try {
    connection = new Database(found.path, { fileMustExist: true, timeout: 10_000 });
    unlock(connection, found.phrase);
    check(connection, found.path, false);
    prepareWriter(connection);
    const version = versionOf(connection);
    if (version < MIGRATIONS.length) connection.prepare<[string]>('VACUUM INTO ?').run(copyName(found.path));
    return opened(connection, found.path, migrate(connection), lock.release);
  } catch (thrown) {
    connection?.close();
    lock.release();
    if (isNotADatabase(thrown))
      throw new VidimusError('case.damaged', `The database ${found.path} is damaged.`, { cause: thrown });
    throw caseError(thrown, found.path);
  }
}

/**
 * Opens a case for reading; a writer may work on it meanwhile. A case left in WAL mode on a read-only medium is read
 * from a copy in the system's temporary folder, which {@link ReadableDb.close} removes.
 * @throws VidimusError as {@link openDatabase}, without case.locked.
 */
export function openForReading(folder: string, phrase: string | null, thorough = false): ReadableDb {
  const found = inspect(folder, phrase);
  const connect = (path: string): Database.Database => {
    const connection = new Database(path, { readonly: true, fileMustExist: true, timeout: 10_000 });
    try {
      unlock(connection, found.phrase);
      check(connection, found.path, thorough);
      if (versionOf(connection) < SCHEMA_VERSION)
        throw new VidimusError(
          'case.read-only',
          `${found.path} is of an older version and must be opened for writing once.`,
        );
      return connection;
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
  };
  try {
    return readableHandle(connect(found.path), found.path);
  } catch (thrown) {
    if (caseError(thrown, found.path).code !== 'case.not-found') throw thrown;
  }
  const copy = mkdtempSync(join(tmpdir(), 'vidimus-read-'));
  try {
    for (const ending of ['', '-wal']) {
      if (existsSync(found.path + ending)) copyFileSync(found.path + ending, join(copy, DATABASE_NAME + ending));
    }
    const handle = readableHandle(connect(join(copy, DATABASE_NAME)), found.path);
    return {
      ...handle,
      close: () => {
        handle.close();
        rmSync(copy, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    rmSync(copy, { recursive: true, force: true });
    throw caseError(thrown, found.path);
  }
}
