import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { intake, verifyUnchanged } from '../../src/engine/media/intake.ts';
import { collect } from '../helpers/collect.ts';
import { fixture } from '../helpers/fixtures.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vidimus-intake-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const copy = (name: string, as = name): string => {
  const path = join(folder, as);
  copyFileSync(fixture(name), path);
  return path;
};

describe('identity', () => {
  it('is the same as other tools compute, for a file of several blocks', async () => {
    const path = join(folder, 'long.wav');
    const header = readFileSync(fixture('pcm16.wav')).subarray(0, 44);
    writeFileSync(path, Buffer.concat([header, Buffer.alloc(3_500_000, 'vidimus')]));
    const bytes = readFileSync(path);
    const steps: number[] = [];
    const identity = await intake(path, { onProgress: (done) => steps.push(done) });
    for (const name of ['sha256', 'sha512', 'md5'] as const) {
      expect(identity[name]).toBe(createHash(name).update(bytes).digest('hex'));
    }
    expect(identity.bytes).toBe(bytes.length);
    expect(steps).toEqual([1 << 20, 2 << 20, 3 << 20, bytes.length]);
  });

  it('follows a link to the file it names', async () => {
    const path = join(folder, 'link.png');
    symlinkSync(fixture('picture.png'), path);
    expect((await intake(path)).format.id).toBe('png');
  });

  it('reports an extension that lies', async () => {
    const { media } = await collect(fixture('picture-lies.jpg'), { frames: { sampling: { kind: 'all' } } });
    expect(media.evidence).toMatchObject({ container: 'PNG', mime: 'image/png', extensionMatches: false });
    expect(media.evidence.warnings.join()).toContain('by its bytes the file is PNG');
  });
});

describe('what cannot be taken in', () => {
  it.each([
    ['a file that is not there', () => join(folder, 'nowhere.mp4'), 'evidence.not-found'],
    ['a path through a file', () => join(fixture('one.png'), 'x.png'), 'evidence.not-found'],
    ['a folder', () => folder, 'evidence.not-a-file'],
    ['a device', () => '/dev/null', 'evidence.not-a-file'],
    ['an empty file', () => fixture('empty.mp4'), 'evidence.empty'],
    ['text renamed to .mp4', () => fixture('text.mp4'), 'evidence.unsupported'],
    ['a play list renamed to .mp4', () => fixture('playlist.mp4'), 'evidence.unsupported'],
    ['a script of ffmpeg renamed to .mkv', () => fixture('script.mkv'), 'evidence.unsupported'],
  ])('%s', async (_, path, code) => {
    await expect(intake(path())).rejects.toMatchObject({ code });
  });

  it.skipIf(process.platform === 'win32')('a named pipe, without waiting for a writer', async () => {
    const path = join(folder, 'pipe.mp4');
    execFileSync('mkfifo', [path]);
    await expect(intake(path)).rejects.toMatchObject({ code: 'evidence.not-a-file' });
  });

  it.skipIf(process.platform === 'win32')('a file without read permission', async () => {
    const path = copy('one.png', 'closed.png');
    chmodSync(path, 0o000);
    if (process.getuid?.() !== 0) {
      await expect(intake(path)).rejects.toMatchObject({ code: 'evidence.no-permission' });
      return;
    }
    // The superuser may read everything, so a child without its rights tries.
    chmodSync(folder, 0o755);
    const module = new URL('../../src/engine/media/intake.ts', import.meta.url).href;
    const script =
      `const { intake } = await import(${JSON.stringify(module)});` +
      `process.setgid(65534); process.setuid(65534);` +
      `await intake(${JSON.stringify(path)}).then(() => console.log('read'), (e) => console.log(e.code));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(said.trim()).toBe('evidence.no-permission');
  });

  it('stops at once when it is cancelled', async () => {
    const path = join(folder, 'cancel.wav');
    writeFileSync(path, Buffer.concat([readFileSync(fixture('pcm16.wav')), Buffer.alloc(8 << 20)]));
    const abort = new AbortController();
    const steps: number[] = [];
    const work = intake(path, {
      signal: abort.signal,
      onProgress: (done) => {
        steps.push(done);
        abort.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled', family: 'cancelled' });
    expect(steps).toHaveLength(1);
  });
});

describe('a file that changes', () => {
  it('while it is read is refused', async () => {
    const path = join(folder, 'grows.wav');
    writeFileSync(path, Buffer.concat([readFileSync(fixture('pcm16.wav')), Buffer.alloc(3 << 20)]));
    let written: Promise<void> | null = null;
    const work = intake(path, {
      onProgress: () => {
        written ??= appendFile(path, 'more');
      },
    });
    await expect(work.finally(() => written)).rejects.toMatchObject({ code: 'evidence.changed' });
  });

  it('during the analysis is told at its end', async () => {
    const path = copy('picture.jpg', 'grown.jpg');
    const identity = await intake(path);
    await verifyUnchanged(identity);
    await appendFile(path, 'x');
    await expect(verifyUnchanged(identity)).rejects.toMatchObject({ code: 'evidence.changed' });
  });

  it('and has its size and time set back is found by its content', async () => {
    const path = copy('picture.jpg', 'forged.jpg');
    const when = new Date('2026-01-02T03:04:05Z');
    utimesSync(path, when, when);
    const identity = await intake(path);
    const bytes = readFileSync(path);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    utimesSync(path, when, when);
    await expect(verifyUnchanged(identity)).rejects.toMatchObject({ code: 'evidence.changed' });
  });

  it('only in its permissions is the same exhibit', async () => {
    const path = copy('picture.jpg', 'same.jpg');
    const identity = await intake(path);
    chmodSync(path, 0o600);
    await verifyUnchanged(identity);
    await verifyUnchanged(identity, { rehash: true });
  });
});

describe('names', () => {
  const names = [
    'with space.mp4',
    'quote\'s "double".mp4',
    'line\nbreak.mp4',
    '-i dash.mp4',
    '--help.mp4',
    'Видео 映像 🎬 é.mp4',
    'a:b%d%03d.mp4',
    'concat:x|y.mp4',
    'brackets[1]{2}.mp4',
  ];
  it.skipIf(process.platform === 'win32').each(names)('%j of a film', async (name) => {
    const { frames } = await collect(copy('silent.mp4', name), { frames: { sampling: { kind: 'evenly', n: 3 } } });
    expect(frames.map((frame) => frame.index)).toEqual([0, 24, 49]);
  });
  it.skipIf(process.platform === 'win32').each(['[page=3].png', '-o.png', 'новый\nlist,of[options].png', '%d.bmp'])(
    '%j of a picture',
    async (name) => {
      const source = name.endsWith('.bmp') ? 'picture.bmp' : 'picture.png';
      const { frames } = await collect(copy(source, name), { frames: { sampling: { kind: 'all' } } });
      expect(frames).toHaveLength(1);
    },
  );
  it('relative with a leading dash', async () => {
    copy('one.png', '-dash.png');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { intake } = await import(${JSON.stringify(new URL('../../src/engine/media/intake.ts', import.meta.url).href)});
         console.log((await intake('-dash.png')).name);`,
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    for await (const chunk of child.stdout) out += String(chunk);
    expect(out.trim()).toBe('-dash.png');
  });
});
