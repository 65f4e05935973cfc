/** Every migration by itself: what was there before stays, what it brings works, and the hot queries use an index. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCase } from '../../src/casework/case.ts';
import { makeCard, writeCard } from '../../src/casework/database/card.ts';
import { APPLICATION_ID, MIGRATIONS, migrate, SCHEMA_VERSION, versionOf } from '../../src/casework/database/migrate.ts';
import { caseAndAudit } from '../../src/casework/database/migrations/0001-case.ts';
import { newId } from '../../src/casework/ids.ts';

const at = (version: number): Database.Database => {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, version);
  return db;
};
const tables = (db: Database.Database): string[] =>
  db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'searchIndex_%' ORDER BY name")
    .pluck()
    .all()
    .map(String);
const plan = (db: Database.Database, sql: string): string =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => (row instanceof Object && 'detail' in row ? String(row.detail) : ''))
    .join(' | ');
const fails = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  return 'did not fail';
};

const EXHIBIT = `INSERT INTO exhibit (id, originCase, itemNumber, originalName, originalPath, bytes, fileModifiedUtc, sha256, sha512, md5, storage, path, addedUtc, addedBy)
 VALUES ('e', 'c', '1', 'a', '/a', 1, 't', '${'0'.repeat(64)}', '${'0'.repeat(128)}', '${'0'.repeat(32)}', 'copy', 'p', 't', 'x')`;
const ANALYSIS = `INSERT INTO analysis (id, exhibit, planHash, plan, run, resultSha256, result, mediaType, label, fusion, startedUtc, finishedUtc, byExaminer)
 VALUES ('a', 'e', 'p', '{}', '{}', 'r', '{}', 'audio', 'uncertain', 'max', 't', 't', 'x')`;

/** What each migration adds, a row that goes in before it and must survive, and its hot queries. */
const STEPS: readonly { adds: string[]; before: string[]; hot: [string, RegExp][]; refuses: [string, RegExp][] }[] = [
  {
    adds: ['audit', 'caseFile', 'examiner', 'setting'],
    before: [],
    hot: [
      ['SELECT seq, hash, entry FROM audit ORDER BY seq DESC LIMIT 1', /SCAN audit$/],
      ['SELECT * FROM audit WHERE hash = 1', /USING INDEX/],
    ],
    refuses: [
      ["INSERT INTO caseFile VALUES ('x', 'n', NULL, NULL, NULL, 'half-open', 'working', 't', NULL)", /CHECK/],
      ["INSERT INTO audit VALUES (1, 'x', 'short')", /CHECK/],
    ],
  },
  {
    adds: ['custodyEvent', 'exhibit', 'finding', 'verification'],
    before: ["INSERT INTO setting VALUES ('s', 'v')"],
    hot: [
      [
        "SELECT * FROM exhibit WHERE id > 'x' ORDER BY id LIMIT 100",
        /SEARCH exhibit USING INDEX sqlite_autoindex_exhibit_1/,
      ],
      ["SELECT * FROM exhibit WHERE sha256 = 'x'", /exhibitBySha256/],
      [
        "SELECT max(CAST(itemNumber AS INTEGER)) AS n FROM exhibit WHERE originCase = 'x' AND itemNumber NOT GLOB '*[^0-9]*'",
        /SEARCH exhibit USING (COVERING )?INDEX exhibitByNumber/,
      ],
      ["SELECT * FROM exhibit WHERE mediaType = 'video' AND id > 'x' ORDER BY id LIMIT 100", /exhibitByMediaType/],
      ["SELECT * FROM custodyEvent WHERE exhibit = 'x' ORDER BY id", /custodyByExhibit/],
      ["SELECT * FROM finding WHERE exhibit = 'x' AND effect = 'blocks-signing' ORDER BY id", /findingByExhibit/],
      ["SELECT max(v.utc) FROM verification v WHERE v.exhibit = 'x'", /verificationByExhibit/],
    ],
    refuses: [
      [EXHIBIT.replace("'copy'", "'cloud'"), /CHECK/],
      ["INSERT INTO finding VALUES ('f', 'k', 'nobody', 'notice', 'm', 't')", /FOREIGN KEY/],
    ],
  },
  {
    adds: ['analysis', 'analysisPack', 'artifact', 'series'],
    before: [EXHIBIT],
    hot: [
      ["SELECT * FROM analysis WHERE exhibit = 'x' AND planHash = 'y'", /analysisByExhibit/],
      ["SELECT * FROM series WHERE analysis = 'x' ORDER BY ordinal", /USING INDEX/],
      ["SELECT count(*) FROM artifact WHERE sha256 = 'x'", /artifactBySha256/],
    ],
    refuses: [[ANALYSIS.replace("'uncertain'", "'authentic'"), /CHECK/]],
  },
  {
    adds: ['bookmark', 'note', 'opinion', 'proposition', 'report', 'tagging'],
    before: [ANALYSIS],
    hot: [
      [
        "SELECT e.* FROM tagging t JOIN exhibit e ON e.id = t.exhibit WHERE t.tag = 'x' AND t.state = 'set' AND t.exhibit > 'y' ORDER BY t.exhibit LIMIT 9",
        /SEARCH t USING INDEX sqlite_autoindex_tagging_2 \(tag=\? AND exhibit>\?\) \| SEARCH e USING INDEX(?!.*TEMP B-TREE)/,
      ],
      ["SELECT * FROM note WHERE exhibit IS 'x' ORDER BY id", /noteByExhibit/],
      ["SELECT * FROM opinion WHERE exhibit = 'x' AND proposition = 'y'", /USING INDEX/],
    ],
    refuses: [["INSERT INTO tagging VALUES ('t', 'e', 'tag', 'maybe', 'x', 't')", /CHECK/]],
  },
  {
    adds: ['job'],
    before: ["INSERT INTO note VALUES ('n', 'e', NULL, 'text', NULL, 'x', 't')"],
    hot: [
      [
        "SELECT * FROM job WHERE state = 'queued' ORDER BY priority DESC, id LIMIT 1",
        /SEARCH job USING INDEX jobByState \(state=\?\)$/,
      ],
      ["SELECT * FROM job WHERE exhibit = 'x' AND planHash = 'y' AND state IN ('queued', 'running') LIMIT 1", /jobBy/],
    ],
    refuses: [
      [
        "INSERT INTO job VALUES ('j', 'e', '{}', 'p', 0, 'done', 1, 0, NULL, NULL, NULL, NULL, 't', NULL, NULL, 'x')",
        /CHECK/,
      ],
    ],
  },
  {
    adds: ['searchDoc', 'searchIndex'],
    before: [],
    hot: [
      [
        "SELECT d.ref FROM searchIndex JOIN searchDoc d ON d.id = searchIndex.rowid WHERE searchIndex MATCH 'x' ORDER BY rank LIMIT 5",
        /VIRTUAL TABLE INDEX.*USING INTEGER PRIMARY KEY/,
      ],
    ],
    refuses: [],
  },
  {
    adds: ['foreignAudit', 'merge', 'mergeConflict', 'timeStamp'],
    before: ["INSERT INTO searchDoc VALUES (1, 'note', 'n', 'title', 'body text')"],
    hot: [
      [
        'SELECT sourceCase, seq, entry, hash FROM foreignAudit ORDER BY sourceCase, seq',
        /USING INDEX(?!.*TEMP B-TREE)/,
      ],
    ],
    refuses: [["INSERT INTO mergeConflict VALUES ('c', 'nothing', 't', 'r', 'o', 'h', '{}')", /FOREIGN KEY/]],
  },
];

