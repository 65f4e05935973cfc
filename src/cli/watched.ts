/** The workbench of the command line: watched for `vidimus monitor`, its engines' log on stderr where asked for. */
import { userFolder } from '../workbench/folders.ts';
import { historyPath } from '../workbench/monitor/history.ts';
import { monitored } from '../workbench/monitor/monitor.ts';
import { openWorkbench, type Workbench } from '../workbench/workbench.ts';
import { log } from './log.ts';

/** Opens it with `engines` processes at most. */
export function openWatched(engines = 1): Workbench {
  const workbench = openWorkbench({ engines, onLog: (line) => log('debug', line) });
  return monitored(workbench, historyPath(userFolder()), (error) => log('warn', error.message));
}
