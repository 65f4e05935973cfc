/** Log lines on stderr by level. The level is VIDIMUS_LOG or `--log-level`; results on stdout are never touched. */
import { pino } from 'pino';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const isLevel = (text: string | undefined): text is LogLevel => LOG_LEVELS.some((level) => level === text);

/** The level asked for; `warn` where nothing was. VIDIMUS_DEBUG of earlier versions still means debug. */
export function logLevel(): LogLevel {
  const asked = process.env['VIDIMUS_LOG'];
  if (isLevel(asked)) return asked;
  return process.env['VIDIMUS_DEBUG'] ? 'debug' : 'warn';
}

/** Writes one JSON line (pino's form) where the level is loud enough; at once, so that a crash loses none. */
export function log(level: LogLevel, message: string): void {
  const logger = pino({ level: logLevel(), base: null }, pino.destination({ dest: 2, sync: true }));
  logger[level](message);
}
