/**
 * What a bookmark keeps beside time and frame: the note, and on a line of its own how things were looked at, in words
 * that a reader of the report understands as well.
 */

export interface Look {
  /** Picture zoom, and the picture position in the middle. */
  readonly zoom: { readonly scale: number; readonly x: number; readonly y: number } | null;
  /** Heat map in front of the picture, with its opacity 0..1. */
  readonly overlay: { readonly artifact: string; readonly opacity: number } | null;
  /** Seconds in view on the time line. */
  readonly range: { readonly from: number; readonly to: number } | null;
}

const NUMBER = '(-?\\d+(?:\\.\\d+)?)';
const ZOOM = new RegExp(`zoom ${NUMBER} % at ${NUMBER}, ${NUMBER}`);
const OVERLAY = new RegExp(`overlay ([0-9a-f]{64}) at ${NUMBER} %`);
const RANGE = new RegExp(`time line ${NUMBER} to ${NUMBER} s`);

/** The note with the line that says how things were looked at. */
export function writeBookmark(note: string, { zoom, overlay, range }: Look): string {
  const parts = [
    zoom && `zoom ${+(zoom.scale * 100).toFixed(2)} % at ${+zoom.x.toFixed(2)}, ${+zoom.y.toFixed(2)}`,
    overlay && `overlay ${overlay.artifact} at ${+(overlay.opacity * 100).toFixed(0)} %`,
    range && `time line ${+range.from.toFixed(6)} to ${+range.to.toFixed(6)} s`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? note : `${note}\n[${parts.join('; ')}]`;
}

/** Note and look of a bookmark; a label without the line is all note. */
export function readBookmark(label: string): { readonly note: string; readonly look: Look } {
  const line = label.lastIndexOf('\n[');
  if (line < 0 || !label.endsWith(']')) return { note: label, look: { zoom: null, overlay: null, range: null } };
  const words = label.slice(line + 2, -1);
  const [zoom, overlay, range] = [ZOOM.exec(words), OVERLAY.exec(words), RANGE.exec(words)];
  return {
    note: label.slice(0, line),
    look: {
      zoom: zoom && { scale: Number(zoom[1]) / 100, x: Number(zoom[2]), y: Number(zoom[3]) },
      overlay: overlay && { artifact: overlay[1] ?? '', opacity: Number(overlay[2]) / 100 },
      range: range && Number(range[2]) > Number(range[1]) ? { from: Number(range[1]), to: Number(range[2]) } : null,
    },
  };
}
