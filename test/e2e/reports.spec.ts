/** The report of a case on its screen: preview, signature, what is refused, and the check that anybody can repeat. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { PortableManifest } from '../../src/contract/caseFiles.ts';
import { expect, seriousFaults, test, watch } from './host.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'samples/portrait.jpg');
const PASSPHRASE = 'open sesame';

test.describe.configure({ mode: 'serial' });
test.use({ hostName: 'reports' });

let page: Page;
let complaints: string[];
/** Paths below the home of the host. */
let keys: string;
let reports: string;

const cli = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'bin/vidimus.mjs'), ...args], { encoding: 'utf8' });
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const issued = () => page.getByRole('table', { name: 'Issued reports' }).getByRole('row');
const result = (name: string) => page.getByRole('region', { name, exact: true });

test.beforeAll(async ({ browser, host }) => {
  keys = join(host.home, 'keys');
  reports = join(host.home, 'cases', '2026-031', 'reports');
  mkdirSync(keys);
  const secret = join(keys, 'secret');
  writeFileSync(secret, `${PASSPHRASE}\n`);
  cli('keys', 'root', keys, '--name', 'Root of the test', '--pass-file', secret);
  for (const name of ['ada', 'bob'])
    cli(
      ...['keys', 'examiner', keys, '--name', name, '--out', join(keys, `${name}.p12`)],
      ...['--root-pass-file', secret, '--pass-file', secret],
    );
  page = await (await browser.newContext()).newPage();
  complaints = watch(page);
  await page.goto(host.address);
});
test.afterAll(async () => {
  await page.close();
});
test.afterEach(async () => {
  expect(complaints).toEqual([]);
  expect(await seriousFaults(page)).toEqual([]);
});

test('a case without exhibits has nothing to report on', async () => {
  await page.getByRole('button', { name: 'New case' }).first().click();
  await page.getByLabel(/Case number/).fill('2026-031');
  await page.getByRole('textbox', { name: /Examiner/ }).fill('Ada');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('tab', { name: 'Report' }).click();
  await expect(page.getByText('Nothing to report on yet')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Preview' })).toHaveCount(0);
});

test('exhibits that were never analysed are said before a report is made', async ({ host }) => {
  const second = join(host.home, 'second.jpg');
  writeFileSync(second, readFileSync(join(ROOT, 'samples/portrait-spliced.jpg')));
  await page.getByRole('tab', { name: /0 exhibits/ }).click();
  await page.getByRole('button', { name: /Add files/ }).click();
  await page.getByLabel('Files, one path per line').fill(`${SAMPLE}\n${second}`);
  await page.getByRole('button', { name: 'Take in' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'second.jpg' })).toBeVisible();
  await page.getByRole('tab', { name: 'Report' }).click();
  await expect(page.getByText(/2 exhibits of the case were never analysed/)).toBeVisible();
  await page.getByRole('tab', { name: /2 exhibits/ }).click();
  await page.getByRole('row').filter({ hasText: 'portrait.jpg' }).getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Analyse…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Queue', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: 'portrait.jpg' })).toContainText('done', { timeout: 150_000 });
});

