/** The laboratory's screens: a pack comes in or is refused, files of known origin give error rates and a certificate. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { brightnessPack, labelledFolder, picture } from '../helpers/brightness.ts';
import { storedZip } from '../helpers/inference.ts';
import { expect, seriousFaults, test, watch } from './host.ts';

/** Files of each kind: the least a profile is fitted on. */
const EACH = 20;
const CARD = '# Brightness\n\nScores a picture by its mean grey. Made for tests; says nothing about manipulation.\n';

test.describe.configure({ mode: 'serial' });
test.use({ hostName: 'laboratory' });

const shelf = mkdtempSync(join(tmpdir(), 'vidimus-shelf-'));
const [zip, damaged] = [join(shelf, 'brightness.zip'), join(shelf, 'damaged')];
const [known, few] = [join(shelf, 'known'), join(shelf, 'few')];

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, host }) => {
  await brightnessPack(shelf);
  const folder = join(shelf, 'models', 'brightness');
  writeFileSync(join(folder, 'CARD.md'), CARD);
  const files = readdirSync(folder).map((name) => [`brightness/${name}`, readFileSync(join(folder, name))] as const);
  writeFileSync(zip, storedZip(Object.fromEntries(files)));
  cpSync(folder, damaged, { recursive: true });
  const weights = readdirSync(damaged).find((name) => name.endsWith('.onnx')) ?? '';
  const bytes = readFileSync(join(damaged, weights));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(damaged, weights), bytes);
  await labelledFolder(known, EACH, 60);
  writeFileSync(join(known, 'fake', 'broken.png'), 'no picture');
  await labelledFolder(few, 2, 100);

  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(20_000);
  complaints = watch(page);
  await page.goto(host.address);
  await page.goto(`${host.root}#/models`);
});
test.afterAll(async () => {
  await page.close();
  rmSync(shelf, { recursive: true, force: true });
});
test.afterEach(async () => {
  expect(complaints).toEqual([]);
  expect(await seriousFaults(page)).toEqual([]);
});

const dialog = () => page.getByRole('dialog', { name: 'Import a model' });
const row = (name: string) => page.getByRole('row').filter({ hasText: name });
const evaluating = () => page.getByRole('region', { name: 'Evaluate a folder' });

/** Opens the dialog and imports one path. */
async function importPath(path: string): Promise<void> {
  await page.getByRole('button', { name: 'Import…' }).click();
  await dialog().getByLabel('Paths, one per line').fill(path);
  await dialog().getByRole('button', { name: 'Import', exact: true }).click();
}

test('a damaged pack is refused with its file, its code and advice; nothing is imported', async ({ host }) => {
  // A list reads manifests only; it must not speak of files that nobody hashed.
  await expect(row('face-mtcnn')).toContainText('not checked');
  await importPath(damaged);
  await expect(dialog().getByRole('alert')).toContainText('pack.damaged');
  await expect(dialog().getByRole('alert')).toContainText('.onnx');
  expect(await seriousFaults(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('refused.png') });
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog()).toHaveCount(0);
  await expect(row('Brightness')).toHaveCount(0);
  const models = join(host.home, 'models');
  expect(existsSync(models) ? readdirSync(models).filter((name) => !name.endsWith('.json')) : []).toEqual([]);
});

test('a path that is not there is refused as well', async () => {
  await importPath(join(shelf, 'nothing.zip'));
  await expect(dialog().getByRole('alert')).toContainText('pack.missing');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
});

test('a pack is imported from a zip, listed with its rates unknown, and verified', async ({ host }) => {
  await importPath(zip);
  await expect(dialog().getByText('brightness 1.0.0 was imported.')).toBeVisible();
  // Only a checkpoint can be one of the known official ones; of a ready pack nothing of the kind is said.
  await expect(dialog().getByText(/official/)).toHaveCount(0);
  await page.screenshot({ path: test.info().outputPath('imported.png') });
  await dialog().getByRole('button', { name: 'Close' }).last().click();
  await expect(row('Brightness')).toContainText('not validated');
  await expect(row('Brightness')).toContainText('as in the manifest');
  await page.getByRole('button', { name: 'Verify all' }).click();
  await expect(page.getByText('All files of all packs have the hashes of their manifests.')).toBeVisible();
  await expect(row('face-mtcnn')).toContainText('as in the manifest');
  expect(existsSync(join(host.home, 'models'))).toBe(true);
  await page.screenshot({ path: test.info().outputPath('models.png') });
});

test('the same pack a second time is refused', async () => {
  await importPath(zip);
  await expect(dialog().getByRole('alert')).toContainText('pack.exists');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
});

test('a pack shows its card, identity and hashes, and is switched off and on', async () => {
  await row('Brightness').getByRole('button', { name: 'Brightness' }).click();
  const drawer = page.getByRole('dialog', { name: 'Brightness 1.0.0' });
  await expect(drawer.getByText(/Scores a picture by its mean grey/)).toBeVisible();
  await expect(drawer.getByText('brightness@1.0.0', { exact: true })).toBeVisible();
  await drawer.getByRole('button', { name: 'Verify hashes' }).click();
  await expect(page.getByText('The files of brightness have the hashes of its manifest.')).toBeVisible();
  const pictures = drawer.getByRole('checkbox').first();
  await pictures.click();
  await expect(pictures).not.toBeChecked();
  await pictures.click();
  await expect(pictures).toBeChecked();
  expect(await seriousFaults(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('pack.png') });
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(drawer).toHaveCount(0);
});

