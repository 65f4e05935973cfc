import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { DEFAULT_MONITOR_THRESHOLDS, type MonitorEvent } from '../../src/contract/monitor.ts';
import { tensorStatistics } from '../../src/engine/inference/debug.ts';
import { parseGpus } from '../../src/workbench/monitor/hardware.ts';
import { appendEvent, readEvents } from '../../src/workbench/monitor/history.ts';
import { cpuTimes, machineLoad } from '../../src/workbench/monitor/load.ts';
import { monitored, readThresholds } from '../../src/workbench/monitor/monitor.ts';
import { monitorCsv, monitorReport } from '../../src/workbench/monitor/report.ts';
import type { Workbench } from '../../src/workbench/workbench.ts';
import { freshFolder } from '../helpers/cli.ts';

const event = (i: number, over: Partial<MonitorEvent> = {}): MonitorEvent => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
  mediaType: 'image',
  seconds: i,
  error: null,
  items: [
    { name: 'decode', kind: 'stage', seconds: i / 10, failed: false },
    { name: 'face-forgery/x', kind: 'detector', seconds: i / 2, failed: i % 4 === 0 },
  ],
  load: { cpuPercent: 50, memoryPercent: 40, engineMemoryBytes: 1e8, gpus: [] },
  ...over,
});
const history = Array.from({ length: 100 }, (_, i) => event(i + 1));

describe('the monitoring report', () => {
  it('has percentiles, throughput and failures of every stage and detector', () => {
    const report = monitorReport(history, 0, DEFAULT_MONITOR_THRESHOLDS, null);
    expect(report.rows.map((r) => [r.name, r.kind, r.count, r.failures])).toEqual([
      ['analysis', 'analysis', 100, 0],
      ['decode', 'stage', 100, 0],
      ['face-forgery/x', 'detector', 100, 25],
    ]);
    expect(report.rows[0]).toMatchObject({ p50: 50, p90: 90, p99: 99, longest: 100 });
    expect(report.rows[0]?.perSecond).toBeCloseTo(100 / 5050, 12);
    expect(report).toMatchObject({ from: history[0]?.at, to: history[99]?.at });
  });

  it('raises alerts for time, errors, memory and processor, each with its value and limit', () => {
    const hot = { cpuPercent: 99, memoryPercent: 95, engineMemoryBytes: null, gpus: [] };
    const failed = event(101, { error: 'evidence.damaged', mediaType: null, items: [] });
    const report = monitorReport([...history, failed], 2, { ...DEFAULT_MONITOR_THRESHOLDS, seconds: 40 }, hot);
    expect(report.alerts.map((a) => [a.kind, a.about])).toEqual([
      ['seconds', 'analysis'],
      ['seconds', 'face-forgery/x'],
      ['errors', 'face-forgery/x'],
      ['memory', 'machine'],
      ['cpu', 'machine'],
    ]);
    expect(report.alerts[3]?.message).toBe('Memory is at 95 %; the limit is 90 %.');
    expect(report.errors).toEqual({ 'evidence.damaged': 1 });
    expect(report.unreadableLines).toBe(2);
  });

  it('of nothing is empty and not broken, and exports CSV', () => {
    const report = monitorReport([], 0, DEFAULT_MONITOR_THRESHOLDS, null);
    expect(report.rows[0]).toMatchObject({ count: 0, p50: 0, perSecond: null });
    const csv = monitorCsv(monitorReport(history, 0, DEFAULT_MONITOR_THRESHOLDS, null)).split('\r\n');
    expect(csv[0]).toBe('name,kind,count,failures,p50_s,p90_s,p99_s,longest_s,per_second');
    expect(csv[3]).toMatch(/^"face-forgery\/x",detector,100,25,25,45,/);
  });
});

