/** What examiners write: notes, tags, bookmarks, propositions, opinions, and reports that were issued. */
import { appendOnly } from './appendOnly.ts';

export const examination = `
CREATE TABLE note (
  id TEXT PRIMARY KEY,
  exhibit TEXT REFERENCES exhibit (id),
  finding TEXT REFERENCES finding (id),
  text TEXT NOT NULL,
  supersedes TEXT REFERENCES note (id),
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
CREATE INDEX noteByExhibit ON note (exhibit, id);
CREATE INDEX noteByFinding ON note (finding);
${appendOnly('note')}

CREATE TABLE tagging (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  tag TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('set', 'removed')),
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL,
  UNIQUE (tag, exhibit)
) STRICT;
CREATE INDEX taggingByExhibit ON tagging (exhibit);

CREATE TABLE bookmark (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  analysis TEXT REFERENCES analysis (id),
  label TEXT NOT NULL,
  timeSeconds REAL,
  frame INTEGER,
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
CREATE INDEX bookmarkByExhibit ON bookmark (exhibit, id);
${appendOnly('bookmark')}

CREATE TABLE proposition (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  h1 TEXT NOT NULL,
  h2 TEXT NOT NULL,
  analysesBefore INTEGER NOT NULL,
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
CREATE INDEX propositionByExhibit ON proposition (exhibit, id);
${appendOnly('proposition')}

CREATE TABLE opinion (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  proposition TEXT NOT NULL REFERENCES proposition (id),
  examiner TEXT NOT NULL REFERENCES examiner (id),
  place TEXT NOT NULL CHECK (place IN ('first', 'second')),
  text TEXT NOT NULL,
  limitations TEXT,
  log10Lr REAL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'signed')),
  writtenUtc TEXT NOT NULL,
  signedUtc TEXT,
  signature TEXT,
  UNIQUE (exhibit, proposition, place),
  UNIQUE (exhibit, proposition, examiner)
) STRICT;
CREATE TRIGGER opinionSigned BEFORE UPDATE ON opinion WHEN old.state = 'signed'
BEGIN SELECT raise(ABORT, 'a signed opinion is never changed'); END;
CREATE TRIGGER opinionNoDelete BEFORE DELETE ON opinion BEGIN SELECT raise(ABORT, 'an opinion is never removed'); END;

CREATE TABLE report (
  id TEXT PRIMARY KEY,
  format TEXT NOT NULL,
  title TEXT NOT NULL,
  fileName TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  exhibits TEXT NOT NULL,
  chainSeq INTEGER NOT NULL,
  chainHead TEXT NOT NULL,
  byExaminer TEXT NOT NULL,
  utc TEXT NOT NULL
) STRICT;
${appendOnly('report')}
`;
