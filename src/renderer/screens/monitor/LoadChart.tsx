/** Processor and memory over the last minutes, as this screen saw them. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineLoad } from '../../../contract/monitor.ts';
import { LineChart } from '../../ui/LineChart.tsx';

/** Samples kept; older ones leave at the left. */
const MOST = 300;

interface Sample {
  readonly at: number;
  readonly load: MachineLoad;
}

export function LoadChart({ load, at }: { readonly load: MachineLoad; readonly at: number }) {
  const { t } = useTranslation('watch');
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const last = useRef(0);
  useEffect(() => {
    if (at === last.current) return;
    last.current = at;
    setSamples((before) => [...before.slice(1 - MOST), { at, load }]);
  }, [at, load]);
  const lines = useMemo(() => {
    const newest = samples.at(-1)?.at ?? 0;
    const points = (value: (l: MachineLoad) => number) =>
      samples.map((sample) => ({ x: (sample.at - newest) / 1000, y: value(sample.load) }));
    return [
      { label: t('monitor.processor'), ink: 'h2' as const, points: points((l) => l.cpuPercent) },
      { label: t('monitor.memory'), ink: 'h1' as const, points: points((l) => l.memoryPercent), dashed: true },
    ];
  }, [samples, t]);
  const seen = ((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)) / 1000;
  const span = Math.max(60, Math.ceil(seen / 60) * 60);
  const axes = useMemo(
    () => ({
      x: { title: t('monitor.seconds'), min: -span, max: 0, format: (value: number) => String(Math.abs(value)) },
      y: { title: '%', min: 0, max: 100 },
    }),
    [span, t],
  );
  return <LineChart label={t('monitor.load')} x={axes.x} y={axes.y} lines={lines} height={190} />;
}
