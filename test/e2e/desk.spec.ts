/** The desk, screen by screen: a case from its making to the end of its queue, by mouse and by keyboard. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, seriousFaults, test, watch } from './host.ts';

const SAMPLES = join(import.meta.dirname, '../../samples');
const SCREENS = ['', 'queue', 'models', 'validation', 'monitor', 'log', 'settings'] as const;

test.describe.configure({ mode: 'serial' });
test.use({ hostName: 'desk' });

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, host }) => {
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

test('a case is made in the name of an examiner', async () => {
  await expect(page.getByText('No case yet')).toBeVisible();
  await page.getByRole('button', { name: 'New case' }).first().click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('This field is needed.')).toHaveCount(2);
  await page.getByLabel(/Case number/).fill('2026-017');
  await page.getByRole('textbox', { name: /Examiner/ }).fill('Ada');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByText('No exhibit yet')).toBeVisible();
  await expect(page.getByText('Working as Ada')).toBeVisible();
});

test('a folder is taken in, hashed, and shown with pictures', async () => {
  await page.getByRole('button', { name: /Add folder/ }).click();
  await page.getByRole('dialog').getByLabel('Folder').fill(SAMPLES);
  await page.getByRole('button', { name: 'Take in' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'portrait.jpg' })).toContainText('c7553e67d343');
  await expect(page.locator('img.thumb')).toHaveCount(4);
  await page.screenshot({ path: test.info().outputPath('case.png') });
});

test('rows are chosen by keyboard and tagged together', async () => {
  await page.getByRole('grid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText('2 selected')).toBeVisible();
  await page.getByRole('button', { name: 'Tag…' }).click();
  await page.getByRole('combobox', { name: 'Set a tag' }).or(page.getByLabel('Set a tag')).first().fill('lead');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('.vtable-row .tag')).toHaveText(['lead', 'lead']);
});

test('the record is corrected with a reason, custody is written, bytes are verified', async () => {
  await page.getByRole('row').filter({ hasText: 'portrait.jpg' }).getByText('portrait.jpg').click();
  await page.getByRole('button', { name: 'Verify hash', exact: true }).click();
  await expect(page.getByText('1 of 1 match the hash taken at intake.')).toBeVisible();
  await page.getByRole('tab', { name: 'Record' }).click();
  await page.getByLabel('Serial number').fill('SN-1');
  await page.getByLabel(/Reason for the correction/).fill('read from the label');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The record was corrected.')).toBeVisible();
  await page.getByRole('tab', { name: 'Custody' }).click();
  await page.getByLabel(/Purpose/).fill('handed to the second examiner');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.timeline').getByText('handed to the second examiner')).toBeVisible();
});

test('the queue tells the true end: what was done and what failed', async ({ host }) => {
  await page.getByRole('button', { name: /Analyse all/ }).click();
  await page.getByLabel('How many').fill('4');
  await page.getByRole('button', { name: 'Queue', exact: true }).click();
  await page.goto(`${host.root}#/queue`);
  // The folder's README is an exhibit as well, and no medium.
  await expect(page.getByText('0 running · 0 waiting · 5 done · 1 failed')).toBeVisible({ timeout: 150_000 });
  await expect(page.getByText('evidence.unsupported')).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('queue.png') });
});

test('scores stay covered until propositions are fixed', async ({ host }) => {
  await page.goto(`${host.root}#/`);
  await page.getByRole('button', { name: /^Open: 2026-017/ }).click();
  await page.getByRole('row').filter({ hasText: 'portrait.jpg' }).getByText('portrait.jpg').click();
  await page.getByRole('tab', { name: 'Analyses' }).click();
  await expect(page.getByText(/Scores stay hidden/)).toBeVisible();
  await page.getByLabel('H1 (manipulated)').fill('assembled');
  await page.getByLabel('H2 (original)').fill('as the camera wrote it');
  await page.getByRole('button', { name: 'Fix the propositions' }).click();
  await expect(page.getByText(/Scores stay hidden/)).toHaveCount(0);
});

test('the audit log is verified with the bytes of all exhibits', async ({ host }) => {
  await page.goto(`${host.root}#/log`);
  await page.getByRole('button', { name: 'Verify the case' }).click();
  await expect(page.getByText('Sound', { exact: true })).toBeVisible();
});

test('a case that is not there is an error with advice', async ({ host }) => {
  await page.goto(`${host.root}#/`);
  await page.getByRole('button', { name: /Open by path/ }).click();
  await page.getByLabel('Folder of the case').fill(join(host.home, 'nowhere'));
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('case.not-found');
});

test('search jumps to the hit; shortcuts go everywhere', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('spliced');
  await expect(page.getByRole('option', { name: /portrait-spliced/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Exhibit 4' })).toBeVisible();
  await page.getByRole('grid').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Model packs');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
});

for (const theme of ['light', 'dark'] as const) {
  test(`every screen in ${theme}, in English and German`, async ({ host }) => {
    for (const language of ['en', 'de'] as const) {
      await page.goto(`${host.root}#/settings`);
      await page
        .getByText(language === 'en' ? 'English' : 'Deutsch', { exact: true })
        .last()
        .click();
      await page.getByText({ light: /^(Light|Hell)$/, dark: /^(Dark|Dunkel)$/ }[theme]).click();
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      for (const screen of SCREENS) {
        await page.goto(`${host.root}#/${screen}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await page.waitForTimeout(700);
        expect(await seriousFaults(page), `${screen} ${language}`).toEqual([]);
        await page.screenshot({ path: test.info().outputPath(`${screen || 'cases'}-${language}.png`) });
      }
    }
  });
}
