/** Creating, opening, refusing, locking, encrypting, backing up. */

import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openCase, openCaseForReading, setCaseState } from '../../src/casework/case.ts';
import { backupCase, restoreCase } from '../../src/casework/exchange/backup.ts';
import { addNote, listNotes } from '../../src/casework/records/marks.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';
import { ANNA, evidenceFile, failure, newCase, take } from './case-support.ts';

const scribble = (path: string, at: number, bytes: Buffer): void => {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
};

describe('a case database', () => {
  it('is WAL with full synchronisation while open, strict, ours, and one file when closed', async () => {
    const made = newCase();
    const seen = new Database(join(made.folder, 'case.db'), { readonly: true });
    expect(seen.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(seen.pragma('application_id', { simple: true })).toBe(0x56696443);
    const loose = seen
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'searchIndex%'",
      )
      .all();
    expect(loose).toEqual([]);
    seen.close();
    expect(
      made.db.one((await import('zod')).object({ synchronous: (await import('zod')).number() }), 'PRAGMA synchronous'),
    ).toEqual({ synchronous: 2 });
    expect(
      made.db.one(
        (await import('zod')).object({ foreign_keys: (await import('zod')).number() }),
        'PRAGMA foreign_keys',
      ),
    ).toEqual({ foreign_keys: 1 });
    made.close();
    expect(existsSync(join(made.folder, 'case.db-wal'))).toBe(false);
    const again = openCase(made.folder, { actor: ANNA });
    expect(again.info.number).toBe('K 17/26');
    again.close();
  });

  it('never takes the place of a case that is there', async () => {
    const made = newCase();
    made.close();
    expect(await failure(() => newCase({ folder: made.folder }))).toMatchObject({ code: 'case.exists' });
  });

  it('names a damaged, newer, foreign and missing database, and changes none of them', async () => {
    const made = newCase();
    for (let i = 0; i < 50; i += 1) addNote(made, { text: `note ${i} ${'x'.repeat(500)}` });
    made.close();
    const path = join(made.folder, 'case.db');
    const whole = readFileSync(path);
    const cases: [string, () => void, string][] = [
      ['damaged', () => scribble(path, 4096 * 3, Buffer.alloc(4096 * 4, 0x5a)), 'case.damaged'],
      ['cut', () => truncateSync(path, Math.floor(whole.length / 2)), 'case.damaged'],
      ['empty', () => truncateSync(path, 0), 'case.damaged'],
      ['overwritten start', () => scribble(path, 0, Buffer.alloc(64, 0x11)), 'case.damaged'],
      [
        'newer',
        () => {
          const db = new Database(path);
          db.pragma('user_version = 999');
          db.close();
        },
        'case.newer',
      ],
      [
        'foreign',
        () => {
          const db = new Database(path);
          db.pragma('application_id = 7');
          db.close();
        },
        'case.foreign',
      ],
      ['missing', () => rmSync(path), 'case.damaged'],
    ];
    for (const [name, harm, code] of cases) {
      writeFileSync(path, whole);
      harm();
      const before = existsSync(path) ? readFileSync(path) : null;
      for (const open of [
        () => openCase(made.folder, { actor: ANNA }).close(),
        () => openCaseForReading(made.folder).close(),
      ])
        expect((await failure(open)).code, name).toBe(code);
      if (before) expect(readFileSync(path).equals(before), name).toBe(true);
      expect((await failure(() => openCaseForReading(made.folder))).advice.length).toBeGreaterThan(20);
    }
    expect(await failure(() => openCaseForReading(join(made.folder, 'nothing')))).toMatchObject({
      code: 'case.not-found',
    });
    const strange = freshFolder();
    writeFileSync(join(strange, 'case.db'), 'this is a diary');
    expect(await failure(() => openCase(strange, { actor: ANNA }))).toMatchObject({ code: 'case.foreign' });
  });

  it('gives the pen to one process at a time; others may read', async () => {
    const made = newCase();
    expect(await failure(() => openCase(made.folder, { actor: ANNA }))).toMatchObject({ code: 'case.locked' });
    const script = `import { openCase } from '${ROOT}/src/casework/case.ts';
try { openCase(process.argv[1], { actor: { id: null, name: 'x' } }); console.log('opened'); } catch (e) { console.log(e.code, e.message); }`;
    const other = await new Promise<string>((resolve) => {
      const child = spawn(
        process.execPath,
        ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script, made.folder],
        { cwd: ROOT },
      );
      let out = '';
      child.stdout.on('data', (text) => {
        out += text;
      });
      child.on('close', () => resolve(out));
    });
    expect(other).toContain('case.locked');
    expect(other).toContain(`process ${process.pid}`);
    const reader = openCaseForReading(made.folder);
    addNote(made, { text: 'written while somebody reads' });
    expect(listNotes(reader.db, null)).toHaveLength(1);
    reader.close();
    made.close();
    openCase(made.folder, { actor: ANNA }).close();
  });

  it('encrypts with a pass phrase and tells a wrong one from damage', async () => {
    const phrase = 'Größe ’ " \' 日本';
    const made = newCase({ passphrase: phrase });
    addNote(made, { text: 'nobody may read Kaltenbrunn' });
    made.close();
    const bytes = readFileSync(join(made.folder, 'case.db'));
    expect(bytes.includes('Kaltenbrunn')).toBe(false);
    expect(bytes.toString('latin1', 0, 6)).not.toBe('SQLite');
    expect(await failure(() => openCase(made.folder, { actor: ANNA }))).toMatchObject({ code: 'case.passphrase' });
    expect(await failure(() => openCase(made.folder, { actor: ANNA, passphrase: 'wrong' }))).toMatchObject({
      code: 'case.passphrase',
      exitCode: 3,
    });
    // The same letters in another normal form are the same pass phrase.
    const again = openCaseForReading(made.folder, phrase.normalize('NFD'));
    expect(listNotes(again.db, null)[0].text).toContain('Kaltenbrunn');
    again.close();
    scribble(join(made.folder, 'case.db'), 100, Buffer.alloc(3000, 1));
    expect(await failure(() => openCase(made.folder, { actor: ANNA, passphrase: phrase }))).toMatchObject({
      code: 'case.damaged',
    });
  });

  it.each([[null], ['secret']])(
    'backs up while it is written and restores to a new place (pass phrase %s)',
    async (phrase) => {
      const made = newCase(phrase === null ? {} : { passphrase: phrase });
      const folder = freshFolder();
      const exhibit = await take(made, evidenceFile(folder, 'a.bin'));
      const target = join(folder, 'backup');
      mkdirSync(join(made.folder, 'reports'));
      writeFileSync(join(made.folder, 'reports', 'first.pdf'), 'issued once');
      const manifest = await backupCase(made, target, { evidence: false });
      addNote(made, { text: 'after the backup' });
      made.close();
      expect(manifest.seq).toBe(2);
      const restored = join(folder, 'restored');
      const without = await restoreCase(target, restored, { passphrase: phrase });
      expect(without.missing).toEqual([`1 (${exhibit.originalName})`]);
      const full = join(folder, 'full');
      expect((await restoreCase(target, full, { passphrase: phrase, evidenceFrom: made.folder })).missing).toEqual([]);
      const opened = openCaseForReading(full, phrase, true);
      expect((await verifyCase(opened, { evidence: true })).sound).toBe(true);
      expect(readFileSync(join(full, 'reports', 'first.pdf'), 'utf8')).toBe('issued once');
      expect(listNotes(opened.db, null)).toEqual([]);
      opened.close();
      expect(await failure(() => restoreCase(target, full, { passphrase: phrase }))).toMatchObject({
        code: 'case.exists',
      });
      scribble(join(target, 'case.db'), 5000, Buffer.from('x'));
      expect(await failure(() => restoreCase(target, join(folder, 'no'), { passphrase: phrase }))).toMatchObject({
        code: 'case.package',
      });
      expect(existsSync(join(folder, 'no'))).toBe(false);
    },
  );

  it('keeps findings and state through closing', async () => {
    const made = newCase();
    setCaseState(made, 'closed', 'done');
    made.close();
    const again = openCase(made.folder, { actor: ANNA });
    expect(again.info.state).toBe('closed');
    expect((await failure(() => take(again, evidenceFile(freshFolder(), 'late.bin')))).code).toBe('case.rule');
    again.close();
  });
});
