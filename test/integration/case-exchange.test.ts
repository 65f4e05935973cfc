/** Portable cases, merging, and the work of two examiners. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { type OpenOptions, openCase, openCaseForReading, type WritableCase } from '../../src/casework/case.ts';
import { verifyExhibit } from '../../src/casework/evidence/verify.ts';
import { type ExportOptions, exportCase } from '../../src/casework/exchange/export.ts';
import { importPackage, openPackage } from '../../src/casework/exchange/import.ts';
import { addAnalysis, listAnalyses, readResult } from '../../src/casework/records/analyses.ts';
import { findExhibit, listCustody, listExhibits, updateExhibit } from '../../src/casework/records/exhibits.ts';
import { listFindings } from '../../src/casework/records/findings.ts';
import { addNote, listNotes, setTag, tagsOf } from '../../src/casework/records/marks.ts';
import { fixPropositions, opinionsFor, signOpinion, writeOpinion } from '../../src/casework/records/opinions.ts';
import { addExaminer, listExaminers } from '../../src/casework/records/people.ts';
import { search } from '../../src/casework/records/search.ts';
import { verifyCase } from '../../src/casework/verifyCase.ts';
import { freshFolder } from '../helpers/cli.ts';
import { ANNA, evidenceFile, failure, newCase, resultFor, take } from './case-support.ts';

const EXPORT: ExportOptions = {
  tags: null,
  evidence: true,
  zip: false,
  purpose: 'second laboratory',
  passphrase: null,
};

async function filled(options: { passphrase?: string } = {}): Promise<WritableCase> {
  const made = newCase(options);
  const folder = freshFolder();
  for (const [i, storage] of (['copy', 'reference', 'copy'] as const).entries()) {
    const exhibit = await take(made, evidenceFile(folder, `e${i + 1}.bin`), storage);
    addAnalysis(made, exhibit.id, resultFor(exhibit), new Date());
    addNote(made, { text: `secret of exhibit ${i + 1}`, exhibit: exhibit.id });
    setTag(made, exhibit.id, i < 2 ? 'share' : 'keep');
  }
  mkdirSync(join(made.folder, 'reports'));
  writeFileSync(join(made.folder, 'reports', 'first.pdf'), 'issued once');
  return made;
}

describe('a portable case', () => {
  it.each([
    ['folder', null],
    ['zip', null],
    ['folder', 'geheim'],
    ['zip', 'geheim'],
  ])('of the whole opens elsewhere for reading and merges (%s, pass phrase %s)', async (kind, phrase) => {
    const made = await filled(phrase === null ? {} : { passphrase: phrase });
    const target = join(freshFolder(), kind === 'zip' ? 'out.zip' : 'out');
    const manifest = await exportCase(made, target, { ...EXPORT, zip: kind === 'zip', passphrase: phrase });
    expect(manifest.files.filter(({ path }) => path.startsWith('evidence/'))).toHaveLength(3);
    expect(manifest.files.map(({ path }) => path)).toContain('reports/first.pdf');
    expect(listCustody(made.db, listExhibits(made.db)[0].id).at(-1)).toMatchObject({
      type: 'exported',
      matches: 'yes',
      purpose: 'second laboratory',
    });
    const ours = listExhibits(made.db);
    made.close();
    const pack = await openPackage(target, phrase);
    expect(listExhibits(pack.opened.db).map(({ sha256 }) => sha256)).toEqual(ours.map(({ sha256 }) => sha256));
    expect((await verifyCase(pack.opened, { evidence: false })).sound).toBe(true);
    await pack.close();
    const own = newCase();
    const first = await importPackage(own, target, { passphrase: phrase });
    expect(first).toMatchObject({ conflicts: 0, evidence: 3, updated: 0 });
    for (const exhibit of listExhibits(own.db)) {
      expect(exhibit.storage).toBe('copy');
      expect((await verifyExhibit(own, exhibit, 'import')).outcome).toBe('match');
      expect(readResult(own.db, listAnalyses(own.db, exhibit.id)[0].id).evidence.sha256).toBe(exhibit.sha256);
    }
    expect(search(own.db, 'secret of exhibit')).toHaveLength(3);
    expect(await importPackage(own, target, { passphrase: phrase })).toMatchObject({
      added: 0,
      conflicts: 0,
      updated: 0,
      auditEntries: 0,
    });
    const seen = await verifyCase(own, { evidence: true });
    expect(seen).toMatchObject({ sound: true, chain: [], database: [] });
    own.close();
  });

  it('of a part holds the tagged exhibits and no trace of the others', async () => {
    const made = await filled();
    const kept = listExhibits(made.db)[2];
    addNote(made, { text: 'the case as a whole, and Mr Miller' });
    const target = join(freshFolder(), 'part');
    const manifest = await exportCase(made, target, { ...EXPORT, tags: ['share'] });
    expect(manifest.part).toEqual({ tags: ['share'], exhibits: 2 });
    expect(manifest.files.filter(({ path }) => path.startsWith('reports/'))).toEqual([]);
    const bytes = readFileSync(join(target, 'case.db'));
    for (const trace of [kept.id, kept.sha256, 'secret of exhibit 3', 'Miller'])
      expect(bytes.includes(trace), trace).toBe(false);
    const pack = await openPackage(target, null);
    expect(listExhibits(pack.opened.db).map(({ itemNumber }) => itemNumber)).toEqual(['1', '2']);
    expect((await verifyCase(pack.opened, { evidence: false })).sound).toBe(true);
    await pack.close();
    const own = newCase();
    expect((await importPackage(own, target, { passphrase: null })).conflicts).toBe(0);
    expect(listExhibits(own.db).map((one) => tagsOf(own.db, one.id))).toEqual([['share'], ['share']]);
    expect(
      (await failure(() => exportCase(made, join(freshFolder(), 'x'), { ...EXPORT, tags: ['nobody'] }))).code,
    ).toBe('case.rule');
    own.close();
    made.close();
  });

  it('opens for reading only, and says so', async () => {
    const made = await filled();
    const target = join(freshFolder(), 'out');
    await exportCase(made, target, EXPORT);
    const before = execFileSync('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], {
      cwd: target,
      encoding: 'utf8',
    });
    expect((await failure(() => openCase(target, { actor: ANNA }))).code).toBe('case.read-only');
    openCaseForReading(target).close();
    expect(
      execFileSync('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], { cwd: target, encoding: 'utf8' }),
    ).toBe(before);
    expect((await failure(() => exportCase(made, target, EXPORT))).code).toBe('case.exists');
    made.close();
  });

  it('leaves out evidence that lost its hash, and says so on both sides', async () => {
    const made = await filled();
    const [, second] = listExhibits(made.db);
    appendFileSync(second.path, 'x');
    const manifest = await exportCase(made, join(freshFolder(), 'out'), EXPORT);
    expect(manifest.evidenceLeftOut).toMatchObject([
      { exhibit: second.id, reason: expect.stringContaining('mismatch') },
    ]);
    expect(listFindings(made.db)).toMatchObject([{ kind: 'hash-mismatch' }]);
    made.close();
  });

  it('that was changed, cut or made to harm is refused and leaves the case as it was', async () => {
    const made = await filled();
    const clean = join(freshFolder(), 'out');
    await exportCase(made, clean, EXPORT);
    made.close();
    const own = newCase();
    const evidence = execFileSync('find', [join(clean, 'evidence'), '-type', 'f'], { encoding: 'utf8' })
      .split('\n')[0]
      .slice(clean.length + 1);
    const harms: ((folder: string) => void)[] = [
      (folder) => {
        execFileSync('chmod', ['-R', 'u+w', folder]);
        appendFileSync(join(folder, evidence), 'x');
      },
      (folder) => rmSync(join(folder, evidence)),
      (folder) => writeFileSync(join(folder, 'extra'), 'x'),
      (folder) => rmSync(join(folder, 'manifest.json')),
      (folder) => writeFileSync(join(folder, 'manifest.json'), '{}'),
      (folder) => appendFileSync(join(folder, 'case.db'), 'x'),
    ];
    for (const harm of harms) {
      const folder = join(freshFolder(), 'out');
      cpSync(clean, folder, { recursive: true });
      harm(folder);
      expect((await failure(() => importPackage(own, folder, { passphrase: null }))).code).toBe('case.package');
    }
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('x'), 'aa/bb');
    zip.end();
    const path = join(freshFolder(), 'evil.zip');
    await pipeline(zip.outputStream, createWriteStream(path));
    // yazl refuses to write such a name; the bytes are put in afterwards, in both places where a zip names a file.
    writeFileSync(path, Buffer.from(readFileSync(path).toString('latin1').replaceAll('aa/bb', '../bb'), 'latin1'));
    expect((await failure(() => importPackage(own, path, { passphrase: null }))).code).toBe('case.package');
    writeFileSync(path, 'no zip at all');
    expect((await failure(() => importPackage(own, path, { passphrase: null }))).code).toBe('case.package');
    expect(listExhibits(own.db)).toEqual([]);
    expect(readdirSync(join(own.folder, 'evidence'))).toEqual([]);
    expect((await verifyCase(own, { evidence: true })).sound).toBe(true);
    own.close();
  });
});

describe('two copies of one case', () => {
  const reopen = (folder: string, options: Partial<OpenOptions> = {}): WritableCase =>
    openCase(folder, { actor: ANNA, ...options });

  it('that went different ways come together without losing either side', async () => {
    const made = await filled();
    const [one, two] = listExhibits(made.db);
    made.close();
    const folder = join(freshFolder(), 'there');
    cpSync(made.folder, folder, { recursive: true });
    const there = reopen(folder);
    updateExhibit(there, one.id, { description: 'seen there' }, 'there');
    updateExhibit(there, two.id, { description: 'newer there' }, 'there');
    addNote(there, { text: 'there only' });
    await take(there, evidenceFile(freshFolder(), 'there.bin'));
    const out = join(freshFolder(), 'out');
    await exportCase(there, out, EXPORT);
    there.close();
    const here = reopen(made.folder);
    updateExhibit(here, one.id, { description: 'seen here' }, 'here');
    addNote(here, { text: 'here only' });
    await take(here, evidenceFile(freshFolder(), 'here.bin'));
    const report = await importPackage(here, out, { passphrase: null });
    expect(report).toMatchObject({ updated: 1, conflicts: 1 });
    expect(findExhibit(here.db, '1').description).toBe('seen here');
    expect(findExhibit(here.db, '2').description).toBe('newer there');
    expect(
      listNotes(here.db, null)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['here only', 'there only']);
    expect(
      listExhibits(here.db)
        .map(({ itemNumber, originalName }) => `${itemNumber} ${originalName}`)
        .sort()
        .slice(3),
    ).toEqual(['4 (merged 1) there.bin', '4 here.bin']);
    expect(listFindings(here.db)).toMatchObject([{ kind: 'merge-conflict', effect: 'notice', exhibit: one.id }]);
    expect(await importPackage(here, out, { passphrase: null })).toMatchObject({ added: 0, conflicts: 0, updated: 0 });
    expect(listFindings(here.db)).toHaveLength(1);
    expect((await verifyCase(here, { evidence: true })).sound).toBe(true);
    here.close();
  });
});

describe('two examiners', () => {
  it('give opinions on fixed propositions; the second is blind to the first until signed', async () => {
    const made = await filled();
    const [exhibit] = listExhibits(made.db);
    const person = (name: string, role: 'examiner' | 'reviewer') =>
      addExaminer(made, { name, role, qualification: 'Dipl.-Phys.', organisation: null, certificatePem: null });
    const [a, b, c] = [person('A', 'examiner'), person('B', 'reviewer'), person('C', 'reviewer')];
    const as = (who: { id: string; name: string }): WritableCase => ({
      ...made,
      actor: { id: who.id, name: who.name },
    });
    const opinion = { exhibit: exhibit.id, limitations: null, log10Lr: 1.2 };
    expect((await failure(() => writeOpinion(as(a), { ...opinion, proposition: a.id, text: 'x' }))).code).toBe(
      'case.rule',
    );
    const fixed = fixPropositions(as(a), exhibit.id, 'the voice is synthetic', 'the voice was recorded');
    expect(fixed.analysesBefore).toBe(1);
    expect((await failure(() => writeOpinion(made, { ...opinion, proposition: fixed.id, text: 'unnamed' }))).code).toBe(
      'case.rule',
    );
    const first = writeOpinion(as(a), { ...opinion, proposition: fixed.id, text: 'first draft' });
    expect(first.place).toBe('first');
    expect(writeOpinion(as(a), { ...opinion, proposition: fixed.id, text: 'first opinion' }).id).toBe(first.id);
    signOpinion(as(a), first.id, null);
    expect(opinionsFor(made.db, exhibit.id, fixed.id, b.id)).toEqual({ opinions: [], withheld: 1 });
    const second = writeOpinion(as(b), { ...opinion, proposition: fixed.id, text: 'second opinion' });
    expect(second.place).toBe('second');
    expect(opinionsFor(made.db, exhibit.id, fixed.id, b.id)).toMatchObject({
      opinions: [{ id: second.id }],
      withheld: 1,
    });
    expect(opinionsFor(made.db, exhibit.id, fixed.id, c.id).opinions).toEqual([]);
    expect((await failure(() => signOpinion(as(c), second.id, null))).code).toBe('case.rule');
    signOpinion(as(b), second.id, null);
    expect(opinionsFor(made.db, exhibit.id, fixed.id, b.id).opinions).toHaveLength(2);
    expect(opinionsFor(made.db, exhibit.id, fixed.id, c.id).opinions).toHaveLength(2);
    expect(
      (await failure(() => writeOpinion(as(b), { ...opinion, proposition: fixed.id, text: 'changed my mind' }))).code,
    ).toBe('case.rule');
    expect((await failure(() => made.db.run("UPDATE opinion SET text = 'x'"))).code).toBe('case.rule');
    expect((await failure(() => writeOpinion(as(c), { ...opinion, proposition: fixed.id, text: 'third' }))).code).toBe(
      'case.rule',
    );
    expect(listExaminers(made.db)).toHaveLength(3);
    expect((await verifyCase(made, { evidence: true })).sound).toBe(true);
    made.close();
  });

  it('cannot sign on an exhibit whose bytes changed', async () => {
    const made = await filled();
    const exhibit = listExhibits(made.db)[1];
    const a = addExaminer(made, {
      name: 'A',
      role: 'examiner',
      qualification: null,
      organisation: null,
      certificatePem: null,
    });
    const as = { ...made, actor: { id: a.id, name: a.name } };
    const fixed = fixPropositions(as, exhibit.id, 'h1', 'h2');
    const draft = writeOpinion(as, {
      exhibit: exhibit.id,
      proposition: fixed.id,
      text: 'x',
      limitations: null,
      log10Lr: null,
    });
    appendFileSync(exhibit.path, 'x');
    await verifyExhibit(made, exhibit, 'on-demand');
    expect((await failure(() => signOpinion(as, draft.id, null))).code).toBe('case.signing-blocked');
    expect(existsSync(exhibit.path)).toBe(true);
    made.close();
  });
});
