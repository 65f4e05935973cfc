/** Disks that are full or read-only. Both are tmpfs mounts; without root the tests skip and say so. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCase, openCaseForReading } from '../../src/casework/case.ts';
import { addNote } from '../../src/casework/records/marks.ts';
import { search } from '../../src/casework/records/search.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ANNA, evidenceFile, failure, newCase, take } from './case-support.ts';

describe('disks', () => {
  const mounts: string[] = [];
  const mount = (options: string): string | null => {
    const folder = freshFolder('vidimus-mount-');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
      mounts.push(folder);
      return folder;
    } catch {
      console.warn('skipped: a tmpfs cannot be mounted here (root is needed)');
      return null;
    }
  };
  afterAll(() => {
    for (const folder of mounts) execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  });

  it('full: says so first, or in the middle; nothing half-done stays and the case holds', async (context) => {
    const disk = mount('size=48m');
    if (disk === null) return context.skip();
    const made = newCase({ folder: join(disk, 'case') });
    const big = evidenceFile(freshFolder(), 'big.bin', 60 << 20);
    expect(await failure(() => take(made, big))).toMatchObject({ code: 'case.disk-full' });
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(46 << 20));
    let full: unknown;
    let written = 0;
    for (; written < 5000 && full === undefined; written += 1) {
      try {
        addNote(made, { text: `${written} ${'x'.repeat(5000)}` });
      } catch (thrown) {
        full = thrown;
        written -= 1;
      }
    }
    expect(full).toMatchObject({ code: 'case.disk-full' });
    rmSync(filler);
    addNote(made, { text: 'room again' });
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
    const again = openCaseForReading(join(disk, 'case'), null, true);
    expect(search(again.db, 'room again')).toHaveLength(1);
    again.close();
  });

  it('read-only: reads a closed case and one that was left open, refuses to write', async (context) => {
    const disk = mount('size=32m');
    if (disk === null) return context.skip();
    const closed = newCase({ folder: join(disk, 'closed') });
    addNote(closed, { text: 'put away' });
    closed.close();
    const left = newCase();
    addNote(left, { text: 'still in the log' });
    execFileSync('cp', ['-r', left.folder, join(disk, 'left')]);
    left.close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    for (const [name, text] of [
      ['closed', 'put away'],
      ['left', 'still in the log'],
    ]) {
      const opened = openCaseForReading(join(disk, name));
      expect(search(opened.db, text), name).toHaveLength(1);
      expect((await verifyCase(opened, { evidence: true })).sound).toBe(true);
      opened.close();
      expect((await failure(() => openCase(join(disk, name), { actor: ANNA }))).code).toBe('case.read-only');
    }
    expect((await failure(() => newCase({ folder: join(disk, 'new') }))).code).toBe('case.read-only');
  });
});
