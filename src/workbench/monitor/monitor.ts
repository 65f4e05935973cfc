/** Watches a workbench: every analysis that passes through leaves one event in the history. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import { DEFAULT_MONITOR_THRESHOLDS, type MonitorEvent, MonitorThresholds } from '../../contract/monitor.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import type { Workbench } from '../workbench.ts';
import { appendEvent } from './history.ts';
import { cpuTimes, machineLoad } from './load.ts';

const STAGES = new Set(['intake', 'models', 'decode', 'analyse', 'stress']);

/** Stages and detectors of a result with their times; a detector failed when its observation says so. */
export function itemsOf(result: AnalysisResult): MonitorEvent['items'] {
  const failed = new Set(result.observations.filter((o) => o.status === 'failed').map((o) => o.detector));
  return result.run.stages.map(({ stage, seconds }) => ({
    name: stage,
    kind: STAGES.has(stage) ? 'stage' : 'detector',
    seconds,
    failed: failed.has(stage),
  }));
}

/**
 * The same workbench, watched. Monitoring never costs an examination: where the history cannot be written, `onProblem`
 * is told and the result goes out all the same. Cancelled work is not counted.
 */
export function monitored(workbench: Workbench, path: string, onProblem: (error: VidimusError) => void): Workbench {
  const note = async (
    started: number,
    since: ReturnType<typeof cpuTimes>,
    part: Partial<MonitorEvent>,
  ): Promise<void> => {
    const event: MonitorEvent = {
      at: new Date().toISOString(),
      mediaType: null,
      seconds: (performance.now() - started) / 1000,
      error: null,
      items: [],
      ...part,
      load: await machineLoad(since, workbench.enginePids()),
    };
    await appendEvent(path, event).catch((thrown: unknown) => onProblem(asVidimusError(thrown)));
  };
  const watch = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (name !== 'analysis.run') return work();
    const started = performance.now();
    const since = cpuTimes();
    try {
      const result = await work();
      await note(started, since, isResult(result) ? { mediaType: result.mediaType, items: itemsOf(result) } : {});
      return result;
    } catch (thrown) {
      const error = asVidimusError(thrown);
      if (error.code !== 'cancelled') await note(started, since, { error: error.code });
      throw thrown;
    }
  };
  return {
    ...workbench,
    call: (name, args, options) => watch(name, () => workbench.call(name, args, options)),
    callUnchecked: (name, args, options) => watch(name, () => workbench.callUnchecked(name, args, options)),
  };
}

/** The result of `analysis.run` among all that calls may answer. */
const isResult = (value: unknown): value is AnalysisResult =>
  typeof value === 'object' && value !== null && 'schema' in value && value.schema === 'vidimus/analysis/1';

/** Limits from `monitor-settings.json`; the defaults where there is none. @throws VidimusError usage.invalid */
export function readThresholds(userFolder: string): MonitorThresholds {
  const path = join(userFolder, 'monitor-settings.json');
  if (!existsSync(path)) return DEFAULT_MONITOR_THRESHOLDS;
  try {
    return MonitorThresholds.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new VidimusError('usage.invalid', `${path} is not valid.`, {
      advice: 'Correct the file, or delete it to return to the defaults.',
      cause,
    });
  }
}
