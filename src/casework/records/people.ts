/** Examiners of a case. */
import { X509Certificate } from 'node:crypto';
import { Examiner } from '../../contract/case.ts';
import { VidimusError } from '../../contract/errors.ts';
import { sha256Of } from '../audit/canonical.ts';
import { record, type Session } from '../audit/edit.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';

export type NewExaminer = Pick<Examiner, 'name' | 'role' | 'qualification' | 'organisation' | 'certificatePem'>;

/** Enters an examiner. A certificate must be one X.509 certificate as PEM. @throws VidimusError usage.invalid. */
export function addExaminer(session: Session, fields: NewExaminer): Examiner {
  let certificateSha256: string | null = null;
  if (fields.certificatePem !== null) {
    try {
      certificateSha256 = sha256Of(new X509Certificate(fields.certificatePem).raw);
    } catch (cause) {
      throw new VidimusError('usage.invalid', 'The signing certificate is not a PEM certificate.', { cause });
    }
  }
  const row = Examiner.parse({ ...fields, id: newId(), certificateSha256, createdUtc: utc(session.now()) });
  record(session, 'examiner.add', { name: row.name, role: row.role }, (edit) => edit.insert('examiner', row));
  return row;
}

export const listExaminers = (db: ReadableDb): Examiner[] => db.all(Examiner, 'SELECT * FROM examiner ORDER BY id');

/** The examiner with this id or, where it is unique, this name. @throws VidimusError case.unknown. */
export function findExaminer(db: ReadableDb, idOrName: string): Examiner {
  const hits = db.all(Examiner, 'SELECT * FROM examiner WHERE id = ? OR name = ?', idOrName, idOrName);
  const [hit] = hits;
  if (!hit || hits.length > 1)
    throw new VidimusError(
      'case.unknown',
      `${hits.length === 0 ? 'No' : 'More than one'} examiner is called "${idOrName}".`,
    );
  return hit;
}
