/** Plots of a judge as PNG and SVG, drawn by chart.js on a canvas without a browser. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Canvas, createCanvas, type SvgCanvas, SvgExportFlag } from '@napi-rs/canvas';
import { Chart, type ChartConfiguration, type ChartDataset, registerables } from 'chart.js';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { Curves, Evaluation, Judge } from '../../contract/evaluation.ts';
import { resultName } from '../files.ts';
import { probit } from './roc.ts';

Chart.register(...registerables);

const WIDTH = 720;
const HEIGHT = 540;
const INK = { real: '#1f6f8b', fake: '#b3261e', plain: '#222222', faint: '#8a8a8a' } as const;

interface Line {
  readonly label: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed?: boolean;
  readonly stepped?: boolean;
  readonly dots?: boolean;
}

interface Axis {
  readonly title: string;
  readonly min?: number;
  readonly max?: number;
  /** Positions of ticks and their text, where the axis is not plain numbers. */
  readonly ticks?: readonly { readonly value: number; readonly label: string }[];
}

/** One plot, independent of what draws it. */
export interface Plot {
  readonly kind: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

const rows = (points: readonly (readonly number[])[], x = 0, y = 1): { x: number; y: number }[] =>
  points.map((row) => ({ x: row[x] ?? 0, y: row[y] ?? 0 }));

const diagonal: Line['points'] = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];

/** Error rates at which a DET plot has ticks. */
const DET_TICKS = [0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];

/** The plots that the curves of a judge allow: always ROC, PAV and reliability; the others where there is data. */
export function plotsOf(judge: Judge, curves: Curves): Plot[] {
  const { counts, name } = judge;
  const title = (kind: string): string => `${kind}: ${name} (${counts.real} real, ${counts.fake} manipulated files)`;
  const share: Axis = { title: 'share of files', min: 0, max: 1 };
  const ends = curves.pav.flatMap((row) => row[0] ?? []);
  const list: Plot[] = [
    {
      kind: 'roc',
      title: title('ROC'),
      x: { title: 'false positive rate', min: 0, max: 1 },
      y: { title: 'true positive rate', min: 0, max: 1 },
      lines: [
        { label: 'ROC', color: INK.plain, points: rows(curves.roc) },
        { label: 'chance', color: INK.faint, points: diagonal, dashed: true },
      ],
    },
    {
      kind: 'pav',
      title: title('PAV'),
      x: { title: 'score', min: Math.min(...ends), max: Math.max(...ends) },
      y: { title: 'log10 LR after pool-adjacent-violators (±9 stands for infinite)' },
      lines: [{ label: 'PAV', color: INK.plain, points: rows(curves.pav) }],
    },
    {
      kind: 'reliability',
      title: title('Reliability, classes weighted evenly'),
      x: { title: 'mean score', min: 0, max: 1 },
      y: { title: 'share of manipulated files', min: 0, max: 1 },
      lines: [
        { label: 'score', color: INK.plain, points: rows(curves.reliability), dots: true },
        { label: 'perfect', color: INK.faint, points: diagonal, dashed: true },
      ],
    },
  ];
  if (curves.det.length > 0) {
    const ticks = DET_TICKS.map((rate) => ({ value: probit(rate), label: `${rate * 100} %` }));
    const axis = (text: string): Axis => ({ title: text, min: probit(0.0005), max: probit(0.9), ticks });
    list.push({
      kind: 'det',
      title: title('DET'),
      x: axis('false positive rate'),
      y: axis('false negative rate'),
      lines: [
        {
          label: 'DET',
          color: INK.plain,
          points: curves.det.map(([fpr = 0.5, fnr = 0.5]) => ({ x: probit(fpr), y: probit(fnr) })),
        },
      ],
    });
  }
  if (curves.tippett.length > 0) {
    list.push({
      kind: 'tippett',
      title: title(`Tippett, ${judge.ratios === 'held-out' ? 'held-out' : 'reported'} ratios`),
      x: { title: 'log10 LR at least' },
      y: share,
      lines: [
        { label: 'manipulated', color: INK.fake, points: rows(curves.tippett, 0, 2), stepped: true },
        { label: 'real', color: INK.real, points: rows(curves.tippett, 0, 1), stepped: true },
      ],
    });
  }
  if (curves.ece.length > 0) {
    list.push({
      kind: 'ece',
      title: title('Empirical cross-entropy'),
      x: { title: 'prior log10 odds', min: -3, max: 3 },
      y: { title: 'bits', min: 0 },
      lines: [
        { label: 'as given', color: INK.fake, points: rows(curves.ece, 0, 1) },
        { label: 'after PAV', color: INK.real, points: rows(curves.ece, 0, 2), dashed: true },
        { label: 'LR = 1', color: INK.faint, points: rows(curves.ece, 0, 3), dashed: true },
      ],
    });
  }
  return list;
}

