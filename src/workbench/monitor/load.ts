/** How busy the machine is: processors over a span of time, memory, the engines' own memory, GPUs. */
import { readFile } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { MachineLoad } from '../../contract/monitor.ts';
import { gpuUse } from './hardware.ts';

/** Processor time so far, in ms, over all processors. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** Reads the counters of the system. */
export function cpuTimes(): CpuTimes {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    busy += all - times.idle;
    total += all;
  }
  return { busy, total };
}

const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, Math.round((1000 * part) / whole) / 10)) : 0;

/** The load since `since`; `pids` are the engines whose resident memory is added up. */
export async function machineLoad(since: CpuTimes, pids: readonly number[]): Promise<MachineLoad> {
  const now = cpuTimes();
  const [engineMemoryBytes, gpus] = await Promise.all([residentBytes(pids), gpuUse()]);
  return {
    cpuPercent: percent(now.busy - since.busy, now.total - since.total),
    memoryPercent: percent(totalmem() - freemem(), totalmem()),
    engineMemoryBytes,
    gpus: gpus.map(({ name, busyPercent, memoryUsedMiB, memoryMiB }) => ({
      name,
      busyPercent: percent(busyPercent, 100),
      memoryPercent: percent(memoryUsedMiB, memoryMiB),
    })),
  };
}

/** Resident memory of processes together; null where the system does not tell. */
async function residentBytes(pids: readonly number[]): Promise<number | null> {
  if (pids.length === 0) return null;
  if (process.platform === 'linux') {
    let sum = 0;
    for (const pid of pids) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      sum += 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    }
    return sum > 0 ? sum : null;
  }
  // Loaded where it is needed only: it is large, and Linux tells more cheaply.
  const { default: si } = await import('systeminformation');
  const { list } = await si.processes().catch(() => ({ list: [] }));
  const mine = list.filter(({ pid }) => pids.includes(pid));
  return mine.length === 0 ? null : 1024 * mine.reduce((sum, p) => sum + p.memRss, 0);
}
