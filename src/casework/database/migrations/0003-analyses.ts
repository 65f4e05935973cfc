/** Analyses with their packs, series and artefacts. Nothing here is ever rewritten. */
import { appendOnly } from './appendOnly.ts';

export const analyses = `
CREATE TABLE analysis (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  planHash TEXT NOT NULL,
  plan TEXT NOT NULL,
  run TEXT NOT NULL,
  resultSha256 TEXT NOT NULL,
  result TEXT NOT NULL,
  mediaType TEXT NOT NULL,
  label TEXT NOT NULL CHECK (label IN ('fake', 'real', 'uncertain')),
  score REAL,
  log10Lr REAL,
  fusion TEXT NOT NULL,
  startedUtc TEXT NOT NULL,
  finishedUtc TEXT NOT NULL,
  byExaminer TEXT NOT NULL
) STRICT;
CREATE INDEX analysisByExhibit ON analysis (exhibit, planHash);
${appendOnly('analysis')}

CREATE TABLE analysisPack (
  id TEXT PRIMARY KEY,
  analysis TEXT NOT NULL REFERENCES analysis (id),
  packId TEXT NOT NULL,
  version TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  provider TEXT NOT NULL
) STRICT;
CREATE INDEX analysisPackByAnalysis ON analysisPack (analysis);
${appendOnly('analysisPack')}

CREATE TABLE series (
  id TEXT PRIMARY KEY,
  analysis TEXT NOT NULL REFERENCES analysis (id),
  ordinal INTEGER NOT NULL,
  head TEXT NOT NULL,
  points INTEGER NOT NULL CHECK (points >= 0),
  xKind TEXT NOT NULL CHECK (xKind IN ('i32', 'f32', 'f64', 'ramp')),
  x BLOB NOT NULL,
  yKind TEXT NOT NULL CHECK (yKind IN ('i32', 'f32', 'f64', 'ramp')),
  y BLOB NOT NULL,
  UNIQUE (analysis, ordinal)
) STRICT;
${appendOnly('series')}

CREATE TABLE artifact (
  id TEXT PRIMARY KEY,
  analysis TEXT NOT NULL REFERENCES analysis (id),
  ordinal INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes INTEGER NOT NULL,
  mime TEXT NOT NULL,
  UNIQUE (analysis, ordinal)
) STRICT;
CREATE INDEX artifactBySha256 ON artifact (sha256);
${appendOnly('artifact')}
`;
