/** Bundles: written whole, checkable with openssl alone, and one changed byte anywhere is found. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { VerificationReport } from '../../src/contract/verification.ts';
import { filesIn } from '../../src/reporting/bundle/zip.ts';
import { type BundleOptions, bundleCase } from '../../src/workbench/bundle/bundle.ts';
import { compareResults } from '../../src/workbench/verify/replay.ts';
import { type VerifyFileOptions, verifyFile } from '../../src/workbench/verify/verify.ts';
import { cli, freshFolder } from '../helpers/cli.ts';
import { evidenceFile, failure, resultFor } from './case-support.ts';
import { noEngine } from './reporting-support.ts';
import { examiner, root, seeded, signedReport, tool } from './signing-support.ts';

const hasOpenssl = tool('openssl', ['version']);
const identity = examiner('Anna');
let made: Awaited<ReturnType<typeof signedReport>>;
let rootFile = '';
let bag = '';
let zip = '';

const options = (changes: Partial<BundleOptions> = {}): BundleOptions => ({
  out: join(freshFolder(), 'bundle'),
  zip: false,
  report: made.pdf,
  html: null,
  evidence: 'all',
  purpose: 'to the court',
  receivedBy: 'Court',
  identity,
  userFolder: made.home,
  ...changes,
});

const check = (path: string, changes: Partial<VerifyFileOptions> = {}): Promise<VerificationReport> =>
  verifyFile(path, noEngine, {
    trust: [rootFile],
    evidence: [],
    replay: false,
    tolerance: null,
    now: new Date(),
    ...changes,
  });
const faults = (report: VerificationReport): string[] =>
  report.points.filter(({ state }) => state === 'not-ok').map((one) => `${one.subject}: ${one.statement}`);

beforeAll(async () => {
  made = await signedReport([identity]);
  rootFile = join(made.folder, 'root.crt');
  writeFileSync(rootFile, root.certificate.toString());
  bag = (await bundleCase(made.target, options())).path;
  zip = (await bundleCase(made.target, options({ zip: true, out: join(freshFolder(), 'bundle.zip') }))).path;
});

describe('a bundle', () => {
  it('is sound as folder and as zip, and its custody is recorded', async () => {
    for (const path of [bag, zip]) {
      const report = await check(path);
      expect(faults(report)).toEqual([]);
      expect(report.kind).toBe('bundle');
      expect(report.sound).toBe(true);
    }
    expect(readFileSync(join(bag, 'data/audit/audit.jsonl'), 'utf8')).toContain('bundle.export');
    expect(await filesIn(join(bag, 'data/packs'))).toHaveLength(1);
    expect((await check(bag)).points.map(({ statement }) => statement)).toContain(
      'It is the manifest of a pack that was used.',
    );
    const uco = readFileSync(join(bag, 'data/case-uco.jsonld'), 'utf8');
    expect(uco).toContain('DFT-1194');
  });

  it('brings hashes only where no evidence was chosen, and one exhibit where it was', async () => {
    const { path } = await bundleCase(made.target, options({ evidence: ['1'] }));
    const report = await check(path);
    expect(faults(report)).toEqual([]);
    expect(report.points.map(({ statement }) => statement).join()).toContain('Its bytes are not in the bundle');
    expect(await filesIn(join(path, 'data/evidence'))).toHaveLength(1);
    const { path: bare } = await bundleCase(made.target, options({ evidence: [] }));
    expect(existsSync(join(bare, 'data/evidence'))).toBe(false);
    const given = await check(bare, { evidence: [made.folder] });
    expect(faults(given)).toEqual([]);
    expect((await check(bare, { evidence: [rootFile] })).sound).toBe(false);
  });

  it.skipIf(!hasOpenssl)('is checked by the commands of its own README', () => {
    const copy = freshFolder();
    cpSync(bag, copy, { recursive: true });
    writeFileSync(join(copy, 'root.crt'), root.certificate.toString());
    const readme = readFileSync(join(copy, 'README.txt'), 'utf8');
    const commands = readme.match(/^ {2}(sha256sum --|openssl cms|openssl pkeyutl|openssl x509).*$/gm) ?? [];
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      const [name = '', ...args] = command.trim().split(' ');
      expect(spawnSync(name, args, { cwd: copy, encoding: 'utf8' }).status, command).toBe(0);
    }
    writeFileSync(join(copy, 'SHA256SUMS'), 'changed\n');
    for (const command of commands.slice(1, 3)) {
      const [name = '', ...args] = command.trim().split(' ');
      expect(spawnSync(name, args, { cwd: copy }).status, command).not.toBe(0);
    }
  });

  it('is accepted by the bag validator of the Library of Congress, where it is installed', (test) => {
    if (spawnSync('python3', ['-c', 'import bagit']).status !== 0) {
      console.warn('skipped: the Python package bagit is not installed');
      return test.skip();
    }
    return void execFileSync('python3', ['-m', 'bagit', '--validate', bag], { stdio: 'pipe' });
  });

  it('shows one changed byte at 200 places of it', async () => {
    const copy = join(freshFolder(), 'bundle');
    cpSync(bag, copy, { recursive: true });
    const files = await filesIn(copy);
    const random = seeded(11);
    for (let i = 0; i < 200; i += 1) {
      // Small files as often as large ones: signatures and manifests are where tampering starts.
      const path = join(copy, files[random(files.length)] ?? '');
      const before = readFileSync(path);
      const at = random(before.length);
      const changed = Buffer.from(before);
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      writeFileSync(path, changed);
      const report = await check(copy);
      expect(report.sound, `${path} byte ${at}`).toBe(false);
      writeFileSync(path, before);
    }
    expect(faults(await check(copy))).toEqual([]);
  }, 120_000);

  it('shows one changed byte at 200 places of a zip', async () => {
    const bytes = readFileSync(zip);
    const path = join(freshFolder(), 'bundle.zip');
    const random = seeded(12);
    for (let i = 0; i < 200; i += 1) {
      const changed = Buffer.from(bytes);
      const at = random(bytes.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      writeFileSync(path, changed);
      const found = await check(path).then(
        ({ sound }) => !sound,
        () => true,
      );
      expect(found, `byte ${at}`).toBe(true);
    }
  }, 120_000);

  it('shows what was added, removed, or cut off', async () => {
    const copy = join(freshFolder(), 'bundle');
    cpSync(bag, copy, { recursive: true });
    writeFileSync(join(copy, 'data/more.txt'), 'more');
    expect(faults(await check(copy)).join()).toContain('data/more.txt is not listed');
    rmSync(join(copy, 'data/more.txt'));
    rmSync(join(copy, 'SHA256SUMS.p7s'));
    expect((await check(copy)).sound).toBe(false);
  });
});

describe('the audit log', () => {
  it('shows one changed byte at 200 places, and lines that were cut off', async () => {
    const path = join(freshFolder(), 'audit.jsonl');
    const bytes = readFileSync(join(bag, 'data/audit/audit.jsonl'));
    const head = readFileSync(join(bag, 'data/audit/head.json'), 'utf8');
    const random = seeded(13);
    for (let i = 0; i < 200; i += 1) {
      const changed = Buffer.from(bytes);
      const at = random(bytes.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      writeFileSync(path, changed);
      const report = await check(path).catch(() => null);
      // The last entry has no successor; what it was is known from outside, by its hash.
      const anchored = report?.points.some(({ statement }) => statement.includes(JSON.parse(head).hash)) ?? false;
      expect(report?.sound === true && anchored, `byte ${at}`).toBe(false);
    }
  }, 60_000);
});

describe('a bundle is refused', () => {
  it('where the evidence changed, the report was changed, or it is there already; nothing is left', async () => {
    const own = await signedReport([identity]);
    const out = join(own.folder, 'bundle');
    const bundle = (changes: Partial<BundleOptions>) =>
      failure(() => bundleCase(own.target, options({ report: own.pdf, out, userFolder: own.home, ...changes })));
    const changed = join(own.folder, 'changed.pdf');
    const pdf = readFileSync(own.pdf);
    pdf[2000] = (pdf[2000] ?? 0) ^ 1;
    writeFileSync(changed, pdf);
    expect((await bundle({ report: changed })).code).toBe('integrity.mismatch');
    expect((await bundle({ report: made.pdf })).code).toBe('usage.invalid');
    expect((await bundle({ evidence: ['99'] })).code).toBe('case.unknown');
    writeFileSync(out, '');
    expect((await bundle({})).code).toBe('usage.invalid');
    rmSync(out);
    expect((await bundle({ out: '/dev/full/bundle' })).code).toBe('output.failed');
    expect(readdirSync(own.folder).filter((name) => /part|bundle/.test(name))).toEqual([]);
    const store = join(own.target.folder, 'evidence');
    const [copy] = await filesIn(store);
    const file = join(store, copy ?? '');
    execFileSync('chmod', ['u+w', file]);
    writeFileSync(file, 'other');
    expect((await bundle({})).code).toBe('case.signing-blocked');
    expect(readdirSync(own.folder).filter((name) => /part|bundle/.test(name))).toEqual([]);
    own.target.close();
  });
});

describe('a replay', () => {
  it('repeats with the recorded plan and names every value beyond the tolerance, and the environment', async () => {
    const { folder } = made;
    const before = resultFor({
      originalName: 'a',
      bytes: 1,
      sha256: '0'.repeat(64),
      sha512: '0'.repeat(128),
      md5: '0'.repeat(32),
    });
    const score = before.opinion.score ?? 0.5;
    const shifted = (by: number) => ({
      ...before,
      opinion: { ...before.opinion, score: score + by },
      run: { ...before.run, versions: { ...before.run.versions, node: 'other' } },
    });
    expect(compareResults(before, before, null)).toMatchObject({ tolerance: 1e-6, differences: [], environment: [] });
    expect(compareResults(before, shifted(1e-7), null).differences).toEqual([]);
    const far = compareResults(before, shifted(-1e-3), null);
    expect(far.differences.map(({ what }) => what)).toEqual(['opinion score']);
    expect(far.environment.join()).toContain('version of node');
    const none = await check(made.pdf, { replay: true });
    expect(faults(none).join()).toContain('without the evidence');
    const failed = await check(made.pdf, { replay: true, evidence: [folder] });
    expect(faults(failed).join()).toContain('It could not be repeated: no engine was to be called');
  });
});

describe('the command line', () => {
  it('makes keys, refuses to overwrite them, and verifies with the exit codes that are documented', async () => {
    const home = freshFolder();
    const lab = join(home, 'lab');
    const phrase = join(home, 'phrase');
    writeFileSync(phrase, 'a long phrase\n');
    const rootArgs = ['keys', 'root', lab, '--name', 'Lab', '--pass-file', phrase];
    expect((await cli(rootArgs, home)).code).toBe(0);
    expect(statSync(join(lab, 'root.p12')).mode & 0o777).toBe(0o600);
    expect((await cli(rootArgs, home)).stderr).toContain('key.exists');
    const key = join(home, 'anna.p12');
    const own = ['keys', 'examiner', lab, '--name', 'Anna', '--out', key, '--pass-file', phrase];
    expect((await cli([...own, '--root-pass-file', phrase], home)).code).toBe(0);
    expect((await cli(['keys', 'list', lab], home)).stdout).toContain('root');
    const wrong = join(home, 'wrong');
    writeFileSync(wrong, 'another phrase\n');
    expect((await cli(['keys', 'show', key, '--pass-file', wrong], home)).stderr).toContain('key.passphrase');
    const good = await cli(['verify', bag, '--trust', rootFile], home);
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('\nOK: everything that was checked holds')]);
    const strange = await cli(['verify', evidenceFile(home, 'strange.bin')], home);
    expect(strange.code).toBe(3);
    const cut = join(home, 'cut.pdf');
    writeFileSync(cut, readFileSync(made.pdf).subarray(0, 5000));
    const bad = await cli(['verify', cut, '--json'], home);
    expect([bad.code, JSON.parse(bad.stdout).sound]).toEqual([5, false]);
  }, 60_000);
});
