/** Where the window was, so that it comes back there. Losing it costs nothing, so nothing is reported. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BrowserWindow, screen } from 'electron';
import * as z from 'zod';
import { userFolder } from '../workbench/folders.ts';

const State = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(400),
  height: z.int().min(300),
  maximized: z.boolean(),
});
type State = z.infer<typeof State>;

const path = (): string => join(userFolder(), 'window.json');

/** The last place, if it still lies on a screen. */
export function readWindowState(): State | null {
  try {
    const state = State.parse(JSON.parse(readFileSync(path(), 'utf8')));
    const { workArea } = screen.getDisplayMatching(state);
    const seen =
      state.x < workArea.x + workArea.width &&
      state.x + state.width > workArea.x &&
      state.y < workArea.y + workArea.height &&
      state.y + state.height > workArea.y;
    return seen ? state : null;
  } catch {
    return null;
  }
}

/** Writes the place when the window closes. */
export function keepWindowState(window: BrowserWindow): void {
  window.on('close', () => {
    const state: State = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      mkdirSync(dirname(path()), { recursive: true });
      writeFileSync(path(), JSON.stringify(state));
    } catch {
      // A window that opens in the middle again is no loss.
    }
  });
}
