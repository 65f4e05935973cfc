/** The application's calls over a real case and a real engine, as any host makes them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenCase } from '../../src/contract/apiCases.ts';
import { asVidimusError } from '../../src/contract/errors.ts';
import { makeRoot } from '../../src/reporting/keys/authority.ts';
import { writePkcs12 } from '../../src/reporting/keys/pkcs12.ts';
import { type Application, openApplication } from '../../src/workbench/application/application.ts';
import { makeDemoCase } from '../../src/workbench/application/demoCase.ts';
import { freshFolder } from '../helpers/cli.ts';
import { GOLDEN, ROOT } from '../helpers/shared.ts';

const home = freshFolder();
let application: Application;
let opened: OpenCase;
const video = join(ROOT, 'samples/clip.mp4');
const picture = join(ROOT, 'samples/portrait.jpg');
const sound = join(GOLDEN, 'audio/espeak-en-gb-16k.wav');

beforeAll(async () => {
  process.env['VIDIMUS_HOME'] = home;
  application = openApplication({ kind: 'browser', onLog: () => undefined });
  opened = await application.call('case.create', {
    number: '2026/17 Ä',
    agency: null,
    matter: 'a test',
    description: null,
    folder: null,
    passphrase: null,
  });
});
afterAll(async () => {
  await application.close();
});

const exhibitOf = async (name: string) => {
  const { rows } = await application.call('case.exhibits', { case: opened.handle, offset: 0, limit: 50, text: name });
  const id = rows[0]?.exhibit.id;
  if (id === undefined) throw new Error(`no exhibit ${name}`);
  return id;
};

describe('a case through the application', () => {
  it('is made in the workspace under a name that a folder can have, and listed as open', async () => {
    expect(opened.folder).toBe(join(home, 'cases', '2026-17-Ä'));
    const [listed] = await application.call('cases.list', {});
    expect(listed).toMatchObject({ handle: opened.handle, exhibits: 0, problem: null });
  });

  it('takes in files and folders, names what it refuses, and pages the table', async () => {
    const folder = freshFolder();
    await mkdir(join(folder, 'below'));
    await writeFile(join(folder, 'below', 'note.txt'), 'no picture');
    const report = await application.call('case.addFiles', {
      case: opened.handle,
      paths: [video, picture, sound, folder, join(folder, 'missing.mp4')],
      storage: 'copy',
    });
    expect(report.added.map(({ itemNumber, name }) => [itemNumber, name])).toEqual([
      ['1', 'clip.mp4'],
      ['2', 'portrait.jpg'],
      ['3', 'espeak-en-gb-16k.wav'],
      ['4', 'note.txt'],
    ]);
    expect(report.refused.map(({ error }) => error.code)).toEqual(['evidence.not-found']);
    const page = await application.call('case.exhibits', {
      case: opened.handle,
      offset: 1,
      limit: 2,
      sort: 'originalName',
      descending: true,
    });
    expect(page.total).toBe(4);
    expect(page.rows.map((row) => row.exhibit.originalName)).toEqual(['note.txt', 'espeak-en-gb-16k.wav']);
  });

  it('examines through the queue; the result, the table and the details say so', async () => {
    const exhibits = [await exhibitOf('portrait'), await exhibitOf('note')];
    const queued = await application.call('queue.enqueue', { case: opened.handle, exhibits, wishes: {} });
    expect(queued).toEqual({ queued: 2, known: 0 });
    let view = await application.call('queue.list', { case: opened.handle });
    while (view.running) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      view = await application.call('queue.list', { case: opened.handle });
    }
    expect(view.counts).toMatchObject({ done: 1, failed: 1, queued: 0, running: 0 });
    expect(view.words).toContain('finished with 1 failure: 4 note.txt');
    const details = await application.call('case.exhibit', { case: opened.handle, exhibit: exhibits[0] ?? '' });
    const [analysis] = details.analyses;
    const result = await application.call('analysis.read', { case: opened.handle, analysis: analysis?.id ?? '' });
    expect(result.evidence.sha256).toBe(details.exhibit.sha256);
    // The copy in the store has a name of its own; the result speaks of the exhibit.
    expect(result.evidence).toMatchObject({ name: 'portrait.jpg', extensionMatches: true });
    expect(view.rows.find(({ job }) => job.state === 'failed')?.job.error).toContain('“note.txt”');
    const rowOf = async () =>
      (await application.call('case.exhibits', { case: opened.handle, offset: 0, limit: 9, text: 'portrait' })).rows[0];
    expect(await rowOf()).toMatchObject({ job: 'done', analysis: { id: analysis?.id }, propositionsFixed: false });
    const propositions = { case: opened.handle, exhibit: exhibits[0] ?? '', h1: 'made', h2: 'recorded' };
    await application.call('case.fixPropositions', propositions);
    expect(await rowOf()).toMatchObject({ propositionsFixed: true });
    const view2 = await application.call('evidence.open', { case: opened.handle, exhibit: exhibits[0] ?? '' });
    const [artifact] = result.artifacts;
    const shown = await application.evidence(view2.id, `artifact/${artifact?.sha256}.png`);
    expect(shown !== null && existsSync(shown.path)).toBe(true);
    expect(await application.evidence(view2.id, `artifact/${'0'.repeat(64)}.png`)).toBeNull();
    expect(await application.evidence(view2.id, '../case.db')).toBeNull();
  });

  it('shows the exact frame that was asked for', async () => {
    const view = await application.call('evidence.open', { case: opened.handle, exhibit: await exhibitOf('clip') });
    expect(view).toMatchObject({ mediaType: 'video', name: 'clip.mp4' });
    const { width, height, frames } = view;
    const shown = await application.evidence(view.id, 'frame/20.png');
    const small = await application.evidence(view.id, 'thumbnail.png');
    const exact = await sharp(shown?.path).raw().toBuffer({ resolveWithObject: true });
    expect([exact.info.width, exact.info.height]).toEqual([width, height]);
    // The neighbour differs, and asking again gives the same bytes.
    const next = await sharp((await application.evidence(view.id, 'frame/21.png'))?.path)
      .raw()
      .toBuffer();
    expect(next.equals(exact.data)).toBe(false);
    const again = await sharp((await application.evidence(view.id, 'frame/20.png'))?.path)
      .raw()
      .toBuffer();
    expect(again.equals(exact.data)).toBe(true);
    expect((await sharp(small?.path).metadata()).width).toBeLessThanOrEqual(160);
    expect(await application.evidence(view.id, `frame/${frames ?? 0}.png`)).toBeNull();
  });

  it('closes a case while frames and sound are being made of its exhibits, and leaves nothing of them', async () => {
    const named = { number: 'closing', agency: null, matter: null, description: null };
    const place = { folder: join(freshFolder(), 'closing'), passphrase: null };
    const { handle } = await application.call('case.create', { ...named, ...place });
    await application.call('case.addFiles', { case: handle, paths: [video], storage: 'copy' });
    const { rows } = await application.call('case.exhibits', { case: handle, offset: 0, limit: 1 });
    const exhibit = rows[0]?.exhibit.id ?? '';
    const { id } = await application.call('evidence.open', { case: handle, exhibit });
    const first = await application.evidence(id, 'frame/0.png');
    const under = Promise.allSettled([
      application.evidence(id, 'frame/40.png'),
      application.evidence(id, 'frame/80.png'),
      application.call('evidence.waveform', { id, from: 0, to: 1, points: 10 }),
    ]);
    await application.call('case.close', { case: handle });
    for (const end of await under)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'cancelled' });
    expect(first !== null && existsSync(dirname(dirname(first.path)))).toBe(false);
    await expect(application.evidence(id, 'frame/0.png')).rejects.toMatchObject({ code: 'case.unknown' });
  });

  it('draws sound: the loudest row of a tone lies at its frequency, and the waveform spans its level', async () => {
    const path = join(freshFolder(), 'tone.wav');
    await writeFile(path, tone(1000, 16_000, 2));
    await application.call('case.addFiles', { case: opened.handle, paths: [path], storage: 'reference' });
    const { id } = await application.call('evidence.open', { case: opened.handle, exhibit: await exhibitOf('tone') });
    for (const scale of ['linear', 'mel', 'log'] as const) {
      const wish = { scale, window: 'hann', size: 1024, from: 0.5, to: 1.5, columns: 20, rows: 128 } as const;
      const drawn = await application.call('evidence.spectrogram', { id, wish });
      const bytes = Buffer.from(drawn.db, 'base64');
      const db = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      const column = db.subarray(5 * drawn.rows, 6 * drawn.rows);
      const loudest = column.indexOf(Math.max(...column));
      expect(Math.abs((drawn.frequencies[loudest] ?? 0) - 1000)).toBeLessThan(70);
      // Half of full scale is -6 dB; a row averages the bins it covers.
      expect(column[loudest]).toBeGreaterThan(-16);
      expect(column[loudest]).toBeLessThan(-5);
    }
    const wave = await application.call('evidence.waveform', { id, from: 0, to: 2, points: 10 });
    expect(Math.max(...wave.max)).toBeCloseTo(0.5, 2);
    expect(Math.min(...wave.min)).toBeCloseTo(-0.5, 2);
  });

  it('refuses arguments that do not fit with a sentence, and calls it does not know', async () => {
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    await expect(application.callUnchecked('case.info', { case: '../..' }, context)).rejects.toMatchObject({
      code: 'usage.invalid',
    });
    await expect(application.callUnchecked('case.drop', {}, context)).rejects.toMatchObject({ code: 'bug' });
    await expect(application.call('case.info', { case: '0'.repeat(16) })).rejects.toMatchObject({
      code: 'case.unknown',
    });
  });

  it('keeps a working log and reads it newest first', async () => {
    const log = await application.call('audit.read', { case: opened.handle, offset: 0, limit: 3 });
    expect(log.rows).toHaveLength(3);
    expect(log.rows[0]?.entry.seq).toBe(log.total);
    expect(log.rows[0]?.hash).toBe(log.head);
    const verdict = await application.call('case.verify', { case: opened.handle, evidence: true });
    expect(verdict).toMatchObject({ sound: true, chain: [], database: [] });
  });

  it('makes reports: a preview replaces a preview and nothing else, a report is stopped or issued whole', async () => {
    const folder = freshFolder();
    const exhibits = [await exhibitOf('portrait')];
    const wish = { case: opened.handle, html: null, json: null, tables: null, template: null, exhibits };
    const make = (out: string, preview: boolean, more: object = {}) =>
      application.call('report.make', { ...wish, preview, out: join(folder, out), ...more });
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (thrown: unknown) => asVidimusError(thrown).code,
      );
    const reports = () => application.call('case.reports', { case: opened.handle });
    expect(await make('a.pdf', true)).toMatchObject({ state: 'preview', signed: false, exhibits });
    expect(await make('a.pdf', true)).toMatchObject({ state: 'preview' });
    expect(await reports()).toEqual([]);

    // Stopped after the evidence was verified: nothing is written and nothing recorded as issued.
    const stop = new AbortController();
    const request = { ...wish, preview: false, out: join(folder, 'stopped.pdf') };
    const stopping = { signal: stop.signal, onProgress: () => stop.abort() };
    expect(await code(application.call('report.make', request, stopping))).toBe('cancelled');
    expect(await code(make('key.pdf', false, { sign: [{ p12: await wrongKey(folder), passphrase: 'x' }] }))).toBe(
      'key.passphrase',
    );
    expect(await reports()).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['a.pdf', 'key.p12']);

    // Two calls for one name: one of them has it.
    const both = await Promise.all([code(make('b.pdf', false)), code(make('b.pdf', false))]);
    expect(both.sort()).toEqual(['case.rule', 'done']);
    const [issued] = await reports();
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(join(folder, 'b.pdf')))
        .digest('hex');
    expect(issued).toMatchObject({ fileName: 'b.pdf', format: 'pdf', sha256: await digest() });

    await writeFile(join(folder, 'other.pdf'), 'no report at all');
    for (const taken of ['b.pdf', 'other.pdf', 'key.p12', '.'])
      expect(await code(make(taken, true)), taken).toBe('usage.invalid');
    expect(await digest()).toBe(issued?.sha256);
    expect(await code(make('c.pdf', true, { html: join(folder, 'c.html') }))).toBe('usage.invalid');

    const state = (to: 'open' | 'closed') =>
      application.call('case.setState', { case: opened.handle, state: to, reason: 'test' });
    await state('closed');
    expect(await code(make('d.pdf', false))).toBe('case.rule');
    expect(await code(make('d.pdf', true))).toBe('done');
    await state('open');
    expect(await reports()).toHaveLength(1);
  });

  it('makes no demonstration where cases are', async () => {
    await makeDemoCase(application, ROOT);
    expect(readdirSync(join(home, 'cases'))).toEqual(['2026-17-Ä']);
  });

  it('closes: the handle ends and another program may write', async () => {
    await application.call('case.close', { case: opened.handle });
    await expect(application.call('case.info', { case: opened.handle })).rejects.toMatchObject({
      code: 'case.unknown',
    });
    const again = await application.call('case.open', { folder: opened.folder, passphrase: null });
    expect(again.handle).toBe(opened.handle);
  });
});

/** A key file under another pass phrase than the tests give. */
async function wrongKey(folder: string): Promise<string> {
  const path = join(folder, 'key.p12');
  const subject = { name: 'Ada', organisation: null, country: null };
  await writeFile(
    path,
    writePkcs12(makeRoot({ subject, kind: 'ec', from: new Date(0), years: 99 }), 'the right one', 'Ada'),
  );
  return path;
}

/** A sine at half of full scale as 16-bit PCM in a WAV file. */
function tone(frequency: number, sampleRate: number, seconds: number): Buffer {
  const samples = sampleRate * seconds;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++)
    file.writeInt16LE(Math.round(16_384 * Math.sin((2 * Math.PI * frequency * i) / sampleRate)), 44 + i * 2);
  return file;
}
