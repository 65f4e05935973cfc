/** Panning and zooming a curve of 1,000,000 points in the time line of an examination, by the wheel, in a real browser. */
import { join } from 'node:path';
import { createCase } from '../../src/casework/case.ts';
import { takeIn } from '../../src/casework/evidence/intake.ts';
import { addAnalysis } from '../../src/casework/records/analyses.ts';
import { fixPropositions } from '../../src/casework/records/opinions.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { openWorkbench } from '../../src/workbench/workbench.ts';
import { atDesk, presented, say, sayLoad, sayRates, timed } from '../helpers/screens.ts';
import { ROOT } from '../helpers/shared.ts';

const POINTS = 1_000_000;
const SECONDS = 4;
const CLIP = join(ROOT, 'samples', 'clip.mp4');

/** A case with one exhibit that the engine examined; its result carries one long series more. */
async function makeCase(folder: string): Promise<void> {
  const info = { number: 'chart', agency: null, matter: null, description: null };
  const made = createCase(folder, info, { actor: { id: null, name: 'bench' } });
  const exhibit = await takeIn(made, CLIP, { storage: 'copy', purpose: 'bench' });
  fixPropositions(made, exhibit.id, 'assembled', 'as the camera wrote it');
  const workbench = openWorkbench();
  try {
    const plan = { ...makePlan(), detectors: ['frame-timing', 'container-structure'] };
    const result = await workbench.call('analysis.run', { path: CLIP, plan, artifactsDir: null });
    const x = Array.from({ length: POINTS }, (_, i) => (i * SECONDS) / POINTS);
    const y = x.map((at, i) => Math.sin(at * 9) + 0.3 * Math.sin(i / 7) + (i % 9973 === 0 ? 2 : 0));
    const head = { id: 'bench', detector: 'bench', quantity: 'curve', unit: '1', direction: 'none' } as const;
    const series = [{ ...head, axis: 'seconds' as const, x, y }, ...result.series];
    addAnalysis(made, exhibit.id, { ...result, series }, new Date());
  } finally {
    await workbench.close();
    made.close();
  }
}

await atDesk(
  (folder) => makeCase(join(folder, 'chart')),
  async (desk) => {
    const { page, host } = desk;
    sayLoad();
    await page.goto(host.address);
    await page.getByRole('button', { name: /^Open: chart/ }).click();
    await page.getByRole('row').filter({ hasText: 'clip.mp4' }).getByText('clip.mp4').click();
    const opening = await timed(async () => {
      await page.getByRole('complementary').getByText('Examine', { exact: true }).click();
      await page.getByTitle('bench · curve').waitFor();
    });
    say('from "Examine" to the curve, its million points sent and checked', opening, 'ms');
    const plot = page.locator('.lane').filter({ hasText: 'bench' }).locator('canvas');
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the curve has no place on the screen');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForTimeout(5000);
    const session = await page.context().newCDPSession(page);
    /** Turns the wheel once per 16 ms, as a hand does: without waiting for the page. */
    const wheel = async (steps: number, turn: (step: number) => { deltaX: number; deltaY: number }): Promise<void> => {
      const sent: Promise<unknown>[] = [];
      const at = { type: 'mouseWheel', x: box.x + box.width / 2, y: box.y + box.height / 2 } as const;
      for (let step = 0; step < steps; step++) {
        sent.push(session.send('Input.dispatchMouseEvent', { ...at, ...turn(step) }));
        await new Promise((resolve) => setTimeout(resolve, 16));
      }
      await Promise.all(sent);
    };
    const still = await presented(desk, () => page.waitForTimeout(1000));
    say('nobody touches anything: presented frames', still.fps, 'per second');
    // There and back again, so that the edge never stops the movement.
    const pan = (step: number) => ({ deltaX: step % 120 < 60 ? 12 : -12, deltaY: 0 });
    for (const share of [2, 10, 100]) {
      await page.getByRole('button', { name: 'Show all' }).click();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await session.send('Input.dispatchMouseEvent', {
        ...{ type: 'mouseWheel', x: box.x + box.width / 2, y: box.y + box.height / 2, deltaX: 0 },
        deltaY: -Math.log(share) / Math.log(1.0015),
      });
      await page.waitForTimeout(3000);
      sayRates(`panning with ${POINTS / share} points in view`, await presented(desk, () => wheel(300, pan)));
    }
    await page.getByRole('button', { name: 'Show all' }).click();
    const zoom = (step: number) => ({ deltaX: 0, deltaY: step % 120 < 60 ? -60 : 60 });
    sayRates('zooming from all points in and out', await presented(desk, () => wheel(300, zoom)));
    sayLoad();
  },
);
