/** Reports that must be refused, and cases that are hostile or huge. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { WritableCase } from '../../src/casework/case.ts';
import { listFindings } from '../../src/casework/records/findings.ts';
import { listReports } from '../../src/casework/records/opinions.ts';
import { ReportModel } from '../../src/contract/report.ts';
import { makeReport } from '../../src/workbench/report/report.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { freshFolder } from '../helpers/cli.ts';
import { evidenceFile, failure, newCase, resultFor, take } from './case-support.ts';
import { flat, hasTool, noEngine, pictureResult, sample, store, template, textOf } from './reporting-support.ts';

const home = freshFolder();
const workbench = openWorkbench();
afterAll(() => workbench.close());

describe('a report is refused', () => {
  const report = (made: WritableCase, out: string) =>
    failure(() => makeReport(made, noEngine, { out, template: template(), userFolder: home }));

  it('where evidence changed or is missing, and the finding stays', async () => {
    const made = newCase();
    const folder = freshFolder();
    const path = evidenceFile(folder, 'changed.bin');
    await take(made, path, 'reference');
    const out = join(folder, 'out', 'report.pdf');
    rmSync(path);
    expect((await report(made, out)).code).toBe('case.signing-blocked');
    writeFileSync(path, 'other bytes');
    const error = await report(made, out);
    expect(error.code).toBe('case.signing-blocked');
    expect(error.message).toMatch(/not those of the intake/);
    expect(listFindings(made.db).map(({ kind }) => kind)).toEqual(['evidence-missing', 'hash-mismatch']);
    expect(listReports(made.db)).toEqual([]);
    expect(existsSync(join(folder, 'out'))).toBe(false);
    made.close();
  });

  it('where a record was changed behind the log, or there is nothing to report on', async () => {
    const made = newCase();
    const folder = freshFolder();
    expect((await report(made, join(folder, 'a.pdf'))).code).toBe('case.rule');
    const exhibit = await take(made, evidenceFile(folder, 'one.bin'));
    made.db.run('UPDATE exhibit SET description = ? WHERE id = ?', 'other', exhibit.id);
    const error = await report(made, join(folder, 'a.pdf'));
    expect(error.code).toBe('case.chain');
    expect(existsSync(join(folder, 'a.pdf'))).toBe(false);
    made.close();
  });

  it('where it cannot be written, with nothing left and nothing recorded', async () => {
    const made = newCase();
    const folder = freshFolder();
    await take(made, evidenceFile(folder, 'one.bin'));
    writeFileSync(join(folder, 'file'), '');
    const html = join(folder, 'report.html');
    const error = await failure(() =>
      makeReport(made, noEngine, { out: join(folder, 'file', 'a.pdf'), html, template: template(), userFolder: home }),
    );
    expect(error.code).toBe('output.failed');
    expect(readdirSync(folder).sort()).toEqual(['file', 'one.bin']);
    expect(listReports(made.db)).toEqual([]);
    made.close();
  });
});

describe('hostile and huge cases', () => {
  it('prints names of all scripts and shows what they hide', async () => {
    const made = newCase();
    const folder = freshFolder();
    const names = [
      'تقرير 2024 (نسخة).jpg',
      'ראיה 17.jpg',
      '證據照片.jpg',
      'evil\u202egpj.exe',
      "=cmd|' calc'!A0",
      '<b onload=x>&.jpg',
    ];
    for (const name of names) {
      copyFileSync(sample('portrait.jpg'), join(folder, name));
      const exhibit = await take(made, join(folder, name), 'reference');
      const box = { x: 150, y: 60, width: 130, height: 170 };
      const at = { frame: 0, time: 0, box, points: null, probability: 0.99, detected: true };
      store(made, exhibit, pictureResult(exhibit, { tracks: [{ id: 3, firstFrame: 0, lastFrame: 0, boxes: [at] }] }));
    }
    const out = join(folder, 'out');
    const files = { out: join(out, 'r.pdf'), html: join(out, 'r.html'), tables: out };
    const done = await makeReport(made, workbench, { ...files, template: template(), userFolder: home });
    expect(done.notes).toEqual([]);
    const html = readFileSync(files.html, 'utf8');
    expect(html).toContain('تقرير 2024 (نسخة).jpg');
    expect(html).toContain('evil[U+202E]gpj.exe');
    expect(html).toContain('&lt;b onload=x&gt;&amp;.jpg');
    expect(html).not.toContain('\u202e');
    expect(html.match(/>track 3</g)).toHaveLength(names.length);
    expect(readFileSync(join(out, 'custody.csv'), 'utf8')).toContain("'=cmd|' calc'!A0");
    made.close();
    if (!['pdftotext', 'qpdf'].every(hasTool)) return;
    expect(spawnSync('qpdf', ['--check', files.out]).status).toBe(0);
    const text = textOf(files.out);
    expect(text).toContain('evil[U+202E]gpj.exe');
    expect(text).toContain('ראיה');
    expect(text.normalize('NFKC')).toContain('تقرير');
    expect(text).toContain('track 3');
  });

  it('scales a picture of 100 megapixels in the engine', async () => {
    const made = newCase();
    const folder = freshFolder();
    const path = join(folder, 'huge.jpg');
    await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: '#345' } })
      .jpeg()
      .toFile(path);
    const exhibit = await take(made, path, 'reference');
    store(made, exhibit, pictureResult(exhibit));
    const out = join(folder, 'r.pdf');
    const json = join(folder, 'r.json');
    await makeReport(made, workbench, { out, json, template: template(), userFolder: home });
    const model = ReportModel.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(model.exhibits[0].analyses[0].figures).toMatchObject([
      {
        kind: 'exhibit',
        width: 1600,
        height: 1600,
        original: { width: 10_000, height: 10_000, sha256: exhibit.sha256 },
      },
    ]);
    expect(readFileSync(out).length).toBeLessThan(1_000_000);
    made.close();
    if (!hasTool('pdfinfo')) return;
    const read = flat(execFileSync('pdfinfo', ['-struct-text', out], { encoding: 'utf8', maxBuffer: 1 << 28 }));
    // What a screen reader would read: in order, and without heads and feet of pages.
    expect(read).toMatch(/Summary.*Request and propositions.*Results \(facts\).*Limitations.*Glossary/);
    expect(read).not.toContain('Page 2 of');
  });

  it('reports on 500 exhibits in bounded time', async () => {
    const made = newCase();
    const folder = freshFolder();
    for (let i = 1; i <= 500; i += 1) {
      const exhibit = await take(made, evidenceFile(folder, `recording ${i}.wav`, 500), 'reference');
      store(made, exhibit, resultFor(exhibit));
    }
    const out = join(folder, 'out', 'r.pdf');
    const started = performance.now();
    const done = await makeReport(made, noEngine, { out, template: template(), userFolder: home });
    console.info(`500 exhibits: ${((performance.now() - started) / 1000).toFixed(1)} s, ${done.bytes} bytes`);
    expect(done.exhibits).toHaveLength(500);
    made.close();
    if (!['pdftotext', 'qpdf'].every(hasTool)) return;
    expect(spawnSync('qpdf', ['--check', out]).status).toBe(0);
    const text = textOf(out, ['-l', '40']);
    expect(text).toContain('recording 500.wav');
    expect(text).toContain('Exhibits 1 … 500 (500)');
  });
});