function configuration(plot: Plot): ChartConfiguration<'line'> {
  const axis = ({ title, min, max, ticks }: Axis) => ({
    type: 'linear' as const,
    title: { display: true, text: title },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(ticks === undefined
      ? {}
      : {
          afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
            scale.ticks = ticks.map(({ value }) => ({ value }));
          },
          ticks: {
            callback: (value: string | number) => ticks.find((t) => t.value === value)?.label ?? '',
          },
        }),
  });
  const datasets: ChartDataset<'line'>[] = plot.lines.map((line) => ({
    label: line.label,
    data: [...line.points],
    borderColor: line.color,
    backgroundColor: line.color,
    borderWidth: 2,
    borderDash: line.dashed === true ? [6, 4] : [],
    pointRadius: line.dots === true ? 4 : 0,
    stepped: line.stepped === true ? 'before' : false,
    tension: 0,
  }));
  return {
    type: 'line',
    data: { datasets },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      parsing: false,
      normalized: true,
      plugins: { title: { display: true, text: plot.title }, legend: { display: plot.lines.length > 1 } },
      scales: { x: axis(plot.x), y: axis(plot.y) },
    },
    plugins: [
      {
        id: 'white',
        beforeDraw: ({ ctx, width, height }) => {
          ctx.save();
          ctx.fillStyle = '#ffffff';
          ctx.fillRect(0, 0, width, height);
          ctx.restore();
        },
      },
    ],
  };
}

/** Draws a plot, 720 × 540. Text in the SVG is paths, so it looks the same without our fonts. */
export function renderPlot(plot: Plot): { readonly png: Uint8Array; readonly svg: Uint8Array } {
  const draw = <C extends Canvas | SvgCanvas, T>(canvas: C, read: (canvas: C) => T): T => {
    // chart.js types name the browser's canvas; it uses the part of it that this one has.
    const chart = new Chart(canvas, configuration(plot));
    try {
      return read(canvas);
    } finally {
      chart.destroy();
    }
  };
  return {
    png: draw(createCanvas(WIDTH, HEIGHT), (c) => c.toBuffer('image/png')),
    svg: draw(createCanvas(WIDTH, HEIGHT, SvgExportFlag.ConvertTextToPaths), (c) => c.getContent()),
  };
}

/** Writes `plots/<judge>/<kind>.png` and `.svg` below `out` for every judge with curves; answers their paths. */
export async function writePlots(evaluation: Evaluation, out: string, signal?: AbortSignal): Promise<string[]> {
  const written: string[] = [];
  for (const judge of evaluation.judges) {
    if (judge.curves === null) continue;
    const folder = join('plots', resultName(judge.name.replace(/[^A-Za-z0-9.@-]+/g, '_')));
    for (const plot of plotsOf(judge, judge.curves)) {
      throwIfCancelled(signal);
      const { png, svg } = renderPlot(plot);
      for (const [ending, bytes] of [
        ['png', png],
        ['svg', svg],
      ] as const) {
        const path = join(folder, `${plot.kind}.${ending}`);
        try {
          await mkdir(join(out, folder), { recursive: true });
          await writeFile(join(out, path), bytes);
        } catch (cause) {
          throw new VidimusError('output.failed', `The plot ${path} could not be written.`, { cause });
        }
        written.push(path);
      }
    }
  }
  return written;
}