test('the selection of the table is reported on, by keyboard; a preview records nothing and is replaced', async () => {
  await expect(page.getByText('1 selected')).toBeVisible();
  await page.getByRole('tab', { name: /2 exhibits/ }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Report' })).toBeFocused();
  await expect(page.getByLabel('All 2 exhibits')).toBeChecked();
  await page.getByLabel('Only the one selected in the table').check();
  await expect(page.getByRole('textbox', { name: /Report file/ })).toHaveValue(join(reports, 'report-2026-031.pdf'));
  const preview = join(reports, 'report-2026-031-preview.pdf');
  const hashes: string[] = [];
  for (const _ of [1, 2]) {
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    const shown = result('Preview');
    await expect(shown).toContainText(preview, { timeout: 60_000 });
    await expect(shown).toContainText('not signed');
    await expect(shown.locator('dd', { hasText: /^1$/ })).toBeVisible();
    await expect(shown).toContainText(sha256(preview));
    hashes.push(sha256(preview));
  }
  // It states when it was made.
  expect(hashes[0]).not.toBe(hashes[1]);
  expect(readdirSync(reports)).toEqual([basename(preview)]);
  await expect(page.getByText('No report was issued.')).toBeVisible();
});

test('a path that no report can have is said at once', async () => {
  const field = page.getByRole('textbox', { name: /Report file/ });
  const before = await field.inputValue();
  for (const [path, sentence] of [
    ['', 'Say where the report shall go.'],
    ['report.pdf', 'Give the whole path, from the root or the drive on.'],
    ['/tmp/report.txt', 'The name of a report ends in .pdf.'],
  ] as const) {
    await field.fill(path);
    await expect(page.getByText(sentence)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Make report…' })).toBeDisabled();
  }
  await field.fill(before);
});

test('a wrong pass phrase opens no key, and nothing is recorded', async () => {
  await page.getByLabel('One examiner').check();
  await expect(page.getByRole('button', { name: 'Make report…' })).toBeDisabled();
  await page.getByRole('textbox', { name: /Key file/ }).fill(join(keys, 'ada.p12'));
  await page.getByRole('textbox', { name: 'Pass phrase' }).fill('wrong');
  await page.getByRole('button', { name: 'Make report…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Issue the report' }).click();
  await expect(page.getByRole('alert')).toContainText('key.passphrase');
  await expect(page.getByRole('textbox', { name: 'Pass phrase' })).toHaveValue('');
  await expect(page.getByText('No report was issued.')).toBeVisible();
});

test('a signed report: what is recorded is said first, and the file is what the screen says', async () => {
  await page.getByRole('textbox', { name: 'Pass phrase' }).fill(PASSPHRASE);
  for (const extra of ['HTML', 'Canonical JSON', 'CSV tables']) await page.getByLabel(extra).check();
  await page.getByRole('button', { name: 'Make report…' }).click();
  const question = page.getByRole('dialog', { name: 'Issue this report?' });
  await expect(question).toContainText('The bytes of 1 exhibit are compared');
  await expect(question).toContainText('issued by Ada');
  await expect(question).toContainText('signed with ada.p12');
  await page.screenshot({ path: test.info().outputPath('question.png') });
  // The safe answer has the focus.
  await page.keyboard.press('Enter');
  await expect(question).toHaveCount(0);
  await expect(page.getByText('No report was issued.')).toBeVisible();
  await page.getByRole('button', { name: 'Make report…' }).click();
  await question.getByRole('button', { name: 'Issue the report' }).click();
  const pdf = join(reports, 'report-2026-031.pdf');
  const shown = result('The report was issued');
  await expect(shown).toContainText(pdf, { timeout: 60_000 });
  await expect(shown).toContainText(sha256(pdf));
  await expect(shown.getByText('signed', { exact: true })).toBeVisible();
  await expect(shown).toContainText(`vidimus verify ${pdf}`);
  expect(readdirSync(reports).sort()).toEqual([
    'report-2026-031-preview.pdf',
    'report-2026-031-tables',
    'report-2026-031.html',
    'report-2026-031.json',
    'report-2026-031.pdf',
  ]);
  // The command that the screen gives, and the same with the root of the laboratory; exit status 0 or this throws.
  expect(cli('verify', pdf)).toContain('OK: everything that was checked holds');
  expect(cli('verify', pdf, '--trust', join(keys, 'root.crt'))).toContain('OK: everything that was checked holds');
  await expect(issued()).toHaveCount(2);
  await expect(issued().nth(1)).toContainText(sha256(pdf).slice(0, 12));
  await expect(issued().nth(1)).toContainText('signed');
});

test('the next report has another name; a name that is taken is refused and nothing is replaced', async () => {
  const pdf = join(reports, 'report-2026-031.pdf');
  const before = sha256(pdf);
  const field = page.getByRole('textbox', { name: /Report file/ });
  await expect(field).toHaveValue(join(reports, 'report-2026-031-2.pdf'));
  await field.fill(pdf);
  await expect(page.getByText('A report of this name was issued already.')).toBeVisible();
  await page.getByLabel('Not signed', { exact: true }).check();
  for (const extra of ['HTML', 'Canonical JSON', 'CSV tables']) await page.getByLabel(extra).uncheck();
  await page.getByRole('button', { name: 'Make report…' }).click();
  await expect(page.getByRole('dialog')).toContainText('It is not signed.');
  await page.getByRole('dialog').getByRole('button', { name: 'Issue the report' }).click();
  await expect(page.getByRole('alert')).toContainText(`${pdf} is there already.`);
  await page.screenshot({ path: test.info().outputPath('taken.png') });
  expect(sha256(pdf)).toBe(before);
  await expect(issued()).toHaveCount(2);
});

test('two examiners sign in one go, each with a key of their own', async () => {
  const pdf = join(reports, 'both.pdf');
  await page.getByRole('textbox', { name: /Report file/ }).fill(pdf);
  await page.getByLabel('All 2 exhibits').check();
  await page.getByLabel('Two examiners').check();
  for (const [i, name] of ['ada', 'bob'].entries()) {
    await page.getByRole('textbox', { name: `Key file ${i + 1} (PKCS#12)` }).fill(join(keys, `${name}.p12`));
    await page.getByRole('textbox', { name: `Pass phrase ${i + 1}` }).fill(PASSPHRASE);
  }
  await page.getByRole('button', { name: 'Make report…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Issue the report' }).click();
  const shown = result('The report was issued');
  await expect(shown).toContainText(pdf, { timeout: 60_000 });
  await expect(shown).toContainText(sha256(pdf));
  const said = cli('verify', pdf, '--trust', join(keys, 'root.crt'));
  expect(said).toContain('CN=ada');
  expect(said).toContain('CN=bob');
  await expect(issued()).toHaveCount(3);
});

test('the screen in light and dark, in English and German', async ({ host }) => {
  for (const theme of ['light', 'dark'] as const)
    for (const language of ['en', 'de'] as const) {
      await page.goto(`${host.root}#/settings`);
      await page
        .getByText(language === 'en' ? 'English' : 'Deutsch', { exact: true })
        .last()
        .click();
      await page.getByText({ light: /^(Light|Hell)$/, dark: /^(Dark|Dunkel)$/ }[theme]).click();
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      await page.getByRole('link', { name: /2026-031/ }).click();
      await page.getByRole('tab', { name: /^(Report|Bericht)$/ }).click();
      // What came of the last one is still there after a look elsewhere.
      await expect(
        page.getByRole('region', { name: /The report was issued|Der Bericht ist ausgestellt/ }),
      ).toBeVisible();
      await page.waitForTimeout(500);
      expect(await seriousFaults(page), `${theme} ${language}`).toEqual([]);
      await page.screenshot({ path: test.info().outputPath(`report-${theme}-${language}.png`) });
    }
  await page.goto(`${host.root}#/settings`);
  await page.getByText('English', { exact: true }).last().click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('an archived case is previewed, and issues no report', async () => {
  await page.getByRole('link', { name: /2026-031/ }).click();
  await page.getByRole('tab', { name: 'About the case' }).click();
  await page.getByRole('button', { name: 'Archive…' }).click();
  await page.getByLabel(/Reason for the audit log/).fill('done');
  await page.getByRole('dialog').getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByRole('tab', { name: 'Report' }).click();
  await expect(page.getByText(/no report can be issued until it is reopened/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make report…' })).toBeDisabled();
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(result('Preview')).toContainText('-preview.pdf', { timeout: 60_000 });
  await page.screenshot({ path: test.info().outputPath('archived.png') });
});

test('the case leaves as a package: the files are those of its manifest', async ({ host }) => {
  const target = join(host.home, 'package');
  await page.getByRole('tab', { name: 'About the case' }).click();
  await page.getByRole('button', { name: 'Export a package…' }).click();
  await page.getByLabel('Target folder').fill(target);
  await page.getByLabel(/Purpose/).fill('handed to the second laboratory');
  await page.getByRole('dialog').getByRole('button', { name: 'Export a package…', exact: true }).click();
  await expect(page.getByText(/The package holds \d+ files/)).toBeVisible({ timeout: 30_000 });
  const { files } = PortableManifest.parse(JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')));
  for (const file of files) expect(sha256(join(target, file.path)), file.path).toBe(file.sha256);
  // Both exhibits came along under their hashes.
  for (const sample of ['portrait.jpg', 'portrait-spliced.jpg'])
    expect(files.map((file) => file.sha256)).toContain(sha256(join(ROOT, 'samples', sample)));
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
});
