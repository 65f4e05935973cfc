/** Calls about the laboratory: settings, method pages, pack cards, evaluation, validation, monitoring. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LAB_API } from '../../contract/apiLab.ts';
import { VidimusError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/result.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { profileFolder, readProfiles } from '../evaluate/profiles.ts';
import { historyPath, readEvents } from '../monitor/history.ts';
import { cpuTimes, machineLoad } from '../monitor/load.ts';
import { readThresholds } from '../monitor/monitor.ts';
import { monitorReport } from '../monitor/report.ts';
import { readOpinionSettings } from '../opinionSettings.ts';
import { makePlan } from '../plans.ts';
import { engineCount } from '../queue.ts';
import { ownRecords, validate } from '../validate/validate.ts';
import type { Workbench } from '../workbench.ts';
import type { Handlers } from './calls.ts';
import { readSettings, writeSettings } from './settings.ts';

export type LabName = Exclude<keyof typeof LAB_API, 'host.info' | `dialog.${string}`>;

/** Over so many ms the live load is measured. */
const SPAN_MS = 300;

/** First heading of a page. */
const titleOf = (markdown: string, page: string): string => /^#\s+(.+)$/m.exec(markdown)?.[1] ?? page;

/** Handlers; `installed` is the folder of the installation, `userFolder` that of the user. */
export function labCalls(workbench: Workbench, installed: string, userFolder: string): Handlers<LabName> {
  const pages = join(installed, 'docs', 'methods');
  const read = async (page: string) => {
    const markdown = await readFile(join(pages, `${page}.md`), 'utf8').catch((cause: unknown) => {
      throw new VidimusError('usage.invalid', `There is no method page "${page}".`, { cause });
    });
    return { page, title: titleOf(markdown, page), markdown };
  };
  const counting =
    (onProgress: (progress: Progress) => void) =>
    (_entry: unknown, done: number, total: number): void =>
      onProgress({ stage: 'analyse', done, total, unit: 'files' });
  const concurrency = (): number => readSettings(userFolder).concurrency ?? engineCount();
  const plan = () => makePlan({ opinion: readOpinionSettings(userFolder) });
  return {
    'settings.read': () => readSettings(userFolder),
    'settings.write': (settings) => writeSettings(userFolder, settings),
    'settings.opinion': () => readOpinionSettings(userFolder),
    'methods.read': async ({ page }) => {
      const { title, markdown } = await read(page);
      return { title, markdown };
    },
    'methods.list': async () => {
      const names = (await readdir(pages)).filter((name) => name.endsWith('.md')).sort();
      const all = await Promise.all(names.map((name) => read(name.slice(0, -3))));
      return all.map(({ page, title }) => ({ page, title }));
    },
    'models.card': async ({ id, version }) => {
      const { packs } = await workbench.call('models.list', {});
      const found = packs.find(({ manifest }) => manifest.id === id && manifest.version === version);
      if (found === undefined) throw new VidimusError('pack.missing', `The pack ${id} ${version} is not installed.`);
      return { markdown: await readFile(join(found.folder, 'CARD.md'), 'utf8').catch(() => null) };
    },
    'evaluate.run': ({ folder, out, calibrate }, { signal, onProgress }) =>
      evaluate(workbench, {
        folder,
        out,
        calibrate,
        plan: plan(),
        concurrency: concurrency(),
        profiles: profileFolder(userFolder),
        signal,
        onFile: counting(onProgress),
      }),
    'validate.run': ({ folder }, { signal, onProgress }) =>
      validate(workbench, {
        folder,
        plan: plan(),
        concurrency: concurrency(),
        userFolder,
        against: null,
        signal,
        onFile: counting(onProgress),
      }),
    'validate.list': async () => (await ownRecords(userFolder)).map(({ path, signed }) => ({ path, signed })),
    'profiles.list': () => readProfiles(profileFolder(userFolder)),
    'monitor.read': async () => {
      const { events, unreadable } = await readEvents(historyPath(userFolder));
      const before = cpuTimes();
      await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
      const now = await machineLoad(before, workbench.enginePids());
      return monitorReport(events, unreadable, readThresholds(userFolder), now);
    },
  };
}
