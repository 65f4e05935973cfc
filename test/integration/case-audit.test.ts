/** The audit log: tampering is found by the program and by the stand-alone checker; time stamps hold. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { canonical, sha256Of } from '../../src/casework/audit/canonical.ts';
import { exportLog } from '../../src/casework/audit/exportLog.ts';
import { importToken, readAnchors, requestForHead } from '../../src/casework/audit/timestamp.ts';
import { openCaseForReading, type WritableCase } from '../../src/casework/case.ts';
import { addNote } from '../../src/casework/records/marks.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { AuditEntry } from '../../src/contract/caseFiles.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ROOT } from '../helpers/shared.ts';
import { evidenceFile, failure, newCase, take } from './case-support.ts';

function checker(path: string, ...more: string[]): { status: number | null; out: string } {
  const ran = spawnSync(process.execPath, [join(ROOT, 'scripts/check-audit.mjs'), path, ...more], { encoding: 'utf8' });
  return { status: ran.status, out: ran.stdout + ran.stderr };
}

async function filled(): Promise<WritableCase> {
  const made = newCase();
  await take(made, evidenceFile(freshFolder(), 'a.bin'));
  for (let i = 1; i <= 8; i += 1) addNote(made, { text: `note ${i}` });
  return made;
}

/** The entry with number `seq`, its hash put right, so that only the chain can tell. */
function rehash(entry: AuditEntry): [string, string] {
  const text = canonical(entry);
  return [text, sha256Of(text)];
}

