/** Signatures of reports, judged by programs that we did not write. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeExaminer, makeRoot } from '../../src/reporting/keys/authority.ts';
import { readPkcs12, writePkcs12 } from '../../src/reporting/keys/pkcs12.ts';
import { lastSignature, signPdf } from '../../src/reporting/sign/pdf/sign.ts';
import { fetchStamp } from '../../src/reporting/sign/timestamp.ts';
import { checkPdf } from '../../src/reporting/verify/pdf.ts';
import { Points } from '../../src/reporting/verify/points.ts';
import { findFonts } from '../../src/workbench/report/fonts.ts';
import { importStamp, requestStamp } from '../../src/workbench/signing/reports.ts';
import { freshFolder } from '../helpers/cli.ts';
import { failure } from './case-support.ts';
import { examiner, NOW, pdfsig, root, seeded, signedReport, smallPdf, subject, tool } from './signing-support.ts';

const faults = (pdf: Uint8Array, roots = [root.certificate]): string[] => {
  const points = new Points();
  checkPdf(points, pdf, { roots, now: new Date() });
  return points.all.filter(({ state }) => state === 'not-ok').map(({ statement }) => statement);
};
/** Small documents carry no report inside; that is not what these tests look at. */
const signatureFaults = (pdf: Uint8Array): string[] => faults(pdf).filter((one) => !one.includes('report.json'));
const hasPdfsig = tool('pdfsig', ['-v']) && tool('certutil', ['-H']);
const hasQpdf = tool('qpdf');
const hasOpenssl = tool('openssl', ['version']);

