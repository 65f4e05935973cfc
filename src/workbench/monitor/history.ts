/** The rolling history: one JSON line per analysis in `monitor.jsonl` of the user folder, bounded in length. */
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import { MonitorEvent } from '../../contract/monitor.ts';
import { writeAtomically } from '../files.ts';

/** Bytes at which the older half is dropped: some ten thousand analyses. */
const MAX_BYTES = 16 * 1024 * 1024;

export const historyPath = (userFolder: string): string => join(userFolder, 'monitor.jsonl');

/** Adds an event; when the file has grown past `maxBytes` its older half goes. @throws VidimusError output.failed */
export async function appendEvent(path: string, event: MonitorEvent, maxBytes = MAX_BYTES): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(event)}\n`);
    if ((await stat(path)).size <= maxBytes) return;
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    await writeAtomically(path, `${lines.slice(Math.ceil(lines.length / 2)).join('\n')}\n`);
  } catch (cause) {
    throw new VidimusError('output.failed', `The monitoring history ${path} could not be written.`, { cause });
  }
}

/** All events in order, and how many lines could not be read (cut off by a crash, or of another version). */
export async function readEvents(path: string): Promise<{ events: MonitorEvent[]; unreadable: number }> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const events: MonitorEvent[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const event = parse(line);
    if (event === null) unreadable += 1;
    else events.push(event);
  }
  return { events, unreadable };
}

function parse(line: string): MonitorEvent | null {
  try {
    const parsed = MonitorEvent.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
