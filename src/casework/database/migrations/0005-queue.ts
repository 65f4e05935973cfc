/** The queue: one row per exhibit and plan that is to be analysed. */
export const queue = `
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  exhibit TEXT NOT NULL REFERENCES exhibit (id),
  plan TEXT NOT NULL,
  planHash TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL,
  interruptions INTEGER NOT NULL,
  reason TEXT,
  errorCode TEXT,
  error TEXT,
  analysis TEXT REFERENCES analysis (id),
  createdUtc TEXT NOT NULL,
  startedUtc TEXT,
  finishedUtc TEXT,
  byExaminer TEXT NOT NULL,
  CHECK ((state = 'done') = (analysis IS NOT NULL))
) STRICT;
CREATE INDEX jobByState ON job (state, priority DESC, id);
CREATE INDEX jobByExhibit ON job (exhibit, planHash);
`;
