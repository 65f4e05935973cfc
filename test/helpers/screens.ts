/** Measures the screens in a real browser against the real host: presented frames from the browser's own trace. */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import * as z from 'zod';
import config from '../../playwright.config.ts';
import { descendants } from './processes.ts';
import { type Host, startHost } from './workstation.ts';

export interface Desk {
  readonly host: Host;
  readonly browser: Browser;
  readonly page: Page;
}

/** Makes cases, starts a host and a browser, gives them to `work`, and ends both whatever happens. */
export async function atDesk(
  makeCases: (folder: string) => Promise<void> | void,
  work: (desk: Desk) => Promise<void>,
): Promise<void> {
  const { host, stop } = await startHost();
  let browser: Browser | null = null;
  try {
    // Long work of this process comes first: a browser that nobody hears for minutes goes away.
    await makeCases(join(host.home, 'cases'));
    browser = await chromium.launch(config.use?.launchOptions ?? {});
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (error) => console.error(`page: ${error.message}`));
    await work({ host, browser, page });
  } finally {
    await browser?.close();
    await stop();
  }
}

export const say = (name: string, value: number, unit: string): void =>
  console.log(`${name.padEnd(64)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}`);
export const sayLoad = (): void => console.log(`load ${(loadavg()[0] ?? 0).toFixed(1)}`);

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const Text = z.string().default('');
const Report = z.object({ frame_sequence: z.number().default(0), state: Text });
const TraceEvent = z.object({
  name: z.string(),
  ph: Text,
  ts: z.number().default(0),
  id2: z.object({ local: Text }).optional(),
  args: z.object({ frame_reporter: Report.optional() }).optional().catch(undefined),
});
const Trace = z.object({ traceEvents: z.array(TraceEvent) });

export interface Rates {
  readonly fps: number;
  /** Frames per second that carried what the page drew anew, and not a scroll of what was there. */
  readonly fresh: number;
  /** Longest and middle time between two presented frames, ms. */
  readonly longest: number;
  readonly middle: number;
  /** Frames that were meant to be shown and were not. */
  readonly dropped: number;
}

/**
 * Frames that the browser presented while `work` ran, by the reports of its compositor (PipelineReporter): a report
 * says what became of a frame and ends when it is on the screen. A frame that the page could not finish has two.
 */
export async function presented({ browser, page }: Desk, work: () => Promise<void>): Promise<Rates> {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame'] });
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { traceEvents } = Trace.parse(JSON.parse((await browser.stopTracing()).toString()));
  const reports = traceEvents.filter(({ name }) => name === 'PipelineReporter').sort((a, b) => a.ts - b.ts);
  const under = new Map<string, z.infer<typeof Report>>();
  const shown = new Map<number, number>();
  const fresh = new Set<number>();
  const dropped = new Set<number>();
  for (const { ph, ts, id2, args } of reports) {
    const id = id2?.local ?? '';
    if (ph === 'b' && args?.frame_reporter) under.set(id, args.frame_reporter);
    const report = ph === 'e' ? under.get(id) : undefined;
    if (report === undefined) continue;
    under.delete(id);
    if (report.state.startsWith('STATE_PRESENTED')) shown.set(report.frame_sequence, ts);
    if (report.state === 'STATE_PRESENTED_ALL') fresh.add(report.frame_sequence);
    if (report.state === 'STATE_DROPPED') dropped.add(report.frame_sequence);
  }
  // A trace can begin with the last frame before it, shown seconds ago.
  const last = Math.max(...shown.values());
  const times = [...shown.values()].filter((ts) => last - ts < seconds * 1e6).sort((a, b) => a - b);
  const gaps = times.slice(1).map((ts, i) => (ts - (times[i] ?? ts)) / 1000);
  return {
    fps: times.length / seconds,
    fresh: fresh.size / seconds,
    longest: Math.max(0, ...gaps),
    middle: median(gaps),
    dropped: [...dropped].filter((sequence) => !shown.has(sequence)).length,
  };
}

/** Prints what was presented under a name. */
export function sayRates(name: string, { fps, fresh, longest, middle, dropped }: Rates): void {
  say(`${name}: presented frames`, fps, 'per second');
  say('  of these with something drawn anew', fresh, 'per second');
  say('  time between two of them, median', middle, 'ms');
  say('  time between two of them, longest', longest, 'ms');
  say('  frames meant and not shown', dropped, '');
}

/**
 * Resident memory of the host alone and with its engines, in MB; pages that several share count once, in parts. `pid`
 * is the launcher, whose first child is the program.
 */
export function hostMemory(pid: number): { readonly host: number; readonly all: number } {
  const of = (one: number): number => {
    try {
      const found = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'));
      return Number(found?.[1] ?? 0) / 1000;
    } catch {
      return 0;
    }
  };
  const below = descendants(pid);
  return { host: of(below[0] ?? pid), all: [pid, ...below].reduce((sum, one) => sum + of(one), 0) };
}
