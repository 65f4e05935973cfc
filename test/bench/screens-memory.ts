/**
 * Memory over long use: open a case, examine an exhibit, step its frames, read its findings, go back, close the case;
 * again and again. Memory of the page after a forced collection, number of its nodes, and what the host keeps.
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import * as z from 'zod';
import { createCase } from '../../src/casework/case.ts';
import { takeIn } from '../../src/casework/evidence/intake.ts';
import { addAnalysis } from '../../src/casework/records/analyses.ts';
import { fixPropositions } from '../../src/casework/records/opinions.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { atDesk, hostMemory, sayLoad } from '../helpers/screens.ts';
import { ROOT } from '../helpers/shared.ts';

const CYCLES = Number(process.env['VIDIMUS_BENCH_CYCLES'] ?? 300);
/** Counted after 10 cycles, when everything that is kept once is there, and then this often. */
const EVERY = 50;
const CLIP = join(ROOT, 'samples', 'clip.mp4');

async function makeCase(folder: string): Promise<void> {
  const info = { number: 'long', agency: null, matter: null, description: null };
  const made = createCase(folder, info, { actor: { id: null, name: 'bench' } });
  const exhibit = await takeIn(made, CLIP, { storage: 'copy', purpose: 'bench' });
  fixPropositions(made, exhibit.id, 'assembled', 'as the camera wrote it');
  const workbench = openWorkbench();
  try {
    const detectors = ['frame-timing', 'container-structure', 'optical-flow', 'sound-level'];
    const plan = { ...makePlan(), detectors };
    const result = await workbench.call('analysis.run', { path: CLIP, plan, artifactsDir: null });
    addAnalysis(made, exhibit.id, result, new Date());
  } finally {
    await workbench.close();
    made.close();
  }
}

async function cycle(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Open: long/ }).click();
  await page.getByRole('row').filter({ hasText: 'clip.mp4' }).dblclick();
  await page.getByText(/Frame 0 \(0–99\)/).waitFor();
  const picture = page.locator('canvas').first();
  await picture.click({ position: { x: 5, y: 5 } });
  for (let step = 1; step <= 5; step += 1) {
    await page.keyboard.press('ArrowRight');
    await page.getByText(new RegExp(`Frame ${step} \\(`)).waitFor();
  }
  await page.getByRole('tab', { name: 'Findings' }).click();
  await page
    .getByText(/frame-timing/)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Back to the case' }).click();
  await page.getByRole('row').filter({ hasText: 'clip.mp4' }).waitFor();
  await page.getByRole('button', { name: 'Close case' }).click();
  await page.getByRole('button', { name: /^Open: long/ }).waitFor();
}

const Metrics = z.object({ metrics: z.array(z.object({ name: z.string(), value: z.number() })) });
/** Folders of pictures made for the eye that the hosts of this machine keep. */
const viewFolders = (): number => readdirSync(tmpdir()).filter((name) => name.startsWith('vidimus-view-')).length;

await atDesk(
  (folder) => makeCase(join(folder, 'long')),
  async ({ page, host }) => {
    sayLoad();
    await page.goto(host.address);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const before = viewFolders();
    console.log('cycles   heap MB    nodes  listeners  documents  host MB  host and engines MB  view folders');
    const started = performance.now();
    for (let done = 1; done <= CYCLES; done += 1) {
      await cycle(page);
      if (done !== 10 && done % EVERY !== 0 && done !== CYCLES) continue;
      await session.send('HeapProfiler.collectGarbage');
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = Metrics.parse(await session.send('Performance.getMetrics'));
      const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
      const memory = hostMemory(host.pid);
      console.log(
        [
          [done, 6, 0],
          [of('JSHeapUsedSize') / 1e6, 10, 2],
          [of('Nodes'), 9, 0],
          [of('JSEventListeners'), 11, 0],
          [of('Documents'), 11, 0],
          [memory.host, 9, 0],
          [memory.all, 21, 0],
          [viewFolders() - before, 14, 0],
        ]
          .map(([value = 0, width = 0, digits = 0]) => value.toFixed(digits).padStart(width))
          .join(''),
      );
    }
    console.log(`${((performance.now() - started) / CYCLES / 1000).toFixed(1)} s per cycle`);
    sayLoad();
  },
);
