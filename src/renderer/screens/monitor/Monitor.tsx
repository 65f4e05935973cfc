/** The monitor: latency, load and failures, live. */
import { Button, Menu } from '@mantine/core';
import { FileDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { MonitorReport } from '../../../contract/monitor.ts';
import { useAsk } from '../../data/api.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { saveText } from '../../ui/saveText.ts';
import { MonitorView } from './MonitorView.tsx';

const EVERY_MS = 2000;

/** The rows of a report for a spreadsheet: comma, quoted where needed (RFC 4180). Times in seconds. */
export function monitorCsv({ rows }: Pick<MonitorReport, 'rows'>): string {
  const cell = (value: string | number | null): string => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const head = ['kind', 'name', 'count', 'failures', 'p50', 'p90', 'p99', 'longest', 'perSecond'] as const;
  return [head.join(','), ...rows.map((row) => head.map((name) => cell(row[name])).join(','))].join('\r\n');
}

export function Monitor() {
  const { t } = useTranslation('watch');
  const report = useAsk('monitor.read', {}, { every: EVERY_MS });
  const name = `vidimus-monitor-${new Date().toISOString().slice(0, 10)}`;
  return (
    <Screen
      title={t('monitor.title')}
      subtitle={t('monitor.subtitle')}
      actions={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<FileDown size={14} aria-hidden />}
              disabled={report.data === undefined}
            >
              {t('monitor.export')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                report.data && saveText(`${name}.json`, 'application/json', JSON.stringify(report.data, null, 2))
              }
            >
              {t('monitor.exportJson')}
            </Menu.Item>
            <Menu.Item onClick={() => report.data && saveText(`${name}.csv`, 'text/csv', monitorCsv(report.data))}>
              {t('monitor.exportCsv')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
    >
      <Answer of={report} rows={10}>
        {(value) => <MonitorView report={value} at={report.dataUpdatedAt} />}
      </Answer>
    </Screen>
  );
}
