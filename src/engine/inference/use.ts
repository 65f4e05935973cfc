/** Which pack ran where, for the record of a run. */
import type { PackUse } from '../../contract/result.ts';
import type { Session } from './session.ts';

/** The record of one open session. */
export const packUseOf = (session: Session): PackUse => ({
  id: session.manifest.id,
  version: session.manifest.version,
  sha256: session.packSha256,
  provider: session.provider,
  note: session.note,
});
