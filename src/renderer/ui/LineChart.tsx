/** A chart of lines in the colours of the current appearance, with its numbers as a table for screen readers. */
import { useComputedColorScheme } from '@mantine/core';
import {
  Chart,
  Decimation,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { useMemo } from 'react';
import { Line } from 'react-chartjs-2';
import './chart.css';

Chart.register(LineController, LineElement, PointElement, LinearScale, Legend, Tooltip, Decimation, Filler);
// The screens are still by design; a curve that grows into place would only cost time.
Chart.defaults.animation = false;

/** The roles a line can have; each has a colour and a dash of its own. */
export type Ink = 'plain' | 'h1' | 'h2' | 'faint';

export interface ChartLine {
  readonly label: string;
  readonly ink: Ink;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed?: boolean;
  readonly stepped?: boolean;
  readonly dots?: boolean;
}

export interface ChartAxis {
  readonly title: string;
  readonly min?: number;
  readonly max?: number;
  /** Positions of ticks with their text, where the axis is not plain numbers. */
  readonly ticks?: readonly { readonly value: number; readonly label: string }[];
  /** Text of a plain tick. */
  readonly format?: (value: number) => string;
}

export interface LineChartProps {
  readonly label: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly lines: readonly ChartLine[];
  readonly height?: number;
  readonly legend?: boolean;
}

const VARIABLES: Record<Ink, string> = {
  plain: '--mantine-color-text',
  h1: '--vidimus-h1-fill',
  h2: '--vidimus-h2-fill',
  faint: '--vidimus-undecided-fill',
};

const colour = (variable: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim() || '#888888';

function scaleOf({ title, min, max, ticks, format }: ChartAxis) {
  const text = colour('--mantine-color-dimmed');
  return {
    type: 'linear' as const,
    title: { display: title !== '', text: title, color: text, font: { size: 11 } },
    grid: { color: colour('--vidimus-line'), drawTicks: false },
    border: { color: colour('--vidimus-strong-line') },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(ticks === undefined
      ? {}
      : {
          afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
            scale.ticks = ticks.map(({ value }) => ({ value }));
          },
        }),
    ticks: {
      color: text,
      font: { size: 10 },
      padding: 4,
      maxRotation: 0,
      ...(ticks === undefined
        ? {}
        : { callback: (value: string | number) => ticks.find((tick) => tick.value === value)?.label ?? '' }),
      ...(format === undefined ? {} : { callback: (value: string | number) => format(Number(value)) }),
    },
  };
}

export function LineChart({ label, x, y, lines, height = 240, legend = true }: LineChartProps) {
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the appearance changes
  const { data, options } = useMemo(
    () => ({
      data: {
        datasets: lines.map(({ label: name, ink, points, dashed, stepped, dots }) => ({
          label: name,
          data: [...points],
          parsing: false as const,
          normalized: true,
          borderColor: colour(VARIABLES[ink]),
          backgroundColor: colour(VARIABLES[ink]),
          borderWidth: ink === 'faint' ? 1 : 1.6,
          borderDash: dashed ? [5, 4] : [],
          stepped: stepped ?? false,
          pointRadius: dots || points.length === 1 ? 2.5 : 0,
          pointHitRadius: 6,
          tension: 0,
        })),
      },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest' as const, axis: 'x' as const, intersect: false },
        plugins: {
          legend: {
            display: legend && lines.length > 1,
            position: 'bottom' as const,
            labels: { color: colour('--mantine-color-text'), boxWidth: 18, boxHeight: 1, font: { size: 11 } },
          },
          tooltip: { titleFont: { size: 11 }, bodyFont: { size: 11 } },
        },
        scales: { x: scaleOf(x), y: scaleOf(y) },
      },
    }),
    [lines, x, y, legend, scheme],
  );
  return (
    <div className="chart" style={{ height }}>
      <Line data={data} options={options} role="img" aria-label={label} />
    </div>
  );
}