test('a pack that is changed on disk is found out, and its row says so', async ({ host }) => {
  const folder = join(host.home, 'models', readdirSync(join(host.home, 'models')).find((n) => /bright/.test(n)) ?? '');
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.onnx')) ?? '');
  const sound = readFileSync(file);
  const bad = Buffer.from(sound);
  bad[bad.length >> 1] = (bad[bad.length >> 1] ?? 0) ^ 1;
  writeFileSync(file, bad);
  await page.getByRole('button', { name: 'Verify all' }).click();
  await expect(page.getByText('1 pack does not match its manifest.')).toBeVisible();
  await expect(row('Brightness')).toContainText('problem');
  await page.screenshot({ path: test.info().outputPath('changed.png') });
  writeFileSync(file, sound);
  await page.getByRole('button', { name: 'Verify all' }).click();
  await expect(row('Brightness')).toContainText('as in the manifest');
});

test('a folder without labels is refused with its code', async ({ host }) => {
  await page.goto(`${host.root}#/validation`);
  await page.getByLabel('Folder with real/ and fake/').first().fill(join(shelf, 'models'));
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  // A toast that an earlier finding left standing is an alert as well.
  await expect(evaluating().getByRole('alert')).toContainText(/usage\.|evaluation\./);
});

test('an evaluation counts its files, can be stopped, and goes on', async () => {
  // Forty signal methods look at each of 41 files, one engine at a time.
  test.setTimeout(480_000);
  await page.getByLabel('Folder with real/ and fake/').first().fill(known);
  await page.getByRole('combobox', { name: 'Calibrate packs' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: 'brightness' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  const line = page.locator('.progress-line');
  await expect(line).toContainText(/[1-9]\d* of 41/, { timeout: 60_000 });
  expect(await seriousFaults(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath('progress.png') });
  await line.getByRole('button', { name: 'Cancel' }).click();
  await expect(evaluating().locator('.notice')).toContainText('cancelled');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByText(/Detectors and the opinion as a whole/)).toBeVisible({ timeout: 400_000 });
});

test('the result has figures with intervals, n, the files that failed, and plots', async () => {
  await expect(row('Opinion (fused)')).toContainText(/40\s*0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\]/);
  await page.getByRole('button', { name: /^image-forgery.brightness/ }).click();
  await expect(page.getByText('20 real (2 sources), 20 manipulated (2 sources), 1 not assessed')).toBeVisible();
  await expect(page.getByText(/Intervals by bootstrap over sources, 1,000 replicates/)).toBeVisible();
  for (const plot of ['ROC', 'DET', 'Tippett, held-out ratios', 'Empirical cross-entropy'])
    await expect(page.getByRole('img', { name: `${plot}: image-forgery/brightness` })).toBeVisible();
  await expect(row('fake/broken.png')).toContainText(/not|no/i);
  await page.screenshot({ path: test.info().outputPath('evaluation.png') });
  for (const [i, part] of ['Figures with 95 % intervals', 'Plots', 'Parts of the set', 'Files of the set'].entries()) {
    await page.getByText(part, { exact: true }).first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: test.info().outputPath(`evaluation-${i}.png`) });
  }
  const written = join(`${known}-evaluation`, 'evaluation.json');
  expect(JSON.parse(readFileSync(written, 'utf8'))).toMatchObject({ schema: 'vidimus/evaluation/1' });
  expect(existsSync(join(`${known}-evaluation`, 'plots', 'opinion', 'roc.svg'))).toBe(true);
});

test('the profile that was fitted is listed with its held-out figures', async () => {
  await page.getByRole('tab', { name: 'Laboratory profiles' }).click();
  await expect(row('brightness')).toContainText('20 real (2 sources)');
  await page.screenshot({ path: test.info().outputPath('profiles.png') });
});

test('a certificate is signed, and a second one names what changed', async () => {
  test.setTimeout(480_000);
  await page.getByRole('tab', { name: 'Validation certificates' }).click();
  const panel = page.getByRole('tabpanel', { name: 'Validation certificates' });
  await panel.getByLabel('Folder with real/ and fake/').fill(few);
  await panel.getByRole('button', { name: 'Validate this workstation' }).click();
  await expect(panel.getByText('There is no earlier certificate to compare with.')).toBeVisible({ timeout: 170_000 });
  await panel.getByRole('button', { name: 'Validate this workstation' }).click();
  await expect(panel.getByText('All 4 files gave the same answers as before.')).toBeVisible({ timeout: 170_000 });
  // A brighter "original" is another answer, and another file.
  await picture(join(few, 'real', 'camera-a', '0.png'), 190, 5);
  await panel.getByRole('button', { name: 'Validate this workstation' }).click();
  await expect(panel.getByText(/real\/camera-a\/0\.png/).first()).toBeVisible({ timeout: 170_000 });
  await expect(panel.getByRole('row')).toHaveCount(1 + 3);
  await page.screenshot({ path: test.info().outputPath('certificates.png') });
});

test('an imported pack is removed after a question', async ({ host }) => {
  await page.goto(`${host.root}#/models`);
  await row('Brightness').getByRole('button', { name: 'Brightness' }).click();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the pack' }).click();
  await expect(row('Brightness')).toHaveCount(0);
});
