/** Monitoring: what ran, how long it took, what failed, and how busy the machine was. Never part of a score. */
import * as z from 'zod';
import { MediaType } from './words.ts';

const Percent = z.number().min(0).max(100);

/** One stage or detector of one analysis. */
const MonitorItem = z.strictObject({
  name: z.string(),
  kind: z.enum(['stage', 'detector']),
  seconds: z.number().nonnegative(),
  failed: z.boolean(),
});

/** The machine when an analysis ended; CPU over its duration, all processors together. */
export const MachineLoad = z.strictObject({
  cpuPercent: Percent,
  memoryPercent: Percent,
  engineMemoryBytes: z.number().nonnegative().nullable(),
  gpus: z.array(z.strictObject({ name: z.string(), busyPercent: Percent, memoryPercent: Percent })),
});
export type MachineLoad = z.infer<typeof MachineLoad>;

/** One analysis, as a line of the history. `error` is the code it failed with. */
export const MonitorEvent = z.strictObject({
  at: z.iso.datetime(),
  mediaType: MediaType.nullable(),
  seconds: z.number().nonnegative(),
  error: z.string().nullable(),
  items: z.array(MonitorItem),
  load: MachineLoad,
});
export type MonitorEvent = z.infer<typeof MonitorEvent>;

/** Limits that raise an alert when passed. Seconds are the 90th percentile of one stage or detector. */
export const MonitorThresholds = z.strictObject({
  seconds: z.number().positive(),
  errorRate: z.number().min(0).max(1),
  memoryPercent: Percent,
  cpuPercent: Percent,
});
export type MonitorThresholds = z.infer<typeof MonitorThresholds>;

export const DEFAULT_MONITOR_THRESHOLDS: MonitorThresholds = {
  seconds: 600,
  errorRate: 0.1,
  memoryPercent: 90,
  cpuPercent: 98,
};

/** Latency in seconds; throughput in runs per second of work. */
export const MonitorRow = z.strictObject({
  name: z.string(),
  kind: z.enum(['analysis', 'stage', 'detector']),
  count: z.int().nonnegative(),
  failures: z.int().nonnegative(),
  p50: z.number().nonnegative(),
  p90: z.number().nonnegative(),
  p99: z.number().nonnegative(),
  longest: z.number().nonnegative(),
  perSecond: z.number().nonnegative().nullable(),
});
export type MonitorRow = z.infer<typeof MonitorRow>;

export const MonitorAlert = z.strictObject({
  kind: z.enum(['seconds', 'errors', 'memory', 'cpu']),
  about: z.string(),
  value: z.number(),
  limit: z.number(),
  message: z.string(),
});
export type MonitorAlert = z.infer<typeof MonitorAlert>;

/** `vidimus monitor --json`. `errors` counts failed analyses by code; loads are over the history, `now` is live. */
export const MonitorReport = z.strictObject({
  schema: z.literal('vidimus/monitor/1'),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  rows: z.array(MonitorRow),
  errors: z.record(z.string(), z.int().positive()),
  cpuPercent: z.strictObject({ mean: Percent, highest: Percent }).nullable(),
  memoryPercent: z.strictObject({ mean: Percent, highest: Percent }).nullable(),
  now: MachineLoad.nullable(),
  thresholds: MonitorThresholds,
  alerts: z.array(MonitorAlert),
  unreadableLines: z.int().nonnegative(),
});
export type MonitorReport = z.infer<typeof MonitorReport>;
