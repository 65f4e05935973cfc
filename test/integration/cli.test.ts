/** The command line as a stranger uses it: results on stdout, messages on stderr, exit codes, JSON errors. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PackList } from '../../src/contract/api.ts';
import { AnalysisResult } from '../../src/contract/result.ts';
import { cli, freshFolder, startCli } from '../helpers/cli.ts';
import { makeClip } from '../helpers/clips.ts';
import { writePack } from '../helpers/inference.ts';
import { descendants, until } from '../helpers/processes.ts';
import { GOLDEN } from '../helpers/shared.ts';

const wav = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');
const png = join(GOLDEN, 'images/odd-333x217.png');
const JsonError = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), advice: z.string(), file: z.string().optional() }),
});

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('vidimus', () => {
  it('prints JSON Schema that accepts its own results', async () => {
    const ran = await cli(['schema', '--of', 'result']);
    expect(ran.code).toBe(0);
    const schema = z
      .looseObject({ $schema: z.string(), oneOf: z.array(z.unknown()).length(3) })
      .parse(JSON.parse(ran.stdout));
    expect(schema.$schema).toContain('2020-12');
  });

  it('analyses picture and sound: one JSON document a file, progress on stderr only', async () => {
    const ran = await cli(['analyze', png, wav, '--json']);
    expect(ran.code).toBe(0);
    const [picture, sound] = lines(ran.stdout).map((document) => AnalysisResult.parse(document));
    expect(picture?.mediaType).toBe('image');
    expect(sound?.mediaType).toBe('audio');
    expect(ran.stderr).toContain('hashing');
  });

  it('invents nothing without packs: uncertain, and the reasons named', async () => {
    const ran = await cli(['analyze', png, '--json', '--pack', 'none-such']);
    expect(ran.code).toBe(4);
    expect(JsonError.parse(JSON.parse(ran.stdout)).error).toMatchObject({ code: 'pack.missing', file: png });
  });

  it('writes results and pictures into --out', async () => {
    const out = freshFolder();
    const ran = await cli(['analyze', wav, '--out', out]);
    expect(ran.code).toBe(0);
    const name = 'espeak-en-gb-16k.wav';
    const result = AnalysisResult.parse(JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8')));
    expect(result.artifacts.length).toBeGreaterThan(0);
    const written = readdirSync(join(out, `${name}.artifacts`));
    expect(written.sort()).toEqual(result.artifacts.map((a) => a.file).sort());
    expect(ran.stdout).not.toMatch(/authentic|genuine|no manipulation/i);
  });

  it('ends with 2 for wrong usage', async () => {
    for (const args of [
      ['analyze'],
      ['no-such-command'],
      ['analyze', png, '--frames', 'some'],
      ['analyze', png, '--provider', 'abacus'],
    ]) {
      expect((await cli(args)).code, args.join(' ')).toBe(2);
    }
  });

  it('ends with 3 for evidence it cannot read, and goes on with the others', async () => {
    const folder = freshFolder();
    const lie = join(folder, 'holiday.mp4');
    writeFileSync(lie, 'this is a text and not a film\n'.repeat(50));
    const empty = join(folder, 'empty.jpg');
    writeFileSync(empty, '');
    const ran = await cli(['analyze', lie, join(folder, 'gone.png'), folder, empty, wav, '--json']);
    expect(ran.code).toBe(3);
    const documents = lines(ran.stdout);
    const codes = documents.slice(0, 4).map((d) => JsonError.parse(d).error.code);
    expect(codes).toEqual(['evidence.unsupported', 'evidence.not-found', 'evidence.not-a-file', 'evidence.empty']);
    expect(AnalysisResult.parse(documents[4]).mediaType).toBe('audio');
  });

  it('takes names with spaces, quotes, newlines, dashes and any script, and shows them escaped', async () => {
    const folder = freshFolder();
    const names = [
      `a b'c"d.wav`,
      'new\nline\u001b[31m.wav',
      '-rf.wav',
      'Доказательство-証拠-دليل.wav',
      '$(touch pwned).wav',
      'a{b}%d.wav',
    ];
    for (const name of names) writeFileSync(join(folder, name), readFileSync(wav));
    const ran = await cli(['analyze', '--out', join(folder, 'out'), '--', ...names], undefined, folder);
    expect(ran.code).toBe(0);
    expect(readdirSync(join(folder, 'out')).filter((n) => n.endsWith('.json')).length).toBe(names.length);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
    expect(ran.stdout + ran.stderr).not.toContain('\u001b[31m');
    expect(ran.stdout).toContain('\\u001b');
  });

  it('lists packs, verifies them and knows none that is not there', async () => {
    expect((await cli(['models', 'list'])).code).toBe(0);
    expect((await cli(['models', 'verify'])).code).toBe(0);
    const ran = await cli(['models', 'show', 'no-such-pack', '--json']);
    expect(ran.code).toBe(4);
    expect(JsonError.parse(JSON.parse(ran.stdout)).error.code).toBe('pack.missing');
  });

  it('switches a pack per medium and makes it the default of its task', async () => {
    const home = freshFolder();
    await writePack(join(home, 'models', 'tiny'));
    const off = await cli(['models', 'disable', 'tiny', '--media', 'video', '--json'], home);
    const listed = PackList.parse(JSON.parse(off.stdout)).packs.filter(({ manifest }) => manifest.id === 'tiny');
    expect(listed).toMatchObject([{ enabled: true, media: ['image'] }]);
    const chosen = await cli(['models', 'default', 'face-forgery', 'tiny'], home);
    expect(chosen.stdout).toMatch(/image, no video +yes +enabled/);
    const neither = await cli(['models', 'default', 'face-forgery', '--json'], home);
    expect(neither.code).toBe(2);
    expect(JsonError.parse(JSON.parse(neither.stdout)).error.code).toBe('usage.invalid');
  });

  it('says in doctor what is here', async () => {
    const ran = await cli(['doctor', '--json']);
    expect(ran.code).toBe(0);
    const items = z.array(z.looseObject({ name: z.string(), state: z.string() })).parse(JSON.parse(ran.stdout));
    expect(items.map((i) => i.name)).toEqual(
      expect.arrayContaining(['ffmpeg', 'onnxruntime', 'ExifTool', 'provider cpu']),
    );
  });

  it.skipIf(process.getuid?.() === 0)('says when results cannot be written', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0o500);
    const ran = await cli(['analyze', wav, '--out', join(folder, 'locked', 'out'), '--json']);
    expect(ran.code).toBe(70);
    expect(JsonError.parse(JSON.parse(ran.stdout)).error.code).toBe('output.failed');
  });

  it('stops on Ctrl-C with 130 and leaves no process', async () => {
    const clip = makeClip(join(freshFolder(), 'long.mp4'), 60, '1280x720');
    const { child, done } = startCli(['analyze', clip, '--frames', 'all']);
    let below: number[] = [];
    await until(() => {
      below = descendants(child.pid ?? 0);
      return below.length >= 2;
    }, 30);
    child.kill('SIGINT');
    const ran = await done;
    expect(ran.code).toBe(130);
    expect(await until(() => below.every((pid) => !existsSync(`/proc/${pid}`)), 10)).toBe(true);
  });
});
