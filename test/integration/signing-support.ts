/** Keys, signed reports and outside judges for the tests of signatures and bundles. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { WritableCase } from '../../src/casework/case.ts';
import { PackManifest } from '../../src/contract/pack.ts';
import type { PackUse } from '../../src/contract/result.ts';
import { type KeyKind, makeExaminer, makeRoot } from '../../src/reporting/keys/authority.ts';
import type { Identity } from '../../src/reporting/keys/pkcs12.ts';
import { makeReport } from '../../src/workbench/report/report.ts';
import { reportSigner } from '../../src/workbench/signing/reports.ts';
import { freshFolder } from '../helpers/cli.ts';
import { writePack } from '../helpers/inference.ts';
import { evidenceFile, newCase, resultFor, take } from './case-support.ts';
import { noEngine, store, template } from './reporting-support.ts';

export const subject = (name: string) => ({ name, organisation: 'Laboratory', country: 'DE' });
export const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);

export const root = makeRoot({ subject: subject('Laboratory root'), kind: 'ec', from: NOW, years: 10 });
export const examiner = (name: string, kind: KeyKind = 'ec'): Identity =>
  makeExaminer(root, { subject: subject(name), kind, from: NOW, years: 3 });

/** A small PDF as pdfkit makes it. */
export function smallPdf(): Promise<Buffer> {
  const doc = new PDFDocument({ tagged: true, pdfVersion: '1.7', lang: 'en' });
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    doc.on('data', (part: Buffer) => parts.push(part));
    doc.on('end', () => resolve(Buffer.concat(parts)));
    doc.text('Two pages (of a report).').addPage().text('The second.');
    doc.end();
  });
}

/** A case with two exhibits and results, and its report signed by one or two examiners. */
export async function signedReport(
  identities: readonly Identity[],
): Promise<{ readonly target: WritableCase; readonly pdf: string; readonly folder: string; readonly home: string }> {
  const target = newCase();
  const folder = freshFolder();
  const home = freshFolder();
  for (const name of ['voice one.bin', 'über?.bin']) {
    const exhibit = await take(target, evidenceFile(folder, name, 700));
    const result = resultFor(exhibit, 40);
    // One result by a pack that is installed, one by a pack that is not.
    if (name === 'voice one.bin') result.run.packs.splice(0, Infinity, await installed(home));
    store(target, exhibit, result);
  }
  const pdf = join(folder, 'report.pdf');
  const signer = reportSigner({
    identities,
    reason: 'Report',
    location: null,
    visible: false,
    server: null,
    now: () => new Date(),
  });
  await makeReport(target, noEngine, { out: pdf, template: template(), userFolder: home }, signer);
  return { target, pdf, folder, home };
}

/** A small pack in the user's folder. */
async function installed(home: string): Promise<PackUse> {
  const folder = join(home, 'models', 'tiny');
  mkdirSync(folder, { recursive: true });
  await writePack(folder);
  const bytes = readFileSync(join(folder, 'pack.json'));
  const { id, version } = PackManifest.parse(JSON.parse(bytes.toString('utf8')));
  return { id, version, sha256: createHash('sha256').update(bytes).digest('hex'), provider: 'cpu', note: null };
}

export function tool(name: string, args: readonly string[] = ['--version']): boolean {
  const there = spawnSync(name, [...args]).error === undefined;
  if (!there) console.warn(`skipped: ${name} is not installed`);
  return there;
}

/** What pdfsig says with a key store that trusts our root alone. */
export function pdfsig(pdf: string): string {
  const folder = freshFolder();
  const rootFile = join(folder, 'root.crt');
  writeFileSync(rootFile, root.certificate.toString());
  const nss = join(folder, 'nss');
  mkdirSync(nss);
  execFileSync('certutil', ['-N', '-d', `sql:${nss}`, '--empty-password']);
  execFileSync('certutil', ['-A', '-d', `sql:${nss}`, '-n', 'root', '-t', 'CT,C,C', '-i', rootFile]);
  return execFileSync('pdfsig', ['-nssdir', `sql:${nss}`, pdf], { encoding: 'utf8' });
}

/** Whole numbers below a bound, the same in every run (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
