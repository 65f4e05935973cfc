/** Who and what: the case, its examiners, settings, and the audit log that everything else is written to. */
export const caseAndAudit = `
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
) STRICT;
CREATE TRIGGER auditNoUpdate BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER auditNoDelete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

CREATE TABLE caseFile (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  agency TEXT,
  matter TEXT,
  description TEXT,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  kind TEXT NOT NULL CHECK (kind IN ('working', 'export')),
  openedUtc TEXT NOT NULL,
  closedUtc TEXT
) STRICT;

CREATE TABLE examiner (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('examiner', 'reviewer', 'technician', 'manager')),
  qualification TEXT,
  organisation TEXT,
  certificatePem TEXT,
  certificateSha256 TEXT,
  createdUtc TEXT NOT NULL
) STRICT;

CREATE TABLE setting (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
