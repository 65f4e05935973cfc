/** `vidimus monitor`: what ran on this workstation, how long it took, what failed, and whether a limit is passed. */
import type { Command } from 'commander';
import type { MonitorReport } from '../../contract/monitor.ts';
import { userFolder } from '../../workbench/folders.ts';
import { historyPath, readEvents } from '../../workbench/monitor/history.ts';
import { cpuTimes, machineLoad } from '../../workbench/monitor/load.ts';
import { readThresholds } from '../../workbench/monitor/monitor.ts';
import { monitorCsv, monitorReport } from '../../workbench/monitor/report.ts';
import { fail, printable, table } from '../output.ts';

/** Over so many ms the live processor load is measured. */
const SPAN_MS = 500;

/** Registers the command. Alerts do not change the exit status: they are about the machine, not about this call. */
export function addMonitor(program: Command): void {
  program
    .command('monitor')
    .description('latency, throughput, failures and load over the history; alerts')
    .option('--json', 'print JSON')
    .option('--csv', 'print the rows as CSV')
    .action(async ({ json = false, csv = false }: { json?: boolean; csv?: boolean }) => {
      try {
        const home = userFolder();
        const { events, unreadable } = await readEvents(historyPath(home));
        const before = cpuTimes();
        await new Promise((resolve) => setTimeout(resolve, SPAN_MS));
        const report = monitorReport(events, unreadable, readThresholds(home), await machineLoad(before, []));
        if (csv) process.stdout.write(monitorCsv(report));
        else process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${monitorText(report)}\n`);
      } catch (thrown) {
        fail(thrown, json);
      }
    });
}

function monitorText(report: MonitorReport): string {
  const seconds = (value: number): string => value.toFixed(3);
  const rows = report.rows.map((r) => [
    r.name,
    r.kind,
    String(r.count),
    String(r.failures),
    ...[r.p50, r.p90, r.p99, r.longest].map(seconds),
    r.perSecond === null ? '-' : r.perSecond.toFixed(2),
  ]);
  const { now } = report;
  const load =
    now === null
      ? []
      : [
          `processor ${now.cpuPercent} %, memory ${now.memoryPercent} %`,
          ...now.gpus.map((g) => `${printable(g.name)}: ${g.busyPercent} %, memory ${g.memoryPercent} %`),
        ];
  return [
    report.from === null ? 'no analysis yet' : `${report.from} to ${report.to ?? ''}`,
    table([['what', 'kind', 'count', 'failed', 'p50 s', 'p90 s', 'p99 s', 'longest s', 'per s'], ...rows]),
    ...load,
    ...Object.entries(report.errors).map(([code, count]) => `${count} analyses failed with ${code}`),
    ...(report.unreadableLines === 0 ? [] : [`${report.unreadableLines} lines of the history could not be read`]),
    ...report.alerts.map((alert) => `ALERT ${alert.message}`),
  ].join('\n');
}
