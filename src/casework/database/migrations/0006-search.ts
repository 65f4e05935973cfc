/**
 * Full-text search (FTS5) over the case, exhibits, notes and findings. `searchDoc` holds what is indexed, with a blank
 * between letters of scripts that are written without blanks; it can be made anew from the records at any time.
 */
export const search = `
CREATE TABLE searchDoc (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, ref)
) STRICT;
CREATE VIRTUAL TABLE searchIndex USING fts5 (
  title, body, content = 'searchDoc', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER searchDocInsert AFTER INSERT ON searchDoc BEGIN
  INSERT INTO searchIndex (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER searchDocDelete AFTER DELETE ON searchDoc BEGIN
  INSERT INTO searchIndex (searchIndex, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER searchDocUpdate AFTER UPDATE ON searchDoc BEGIN
  INSERT INTO searchIndex (searchIndex, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO searchIndex (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
`;
