/** Pure functions of the examination screens: places of boxes, times of frames, axes, thinning, levels, markdown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Anomaly,
  type Observation,
  SCENE_CUT,
  type Series,
  type StructureNode,
  type Track,
} from '../../src/contract/result.ts';
import { COLOUR_MAPS, colourTable, fromOklab } from '../../src/renderer/charts/colours.ts';
import { columnsOf, extremes, nearestPoint, preparePoints } from '../../src/renderer/charts/decimate.ts';
import { clampRange, clock, clockDecimals, niceStep, ticks, zoomRange } from '../../src/renderer/charts/scale.ts';
import { readBookmark, writeBookmark } from '../../src/renderer/examination/bookmark.ts';
import { boxInFrame, frameClock } from '../../src/renderer/examination/frames.ts';
import { cutSpans, eventSpans, keyFrames, presenceLanes, seriesLanes } from '../../src/renderer/examination/lanes.ts';
import {
  boxToScreen,
  clampView,
  fitView,
  panBy,
  pixelUnder,
  toPicture,
  toScreen,
  zoomAt,
} from '../../src/renderer/examination/transform.ts';
import { accordOf, pageOf } from '../../src/renderer/findings/families.ts';
import { parseInline, parseMarkdown } from '../../src/renderer/findings/markdown.ts';
import { fieldRows, treeRows } from '../../src/renderer/metadata/tree.ts';
import { heightOf, levelsOf, measureLevels, paintLevels, readLevel } from '../../src/renderer/sound/levels.ts';

const picture = { width: 480, height: 360 };
const pane = { width: 800, height: 600 };
const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('picture and screen', () => {
  it('shows a picture that fits at its own size in the middle', () => {
    const view = fitView(picture, pane);
    expect(view.scale).toBe(1);
    expect(toScreen({ x: 0, y: 0 }, view, pane)).toEqual({ x: 160, y: 120 });
    expect(boxToScreen({ x: 100, y: 50, width: 20, height: 30 }, { ...view, scale: 2 }, pane)).toEqual({
      x: (100 - 240) * 2 + 400,
      y: (50 - 180) * 2 + 300,
      width: 40,
      height: 60,
    });
  });
  it('goes to the screen and back', () => {
    fc.assert(
      fc.property(within(0.01, 64), within(0, 480), within(0, 360), within(-900, 900), (scale, x, y, at) => {
        const view = { scale, x, y };
        const there = toScreen({ x: at, y: at / 2 }, view, pane);
        const back = toPicture(there, view, pane);
        expect(back.x).toBeCloseTo(at, 6);
        expect(back.y).toBeCloseTo(at / 2, 6);
      }),
    );
  });
  it('keeps the pixel under the pointer when zooming', () => {
    const view = fitView(picture, pane);
    const at = { x: 300, y: 250 };
    const before = toPicture(at, view, pane);
    const after = toPicture(at, zoomAt(view, 3, at, picture, pane), pane);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });
  it('names the pixel, and none beside the picture', () => {
    const view = { scale: 8, x: 10, y: 10 };
    expect(pixelUnder({ x: 400, y: 300 }, view, picture, pane)).toEqual({ x: 10, y: 10 });
    expect(pixelUnder({ x: 407.9, y: 308 }, view, picture, pane)).toEqual({ x: 10, y: 11 });
    expect(pixelUnder({ x: 0, y: 0 }, fitView(picture, pane), picture, pane)).toBeNull();
  });
  it('never loses the picture', () => {
    const far = panBy(fitView(picture, pane), 1e6, -1e6, picture, pane);
    expect([far.x, far.y]).toEqual([0, 360]);
    expect(clampView({ scale: 1e9, x: 0, y: 0 }, picture, pane).scale).toBe(64);
  });
});

describe('frames and times', () => {
  it('takes recorded times as they are and works out the rest', () => {
    const times = frameClock(100, 25, [
      [0, 0],
      [10, 0.5],
      [20, 0.9],
    ]);
    expect(times.timeOf(10)).toEqual({ seconds: 0.5, exact: true });
    expect(times.timeOf(5)).toEqual({ seconds: 0.25, exact: false });
    expect(times.timeOf(45).seconds).toBeCloseTo(1.9, 9);
    expect(times.frameAt(0.5)).toBe(10);
    expect(times.frameAt(0.499)).toBe(9);
    expect(times.frameAt(1e9)).toBe(99);
    expect(times.frameAt(-1)).toBe(0);
  });
  it('finds every frame again by its time', () => {
    const times = frameClock(5000, 29.97, []);
    for (let i = 0; i < 5000; i += 37) expect(times.frameAt(times.timeOf(i).seconds)).toBe(i);
  });
  it('gives a box only for the frame it was recorded in', () => {
    const box = (frame: number) => ({
      frame,
      time: frame / 25,
      box: { x: frame, y: 0, width: 1, height: 1 },
      points: null,
      probability: 1,
      detected: true,
    });
    const track: Track = { id: 3, firstFrame: 2, lastFrame: 8, boxes: [2, 4, 8].map(box) };
    expect(boxInFrame(track, 4)?.box.x).toBe(4);
    expect([0, 3, 9].map((frame) => boxInFrame(track, frame))).toEqual([null, null, null]);
  });
});

describe('axes', () => {
  it('writes the clock without rounding a frame into the next', () => {
    expect(clock(0)).toBe('00:00.000');
    expect(clock(0.3)).toBe('00:00.300');
    expect(clock(59.9996)).toBe('00:59.999');
    expect(clock(3723.04)).toBe('1:02:03.040');
    expect(clock(-1.5, 1)).toBe('-00:01.5');
    expect(clockDecimals(0.25)).toBe(1);
    expect(clockDecimals(0.01)).toBe(2);
  });
  it('has round steps and ticks within the range', () => {
    expect(niceStep(10, 5)).toBe(2);
    expect(niceStep(0.7, 8)).toBeCloseTo(0.1, 12);
    expect(ticks({ from: 0.15, to: 0.5 }, 0.1).map((t) => t.toFixed(1))).toEqual(['0.2', '0.3', '0.4', '0.5']);
  });
  it('zooms about a place and stays within the whole', () => {
    const whole = { from: 0, to: 100 };
    expect(zoomRange(whole, 0.5, 25, whole, 1)).toEqual({ from: 12.5, to: 62.5 });
    expect(clampRange({ from: -20, to: 30 }, whole)).toEqual({ from: 0, to: 50 });
    fc.assert(
      fc.property(within(0, 60), within(1, 40), within(0.01, 20), within(0, 100), (from, length, factor, anchor) => {
        const next = zoomRange({ from, to: from + length }, factor, anchor, whole, 0.5);
        expect(next.from).toBeGreaterThanOrEqual(0);
        expect(next.to).toBeLessThanOrEqual(100 + 1e-9);
        expect(next.to - next.from).toBeGreaterThanOrEqual(0.5 - 1e-9);
      }),
    );
  });
});

describe('thinning', () => {
  it('never loses a peak, wherever it lies', () => {
    const n = 100_000;
    const y = new Float64Array(n).fill(0.1);
    y[77_777] = 0.99;
    const points = preparePoints(
      Float64Array.from({ length: n }, (_, i) => i),
      y,
    );
    const columns = columnsOf(points, 0, n - 1, 500);
    expect(columns.length).toBe(500);
    expect(Math.max(...columns.map(({ high }) => high))).toBe(0.99);
    expect(columns.filter(({ high }) => high > 0.5).map(({ column }) => column)).toEqual([388]);
  });
  it('has the same extremes as a plain search', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(within(-5, 5)), { minLength: 1, maxLength: 600 }),
        fc.nat(600),
        fc.nat(600),
        (y, a, b) => {
          const points = preparePoints(
            y.map((_, i) => i),
            y,
          );
          const [from, to] = [Math.min(a, b, y.length), Math.min(Math.max(a, b), y.length)];
          const values = y.slice(from, to).filter((v) => v !== null);
          expect(extremes(points, from, to)).toEqual(
            values.length === 0 ? null : [Math.min(...values), Math.max(...values)],
          );
        },
      ),
    );
  });
  it('finds the nearest point', () => {
    const { x } = preparePoints([0, 1, 5], [1, 1, 1]);
    expect([-9, 0.6, 2.9, 3.1, 99].map((at) => nearestPoint(x, at))).toEqual([0, 1, 1, 2, 2]);
  });
});

describe('levels', () => {
  const db = Float32Array.from([-60, -40, -20, -50, -30, -10]);
  const bytes = btoa(String.fromCharCode(...new Uint8Array(db.buffer)));
  const grid = { from: 1, to: 3, step: 1, columns: 2, rows: 3, frequencies: [100, 200, 400] };
  it('reads the floats and refuses too few', () => {
    expect(levelsOf({ db: bytes, columns: 2, rows: 3 })).toEqual(db);
    expect(() => levelsOf({ db: bytes, columns: 3, rows: 3 })).toThrow(RangeError);
  });
  it('reads time, frequency and level under a point', () => {
    expect(readLevel(grid, db, 0.1, 0.99)).toEqual({ seconds: 1.2, hertz: 100, db: -60 });
    expect(readLevel(grid, db, 0.75, 0.1)).toEqual({ seconds: 2.5, hertz: 400, db: -10 });
    expect(readLevel(grid, db, 1.1, 0)).toBeNull();
  });
  it('puts frequencies where their rows lie', () => {
    expect(heightOf(100, grid.frequencies)).toBeCloseTo(1 - 0.5 / 3, 9);
    expect(heightOf(300, grid.frequencies)).toBeCloseTo(1 - 2 / 3, 9);
    expect(heightOf(9999, grid.frequencies)).toBe(0);
  });
  it('paints low frequencies at the bottom, and louder is lighter', () => {
    const pixels = paintLevels(db, 2, 3, { floor: -60, top: -10, map: 'grey' });
    const grey = Array.from({ length: 6 }, (_, i) => pixels[i * 4] ?? 0);
    expect(grey[1]).toBe(255);
    expect(grey[4]).toBeLessThan(grey[2] ?? 0);
  });
  it('measures a part', () => {
    const found = measureLevels(grid, db, { from: 1, to: 1.5 }, { from: 150, to: 500 });
    expect(found?.peak).toEqual({ seconds: 1.5, hertz: 400, db: -20 });
    expect(found?.mean).toBeCloseTo(10 * Math.log10((1e-4 + 1e-2) / 2), 5);
    expect(measureLevels(grid, db, { from: 1, to: 3 }, { from: 900, to: 950 })).toBeNull();
  });
  it('has maps whose lightness rises', () => {
    expect(fromOklab(1, 0, 0)).toEqual([255, 255, 255]);
    const luminance = (table: Uint8ClampedArray, i: number): number =>
      [0.2126, 0.7152, 0.0722].reduce((sum, w, c) => sum + w * ((table[i * 3 + c] ?? 0) / 255) ** 2.2, 0);
    for (const name of COLOUR_MAPS) {
      const table = colourTable(name);
      for (let i = 4; i < 256; i += 4) expect(luminance(table, i)).toBeGreaterThan(luminance(table, i - 4));
    }
  });
});

describe('bookmarks', () => {
  it('keep note, overlay, zoom and range', () => {
    const look = {
      zoom: { scale: 4, x: 120.5, y: 80 },
      overlay: { artifact: 'a'.repeat(64), opacity: 0.6 },
      range: { from: 0.25, to: 3.5 },
    };
    expect(readBookmark(writeBookmark('Seam at the jaw\n[sic]', look))).toEqual({
      note: 'Seam at the jaw\n[sic]',
      look,
    });
  });
  it('are all note without a look', () => {
    const none = { zoom: null, overlay: null, range: null };
    expect(writeBookmark('plain', none)).toBe('plain');
    expect(readBookmark('plain').note).toBe('plain');
  });
});

describe('markdown', () => {
  it('reads the blocks of a method page', () => {
    const blocks = parseMarkdown(
      '# Title\n\nOne\ntwo **bold** `x`.\n\n- a\n- b\n\n| h | i |\n|---|---|\n| 1 | 2 |\n\n```\nc\n```',
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'table', 'code']);
    expect(blocks[1]).toEqual({
      kind: 'paragraph',
      content: [
        { kind: 'text', text: 'One two ' },
        { kind: 'strong', text: 'bold' },
        { kind: 'text', text: ' ' },
        { kind: 'code', text: 'x' },
        { kind: 'text', text: '.' },
      ],
    });
  });
  it('leaves HTML as text', () => {
    expect(parseInline('<img src=x onerror=alert(1)>')).toEqual([
      { kind: 'text', text: '<img src=x onerror=alert(1)>' },
    ]);
  });
  it('ends on any text and loses no word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(JSON.stringify(parseMarkdown(`word ${text.replaceAll('\n', ' ')}`))).toContain('word');
      }),
    );
  });
});

describe('findings and structure', () => {
  it('tells agreement from conflict', () => {
    expect(accordOf(['fake', 'real'])).toBe('conflict');
    expect(accordOf(['fake', 'uncertain'])).toBe('agree');
    expect(accordOf(['fake'])).toBe('single');
    expect(accordOf([])).toBe('none');
    expect(pageOf('docs/methods/ela.md')).toBe('ela');
    expect(pageOf('https://example.org')).toBeNull();
  });
  const leaf = (name: string): StructureNode => ({
    name,
    offset: 0,
    size: 8,
    fields: [{ name: 'tag', value: `of ${name}` }],
    children: [],
  });
  const root: StructureNode = {
    ...leaf('file'),
    children: [{ ...leaf('moov'), children: [leaf('mvhd')] }, leaf('mdat')],
  };
  it('lists open branches in order', () => {
    expect(treeRows(root, new Set()).map(({ node, depth }) => `${depth}${node.name}`)).toEqual([
      '0file',
      '1moov',
      '2mvhd',
      '1mdat',
    ]);
    expect(treeRows(root, new Set(['0.0'])).map(({ node }) => node.name)).toEqual(['file', 'moov', 'mdat']);
  });
  it('finds fields by group, name and value', () => {
    expect(fieldRows(root).length).toBe(4);
    expect(fieldRows(root, 'MVHD tag').map(({ group }) => group)).toEqual(['moov / mvhd']);
  });
});

describe('lanes', () => {
  const times = frameClock(100, 25, []);
  const series = (id: string, more: Partial<Series> = {}): Series => ({
    id,
    detector: 'face-forgery/x',
    quantity: 'score',
    unit: '1',
    direction: 'higher-more-manipulated',
    axis: 'frame',
    x: [0, 50],
    y: [0.25, null],
    ...more,
  });
  const said: Observation = {
    detector: 'face-forgery/x',
    version: '1.0.0',
    family: 'spatial-neural',
    kind: 'score',
    quantity: 'score',
    status: 'ok',
    value: 0.25,
    unit: '1',
    direction: 'higher-more-manipulated',
    threshold: 0.42,
    uncertainBand: [0.4, 0.6],
    parameters: {},
  };
  it('puts tracks of one detector together, frames as seconds, with the threshold of the detector', () => {
    const lanes = seriesLanes(
      {
        observations: [said],
        series: [
          series('level', { detector: 'sound-level', quantity: 'rms', axis: 'seconds', unit: 'dBFS', y: [-20, -10] }),
          series('a', { track: 0 }),
          series('b', { track: 7 }),
          series('spectrum', { axis: 'hertz' }),
        ],
      },
      times,
    );
    expect(lanes.map(({ detector, score }) => [detector, score])).toEqual([
      ['face-forgery/x', true],
      ['sound-level', false],
    ]);
    expect(lanes[0]?.lines.map(({ track }) => track)).toEqual([0, 7]);
    expect([...(lanes[0]?.lines[0]?.points.x ?? [])]).toEqual([0, 2]);
    expect(lanes[0]?.threshold).toBe(0.42);
    expect(lanes[1]?.threshold).toBeNull();
    expect(lanes[1]?.vertical.from).toBeLessThan(-20);
  });
  it('keeps a constant flat', () => {
    const y = [40, 40.000_000_001];
    const [lane] = seriesLanes({ observations: [], series: [series('c', { quantity: 'interval', y })] }, times);
    expect((lane?.vertical.to ?? 0) - (lane?.vertical.from ?? 0)).toBeGreaterThan(1);
  });
  it('splits the presence of a face where it was gone', () => {
    const at = (frame: number) => ({
      frame,
      time: frame / 25,
      box: { x: 0, y: 0, width: 1, height: 1 },
      points: null,
      probability: 1,
      detected: true,
    });
    const track: Track = { id: 1, firstFrame: 0, lastFrame: 51, boxes: [0, 1, 50, 51].map(at) };
    const [lane] = presenceLanes([track], times);
    expect(lane?.spans.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.08],
      [2, 2.08],
    ]);
  });
  it('shows events that have a time, whether in seconds or frames', () => {
    const anomaly = (where?: Anomaly['where']): Anomaly => ({
      type: 't',
      severity: 'low',
      description: 'd',
      detector: 'x',
      ...(where ? { where } : {}),
    });
    const spans = eventSpans([anomaly(), anomaly({ seconds: [1, 2] }), anomaly({ frames: [25, 49] })], times);
    expect(spans.map(({ from, to }) => [from, to])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const distances = series('g', { detector: 'gop', axis: 'seconds', x: [0, 1], y: [25, 25] });
    expect(keyFrames([distances], times)).toEqual([0, 1, 2]);
    expect(keyFrames([], times)).toEqual([]);
  });
  it('marks a cut from the last frame of the old scene to the first of the new one, and draws no line through cuts', () => {
    const cuts = series('c', {
      detector: 'frame-timing',
      quantity: SCENE_CUT,
      axis: 'seconds',
      x: [2, 5],
      y: [0.04, 1],
    });
    const curve = series('d', {
      detector: 'frame-timing',
      quantity: 'frame-difference',
      axis: 'seconds',
      x: [0],
      y: [1],
    });
    expect(cutSpans([curve, cuts])).toEqual([
      { from: 1.96, to: 2 },
      { from: 4, to: 5 },
    ]);
    expect(cutSpans([curve])).toEqual([]);
    const lanes = seriesLanes({ series: [curve, cuts], observations: [] }, times);
    expect(lanes.map(({ quantity }) => quantity)).toEqual(['frame-difference']);
  });
});
