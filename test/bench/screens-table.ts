/**
 * Long tables in a real browser: opening a case of 10,000 exhibits, opening and scrolling one of 100,000. Every exhibit
 * is a picture that exists (one file under many names), so that rows which stay in view get their thumbnails.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createCase } from '../../src/casework/case.ts';
import { insertExhibit } from '../../src/casework/records/exhibits.ts';
import { atDesk, median, presented, say, sayLoad, sayRates, timed } from '../helpers/screens.ts';
import { ROOT } from '../helpers/shared.ts';

const PICTURE = join(ROOT, 'samples', 'portrait.jpg');
const SIZES = [10_000, 100_000];
const OPENINGS = 5;

/** Runs in the page: ms from the next click to the frame after the first row came. */
const FIRST_ROW = `new Promise((resolve) => {
  let pressed = 0;
  document.addEventListener('click', () => (pressed = performance.now()), { capture: true, once: true });
  const look = () => {
    if (pressed > 0 && document.querySelector('.vtable-row [data-align]')) resolve(performance.now() - pressed);
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Runs in the page: the scroll bar from end to end in 5 s. */
const PULL = `new Promise((resolve) => {
  const table = document.querySelector('.vtable');
  const start = performance.now();
  const pull = (now) => {
    const share = (now - start) / 5000;
    table.scrollTop = share * table.scrollHeight;
    if (share < 1) requestAnimationFrame(pull);
    else resolve();
  };
  requestAnimationFrame(pull);
})`;

/** A case of `count` exhibits, entered with custody and audit as the application enters them. */
function makeCase(folder: string, number: string, count: number): void {
  const info = { number, agency: null, matter: null, description: null };
  const made = createCase(folder, info, { actor: { id: null, name: 'bench' } });
  const hash = (algorithm: string, i: number): string => createHash(algorithm).update(String(i)).digest('hex');
  for (let start = 0; start < count; start += 1000) {
    made.db.transaction(() => {
      for (let i = start; i < Math.min(count, start + 1000); i += 1) {
        const file = { originalName: `IMG_${i}.jpg`, originalPath: `/media/drive/DCIM/${i % 100}/IMG_${i}.jpg` };
        const hashes = { sha256: hash('sha256', i), sha512: hash('sha512', i), md5: hash('md5', i) };
        const stored = { storage: 'reference', path: PICTURE, bytes: 1000 + i, mediaType: 'image' } as const;
        const times = { fileModifiedUtc: '2026-01-01T00:00:00.000Z' };
        insertExhibit(made, { ...file, ...hashes, ...stored, ...times }, {}, 'bench');
      }
    });
  }
  made.close();
}

const makeCases = (folder: string): void => {
  for (const size of SIZES) makeCase(join(folder, `n${size}`), `n${size}`, size);
};

await atDesk(makeCases, async (desk) => {
  const { page, host } = desk;
  sayLoad();
  await page.goto(host.address);
  for (const size of SIZES) {
    const times: number[] = [];
    for (let i = 0; i < OPENINGS; i += 1) {
      const open = page.getByRole('button', { name: new RegExp(`^Open: n${size}$`) });
      await open.waitFor();
      await page.waitForTimeout(1000);
      // Timed in the page: what the test's own channel takes is no business of the screen.
      const rows = page.evaluate<number>(FIRST_ROW);
      await open.click();
      times.push(await rows);
      if (i < OPENINGS - 1 || size !== SIZES.at(-1)) await page.getByRole('button', { name: 'Close case' }).click();
    }
    say(`from the click to the first rows of ${size} exhibits, first time`, times[0] ?? 0, 'ms');
    say(`  median of ${OPENINGS}`, median(times), 'ms');
  }
  const grid = page.getByRole('grid');
  await grid.hover();
  await page.waitForTimeout(3000);
  const session = await page.context().newCDPSession(page);
  const box = await grid.boundingBox();
  if (box === null) throw new Error('the table has no place on the screen');
  for (const [what, deltaY] of [
    ['slowly, 120 px per turn', 120],
    ['fast, 1,200 px per turn', 1200],
  ] as const) {
    const sent: Promise<unknown>[] = [];
    const rates = await presented(desk, async () => {
      for (let step = 0; step < 300; step += 1) {
        const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, deltaX: 0, deltaY };
        sent.push(session.send('Input.dispatchMouseEvent', { type: 'mouseWheel', ...at }));
        await new Promise((resolve) => setTimeout(resolve, 16));
      }
      await Promise.all(sent);
    });
    sayRates(`wheel ${what}`, rates);
  }
  // The bar pulled through the whole table: every frame lands on rows that were never fetched.
  const leap = await presented(desk, async () => void (await page.evaluate(PULL)));
  sayRates('scroll bar from the first to the last row in 5 s', leap);
  const settled = await timed(() => page.locator('.vtable-row .thumb').first().waitFor());
  say('then until a thumbnail of the rows in view is there', settled, 'ms');
  sayLoad();
});
