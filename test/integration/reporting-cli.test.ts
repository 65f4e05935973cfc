/** `vidimus report` as an examiner in a terminal would use it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MadeReport } from '../../src/contract/report.ts';
import { sha256Of } from '../../src/reporting/json/canonical.ts';
import { cli, freshFolder, type Ran } from '../helpers/cli.ts';
import { evidenceFile } from './case-support.ts';
import { hasTool } from './reporting-support.ts';

const home = freshFolder();
const folder = freshFolder();
const run = (...args: string[]): Promise<Ran> => cli(args, home);
const out = (name: string): string => join(folder, name);

describe('vidimus report', () => {
  it('makes preview and report, and answers in words or as JSON', async () => {
    await run('case', 'create', 'one', '--number', 'K 9/26');
    await run('case', 'examiner', 'add', 'one', '--name', 'Anna');
    await run('case', 'add', 'one', evidenceFile(folder, 'evidence.bin'));
    const shown = await run('report', 'one', '--out', out('p.pdf'), '--preview', '--examiner', 'Anna');
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toContain('not signed');
    writeFileSync(out('template.json'), JSON.stringify({ language: 'de', title: 'Gutachten' }));
    const files = ['--html', out('r.html'), '--csv', out('tables'), '--template', out('template.json')];
    const made = await run('report', 'one', '--out', out('r.pdf'), ...files, '--examiner', 'Anna', '--json');
    expect(made.code, made.stdout + made.stderr).toBe(0);
    const answer = MadeReport.parse(JSON.parse(made.stdout));
    expect(answer).toMatchObject({ state: 'final', sha256: sha256Of(readFileSync(out('r.pdf'))), json: null });
    expect(answer.tables).toHaveLength(3);
    expect(readFileSync(out('r.html'), 'utf8')).toContain('<html lang="de">');
    const data = await run('report', 'one', '--out', out('q.pdf'), '--json', out('q.json'));
    expect(data.code, data.stderr).toBe(0);
    expect(JSON.parse(readFileSync(out('q.json'), 'utf8'))).toMatchObject({
      schema: 'vidimus/report/1',
      state: 'final',
    });
  });

  it('ends with 2 for wrong usage and 5 for evidence that changed, and leaves nothing', async () => {
    await run('case', 'create', 'two');
    const evidence = evidenceFile(folder, 'reference.bin');
    await run('case', 'add', 'two', evidence, '--reference');
    expect((await run('report', 'two')).code).toBe(2);
    expect((await run('report', 'two', '--out', out('x.pdf'), '--template', out('none.json'))).code).toBe(2);
    expect((await run('report', 'two', '--out', out('x.pdf'), '--exhibit', '77')).code).toBe(2);
    expect((await run('report', 'nowhere', '--out', out('x.pdf'))).code).toBe(3);
    appendFileSync(evidence, 'x');
    const refused = await run('report', 'two', '--out', out('x.pdf'), '--json');
    expect(refused.code).toBe(5);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'case.signing-blocked' } });
    expect(existsSync(out('x.pdf'))).toBe(false);
    const preview = await run('report', 'two', '--out', out('y.pdf'), '--preview');
    expect(preview.code, preview.stderr).toBe(0);
  });

  it('signs with the keys of two examiners and refuses a wrong pass phrase before anything is read', async () => {
    if (!['openssl', 'pdfsig', 'qpdf'].every(hasTool)) return;
    await run('case', 'create', 'three');
    for (const name of ['anna', 'bert']) {
      const [key, crt] = [out(`${name}.key`), out(`${name}.crt`)];
      execFileSync('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
        ...['-subj', `/CN=${name}`, '-addext', 'keyUsage=critical,digitalSignature,nonRepudiation'],
        ...['-keyout', key, '-out', crt],
      ]);
      execFileSync('openssl', [
        ...['pkcs12', '-export', '-inkey', key, '-in', crt, '-out', out(`${name}.p12`), '-passout', `pass:of ${name}`],
      ]);
      writeFileSync(out(`${name}.pass`), `of ${name}\n`);
    }
    await run('case', 'examiner', 'add', 'three', '--name', 'Anna', '--certificate', out('anna.crt'));
    await run('case', 'add', 'three', evidenceFile(folder, 'three.bin'));
    const by = (name: string, ...keys: string[]) => [
      ...['report', 'three', '--out', out(name), '--examiner', 'Anna'],
      ...['--p12', ...keys.map((key) => out(`${key}.p12`)), '--p12-pass-file'],
    ];
    const signed = await run(...by('s.pdf', 'anna', 'bert'), out('anna.pass'), out('bert.pass'));
    expect(signed.code, signed.stderr).toBe(0);
    expect(signed.stdout).toContain(', signed');
    expect(spawnSync('qpdf', ['--check', out('s.pdf')]).status).toBe(0);
    const seen = spawnSync('pdfsig', ['-nocert', out('s.pdf')], { encoding: 'utf8' }).stdout;
    expect(seen.match(/Signature is Valid/g)).toHaveLength(2);
    expect(seen).toContain('Total document signed');
    expect(seen).toMatch(/anna[\s\S]*bert/);
    const wrong = await run(...by('w.pdf', 'anna'), out('bert.pass'), '--json');
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'key.passphrase' } });
    const other = await run(...by('w.pdf', 'bert'), out('bert.pass'), '--json');
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'certificate.usage' } });
    expect(existsSync(out('w.pdf'))).toBe(false);
    expect((await run('report', 'three', '--out', out('w.pdf'), '--p12', out('anna.p12'))).code).not.toBe(0);
  });
});
