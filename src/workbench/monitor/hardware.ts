/** The machine: processors, memory, and GPUs where NVIDIA's tool can be asked. */
import { execFile } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Hardware } from '../../contract/validation.ts';

/** One GPU at this moment. */
export interface GpuUse {
  readonly name: string;
  readonly driver: string;
  readonly memoryMiB: number;
  readonly memoryUsedMiB: number;
  readonly busyPercent: number;
}

const QUERY = 'name,driver_version,memory.total,memory.used,utilization.gpu';

/** Reads what `nvidia-smi --query-gpu` printed; lines that are not five fields are left out. */
export function parseGpus(text: string): GpuUse[] {
  return text.split('\n').flatMap((line) => {
    const [name, driver, total, used, busy] = line.split(',').map((cell) => cell.trim());
    if (!name || !driver || busy === undefined) return [];
    // "[N/A]" stands where a driver does not tell.
    const number = (cell: string | undefined): number => (Number.isFinite(Number(cell)) ? Number(cell) : 0);
    return [{ name, driver, memoryMiB: number(total), memoryUsedMiB: number(used), busyPercent: number(busy) }];
  });
}

/** GPUs and how busy they are; none where the tool is absent or does not answer within two seconds. */
export function gpuUse(): Promise<GpuUse[]> {
  return new Promise((resolve) => {
    const args = [`--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'];
    execFile('nvidia-smi', args, { timeout: 2000, windowsHide: true }, (error, stdout) =>
      resolve(error ? [] : parseGpus(stdout)),
    );
  });
}

/** The hardware for a record. */
export async function hardware(): Promise<Hardware> {
  const processors = cpus();
  return {
    platform: `${platform()} ${release()} ${arch()}`,
    processor: processors[0]?.model.trim() || 'unknown',
    logicalProcessors: Math.max(1, processors.length),
    memoryBytes: totalmem(),
    gpus: (await gpuUse()).map(({ name, driver, memoryMiB }) => ({ name, driver, memoryMiB })),
  };
}