describe('the history', () => {
  it('stays bounded, keeps the newest, and survives lines cut off by a crash', async () => {
    const path = join(freshFolder(), 'deep', 'monitor.jsonl');
    for (const item of history) await appendEvent(path, item, 8000);
    expect(readFileSync(path).length).toBeLessThanOrEqual(8000);
    appendFileSync(path, '{"at":"2026');
    const { events, unreadable } = await readEvents(path);
    expect(unreadable).toBe(1);
    expect(events.at(-1)).toEqual(history.at(-1));
    expect(events.length).toBeGreaterThan(3);
    expect(await readEvents(join(freshFolder(), 'none'))).toEqual({ events: [], unreadable: 0 });
  });
});

describe('a watched workbench', () => {
  const bench = (work: () => Promise<never>): Workbench => ({
    call: work,
    callUnchecked: work,
    enginePids: () => [process.pid],
    close: async () => undefined,
  });

  it('records failures by code, leaves cancelled work out, and never hides the error', async () => {
    const path = join(freshFolder(), 'monitor.jsonl');
    const failing = (code: 'evidence.damaged' | 'cancelled') =>
      monitored(
        bench(() => Promise.reject(new VidimusError(code, 'x'))),
        path,
        () => undefined,
      );
    await expect(failing('evidence.damaged').callUnchecked('analysis.run', {})).rejects.toThrow('x');
    await expect(failing('cancelled').callUnchecked('analysis.run', {})).rejects.toThrow('x');
    await expect(failing('evidence.damaged').callUnchecked('doctor', {})).rejects.toThrow('x');
    const { events } = await readEvents(path);
    expect(events.map((e) => e.error)).toEqual(['evidence.damaged']);
  });

  it('goes on where the history cannot be written, and says so', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'file'), '');
    const problems: string[] = [];
    const watched = monitored(
      bench(() => Promise.reject(new VidimusError('evidence.damaged', 'the real error'))),
      join(folder, 'file', 'monitor.jsonl'),
      (error) => problems.push(error.code),
    );
    await expect(watched.callUnchecked('analysis.run', {})).rejects.toThrow('the real error');
    expect(problems).toEqual(['output.failed']);
  });
});

describe('the machine', () => {
  it('tells processor, memory and the memory of a process', async () => {
    const load = await machineLoad(cpuTimes(), [process.pid]);
    expect(load.memoryPercent).toBeGreaterThan(0);
    expect(load.engineMemoryBytes ?? 0).toBeGreaterThan(10_000_000);
  });

  it('reads what nvidia-smi prints, fields it does not know included', () => {
    const text = 'NVIDIA H200, 570.1, 143771, 5000, 37\nTesla, 1.2, 100, [N/A], [N/A]\n\n';
    expect(parseGpus(text)).toEqual([
      { name: 'NVIDIA H200', driver: '570.1', memoryMiB: 143771, memoryUsedMiB: 5000, busyPercent: 37 },
      { name: 'Tesla', driver: '1.2', memoryMiB: 100, memoryUsedMiB: 0, busyPercent: 0 },
    ]);
    expect(parseGpus('NVIDIA-SMI has failed')).toEqual([]);
  });

  it('takes limits from the settings and refuses broken ones', () => {
    const folder = freshFolder();
    expect(readThresholds(folder)).toEqual(DEFAULT_MONITOR_THRESHOLDS);
    const mine = { ...DEFAULT_MONITOR_THRESHOLDS, cpuPercent: 50 };
    writeFileSync(join(folder, 'monitor-settings.json'), JSON.stringify(mine));
    expect(readThresholds(folder)).toEqual(mine);
    writeFileSync(join(folder, 'monitor-settings.json'), '{}');
    expect(() => readThresholds(folder)).toThrow(/is not valid/);
  });
});

describe('statistics of tensors', () => {
  it('count what is not finite and keep digits beside a large offset', () => {
    const data = Float32Array.from([1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY]);
    const stats = tensorStatistics({ dims: [5], data });
    expect(stats).toMatchObject({ min: 1, max: 3, mean: 2, notFinite: 2 });
    expect(stats.sd).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(tensorStatistics({ dims: [1], data: Float32Array.of(Number.NaN) }).mean).toBeNull();
  });
});
