/** SQLite's and the file system's refusals in words an examiner can act on. */
import Database from 'better-sqlite3';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';

/** The named error behind anything that a database or file operation threw. */
export function caseError(thrown: unknown, where: string): VidimusError {
  if (thrown instanceof VidimusError) return thrown;
  const code = codeOf(thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const named = (name: ConstructorParameters<typeof VidimusError>[0], message: string): VidimusError =>
    new VidimusError(name, message, { cause: thrown, detail: `${code}: ${reason}` });
  if (
    code === 'SQLITE_FULL' ||
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    code === 'EFBIG' ||
    code === 'SQLITE_IOERR_WRITE'
  )
    return named('case.disk-full', `There is no room left to write ${where}.`);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code.startsWith('SQLITE_READONLY'))
    return named('case.read-only', `${where} cannot be written.`);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return named('case.locked', `${where} is being written by another program.`);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return named('case.damaged', `The database of ${where} is damaged (${reason}).`);
  if (code.startsWith('SQLITE_IOERR')) return named('case.damaged', `${where} could not be read or written (${code}).`);
  if (code.startsWith('SQLITE_CONSTRAINT')) return named('case.rule', `The case refuses this record: ${reason}.`);
  if (code === 'SQLITE_CANTOPEN') return named('case.not-found', `${where} could not be opened.`);
  return asVidimusError(thrown);
}

/** Whether SQLite itself said that the bytes are no database (also its answer to a wrong key). */
export const isNotADatabase = (thrown: unknown): boolean =>
  thrown instanceof Database.SqliteError && thrown.code === 'SQLITE_NOTADB';
