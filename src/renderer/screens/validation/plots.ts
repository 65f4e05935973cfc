/** The plots of a judge from the curves that the evaluation stored: nothing is computed again but the axis of DET. */
import type { TFunction } from 'i18next';
import type { Curves, Judge } from '../../../contract/evaluation.ts';
import type { ChartAxis, ChartLine, LineChartProps } from '../../ui/LineChart.tsx';
import { probit } from './probit.ts';

export type Plot = Pick<LineChartProps, 'x' | 'y' | 'lines'> & { readonly id: string; readonly title: string };

/** Error rates at which a DET plot has ticks. */
const DET_TICKS = [0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];

const points = (rows: readonly (readonly number[])[], x = 0, y = 1): ChartLine['points'] =>
  rows.map((row) => ({ x: row[x] ?? 0, y: row[y] ?? 0 }));

const DIAGONAL: ChartLine['points'] = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];

/** Plots there is data for, in the order of a report. */
export function plotsOf(judge: Judge, curves: Curves, t: TFunction<'validation'>): Plot[] {
  const unit = (title: string): ChartAxis => ({ title, min: 0, max: 1 });
  const plots: Plot[] = [
    {
      id: 'roc',
      title: t('plot.roc'),
      x: unit(t('axis.fpr')),
      y: unit(t('axis.tpr')),
      lines: [
        { label: 'ROC', ink: 'plain', points: points(curves.roc) },
        { label: t('line.chance'), ink: 'faint', points: DIAGONAL, dashed: true },
      ],
    },
  ];
  if (curves.det.length > 0) {
    const ticks = DET_TICKS.map((rate) => ({ value: probit(rate), label: `${rate * 100} %` }));
    const axis = (title: string): ChartAxis => ({ title, min: probit(0.0005), max: probit(0.9), ticks });
    plots.push({
      id: 'det',
      title: t('plot.det'),
      x: axis(t('axis.fpr')),
      y: axis(t('axis.fnr')),
      lines: [
        {
          label: 'DET',
          ink: 'plain',
          points: curves.det.map(([fpr = 0.5, fnr = 0.5]) => ({ x: probit(fpr), y: probit(fnr) })),
        },
      ],
    });
  }
  if (curves.tippett.length > 0) {
    plots.push({
      id: 'tippett',
      title: judge.ratios === 'reported' ? t('plot.tippettReported') : t('plot.tippett'),
      x: { title: t('axis.lrAtLeast') },
      y: unit(t('axis.shareOfFiles')),
      lines: [
        { label: t('line.fake'), ink: 'h1', points: points(curves.tippett, 0, 2), stepped: true },
        { label: t('line.real'), ink: 'h2', points: points(curves.tippett, 0, 1), stepped: true, dashed: true },
      ],
    });
  }
  plots.push({
    id: 'pav',
    title: t('plot.pav'),
    x: { title: t('axis.score') },
    y: { title: t('axis.pav') },
    lines: [{ label: 'PAV', ink: 'plain', points: points(curves.pav) }],
  });
  if (curves.ece.length > 0) {
    plots.push({
      id: 'ece',
      title: t('plot.ece'),
      x: { title: t('axis.prior'), min: -3, max: 3 },
      y: { title: t('axis.bits'), min: 0 },
      lines: [
        { label: t('line.asGiven'), ink: 'h1', points: points(curves.ece, 0, 1) },
        { label: t('line.afterPav'), ink: 'h2', points: points(curves.ece, 0, 2), dashed: true },
        { label: t('line.neutral'), ink: 'faint', points: points(curves.ece, 0, 3), dashed: true },
      ],
    });
  }
  plots.push({
    id: 'reliability',
    title: t('plot.reliability'),
    x: unit(t('axis.meanScore')),
    y: unit(t('axis.shareFake')),
    lines: [
      { label: t('line.score'), ink: 'plain', points: points(curves.reliability), dots: true },
      { label: t('line.perfect'), ink: 'faint', points: DIAGONAL, dashed: true },
    ],
  });
  return plots;
}
