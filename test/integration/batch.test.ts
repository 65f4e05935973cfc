/** A folder as one piece of work: bad files do not stop it, a kill does not lose or repeat anything. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cli, freshFolder, startCli } from '../helpers/cli.ts';
import { descendants, until } from '../helpers/processes.ts';
import { GOLDEN } from '../helpers/shared.ts';

const wav = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
const Line = z.looseObject({ path: z.string(), state: z.string() });
const journalOf = (out: string) =>
  readFileSync(join(out, 'journal.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)));
const Summary = z.looseObject({
  files: z.number(),
  done: z.number(),
  failed: z.number(),
  entries: z.array(z.looseObject({ path: z.string(), state: z.string(), sha256: z.string().nullable() })),
});
const summaryOf = (out: string) => Summary.parse(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')));

describe('vidimus batch', () => {
  it('examines a tree with bad and hostile files; each gets its own outcome', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    copyFileSync(wav, join(folder, 'deep', 'er', 'good.wav'));
    copyFileSync(wav, join(folder, `${'ä'.repeat(120)}.wav`));
    copyFileSync(wav, join(folder, '=cmd|calc.wav'));
    writeFileSync(join(folder, 'empty.mp4'), '');
    writeFileSync(join(folder, 'notes.txt'), 'not evidence');
    symlinkSync('/etc/passwd', join(folder, 'link.wav'));
    execFileSync('mkfifo', [join(folder, 'fifo.wav')]);
    const out = join(folder, 'out');
    const ran = await cli(['batch', folder, '--out', out, '--json']);
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ files: 6, done: 3, failed: 3, resumed: 0 });
    const states = Object.fromEntries(summaryOf(out).entries.map((e) => [e.path, e.state]));
    expect(states).toMatchObject({
      'empty.mp4': 'failed',
      'notes.txt': 'failed',
      'fifo.wav': 'failed',
      [join('deep', 'er', 'good.wav')]: 'done',
    });
    const csv = readFileSync(join(out, 'summary.csv'), 'utf8');
    expect(csv).toContain("'=cmd|calc.wav");
    expect(csv.split('\r\n').length).toBe(6 + 2);
  });

  it('refuses to mix two batches, and resumes without repeating', async () => {
    const folder = freshFolder();
    for (const name of ['a.wav', 'b.wav', 'c.wav']) copyFileSync(wav, join(folder, name));
    const out = join(freshFolder(), 'out');
    expect((await cli(['batch', folder, '--out', out])).code).toBe(0);
    expect((await cli(['batch', folder, '--out', out])).code).toBe(2);
    const before = statSync(join(out, 'results', 'a.wav.json')).mtimeMs;
    const changed = join(folder, 'b.wav');
    utimesSync(changed, new Date(), new Date());
    const ran = await cli(['batch', folder, '--out', out, '--resume', '--json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ files: 3, done: 3, resumed: 2 });
    expect(statSync(join(out, 'results', 'a.wav.json')).mtimeMs).toBe(before);
  });

  it('survives kill -9 of everything and goes on where it stopped', async () => {
    const folder = freshFolder();
    const names = Array.from({ length: 6 }, (_, i) => `clip-${i}.wav`);
    for (const name of names) copyFileSync(wav, join(folder, name));
    const out = join(freshFolder(), 'out');
    const { child, done } = startCli(['batch', folder, '--out', out, '--concurrency', '1']);
    expect(await until(() => existsSync(join(out, 'journal.jsonl')) && journalOf(out).length >= 2, 90)).toBe(true);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    await done;
    // The engine notices that its supervisor is gone and ends itself and its ffmpeg.
    expect(await until(() => below.every((pid) => !existsSync(`/proc/${pid}`)), 15)).toBe(true);
    const finished = journalOf(out).length;
    expect(finished).toBeLessThan(names.length);
    // A kill in the middle of a line of the journal leaves half a line.
    appendFileSync(join(out, 'journal.jsonl'), '{"path":"clip-5.wav","sta');
    const ran = await cli(['batch', folder, '--out', out, '--resume', '--json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ files: 6, done: 6, failed: 0, resumed: finished });
    const counted = new Map<string, number>();
    const text = readFileSync(join(out, 'journal.jsonl'), 'utf8').split('\n');
    for (const line of text)
      if (line.endsWith('}'))
        counted.set(Line.parse(JSON.parse(line)).path, (counted.get(Line.parse(JSON.parse(line)).path) ?? 0) + 1);
    expect([...counted.values()].every((n) => n === 1)).toBe(true);
    expect(readdirSync(join(out, 'results')).filter((n) => n.endsWith('.part'))).toEqual([]);
  });
});