describe('tampering', async () => {
  const made = await filled();
  const clean = made.folder;
  made.close();
  const entryAt = (db: Database.Database, seq: number): AuditEntry =>
    AuditEntry.parse(JSON.parse(String(db.prepare('SELECT entry FROM audit WHERE seq = ?').pluck().get(seq))));
  const put = (db: Database.Database, seq: number, entry: AuditEntry): void => {
    const [text, hash] = rehash(entry);
    db.prepare('INSERT OR REPLACE INTO audit (seq, entry, hash) VALUES (?, ?, ?)').run(seq, text, hash);
  };
  const attacks: [string, RegExp, (db: Database.Database) => void][] = [
    [
      'an edited entry, its hash left',
      /edited/,
      (db) => db.prepare("UPDATE audit SET entry = replace(entry, 'note.add', 'note.lie') WHERE seq = 5").run(),
    ],
    [
      'an edited entry, its hash put right',
      /edited|inserted/,
      (db) => put(db, 5, { ...entryAt(db, 5), actor: { id: null, name: 'Somebody else' } }),
    ],
    ['a removed entry', /removed/, (db) => db.prepare('DELETE FROM audit WHERE seq = 4').run()],
    ['a removed first entry', /removed/, (db) => db.prepare('DELETE FROM audit WHERE seq = 1').run()],
    [
      'two exchanged entries',
      /reordered/,
      (db) => {
        db.exec(
          'UPDATE audit SET seq = 100 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 100',
        );
      },
    ],
    [
      'an inserted entry',
      /inserted|edited/,
      (db) => {
        db.exec('UPDATE audit SET seq = seq + 1000 WHERE seq >= 6; UPDATE audit SET seq = seq - 999 WHERE seq >= 1006');
        put(db, 6, { ...entryAt(db, 5), seq: 6, previous: sha256Of(canonical(entryAt(db, 5))), action: 'note.forged' });
      },
    ],
    [
      'a removed last entry whose record stays',
      /record.unknown|without an entry/,
      (db) => db.prepare('DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)').run(),
    ],
    [
      'a record changed',
      /record.changed/,
      (db) => db.prepare("UPDATE note SET text = 'never said' WHERE text = 'note 3'").run(),
    ],
    [
      'a hash of an exhibit changed',
      /record.changed/,
      (db) => db.prepare('UPDATE exhibit SET sha256 = ?').run('0'.repeat(64)),
    ],
    [
      'a record put in',
      /record.unknown|without an entry/,
      (db) =>
        db
          .prepare(
            "INSERT INTO note SELECT 'x', exhibit, finding, 'forged', supersedes, byExaminer, utc FROM note LIMIT 1",
          )
          .run(),
    ],
    [
      'a record removed',
      /record.missing|removed without/,
      (db) => db.prepare("DELETE FROM note WHERE text = 'note 3'").run(),
    ],
  ];

  it('finds nothing in a clean case', async () => {
    const opened = openCaseForReading(clean);
    expect(await verifyCase(opened, { evidence: true })).toMatchObject({ sound: true, chain: [], database: [] });
    opened.close();
    expect(checker(clean)).toMatchObject({ status: 0 });
  });

  it.each(attacks)('is found: %s', async (_name, expected, attack) => {
    const folder = join(freshFolder(), 'case');
    cpSync(clean, folder, { recursive: true });
    const db = new Database(join(folder, 'case.db'));
    // Whoever tampers is not stopped by triggers.
    for (const name of db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'search%'")
      .pluck()
      .all())
      db.exec(`DROP TRIGGER ${name}`);
    attack(db);
    db.close();
    const opened = openCaseForReading(folder);
    const seen = await verifyCase(opened, { evidence: false });
    opened.close();
    expect(seen.sound).toBe(false);
    expect(seen.chain.map(({ kind, message }) => `${kind} ${message}`).join('\n')).toMatch(expected);
    const alone = checker(folder);
    expect(alone.status).toBe(5);
    expect(alone.out.replaceAll('record ', 'record-')).toMatch(expected);
  });

  it('is refused by the database itself through the ordinary door', async () => {
    const own = await filled();
    for (const sql of [
      "UPDATE audit SET entry = ''",
      'DELETE FROM audit',
      "UPDATE note SET text = 'x'",
      'DELETE FROM exhibit',
      'UPDATE exhibit SET sha256 = md5',
    ])
      expect((await failure(() => own.db.run(sql))).code).toBe('case.rule');
    own.close();
  });

  it('shows in an exported log, and a cut end shows against a head known from outside', async () => {
    const own = await filled();
    const path = join(freshFolder(), 'log.jsonl');
    const head = exportLog(own.db, path);
    own.close();
    expect(checker(path, '--head', head?.hash ?? '')).toMatchObject({ status: 0 });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`);
    expect(checker(path)).toMatchObject({ status: 0 });
    expect(checker(path, '--head', head?.hash ?? '')).toMatchObject({ status: 5 });
    writeFileSync(path, `${[lines[1], lines[0], ...lines.slice(2)].join('\n')}\n`);
    expect(checker(path).out).toMatch(/reordered/);
    expect(checker(path).status).toBe(5);
  });
});

describe('a clock that is set back', () => {
  it('is recorded with the true time, leaves a finding, and keeps the order', async () => {
    let now = Date.parse('2026-06-01T12:00:00Z');
    const made = newCase({ now: () => new Date(now) });
    addNote(made, { text: 'first' });
    now -= 3_600_000;
    addNote(made, { text: 'second' });
    const seen = await verifyCase(made, { evidence: false });
    expect(seen.sound).toBe(true);
    expect(seen.notices.join('\n')).toMatch(/clock stood 3600000 ms behind/);
    expect(seen.notices.join('\n')).toMatch(/Finding: The clock/);
    made.close();
  });
});

describe('time stamps (RFC 3161)', () => {
  const folder = freshFolder();
  const openssl = (...args: string[]): string =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let ready: string | null = null;
  try {
    writeFileSync(
      join(folder, 'tsa.cnf'),
      `[tsa]
default_tsa = t
[t]
serial = ${folder}/serial
crypto_device = builtin
signer_cert = ${folder}/tsa.pem
signer_key = ${folder}/tsa.key
certs = ${folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
basicConstraints = CA:FALSE
`,
    );
    writeFileSync(join(folder, 'serial'), '01\n');
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test anchor',
      '-days',
      '30',
    );
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA');
    openssl(
      'x509',
      '-req',
      '-in',
      'tsa.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'tsa.pem',
      '-days',
      '30',
      '-extfile',
      'tsa.cnf',
      '-extensions',
      'ext',
    );
  } catch (error) {
    ready = `skipped: openssl cannot make a time stamp authority here (${String(error)})`;
    console.warn(ready);
  }

  it.skipIf(ready !== null)(
    'asks as openssl understands, takes the answer in, and refuses what does not fit',
    async () => {
      const made = await filled();
      const { head, request } = requestForHead(made.db);
      writeFileSync(join(folder, 'q.tsq'), request);
      const text = openssl('ts', '-query', '-in', 'q.tsq', '-text');
      expect(text).toContain('Hash Algorithm: sha256');
      expect(text).toMatch(/Certificate required: yes/);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(
        `0000 - ${head.hash.slice(0, 16).replaceAll(/(..)(?!$)/g, '$1 ')}`,
      );
      openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'q.tsq', '-out', 'a.tsr');
      const answer = readFileSync(join(folder, 'a.tsr'));
      const anchors = readAnchors(readFileSync(join(folder, 'ca.pem'), 'utf8'));
      addNote(made, { text: 'between request and answer' });
      const stamp = await importToken(made, answer, anchors);
      expect(stamp).toMatchObject({ seq: head.seq, head: head.hash, policy: '1.2.3.4.1' });
      expect(stamp.anchor).toContain('Test anchor');
      expect((await verifyCase(made, { evidence: false, anchors })).timestamps).toMatchObject([
        { seq: head.seq, state: expect.stringContaining('sound, signed under') },
      ]);

      // The same token convinces openssl, over the stored bytes of the entry.
      writeFileSync(join(folder, 'token.der'), stamp.token);
      const lines = join(folder, 'log.jsonl');
      exportLog(made.db, lines);
      writeFileSync(join(folder, 'entry'), readFileSync(lines, 'utf8').split('\n')[head.seq - 1]);
      expect(
        openssl('ts', '-verify', '-data', 'entry', '-in', 'token.der', '-token_in', '-CAfile', 'ca.pem'),
      ).toContain('OK');

      const other = await filled();
      expect(await failure(() => importToken(other, answer, anchors))).toMatchObject({ code: 'case.timestamp' });
      other.close();
      const bent = Buffer.from(answer);
      bent[bent.length - 20] ^= 1;
      expect(await failure(() => importToken(made, bent, anchors))).toMatchObject({ code: 'case.timestamp' });
      for (const rubbish of [Buffer.alloc(0), Buffer.from('hello'), answer.subarray(0, 100)])
        expect(await failure(() => importToken(made, rubbish))).toMatchObject({ code: 'case.timestamp' });
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'x.key',
        '-out',
        'x.pem',
        '-subj',
        '/CN=Another anchor',
        '-days',
        '30',
      );
      const strangers = readAnchors(readFileSync(join(folder, 'x.pem'), 'utf8'));
      expect(await failure(() => importToken(made, answer, strangers))).toMatchObject({ code: 'case.timestamp' });
      made.close();
    },
  );
});
