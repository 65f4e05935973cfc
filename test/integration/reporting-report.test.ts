/** Reports of real cases: what they say, what outside tools say of them, and what happens when something is wrong. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WritableCase } from '../../src/casework/case.ts';
import { listAnalyses, readResult } from '../../src/casework/records/analyses.ts';
import { listExhibits } from '../../src/casework/records/exhibits.ts';
import { enqueue } from '../../src/casework/records/jobs.ts';
import { addBookmark } from '../../src/casework/records/marks.ts';
import { fixPropositions, listReports, signOpinion, writeOpinion } from '../../src/casework/records/opinions.ts';
import { addExaminer } from '../../src/casework/records/people.ts';
import { VidimusError } from '../../src/contract/errors.ts';
import { ReportModel } from '../../src/contract/report.ts';
import { canonicalBytes, sha256Of } from '../../src/reporting/json/canonical.ts';
import { openApplication } from '../../src/workbench/application/application.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { startQueue } from '../../src/workbench/queue.ts';
import { makeReport, previewReport } from '../../src/workbench/report/report.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { freshFolder } from '../helpers/cli.ts';
import { evidenceFile, failure, newCase, take } from './case-support.ts';
import { flat, hasTool, sample, store, template, textOf, videoResult } from './reporting-support.ts';

const home = freshFolder();
const workbench = openWorkbench();
afterAll(() => workbench.close());

const FORBIDDEN = /\bauthentic|\bgenuine|no manipulation|% (fake|accurate)/i;
const opinionText = 'The findings support H1 moderately.';

/** A case of three samples, analysed by the real engine, with an opinion signed by one examiner. */
async function examined(): Promise<WritableCase> {
  const made = newCase();
  const anna = addExaminer(made, {
    name: 'Dr. Anna Beispiel',
    role: 'examiner',
    qualification: 'examiner of digital media',
    organisation: 'Laboratory',
    certificatePem: null,
  });
  const plan = makePlan({ artifacts: true });
  for (const name of ['portrait-spliced.jpg', 'clip.mp4', 'speech.flac']) {
    const exhibit = await take(made, sample(name));
    fixPropositions(made, exhibit.id, 'It was manipulated.', 'It is as it was recorded.');
    enqueue(made, exhibit.id, plan);
  }
  await startQueue(made, workbench, {}).done;
  const [first] = listExhibits(made.db);
  const own = { ...made, actor: { id: anna.id, name: anna.name } };
  const proposition = fixPropositions(own, first.id, 'It was spliced.', 'It is one picture.').id;
  const fields = { exhibit: first.id, proposition, text: opinionText, limitations: 'One picture only.', log10Lr: null };
  signOpinion(own, writeOpinion(own, fields).id, null);
  return { ...made, actor: own.actor };
}

