/** The evidence store: copies, hashes, resuming, what changes or vanishes, disks that are full or read-only, names. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCase, openCaseForReading } from '../../src/casework/case.ts';
import { duplicatesIn } from '../../src/casework/evidence/duplicates.ts';
import { bytesOf, dueExhibits, verifyExhibit } from '../../src/casework/evidence/verify.ts';
import { findExhibit, getExhibit, listCustody, listExhibits } from '../../src/casework/records/exhibits.ts';
import { listFindings } from '../../src/casework/records/findings.ts';
import { setSetting } from '../../src/casework/records/jobs.ts';
import { issueReport } from '../../src/casework/records/opinions.ts';
import { search } from '../../src/casework/records/search.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { SCHEDULE_SETTING, verifyDue } from '../../src/workbench/cases/cases.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ANNA, evidenceFile, failure, newCase, take } from './case-support.ts';

const hex = (algorithm: string, path: string): string => createHash(algorithm).update(readFileSync(path)).digest('hex');
const REPORT = { format: 'pdf', title: 'Report', fileName: 'r.pdf', sha256: 'b'.repeat(64), bytes: 1 };

describe('intake', () => {
  it.each(['copy', 'reference'] as const)('hashes three ways and records custody (%s)', async (storage) => {
    const made = newCase();
    const path = evidenceFile(freshFolder(), 'a b.bin', 9_000_001);
    const exhibit = await take(made, path, storage);
    expect(exhibit).toMatchObject({
      sha256: hex('sha256', path),
      sha512: hex('sha512', path),
      md5: hex('md5', path),
      bytes: 9_000_001,
      itemNumber: '1',
      storage,
    });
    expect(readFileSync(bytesOf(made.folder, exhibit)).equals(readFileSync(path))).toBe(true);
    if (storage === 'copy') expect(statSync(bytesOf(made.folder, exhibit)).mode & 0o222).toBe(0);
    expect(listCustody(made.db, exhibit.id)).toMatchObject([
      { type: storage === 'copy' ? 'copied' : 'received', byExaminer: 'Anna Beispiel' },
    ]);
    const again = await take(made, path, storage);
    expect(again).toMatchObject({ itemNumber: '2', sha256: exhibit.sha256 });
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
  });

  it('takes an empty file and refuses a folder, a pipe and what is not there', async () => {
    const made = newCase();
    const folder = freshFolder();
    expect((await take(made, evidenceFile(folder, 'empty', 0))).bytes).toBe(0);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect((await failure(() => take(made, folder))).code).toBe('evidence.not-a-file');
    expect((await failure(() => take(made, join(folder, 'pipe')))).code).toBe('evidence.not-a-file');
    expect((await failure(() => take(made, join(folder, 'none')))).code).toBe('evidence.not-found');
    expect(listExhibits(made.db)).toHaveLength(1);
    made.close();
  });

  it('keeps names of 255 bytes in any script, and finds them', async () => {
    const made = newCase();
    const folder = freshFolder();
    const names = [
      `${'a'.repeat(251)}.wav`,
      `${'ж'.repeat(125)}.mp4`,
      `${'証'.repeat(83)}.jpg`,
      `${'😀'.repeat(62)}.png`,
      `${'ا'.repeat(125)}.ogg`,
      '-rf "x" $(id) \u202Egpj.exe',
      'line\nbreak\t.wav',
      "'; DROP TABLE exhibit; --.jpg",
    ];
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      const exhibit = await take(made, evidenceFile(folder, name, 100));
      expect(getExhibit(made.db, exhibit.id).originalName).toBe(name);
    }
    expect(search(made.db, '証証')).toHaveLength(1);
    expect(search(made.db, 'жжжж')).toHaveLength(1);
    expect(search(made.db, 'DROP TABLE')).toHaveLength(1);
    expect(search(made.db, '" OR * AND (')).toEqual([]);
    made.close();
  });

  it('resumes a copy that was stopped, without reading the beginning of the source again', async () => {
    const made = newCase();
    const path = evidenceFile(freshFolder(), 'huge.bin', 150 << 20);
    const controller = new AbortController();
    const { takeIn } = await import('../../src/casework/evidence/intake.ts');
    const stopped = await failure(() =>
      takeIn(made, path, {
        storage: 'copy',
        purpose: 'test',
        signal: controller.signal,
        onBytes: (done) => {
          if (done >= 100 << 20) controller.abort();
        },
      }),
    );
    expect(stopped.code).toBe('cancelled');
    expect(listExhibits(made.db)).toEqual([]);
    let first = 0;
    const exhibit = await takeIn(made, path, {
      storage: 'copy',
      purpose: 'test',
      onBytes: (done) => {
        first ||= done;
      },
    });
    expect(first).toBeGreaterThan(64 << 20);
    expect(exhibit.sha256).toBe(hex('sha256', path));
    expect(readdirSync(join(made.folder, 'evidence', 'incoming'))).toEqual([]);
    made.close();
    rmSync(path);
  });

  it('does not resume on a part that was changed, nor from a source that was written since', async () => {
    const made = newCase();
    const { takeIn } = await import('../../src/casework/evidence/intake.ts');
    const path = evidenceFile(freshFolder(), 'big.bin', 80 << 20);
    const stop = async (): Promise<void> => {
      const controller = new AbortController();
      await failure(() =>
        takeIn(made, path, {
          storage: 'copy',
          purpose: 't',
          signal: controller.signal,
          onBytes: (done) => {
            if (done > 70 << 20) controller.abort();
          },
        }),
      );
    };
    await stop();
    const incoming = join(made.folder, 'evidence', 'incoming');
    const part = readdirSync(incoming).find((name) => name.endsWith('.part')) ?? '';
    const file = openSync(join(incoming, part), 'r+');
    writeSync(file, Buffer.from('x'), 0, 1, 1000);
    closeSync(file);
    let first = 0;
    const exhibit = await takeIn(made, path, {
      storage: 'copy',
      purpose: 't',
      onBytes: (done) => {
        first ||= done;
      },
    });
    expect(first).toBeLessThan(10 << 20);
    expect(exhibit.sha256).toBe(hex('sha256', path));
    made.close();
    rmSync(path);
  });

  it('refuses a file that is written while it is read', async () => {
    const made = newCase();
    const { takeIn } = await import('../../src/casework/evidence/intake.ts');
    for (const storage of ['copy', 'reference'] as const) {
      const path = evidenceFile(freshFolder(), 'live.bin', 20 << 20);
      const error = await failure(() =>
        takeIn(made, path, { storage, purpose: 't', onBytes: () => appendFileSync(path, 'more') }),
      );
      expect(error.code).toBe('evidence.changed');
    }
    expect(listExhibits(made.db)).toEqual([]);
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
  });
});

describe('re-verification', () => {
  it('leaves a finding that outlives closing and blocks signing when bytes changed', async () => {
    const made = newCase();
    const path = evidenceFile(freshFolder(), 'a.bin');
    const exhibit = await take(made, path, 'reference');
    const whole = readFileSync(path);
    expect((await verifyExhibit(made, exhibit, 'on-demand')).outcome).toBe('match');
    issueReport(made, { ...REPORT, exhibits: [exhibit.id] });
    appendFileSync(path, 'x');
    expect((await verifyExhibit(made, exhibit, 'on-demand')).outcome).toBe('mismatch');
    await verifyExhibit(made, exhibit, 'on-demand');
    expect(listFindings(made.db, exhibit.id)).toMatchObject([{ kind: 'hash-mismatch', effect: 'blocks-signing' }]);
    expect(await failure(() => issueReport(made, { ...REPORT, exhibits: [exhibit.id] }))).toMatchObject({
      code: 'case.signing-blocked',
      exitCode: 5,
    });
    made.close();
    // Putting the bytes back does not lift it.
    writeFileSync(path, whole);
    const again = openCase(made.folder, { actor: ANNA });
    expect((await verifyExhibit(again, exhibit, 'on-demand')).outcome).toBe('match');
    expect((await failure(() => issueReport(again, { ...REPORT, exhibits: [exhibit.id] }))).code).toBe(
      'case.signing-blocked',
    );
    again.close();
  });

  it('blocks while the file is away, and no longer', async () => {
    const made = newCase();
    const path = evidenceFile(freshFolder(), 'a.bin');
    const exhibit = await take(made, path, 'reference');
    renameSync(path, `${path}.away`);
    expect((await verifyExhibit(made, exhibit, 'on-demand')).outcome).toBe('missing');
    expect((await failure(() => issueReport(made, { ...REPORT, exhibits: [exhibit.id] }))).code).toBe(
      'case.signing-blocked',
    );
    renameSync(`${path}.away`, path);
    await verifyExhibit(made, exhibit, 'on-demand');
    issueReport(made, { ...REPORT, exhibits: [exhibit.id] });
    expect(listFindings(made.db, exhibit.id)).toMatchObject([{ kind: 'evidence-missing', effect: 'notice' }]);
    made.close();
  });

  it('follows the schedule', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const made = newCase({ now: () => new Date(now) });
    const exhibit = await take(made, evidenceFile(freshFolder(), 'a.bin'));
    setSetting(made, SCHEDULE_SETTING, '30');
    expect(await verifyDue(made)).toEqual([]);
    now += 31 * 86_400_000;
    expect(dueExhibits(made.db, new Date(now - 30 * 86_400_000))).toHaveLength(1);
    expect(await verifyDue(made)).toMatchObject([{ exhibit: exhibit.id, outcome: 'match', reason: 'schedule' }]);
    expect(await verifyDue(made)).toEqual([]);
    made.close();
  });

  it('shows the same bytes in another case', async () => {
    const folder = freshFolder();
    const one = newCase();
    const two = newCase();
    const path = evidenceFile(folder, 'a.bin');
    const exhibit = await take(one, path);
    await take(two, path);
    const other = openCaseForReading(two.folder);
    expect(duplicatesIn(other, [exhibit.sha256, 'f'.repeat(64)])).toMatchObject([
      { itemNumber: '1', name: 'a.bin', caseFolder: two.folder },
    ]);
    other.close();
    one.close();
    two.close();
  });
});

it('finds an exhibit by item number, id and hash, and says when none or several fit', async () => {
  const made = newCase();
  const path = evidenceFile(freshFolder(), 'a.bin');
  const exhibit = await take(made, path);
  for (const key of ['1', exhibit.id, exhibit.sha256]) expect(findExhibit(made.db, key).id).toBe(exhibit.id);
  await take(made, path);
  expect((await failure(() => findExhibit(made.db, exhibit.sha256))).code).toBe('case.unknown');
  expect((await failure(() => findExhibit(made.db, '99'))).code).toBe('case.unknown');
  made.close();
});
