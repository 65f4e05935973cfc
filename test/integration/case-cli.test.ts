/** Casework on the command line, as an examiner in a terminal would do it. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cli, freshFolder, type Ran } from '../helpers/cli.ts';
import { GOLDEN, ROOT } from '../helpers/shared.ts';
import { evidenceFile } from './case-support.ts';

const home = freshFolder();
const folder = freshFolder();
const run = (...args: string[]): Promise<Ran> => cli(['case', ...args], home);
const json = async (...args: string[]): Promise<Record<string, unknown>> => {
  const ran = await run(...args, '--json');
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(ran.stdout));
};
const wav = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');

describe('vidimus case', () => {
  it('leads a case from its making to its export', async () => {
    expect(await json('create', 'voice', '--number', 'K 3/26', '--agency', 'Laboratory')).toMatchObject({
      number: 'K 3/26',
      encrypted: false,
    });
    await json('examiner', 'add', 'voice', '--name', 'Anna', '--role', 'examiner', '--qualification', 'Dr.');
    expect(
      await json(
        'add',
        'voice',
        wav,
        '--examiner',
        'Anna',
        '--set',
        'authority=court order 5',
        '--set',
        'sealNumber=S-77',
      ),
    ).toMatchObject({
      added: [{ itemNumber: '1', authority: 'court order 5', sealNumber: 'S-77', addedBy: 'Anna', storage: 'copy' }],
      duplicates: [],
    });
    await json('propositions', 'voice', '1', '--h1', 'synthetic', '--h2', 'recorded', '--examiner', 'Anna');
    expect(await json('analyze', 'voice', '--no-artifacts')).toMatchObject({
      queued: 1,
      known: 0,
      summary: { words: 'finished' },
    });
    expect(await json('analyze', 'voice', '--no-artifacts')).toMatchObject({
      queued: 0,
      known: 1,
      summary: { words: 'finished' },
    });
    await json('note', 'voice', 'heard a hum at 50 Hz', '--exhibit', '1');
    await json('tag', 'voice', '1', 'hum');
    await json('bookmark', 'voice', '1', 'hum starts', '--time', '0.5');
    await json(
      'custody',
      'voice',
      '1',
      '--type',
      'transferred',
      '--purpose',
      'to court',
      '--released-by',
      'Anna',
      '--received-by',
      'Clerk',
    );
    writeFileSync(join(folder, 'opinion.txt'), 'No traces of synthesis were found by the methods applied.');
    await json('opinion', 'write', 'voice', '1', '--text', join(folder, 'opinion.txt'), '--examiner', 'Anna');
    await json('opinion', 'sign', 'voice', '1', '--examiner', 'Anna');
    const shown = await json('show', 'voice', '--exhibit', '1');
    expect(shown).toMatchObject({
      tags: ['hum'],
      bookmarks: [{ timeSeconds: 0.5 }],
      propositions: [{ analysesBefore: 0 }],
      analyses: [{ mediaType: 'audio' }],
    });
    expect(shown['custody']).toMatchObject([
      { type: 'copied' },
      { type: 'analysed' },
      { type: 'transferred', receivedBy: 'Clerk' },
    ]);
    expect(await json('search', 'hum', '--case', 'voice')).toMatchObject({ hits: [{ kind: 'note' }] });
    expect(await json('verify', 'voice')).toMatchObject({ sound: true, evidence: [{ outcome: 'match' }] });
    await json('backup', 'voice', '--out', join(folder, 'backup'), '--evidence');
    await json('restore', join(folder, 'backup'), '--out', 'restored');
    expect(await json('verify', 'restored')).toMatchObject({ sound: true });
    await json('export', 'voice', '--out', join(folder, 'voice.zip'), '--purpose', 'defence', '--tag', 'hum');
    expect(await json('peek', join(folder, 'voice.zip'))).toMatchObject({ kind: 'export', exhibitCount: 1 });
    await json('create', 'theirs');
    expect(await json('import', 'theirs', join(folder, 'voice.zip'))).toMatchObject({ conflicts: 0, evidence: 1 });
    expect(await json('add', 'theirs', wav)).toMatchObject({
      duplicates: [{ itemNumber: '1', name: 'espeak-en-gb-16k.wav' }, { itemNumber: '1' }],
    });
    await json('export-log', 'voice', '--out', join(folder, 'log.jsonl'));
    expect(spawnSync(process.execPath, [join(ROOT, 'scripts/check-audit.mjs'), join(folder, 'log.jsonl')]).status).toBe(
      0,
    );
    await json('timestamp', 'voice', '--request', join(folder, 'head.tsq'));
    const listed = await run('list', '--json');
    expect(JSON.parse(listed.stdout)).toHaveLength(3);
    const words = (
      await Promise.all([
        run('show', 'voice'),
        run('show', 'voice', '--exhibit', '1'),
        run('verify', 'voice'),
        run('list'),
      ])
    )
      .map(({ stdout }) => stdout)
      .join('\n');
    expect(words).not.toMatch(/authentic|genuine|no manipulation|\bfake\b|% accurate/i);
  });

  it('exits with 5 where bytes changed, 2 for wrong usage, 3 for what is not there; errors are JSON', async () => {
    await json('create', 'faults');
    const path = evidenceFile(folder, 'ref.bin');
    await json('add', 'faults', path, '--reference');
    appendFileSync(path, 'x');
    const verified = await run('verify', 'faults', '--json');
    expect(verified.code).toBe(5);
    expect(JSON.parse(verified.stdout)).toMatchObject({ sound: false, evidence: [{ outcome: 'mismatch' }], chain: [] });
    expect((await json('show', 'faults'))['findings']).toMatchObject([
      { kind: 'hash-mismatch', effect: 'blocks-signing' },
    ]);
    expect((await run('analyze', 'faults', '--no-artifacts')).code).toBe(5);
    expect((await run('create', 'faults')).code).toBe(2);
    expect((await run('add', 'faults', path, '--set', 'colour=red')).code).toBe(2);
    const missing = await run('show', 'nowhere', '--json');
    expect(missing.code).toBe(3);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'case.not-found', advice: expect.any(String) } });
    const partly = await run('add', 'faults', join(folder, 'none.bin'), evidenceFile(folder, 'there.bin'), '--json');
    expect(partly.code).toBe(3);
    expect(JSON.parse(partly.stdout)).toMatchObject({
      added: [{ originalName: 'there.bin' }],
      failed: [{ error: { code: 'evidence.not-found' } }],
    });
  });

  it('takes the pass phrase from the environment or a file, and from no argument', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'geheim 日本\n');
    expect(await json('create', 'locked', '--encrypt', '--passphrase-file', secret)).toMatchObject({ encrypted: true });
    const without = await run('show', 'locked', '--json');
    expect(without.code).toBe(3);
    expect(JSON.parse(without.stdout)).toMatchObject({ error: { code: 'case.passphrase' } });
    await json('add', 'locked', wav, '--passphrase-file', secret);
    expect(await json('verify', 'locked', '--passphrase-file', secret)).toMatchObject({ sound: true });
    const help = (await run('create', '--help')).stdout;
    expect(help).toContain('VIDIMUS_PASSPHRASE');
    expect(help).not.toMatch(/--passphrase </);
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'guess\n');
    expect((await run('show', 'locked', '--passphrase-file', wrong)).code).toBe(3);
    expect(readFileSync(join(home, 'cases/locked/case.db')).includes('espeak')).toBe(false);
  });
});
