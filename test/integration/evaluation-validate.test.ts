/** The validation record: real runs, a signature that a change breaks, and what an update changed. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlan } from '../../src/workbench/plans.ts';
import { checkRecord, workstationKey } from '../../src/workbench/validate/signing.ts';
import { latestValidation, readRecord, validate } from '../../src/workbench/validate/validate.ts';
import { openWorkbench, type Workbench } from '../../src/workbench/workbench.ts';
import { brightnessPack, labelledFolder } from '../helpers/brightness.ts';
import { cli, freshFolder } from '../helpers/cli.ts';

const home = freshFolder();
const set = freshFolder();
const plan = { ...makePlan(), detectors: ['image-forgery/brightness'] };
let workbench: Workbench;
let first = '';

beforeAll(async () => {
  process.env['VIDIMUS_HOME'] = home;
  await brightnessPack(home);
  await labelledFolder(set, 4, 80);
  workbench = openWorkbench();
});
afterAll(() => workbench.close());

const run = (date: string) =>
  validate(workbench, {
    folder: set,
    plan,
    concurrency: 1,
    userFolder: home,
    against: null,
    replicates: 50,
    date: new Date(date),
  });

describe('vidimus validate', () => {
  it('signs packs, versions, hardware and error rates with intervals', async () => {
    const { signed, path, comparison } = await run('2026-03-01T00:00:00Z');
    first = path;
    expect(comparison).toBeNull();
    const { record } = signed;
    expect(record.packs).toMatchObject([{ id: 'brightness', version: '1.0.0', provider: 'cpu' }]);
    expect(record.hardware.logicalProcessors).toBeGreaterThan(0);
    expect(record.versions?.node).toBe(process.versions.node);
    expect(record.judges[0]?.figures?.fpr.high).not.toBeNull();
    expect(record.files).toHaveLength(8);
    expect(await readRecord(path)).toEqual(signed);
    expect(statSync(join(home, 'keys', 'workstation-ed25519.pem')).mode & 0o077).toBe(0);
    expect(await latestValidation(home)).toMatchObject({ files: 8, keyId: signed.signature.keyId });
  });

  it('answers the same when run again, and says so', async () => {
    const { comparison } = await run('2026-03-02T00:00:00Z');
    expect(comparison).toMatchObject({ unchangedFiles: 8, changes: [], environment: [], added: [], removed: [] });
  });

  it('shows file by file what an update changed', async () => {
    await brightnessPack(home, { thresholds: { decision: 0.9, uncertainBand: [0.85, 0.95] } });
    const { comparison } = await run('2026-03-03T00:00:00Z');
    expect(comparison?.environment.join(' ')).toContain('pack brightness@1.0.0');
    expect(comparison?.changes.length ?? 0).toBeGreaterThan(0);
    const paths = new Set(comparison?.changes.map((c) => c.path));
    expect(paths.has('fake/system-a/0.png')).toBe(true);
    expect(comparison?.changes.find((c) => c.judge !== 'outcome')?.after).toContain('threshold 0.9');
  });

  it('refuses a record that was changed, signed by another key, or is none', async () => {
    const text = readFileSync(first, 'utf8');
    const forged = text.replace('"fake": true', '"fake": false');
    expect(() => checkRecord(forged, null)).toThrow(/it was changed/);
    expect(() => checkRecord('{}', null)).toThrow(/not a validation record/);
    const other = await workstationKey(freshFolder());
    expect(() => checkRecord(text, other)).toThrow(/another workstation/);
    const path = join(freshFolder(), 'forged.json');
    writeFileSync(path, forged);
    const ran = await cli(['validate', '--verify', path, '--json'], home);
    expect(ran.code).toBe(5);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'record.invalid' } });
    const good = await cli(['validate', '--verify', first], home);
    expect(good.code).toBe(0);
    expect(good.stdout).toContain('signature valid');
  });

  it('never replaces a damaged key', async () => {
    const folder = freshFolder();
    const key = await workstationKey(folder);
    expect((await workstationKey(folder)).equals(key)).toBe(true);
    writeFileSync(join(folder, 'keys', 'workstation-ed25519.pem'), 'damaged');
    await expect(workstationKey(folder)).rejects.toMatchObject({ code: 'record.invalid' });
  });
});
