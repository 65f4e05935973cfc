/** Exhibits, their custody, their re-verification, and findings that stay. */
import { appendOnly } from './appendOnly.ts';

export const evidence = `
CREATE TABLE exhibit (
  id TEXT PRIMARY KEY,
  originCase TEXT NOT NULL,
  itemNumber TEXT NOT NULL,
  description TEXT,
  maker TEXT,
  model TEXT,
  serial TEXT,
  acquisitionMethod TEXT,
  acquisitionTool TEXT,
  acquisitionToolVersion TEXT,
  writeBlocker TEXT,
  source TEXT,
  authority TEXT,
  collectedBy TEXT,
  collectedUtc TEXT,
  collectedPlace TEXT,
  sealNumber TEXT,
  storagePlace TEXT,
  originalName TEXT NOT NULL,
  originalPath TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  mediaType TEXT CHECK (mediaType IN ('image', 'video', 'audio')),
  fileModifiedUtc TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  sha512 TEXT NOT NULL CHECK (length(sha512) = 128),
  md5 TEXT NOT NULL CHECK (length(md5) = 32),
  storage TEXT NOT NULL CHECK (storage IN ('reference', 'copy')),
  path TEXT NOT NULL,
  addedUtc TEXT NOT NULL,
  addedBy TEXT NOT NULL,
  UNIQUE (originCase, itemNumber)
) STRICT;
CREATE INDEX exhibitBySha256 ON exhibit (sha256);
CREATE INDEX exhibitByNumber ON exhibit (originCase, CAST(itemNumber AS INTEGER)) WHERE itemNumber NOT GLOB '*[^0-9]*';
CREATE INDEX exhibitByMediaType ON exhibit (mediaType, id);
CREATE TRIGGER exhibitNoDelete BEFORE DELETE ON exhibit BEGIN SELECT raise(ABORT, 'an exhibit is never removed'); END;
CREATE TRIGGER exhibitIdentity BEFORE UPDATE OF id, originCase, bytes, sha256, sha512, md5, originalName ON exhibit
BEGIN SELECT raise(ABORT, 'the identity of an exhibit is fixed at intake'); END;

CREATE TABLE custodyEvent (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  type TEXT NOT NULL,
  releasedBy TEXT,
  receivedBy TEXT,
  utc TEXT NOT NULL,
  localTime TEXT NOT NULL,
  purpose TEXT NOT NULL,
  hashBefore TEXT,
  hashAfter TEXT,
  matches TEXT NOT NULL CHECK (matches IN ('yes', 'no', 'not-checked')),
  remark TEXT,
  byExaminer TEXT NOT NULL
) STRICT;
CREATE INDEX custodyByExhibit ON custodyEvent (exhibit, id);
${appendOnly('custodyEvent')}

CREATE TABLE verification (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  reason TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('match', 'mismatch', 'missing', 'unreadable')),
  utc TEXT NOT NULL,
  expectedSha256 TEXT NOT NULL,
  foundSha256 TEXT,
  bytes INTEGER,
  detail TEXT,
  byExaminer TEXT NOT NULL
) STRICT;
CREATE INDEX verificationByExhibit ON verification (exhibit, utc);
${appendOnly('verification')}

CREATE TABLE finding (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  exhibit TEXT REFERENCES exhibit (id),
  effect TEXT NOT NULL CHECK (effect IN ('blocks-signing', 'notice')),
  message TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
CREATE INDEX findingByExhibit ON finding (exhibit, effect);
${appendOnly('finding')}
`;
