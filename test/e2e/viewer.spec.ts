/** An exhibit under examination: exact frames, one time line, sound, findings after propositions, structure, report. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, seriousFaults, test, watch } from './host.ts';

const SAMPLES = join(import.meta.dirname, '../../samples');

test.describe.configure({ mode: 'serial' });
test.use({ hostName: 'viewer' });

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, host }) => {
  page = await (await browser.newContext()).newPage();
  complaints = watch(page);
  await page.goto(host.address);
  await page.getByRole('button', { name: 'New case' }).first().click();
  await page.getByLabel(/Case number/).fill('viewer');
  await page.getByRole('textbox', { name: /Examiner/ }).fill('Ada');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('button', { name: /Add folder/ }).click();
  await page.getByRole('dialog').getByLabel('Folder').fill(SAMPLES);
  await page.getByRole('button', { name: 'Take in' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'clip.mp4' })).toBeVisible();
  await page.getByRole('button', { name: /Analyse all/ }).click();
  await page.getByRole('button', { name: 'Queue', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: 'clip.mp4' })).toContainText('done', { timeout: 150_000 });
});
test.afterAll(async () => {
  await page.close();
});
test.afterEach(async () => {
  expect(complaints).toEqual([]);
  expect(await seriousFaults(page)).toEqual([]);
});

test('the clip opens on its first frame, and arrow keys step exactly', async () => {
  await page.getByRole('row').filter({ hasText: 'clip.mp4' }).getByText('clip.mp4').click();
  await page.getByRole('complementary').getByText('Examine', { exact: true }).click();
  await expect(page.getByText(/Frame 0 \(0–99\)/)).toBeVisible({ timeout: 30_000 });
  await page
    .locator('canvas')
    .first()
    .click({ position: { x: 5, y: 5 } });
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/Frame 1 \(0–99\)/)).toBeVisible();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByText(/Frame 11 \(0–99\)/)).toBeVisible();
  await page.keyboard.press('End');
  await expect(page.getByText(/Frame 99 \(0–99\)/)).toBeVisible();
  await page.keyboard.press('Home');
  await expect(page.getByText(/Frame 0 \(0–99\)/)).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('examination.png') });
});

test('the spectrogram tells time, frequency and level under the cursor', async () => {
  await page.getByRole('tab', { name: 'Sound' }).click();
  const canvas = page.locator('canvas[data-ready="true"]');
  await expect(canvas).toBeVisible();
  await page.waitForTimeout(2000);
  await canvas.hover({ position: { x: 300, y: 200 } });
  await expect(page.getByText(/Hz/).first()).toBeVisible();
  await expect(page.getByText(/dB/).first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('sound.png') });
});

test('findings show after two propositions are fixed, never before', async () => {
  await page.getByRole('tab', { name: 'Findings' }).click();
  await expect(page.getByText('Propositions come before scores')).toBeVisible();
  await page.getByRole('button', { name: 'Fix the propositions' }).click();
  await expect(page.getByText('Propositions come before scores')).toHaveCount(0);
  await page.waitForTimeout(500);
  expect(await page.locator('main').innerText()).not.toMatch(/authentic|genuine|no manipulation/i);
  await page.screenshot({ path: test.info().outputPath('findings.png'), fullPage: true });
});

test('metadata and structure are tables that can be read', async () => {
  await page.getByRole('tab', { name: 'Metadata and structure' }).click();
  await expect(page.getByText('Content credentials (C2PA)').first()).toBeVisible();
  await expect(page.getByText('video/mp4').first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('metadata.png') });
});