describe('a signed report', () => {
  it('of two examiners is sound for us, pdfsig and qpdf', async () => {
    const { pdf, target } = await signedReport([examiner('Anna', 'ec'), examiner('Bela', 'rsa')]);
    target.close();
    expect(faults(readFileSync(pdf))).toEqual([]);
    if (hasPdfsig) {
      const said = pdfsig(pdf);
      expect(said.match(/Signature is Valid\./g)).toHaveLength(2);
      expect(said.match(/Certificate is Trusted\./g)).toHaveLength(2);
      expect(said.split('Signature #2')[1]).toContain('Total document signed');
      expect(said).toContain('ETSI.CAdES.detached');
    }
    if (hasQpdf) execFileSync('qpdf', ['--check', pdf]);
  });

  it('with one visible signature covers the whole document', async () => {
    const font = (await findFonts()).body[0]?.bytes;
    if (!font) throw new Error('no font');
    const visible = { page: -1, box: [60, 60, 220, 56], font } as const;
    const signed = await signPdf(await smallPdf(), { identity: examiner('Čeněk Žluťoučký'), now: new Date(), visible });
    const path = join(freshFolder(), 'visible.pdf');
    writeFileSync(path, signed);
    expect(signatureFaults(signed)).toEqual([]);
    if (hasPdfsig) expect(pdfsig(path)).toMatch(/Total document signed[\s\S]*Valid\.[\s\S]*Trusted\./);
    if (hasQpdf) execFileSync('qpdf', ['--check', path]);
  });

  it.skipIf(!hasOpenssl)('has a signature that openssl checks', async () => {
    const folder = freshFolder();
    const signed = await signPdf(await smallPdf(), { identity: examiner('Anna', 'rsa'), now: new Date() });
    const { contents, gapFrom, gapTo, to } = lastSignature(signed);
    writeFileSync(join(folder, 'root.crt'), root.certificate.toString());
    writeFileSync(join(folder, 'sig.der'), contents);
    writeFileSync(join(folder, 'data'), Buffer.concat([signed.subarray(0, gapFrom), signed.subarray(gapTo, to)]));
    const args = 'cms -verify -binary -inform DER -in sig.der -content data -CAfile root.crt -out out'.split(' ');
    const ran = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    expect(ran.stderr).toContain('Verification successful');
  });

  it('shows one changed byte at 200 places of what is signed', async () => {
    const signed = Buffer.from(await signPdf(await smallPdf(), { identity: examiner('Anna'), now: new Date() }));
    const { gapFrom, gapTo } = lastSignature(signed);
    const random = seeded(7);
    for (let i = 0; i < 200; i += 1) {
      let at = random(signed.length - (gapTo - gapFrom));
      if (at >= gapFrom) at += gapTo - gapFrom;
      const changed = Buffer.from(signed);
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      let found = 0;
      try {
        found = signatureFaults(changed).length;
      } catch {
        found = 1;
      }
      expect(found, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  it('shows what was put behind it or changed by an update', async () => {
    const signed = await signPdf(await smallPdf(), { identity: examiner('Anna'), now: new Date() });
    expect(signatureFaults(Buffer.concat([signed, Buffer.from('% more\n')])).join()).toMatch(/not covered|neither/);
    const text = Buffer.from(signed).toString('latin1');
    const size = Number(/\/Size (\d+)/.exec(text.slice(text.lastIndexOf('trailer')))?.[1]);
    const prev = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1]);
    const rootRef = /\/Root (\d+) 0 R/.exec(text.slice(text.lastIndexOf('trailer')))?.[1];
    const page = /(\d+) 0 obj\s*<<[^>]*\/Type \/Page\s/.exec(text)?.[1];
    const body = `${page} 0 obj\n<< /Type /Page /Contents 99 0 R >>\nendobj\n`;
    const row = `xref\n${page} 1\n${String(signed.length).padStart(10, '0')} 00000 n \n`;
    const tail = `trailer\n<< /Size ${size} /Root ${rootRef} 0 R /Prev ${prev} >>\nstartxref\n${signed.length + body.length}\n%%EOF\n`;
    const changed = Buffer.concat([signed, Buffer.from(body + row + tail, 'latin1')]);
    expect(signatureFaults(changed)).toContain(`After it: Object ${page} was changed.`);
    // Hidden again under a further, good signature.
    const again = await signPdf(changed, { identity: examiner('Bela'), now: new Date() }).catch(() => null);
    if (again) expect(signatureFaults(again)).toContain(`After it: Object ${page} was changed.`);
  });

  it('does not satisfy who trusts another root', async () => {
    const signed = await signPdf(await smallPdf(), { identity: examiner('Anna'), now: new Date() });
    const other = makeRoot({ subject: subject('Laboratory root'), kind: 'ec', from: NOW, years: 10 });
    expect(faults(signed, [other.certificate]).join()).toContain('does not lead to a trusted root');
  });
});

describe('signing is refused', () => {
  const sign = (identity: Parameters<typeof signPdf>[1]['identity'], now = new Date()) =>
    failure(async () => signPdf(await smallPdf(), { identity, now }));

  it('with a certificate that is expired, not yet valid, or not for signing', async () => {
    const days = (n: number): Date => new Date(NOW.getTime() + n * 86_400_000);
    expect((await sign(examiner('Anna'), days(3 * 366))).code).toBe('certificate.expired');
    expect((await sign(examiner('Anna'), days(-1))).code).toBe('certificate.not-yet-valid');
    expect((await sign(root)).code).toBe('certificate.usage');
    const late = { subject: subject('x'), kind: 'ec', from: days(1), years: 10 } as const;
    expect((await failure(() => makeExaminer(root, late))).code).toBe('certificate.expired');
  });

  it('of what is no PDF', async () => {
    const identity = examiner('Anna');
    for (const bytes of [Buffer.alloc(0), Buffer.from('%PDF-1.7\n'), (await smallPdf()).subarray(0, 900)])
      expect((await failure(() => signPdf(bytes, { identity, now: new Date() }))).code).toBe('signature.document');
  });
});

describe('key files', () => {
  it('come back as they were, and not with another pass phrase', async () => {
    const made = examiner('Anna', 'rsa');
    const file = writePkcs12(made, 'Schlüssel 1', 'Anna');
    const back = readPkcs12(file, 'Schlüssel 1');
    expect(back.certificate.raw.equals(made.certificate.raw)).toBe(true);
    expect(back.chain.map((one) => one.subject)).toEqual([root.certificate.subject]);
    expect((await failure(() => readPkcs12(file, 'Schlüssel 2'))).code).toBe('key.passphrase');
    expect((await failure(() => readPkcs12(file.subarray(0, 500), 'Schlüssel 1'))).code).toBe('key.damaged');
    expect((await failure(() => writePkcs12(made, 'short', 'Anna'))).code).toBe('key.passphrase');
  });

  it.skipIf(!hasOpenssl)('go to openssl and come from it, new and old', async () => {
    const folder = freshFolder();
    const run = (text: string) => spawnSync('openssl', text.split(' '), { cwd: folder, encoding: 'utf8' });
    writeFileSync(join(folder, 'a.p12'), writePkcs12(examiner('Anna'), 'passphrase', 'Anna'));
    expect(run('pkcs12 -in a.p12 -passin pass:passphrase -nodes -out a.pem').status).toBe(0);
    const read = (name: string) => readPkcs12(readFileSync(join(folder, name)), 'passphrase');
    expect(run('pkcs12 -export -in a.pem -out b.p12 -passout pass:passphrase').status).toBe(0);
    expect(read('b.p12').certificate.subject).toContain('Anna');
    const triple = '-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1';
    expect(run(`pkcs12 -export -in a.pem -out c.p12 ${triple} -passout pass:passphrase`).status).toBe(0);
    expect(read('c.p12').certificate.subject).toContain('Anna');
    if (run('pkcs12 -export -legacy -in a.pem -out d.p12 -passout pass:passphrase').status === 0) {
      const error = await failure(() => read('d.p12'));
      expect([error.code, error.advice]).toEqual([
        'key.unsupported',
        expect.stringContaining('openssl pkcs12 -legacy'),
      ]);
    }
  });
});

describe.skipIf(!hasOpenssl)('time stamps', () => {
  /** A time stamp authority of openssl. */
  function authority(): { readonly folder: string; readonly answer: (request: Uint8Array) => Buffer } {
    const folder = freshFolder();
    mkdirSync(join(folder, 'tsa'));
    const run = (args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const ext =
      'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n';
    writeFileSync(join(folder, 'ext'), ext);
    run([
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-subj',
      '/CN=TSA root',
    ]);
    run(['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=TSA']);
    run('x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out tsa.crt -extfile ext'.split(' '));
    writeFileSync(
      join(folder, 'tsa.cnf'),
      '[tsa]\ndefault_tsa=t\n[t]\nserial=./serial\nsigner_cert=./tsa.crt\nsigner_key=./tsa.key\nsigner_digest=sha256\n' +
        'certs=./ca.crt\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n',
    );
    return {
      folder,
      answer: (request) => {
        writeFileSync(join(folder, 'q.tsq'), request);
        run('ts -reply -config tsa.cnf -section t -queryfile q.tsq -out q.tsr'.split(' '));
        return readFileSync(join(folder, 'q.tsr'));
      },
    };
  }

  it('by file: openssl answers and accepts what is in the report', async () => {
    const { folder, answer } = authority();
    const [plain, request, response, stamped] = ['a.pdf', 'a.tsq', 'a.tsr', 'b.pdf'].map((name) => join(folder, name));
    if (!plain || !request || !response || !stamped) throw new Error('names');
    writeFileSync(plain, await signPdf(await smallPdf(), { identity: examiner('Anna'), now: new Date() }));
    await requestStamp(plain, request);
    writeFileSync(response, answer(readFileSync(request)));
    execFileSync('openssl', ['ts', '-verify', '-queryfile', request, '-in', response, '-CAfile', 'ca.crt'], {
      cwd: folder,
    });
    const made = await importStamp(plain, response, stamped, join(folder, 'ca.crt'));
    expect(made.server).toContain('TSA');
    const points = new Points();
    const { readCertificates } = await import('../../src/reporting/verify/chain.ts');
    const roots = [root.certificate, ...readCertificates(readFileSync(join(folder, 'ca.crt')))];
    checkPdf(points, readFileSync(stamped), { roots, now: new Date() });
    expect(points.all.map(({ statement }) => statement).join()).toContain('attests that the signature existed');
    expect(points.all.filter(({ state }) => state === 'not-ok').map(({ subject: s }) => s)).toEqual(['attached files']);
    if (hasPdfsig) expect(pdfsig(stamped)).toMatch(/Total document signed[\s\S]*Signature is Valid/);
    // The answer to another report is refused.
    writeFileSync(plain, await signPdf(await smallPdf(), { identity: examiner('Bela'), now: new Date() }));
    const other = await failure(() => importStamp(plain, response, join(folder, 'c.pdf'), null));
    expect([other.code, other.message]).toEqual(['signature.timestamp', 'It is a time stamp of something else.']);
  });

  it('from a server in the house, and never from one outside', async () => {
    const { answer } = authority();
    const server = createServer((incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => outgoing.end(answer(Buffer.concat(parts))));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const stamp = (value: Uint8Array) => fetchStamp(`http://127.0.0.1:${port}/`, value);
      const signed = await signPdf(await smallPdf(), { identity: examiner('Anna'), now: new Date(), stamp });
      expect(signatureFaults(signed).join()).toContain('Time stamp: C');
    } finally {
      server.close();
    }
    const outside = await failure(() => fetchStamp('http://192.0.2.1/', Buffer.from('x')));
    expect(outside.message).toContain('not on the laboratory’s network');
    expect((await failure(() => fetchStamp('http://127.0.0.1:1/', Buffer.from('x')))).code).toBe('signature.timestamp');
  });
});