describe.each(MIGRATIONS.map((migration, i) => ({ name: migration.name, number: i + 1, step: STEPS[i] })))(
  'migration $name',
  ({ number, step }) => {
    let db: Database.Database;
    let kept: Map<string, unknown[]>;
    beforeAll(() => {
      db = at(number - 1);
      for (const earlier of STEPS.slice(0, number)) for (const sql of earlier.before) db.exec(sql);
      kept = new Map(
        tables(db)
          .filter((name) => name !== 'searchIndex')
          .map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]),
      );
      migrate(db, number);
    });

    it('adds its tables, all strict, and keeps what was there', () => {
      expect(versionOf(db)).toBe(number);
      expect(tables(db).filter((name) => !kept.has(name) && (number <= 6 || name !== 'searchIndex'))).toEqual(
        step.adds,
      );
      for (const name of step.adds)
        if (name !== 'searchIndex')
          expect(db.prepare('SELECT strict FROM pragma_table_list WHERE name = ?').pluck().get(name), name).toBe(1);
      for (const [name, rows] of kept) expect(db.prepare(`SELECT * FROM ${name}`).all(), name).toEqual(rows);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(migrate(db, number)).toEqual([]);
    });
    it('answers its hot queries from an index', () => {
      for (const [sql, expected] of step.hot) expect(plan(db, sql), sql).toMatch(expected);
    });
    it('refuses rows that make no sense', () => {
      for (const [sql, expected] of step.refuses)
        expect(
          fails(() => db.exec(sql)),
          sql,
        ).toMatch(expected);
    });
  },
);

it('leaves a database as it was when a migration breaks in the middle', () => {
  const db = at(2);
  db.exec('CREATE TABLE series (mine)');
  expect(fails(() => migrate(db))).toMatch(/0003-analyses does not fit/);
  expect(versionOf(db)).toBe(2);
  expect(tables(db)).not.toContain('analysis');
});

it('opens a case of the first version, keeps a copy from before, and says so in the audit log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vidimus-old-'));
  const id = newId();
  writeCard(folder, makeCard(id, null));
  const old = new Database(join(folder, 'case.db'));
  old.pragma(`application_id = ${APPLICATION_ID}`);
  old.exec(caseAndAudit);
  old.pragma('user_version = 1');
  old
    .prepare(
      "INSERT INTO caseFile VALUES (?, 'K 1', NULL, NULL, NULL, 'open', 'working', '2026-01-01T00:00:00.000Z', NULL)",
    )
    .run(id);
  old.close();
  const opened = openCase(folder, { actor: { id: null, name: 'x' } });
  opened.close();
  const now = new Database(join(folder, 'case.db'), { readonly: true });
  expect(versionOf(now)).toBe(SCHEMA_VERSION);
  expect(String(now.prepare('SELECT entry FROM audit').pluck().get())).toContain('"action":"database.migrate"');
  now.close();
  const before = new Database(join(folder, `case.db.before-${SCHEMA_VERSION}`), { readonly: true });
  expect(versionOf(before)).toBe(1);
  before.close();
});
