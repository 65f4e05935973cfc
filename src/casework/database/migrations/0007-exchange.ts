/** Merges from other cases (their audit logs kept whole, conflicts kept beside ours) and time stamps of the chain. */
import { appendOnly } from './appendOnly.ts';

export const exchange = `
CREATE TABLE merge (
  id TEXT PRIMARY KEY,
  sourceCase TEXT NOT NULL,
  sourceNumber TEXT NOT NULL,
  sourceSeq INTEGER NOT NULL,
  sourceHead TEXT NOT NULL,
  sourceRecord TEXT NOT NULL,
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
${appendOnly('merge')}

CREATE TABLE mergeConflict (
  id TEXT PRIMARY KEY,
  mergeId TEXT NOT NULL REFERENCES merge (id),
  tableName TEXT NOT NULL,
  rowId TEXT NOT NULL,
  oursHash TEXT NOT NULL,
  theirsHash TEXT NOT NULL,
  theirs TEXT NOT NULL,
  UNIQUE (tableName, rowId, theirsHash)
) STRICT;
${appendOnly('mergeConflict')}

CREATE TABLE foreignAudit (
  sourceCase TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  entry TEXT NOT NULL,
  PRIMARY KEY (sourceCase, seq, hash)
) STRICT;
${appendOnly('foreignAudit')}

CREATE TABLE timeStamp (
  id TEXT PRIMARY KEY,
  caseId TEXT NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  token BLOB NOT NULL,
  genTimeUtc TEXT NOT NULL,
  tsa TEXT NOT NULL,
  policy TEXT NOT NULL,
  importedUtc TEXT NOT NULL,
  byExaminer TEXT NOT NULL
) STRICT;
${appendOnly('timeStamp')}
`;