describe('the report of an analysed case', () => {
  const folder = freshFolder();
  const pdf = join(folder, 'report.pdf');
  let made: WritableCase;
  let answer: Awaited<ReturnType<typeof makeReport>>;
  beforeAll(async () => {
    made = await examined();
    answer = await makeReport(made, workbench, {
      out: pdf,
      html: join(folder, 'report.html'),
      json: join(folder, 'report.json'),
      tables: join(folder, 'tables'),
      template: template(),
      userFolder: home,
    });
  });
  afterAll(() => made.close());

  it('is recorded as issued, with the hash of the file and the head of the log that it prints', () => {
    expect(listReports(made.db)).toMatchObject([
      { sha256: sha256Of(readFileSync(pdf)), chainHead: answer.auditHead, byExaminer: 'Dr. Anna Beispiel' },
    ]);
    expect(answer).toMatchObject({ state: 'final', signed: false, notes: [] });
    expect(readdirSync(folder).sort()).toEqual(['report.html', 'report.json', 'report.pdf', 'tables']);
  });

  it('says what the norms ask for, in words that may be used', () => {
    if (!hasTool('pdftotext')) return;
    const layout = textOf(pdf);
    const text = flat(layout);
    const [first] = listExhibits(made.db);
    for (const words of [
      'Case K 17/26',
      'Dr. Anna Beispiel',
      'examiner of digital media',
      'It was spliced.',
      'Results (facts)',
      'Interpretation',
      opinionText,
      'One picture only.',
      'not validated',
      'system clock, not independently attested',
      'enfsi-2015/1',
      'moderately strong support',
      'No calibration'.toLowerCase(),
      'Chain of custody',
      'no manifest: the provenance is unknown',
      'bytes match the intake',
      'Europe/Berlin',
      '+01:00',
      'docs/methods/ela.md',
      'H1',
    ])
      expect(text, words).toContain(words);
    // Long hashes are broken over lines of their cells.
    const tight = layout.replace(/\s+/g, '');
    expect(tight).toContain(first.sha256.slice(0, 40));
    expect(tight).toContain(answer.auditHead);
    expect(text).not.toMatch(FORBIDDEN);
    const pages = Number(/of (\d+)/.exec(text)?.[1]);
    for (let page = 1; page <= pages; page += 1) expect(text).toContain(`Page ${page} of ${pages}`);
    for (const page of layout.split('\f').slice(0, -1)) expect(page).toMatch(/Case K 17\/26[\s\S]*Exhibits? /);
    expect(text).not.toContain('PREVIEW');
  });

  it('is clean, tagged, in embedded fonts, and carries model and results as they are stored', () => {
    if (!['qpdf', 'pdfinfo', 'pdffonts', 'pdfdetach'].every(hasTool)) return;
    expect(spawnSync('qpdf', ['--check', pdf]).status).toBe(0);
    expect(execFileSync('pdfinfo', [pdf], { encoding: 'utf8' })).toMatch(/Tagged: +yes[\s\S]*JavaScript: +no/);
    const fonts = execFileSync('pdffonts', [pdf], { encoding: 'utf8' }).split('\n').slice(2, -1);
    expect(fonts.length).toBeGreaterThan(1);
    for (const line of fonts) expect(line).toMatch(/ yes yes yes /);
    const out = join(folder, 'attached');
    mkdirSync(out);
    execFileSync('pdfdetach', ['-saveall', '-o', out, pdf]);
    const model = ReportModel.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')));
    expect(readFileSync(join(out, 'report.json'))).toEqual(readFileSync(join(folder, 'report.json')));
    for (const { exhibit, analyses } of model.exhibits)
      for (const { attachment, record } of analyses) {
        const bytes = readFileSync(join(out, attachment));
        expect(sha256Of(bytes)).toBe(record.resultSha256);
        expect(bytes).toEqual(canonicalBytes(readResult(made.db, listAnalyses(made.db, exhibit.id)[0].id)));
      }
    rmSync(out, { recursive: true });
  });

  it('is meant to be PDF/A-3b: metadata, output intent, relations of the attached files', () => {
    if (!hasTool('qpdf')) return;
    const json = execFileSync('qpdf', ['--json', '--json-key=qpdf', pdf], { encoding: 'utf8', maxBuffer: 1 << 28 });
    for (const part of ['/OutputIntents', '/GTS_PDFA1', '/AFRelationship', '/StructTreeRoot', '"u:en"', '/MarkInfo'])
      expect(json, part).toContain(part);
    const raw = readFileSync(pdf, 'latin1');
    expect(raw).toContain('<pdfaid:part>3</pdfaid:part>');
    expect(raw).toContain('<pdfaid:conformance>B</pdfaid:conformance>');
  });

  it('has a text for every picture and a structure that reaches all of its pages', () => {
    if (!hasTool('pdfinfo')) return;
    const tree = execFileSync('pdfinfo', ['-struct', pdf], { encoding: 'utf8', maxBuffer: 1 << 28 });
    expect(tree).toMatch(/Figure/);
    expect(tree.match(/\bTable\b/g)?.length).toBeGreaterThan(10);
    const json = execFileSync('qpdf', ['--json', '--json-key=qpdf', pdf], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const figures = json.match(/"\/S": "\/Figure"/g)?.length ?? 0;
    expect(figures).toBeGreaterThan(5);
    expect(json.match(/"\/Alt": /g)?.length).toBe(figures);
  });

  it('says the same as HTML, in one file that asks for nothing and runs nothing', () => {
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(html).toContain(opinionText);
    expect(html).toContain('not validated');
    expect(html).toContain(answer.auditHead);
    expect(html).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:/);
    expect(html).not.toMatch(/<script|https?:\/\/|url\(|@import/i);
    expect(html.match(/<svg [^>]*class="picture"/g)?.length).toBeGreaterThan(5);
    expect(html.replace(/base64,[A-Za-z0-9+/=]+/g, '')).not.toMatch(FORBIDDEN);
  });

  it('gives every observation, point and custody event to spreadsheets', () => {
    const lines = (name: string) => readFileSync(join(folder, 'tables', name), 'utf8').split('\r\n').length - 2;
    const results = listExhibits(made.db).flatMap(({ id }) =>
      listAnalyses(made.db, id).map((one) => readResult(made.db, one.id)),
    );
    const sum = (count: (result: (typeof results)[number]) => number) => results.reduce((n, r) => n + count(r), 0);
    expect(lines('findings.csv')).toBe(sum((r) => r.observations.length + r.anomalies.length));
    expect(lines('series.csv')).toBe(sum((r) => r.series.reduce((n, s) => n + s.x.length, 0)));
    expect(lines('custody.csv')).toBe(6);
    expect(readFileSync(join(folder, 'tables', 'findings.csv')).subarray(0, 3)).toEqual(
      Buffer.from([0xef, 0xbb, 0xbf]),
    );
  });

  it('gives the same bytes for the same input', async () => {
    const now = new Date('2026-11-21T10:00:00Z');
    const twice = ['a.pdf', 'b.pdf'].map((name) =>
      previewReport(made, workbench, {
        ...{ out: join(folder, name), html: join(folder, `${name}.html`), template: template(), userFolder: home },
        ...{ examiner: 'Dr. Anna Beispiel', account: 'none', now },
      }),
    );
    const [a, b] = await Promise.all(twice);
    expect(a.sha256).toBe(b.sha256);
    expect(readFileSync(join(folder, 'a.pdf'))).toEqual(readFileSync(join(folder, 'b.pdf')));
    expect(readFileSync(join(folder, 'a.pdf.html'))).toEqual(readFileSync(join(folder, 'b.pdf.html')));
  });

  it('marks a preview on every page, records nothing and shows drafts only there', async () => {
    const before = listReports(made.db).length;
    const out = join(folder, 'preview.pdf');
    const shown = await previewReport(made, workbench, {
      ...{ out, template: template({ language: 'de' }), userFolder: home },
      ...{ examiner: null, account: 'anna' },
    });
    expect(shown).toMatchObject({ state: 'preview', signed: false });
    expect(listReports(made.db)).toHaveLength(before);
    if (!hasTool('pdftotext')) return;
    const text = textOf(out);
    for (const page of text.split('\f').slice(0, -1)) expect(page).toContain('VORSCHAU – nicht signiert');
    expect(flat(text)).toContain('Systemuhr, nicht unabhängig bestätigt (system clock, not independently attested)');
    expect(flat(text)).toContain('Die Verfahren sind nicht validiert (not validated)');
    expect(text).not.toMatch(FORBIDDEN);
  });

  it('never overwrites an issued report', async () => {
    const before = readFileSync(pdf);
    const error = await failure(() =>
      makeReport(made, workbench, { out: pdf, template: template(), userFolder: home }),
    );
    expect(error.code).toBe('usage.invalid');
    expect(readFileSync(pdf)).toEqual(before);
  });

  it('puts a preview in the place of a preview and of nothing else', async () => {
    const how = { template: template(), userFolder: home, examiner: null, account: 'anna' };
    const again = { ...how, out: join(folder, 'again.pdf') };
    await previewReport(made, workbench, again);
    expect(await previewReport(made, workbench, again)).toMatchObject({ state: 'preview' });
    const before = readFileSync(pdf);
    const error = await failure(() => previewReport(made, workbench, { ...how, out: pdf }));
    expect(error.code).toBe('usage.invalid');
    expect(readFileSync(pdf)).toEqual(before);
    const note = join(folder, 'note.html');
    writeFileSync(note, 'mine');
    const other = await failure(() => previewReport(made, workbench, { ...again, html: note }));
    expect(other.code).toBe('usage.invalid');
    expect(readFileSync(note, 'utf8')).toBe('mine');
  });

  it('signs what it writes, records the signed bytes, and leaves nothing where signing fails', async () => {
    const out = join(folder, 'signed.pdf');
    const options = { out, template: template(), userFolder: home };
    const noKey = () => Promise.reject(new VidimusError('usage.invalid', 'There is no key.'));
    const error = await failure(() => makeReport(made, workbench, options, noKey));
    expect(error.message).toBe('There is no key.');
    expect(existsSync(out)).toBe(false);
    expect(listReports(made.db)).toHaveLength(1);
    const signed = await makeReport(made, workbench, options, async (bytes) =>
      Buffer.concat([bytes, Buffer.from('%%')]),
    );
    expect(signed).toMatchObject({ signed: true, sha256: sha256Of(readFileSync(out)) });
    expect(readFileSync(out, 'latin1').endsWith('%%')).toBe(true);
    expect(listReports(made.db).at(-1)).toMatchObject({ sha256: signed.sha256, format: 'pdf, signed' });
  });
});

describe('figures and weighing', () => {
  it('shows faces with their tracks, the time line, scores with their threshold, and support in the words of the scale', async () => {
    const made = newCase();
    const folder = freshFolder();
    const exhibit = await take(made, sample('clip.mp4'));
    store(made, exhibit, videoResult(exhibit));
    addBookmark(made, { exhibit: exhibit.id, analysis: null, label: 'look here', timeSeconds: 2.5, frame: null });
    const files = { out: join(folder, 'r.pdf'), html: join(folder, 'r.html'), json: join(folder, 'r.json') };
    await makeReport(made, workbench, { ...files, template: template(), userFolder: home });
    made.close();
    const model = ReportModel.parse(JSON.parse(readFileSync(files.json, 'utf8')));
    const [analysis] = model.exhibits[0].analyses;
    expect(analysis.figures).toMatchObject([{ kind: 'faces', frame: 30, seconds: 1.2, width: 480, height: 360 }]);
    expect(analysis.figures[0].faces.map(({ track }) => track)).toEqual([0, 1]);
    expect(analysis.timeline?.spans.map(({ lane, from, to }) => [lane, from, to])).toEqual([
      ['track 0', 0.4, 2.36],
      ['track 1', 1.2, 3.92],
      ['anomalies', 1, 1.2],
      ['anomalies', 2.4, 3.24],
      ['bookmarks', 2.5, 2.5],
    ]);
    expect(analysis.charts).toMatchObject([{ stored: 2000, threshold: 0.5, track: 0 }]);
    expect(analysis.charts[0].x.length).toBeLessThanOrEqual(600);
    const html = readFileSync(files.html, 'utf8');
    expect(html).toMatch(/>track 0<[\s\S]*>track 1</);
    expect(html).toContain('stroke-dasharray');
    if (!hasTool('pdftotext')) return;
    const text = flat(textOf(files.out));
    for (const words of [
      'The findings are about 25 times more probable if H1 is true than if H2 is true: moderate support for H1 over H2.',
      'Traces of synthesis or manipulation were found by the methods applied. (combined score 0.91, working threshold 0.5)',
      'The combined score crosses its threshold on: jpeg-50.',
      'Frame 30 at 1.2 s with the 2 faces that were followed',
      'The dashed line is the working threshold 0.5.',
      'look here',
      'no pack',
      '2 face tracks',
    ])
      expect(text, words).toContain(words);
    expect(text).not.toMatch(FORBIDDEN);
  });
});

describe('report.make in the application', () => {
  it('previews and issues the report of an open case in the name of its examiner', async () => {
    const before = process.env['VIDIMUS_HOME'];
    process.env['VIDIMUS_HOME'] = freshFolder();
    const app = openApplication({ kind: 'browser', onLog: () => undefined });
    try {
      const folder = freshFolder();
      const made = newCase({ folder: join(folder, 'case') });
      addExaminer(made, {
        name: 'Anna',
        role: 'examiner',
        qualification: null,
        organisation: null,
        certificatePem: null,
      });
      await take(made, evidenceFile(folder, 'one.bin'));
      made.close();
      const opened = await app.call('case.open', { folder: join(folder, 'case'), passphrase: null });
      const files = { html: null, json: null, tables: null, template: null, exhibits: null };
      const request = { case: opened.handle, ...files, preview: true, out: join(folder, 'r.pdf') };
      expect(await app.call('report.make', request)).toMatchObject({ state: 'preview', signed: false });
      const steps: string[] = [];
      const final = { ...request, preview: false, out: join(folder, 'f.pdf') };
      const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number | null }) =>
        steps.push(`${stage} ${done}/${total}`);
      expect(await app.call('report.make', final, { onProgress })).toMatchObject({ state: 'final' });
      expect(steps).toEqual(['intake 1/1', 'write 1/1']);
      expect(await app.call('case.reports', { case: opened.handle })).toMatchObject([{ fileName: 'f.pdf' }]);
      expect((await failure(() => app.call('report.make', final))).code).toBe('usage.invalid');
      const sign = [{ p12: join(folder, 'none.p12'), passphrase: 'x' }];
      const unsigned = { ...final, out: join(folder, 'g.pdf'), sign };
      expect((await failure(() => app.call('report.make', unsigned))).code).toBe('usage.invalid');
      expect((await failure(() => app.call('report.make', { ...request, sign }))).code).toBe('usage.invalid');
      expect(existsSync(unsigned.out)).toBe(false);
    } finally {
      await app.close();
      if (before === undefined) delete process.env['VIDIMUS_HOME'];
      else process.env['VIDIMUS_HOME'] = before;
    }
  });
});
