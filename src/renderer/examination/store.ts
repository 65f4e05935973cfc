/** What all parts of an examination share: one cursor, one range, one selection. A click anywhere moves everything. */
import { create } from 'zustand';
import { clampRange, panRange, type Range, zoomRange } from '../charts/scale.ts';
import type { Look } from './bookmark.ts';
import type { View } from './transform.ts';

/** Nothing shorter than this is shown: a few samples of sound. */
const SHORTEST = 0.002;

export interface ExaminationState {
  /** Seconds. */
  readonly cursor: number;
  readonly whole: Range;
  readonly range: Range;
  readonly selection: Range | null;
  readonly playing: boolean;
  /** Plays the selection again and again. */
  readonly loop: boolean;
  /** The window cannot play the exhibit's coding; frames are then shown by the clock. */
  readonly silent: boolean;
  /** Null: the whole picture. */
  readonly view: View | null;
  readonly overlay: string | null;
  readonly opacity: number;
  readonly boxes: boolean;
  readonly beside: boolean;
}

const START: ExaminationState = {
  cursor: 0,
  whole: { from: 0, to: 1 },
  range: { from: 0, to: 1 },
  selection: null,
  playing: false,
  loop: true,
  silent: false,
  view: null,
  overlay: null,
  opacity: 0.6,
  boxes: true,
  beside: false,
};

export const useExamination = create<ExaminationState>(() => START);

const { getState, setState } = useExamination;

/** Starts with another exhibit of this many seconds. */
export function startExamination(duration: number): void {
  const whole = { from: 0, to: Math.max(duration, SHORTEST) };
  setState({ ...START, whole, range: whole, boxes: getState().boxes });
}

/** Moves the cursor; the range follows where it would leave the view. */
export function goTo(seconds: number): void {
  const { whole, range } = getState();
  const cursor = Math.min(whole.to, Math.max(whole.from, seconds));
  const outside = cursor < range.from || cursor > range.to;
  setState(outside ? { cursor, range: panRange(range, cursor - (range.from + range.to) / 2, whole) } : { cursor });
}

/** Shows this part of the time line. */
export function showRange(range: Range): void {
  setState({ range: clampRange(range, getState().whole, SHORTEST) });
}

export function zoomTime(factor: number, anchor: number): void {
  const { range, whole } = getState();
  setState({ range: zoomRange(range, factor, anchor, whole, SHORTEST) });
}

/** Moves the view by a share of its own length. */
export function panTime(share: number): void {
  const { range, whole } = getState();
  setState({ range: panRange(range, share * (range.to - range.from), whole) });
}

export const select = (selection: Range | null): void => setState({ selection });
export const play = (playing: boolean): void => setState({ playing });
export const lookAtPicture = (view: View | null): void => setState({ view });
export const show = (
  changes: Partial<Pick<ExaminationState, 'overlay' | 'opacity' | 'boxes' | 'beside' | 'loop' | 'silent'>>,
): void => setState(changes);

/** How things are looked at now, for a bookmark. */
export function currentLook(): Look {
  const { view, overlay, opacity, range, whole } = getState();
  const all = range.from === whole.from && range.to === whole.to;
  return {
    zoom: view,
    overlay: overlay === null ? null : { artifact: overlay, opacity },
    range: all ? null : range,
  };
}

/** Looks at a place as it was looked at. */
export function restore(seconds: number | null, { zoom, overlay, range }: Look): void {
  setState({
    playing: false,
    view: zoom,
    overlay: overlay?.artifact ?? null,
    ...(overlay ? { opacity: overlay.opacity } : {}),
    range: clampRange(range ?? getState().whole, getState().whole, SHORTEST),
  });
  if (seconds !== null) goTo(seconds);
}
