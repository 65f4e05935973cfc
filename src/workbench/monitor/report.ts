/** From the history to figures per stage and detector, alerts, and a table for other programs. */
import {
  type MachineLoad,
  type MonitorAlert,
  type MonitorEvent,
  MonitorReport,
  type MonitorRow,
  type MonitorThresholds,
} from '../../contract/monitor.ts';

/** Quantile by the nearest rank of rising values; 0 of none. */
const rank = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? 0;

interface Sample {
  readonly seconds: number;
  readonly failed: boolean;
}

function rowOf(name: string, kind: MonitorRow['kind'], samples: readonly Sample[]): MonitorRow {
  const sorted = Float64Array.from(samples, (s) => s.seconds).sort();
  const busy = sorted.reduce((a, b) => a + b, 0);
  return {
    name,
    kind,
    count: samples.length,
    failures: samples.filter((s) => s.failed).length,
    p50: rank(sorted, 0.5),
    p90: rank(sorted, 0.9),
    p99: rank(sorted, 0.99),
    longest: sorted.at(-1) ?? 0,
    perSecond: busy > 0 ? samples.length / busy : null,
  };
}

const summary = (values: readonly number[]): { mean: number; highest: number } | null =>
  values.length === 0
    ? null
    : { mean: values.reduce((a, b) => a + b, 0) / values.length, highest: Math.max(...values) };

/** Figures over the history. `now` is the live load, null where it was not asked for. */
export function monitorReport(
  events: readonly MonitorEvent[],
  unreadableLines: number,
  thresholds: MonitorThresholds,
  now: MachineLoad | null,
): MonitorReport {
  const groups = new Map<string, { name: string; kind: 'stage' | 'detector'; samples: Sample[] }>();
  const errors: Record<string, number> = {};
  for (const event of events) {
    if (event.error !== null) errors[event.error] = (errors[event.error] ?? 0) + 1;
    for (const { name, kind, seconds, failed } of event.items) {
      const key = `${kind}\n${name}`;
      const group = groups.get(key) ?? { name, kind, samples: [] };
      group.samples.push({ seconds, failed });
      groups.set(key, group);
    }
  }
  const order = { stage: 0, detector: 1 };
  const parts = [...groups.values()]
    .sort((a, b) => order[a.kind] - order[b.kind] || (a.name < b.name ? -1 : 1))
    .map(({ name, kind, samples }) => rowOf(name, kind, samples));
  const whole = events.map(({ seconds, error }) => ({ seconds, failed: error !== null }));
  const rows = [rowOf('analysis', 'analysis', whole), ...parts];
  const loads = [...events.map((e) => e.load), ...(now === null ? [] : [now])];
  return MonitorReport.parse({
    schema: 'vidimus/monitor/1',
    from: events[0]?.at ?? null,
    to: events.at(-1)?.at ?? null,
    rows,
    errors,
    cpuPercent: summary(loads.map((l) => l.cpuPercent)),
    memoryPercent: summary(loads.map((l) => l.memoryPercent)),
    now,
    thresholds,
    alerts: alertsOf(rows, loads.at(-1) ?? null, thresholds),
    unreadableLines,
  } satisfies MonitorReport);
}

/** What passes its limit. Load is judged by its latest value, times and errors over the history. */
function alertsOf(rows: readonly MonitorRow[], load: MachineLoad | null, limits: MonitorThresholds): MonitorAlert[] {
  const alerts: MonitorAlert[] = [];
  for (const { name, p90, count, failures } of rows) {
    if (p90 > limits.seconds) {
      const message = `${name} takes ${p90.toFixed(1)} s (90th percentile); the limit is ${limits.seconds} s.`;
      alerts.push({ kind: 'seconds', about: name, value: p90, limit: limits.seconds, message });
    }
    const rate = count === 0 ? 0 : failures / count;
    if (rate > limits.errorRate) {
      const message = `${name} failed ${failures} of ${count} times; the limit is ${limits.errorRate * 100} %.`;
      alerts.push({ kind: 'errors', about: name, value: rate, limit: limits.errorRate, message });
    }
  }
  const machine = (kind: 'memory' | 'cpu', value: number, limit: number, what: string): void => {
    if (value > limit)
      alerts.push({
        kind,
        about: 'machine',
        value,
        limit,
        message: `${what} is at ${value} %; the limit is ${limit} %.`,
      });
  };
  if (load !== null) {
    machine('memory', load.memoryPercent, limits.memoryPercent, 'Memory');
    machine('cpu', load.cpuPercent, limits.cpuPercent, 'The processor');
  }
  return alerts;
}

/** The rows as CSV (RFC 4180). Names are our own detectors' and stages', in quotes all the same. */
export function monitorCsv(report: MonitorReport): string {
  const header = 'name,kind,count,failures,p50_s,p90_s,p99_s,longest_s,per_second';
  const lines = report.rows.map((r) =>
    [
      `"${r.name.replaceAll('"', '""')}"`,
      r.kind,
      r.count,
      r.failures,
      r.p50,
      r.p90,
      r.p99,
      r.longest,
      r.perSecond ?? '',
    ].join(','),
  );
  return `${[header, ...lines].join('\r\n')}\r\n`;
}
