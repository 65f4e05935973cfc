/** A monitor report: how busy the machine is, what passed a limit, how long everything takes, what failed. */
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MachineLoad, MonitorReport } from '../../../contract/monitor.ts';
import { Empty } from '../../ui/Empty.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { useFormat } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { LoadChart } from './LoadChart.tsx';
import './monitor.css';

function Gauge({ name, value, text }: { readonly name: string; readonly value: number | null; readonly text: string }) {
  return (
    <div className="gauge">
      <span className="gauge-name">{name}</span>
      <span className="gauge-text">{text}</span>
      {value !== null && (
        <span className="gauge-track" aria-hidden>
          <span style={{ width: `${Math.min(100, value)}%` }} />
        </span>
      )}
    </div>
  );
}

function Now({ load }: { readonly load: MachineLoad }) {
  const { t } = useTranslation('watch');
  const format = useFormat();
  const percent = (value: number): string => `${format.number(value, 0)} %`;
  return (
    <div className="gauges">
      <Gauge name={t('monitor.processor')} value={load.cpuPercent} text={percent(load.cpuPercent)} />
      <Gauge name={t('monitor.memory')} value={load.memoryPercent} text={percent(load.memoryPercent)} />
      <Gauge
        name={t('monitor.engine')}
        value={null}
        text={load.engineMemoryBytes === null ? '–' : format.bytes(load.engineMemoryBytes)}
      />
      {load.gpus.length === 0 ? (
        <Gauge name={t('monitor.graphics')} value={null} text={t('monitor.noGraphics')} />
      ) : (
        load.gpus.map((gpu) => (
          <Gauge key={gpu.name} name={gpu.name} value={gpu.busyPercent} text={percent(gpu.busyPercent)} />
        ))
      )}
    </div>
  );
}

export function MonitorView({ report, at }: { readonly report: MonitorReport; readonly at: number }) {
  const { t } = useTranslation('watch');
  const format = useFormat();
  const errors = Object.entries(report.errors);
  return (
    <div className="stack">
      <div className="tiles">
        {report.now !== null && (
          <Panel title={t('monitor.now')}>
            <Now load={report.now} />
          </Panel>
        )}
        <Panel title={t('monitor.alerts')}>
          {report.alerts.length === 0 ? (
            <Tone tone="good">{t('monitor.noAlerts')}</Tone>
          ) : (
            report.alerts.map((alert) => (
              <Text size="sm" key={`${alert.kind} ${alert.about}`}>
                <Tone tone="alarm">{alert.message}</Tone>
              </Text>
            ))
          )}
          {report.unreadableLines > 0 && (
            <Text size="sm" mt={6}>
              <Tone tone="warning">{t('monitor.unreadable', { count: report.unreadableLines })}</Tone>
            </Text>
          )}
        </Panel>
      </div>
      {report.now !== null && (
        <Panel title={t('monitor.load')} actions={<Text size="xs">{t('monitor.loadNote')}</Text>}>
          <LoadChart load={report.now} at={at} />
        </Panel>
      )}
      {report.rows.length === 0 ? (
        <Panel title={t('monitor.latency')}>
          <Empty title={t('monitor.empty')}>{t('monitor.emptyText')}</Empty>
        </Panel>
      ) : (
        <Panel
          title={t('monitor.latency')}
          flush
          actions={
            report.from !== null &&
            report.to !== null && (
              <Text size="xs" c="dimmed">
                {t('monitor.from', { from: format.local(report.from), to: format.local(report.to) })}
              </Text>
            )
          }
        >
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('monitor.what')}</Table.Th>
                <Table.Th />
                <Table.Th ta="right">{t('monitor.count')}</Table.Th>
                <Table.Th ta="right">{t('monitor.failures')}</Table.Th>
                <Table.Th ta="right">p50</Table.Th>
                <Table.Th ta="right">p90</Table.Th>
                <Table.Th ta="right">p99</Table.Th>
                <Table.Th ta="right">{t('monitor.longest')}</Table.Th>
                <Table.Th ta="right">{t('monitor.rate')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {report.rows.map((row) => (
                <Table.Tr key={`${row.kind} ${row.name}`}>
                  <Table.Td>{row.name}</Table.Td>
                  <Table.Td c="dimmed">{t(`monitor.kind.${row.kind}`)}</Table.Td>
                  <Table.Td ta="right">{format.number(row.count)}</Table.Td>
                  <Table.Td ta="right">{row.failures === 0 ? '0' : <Tone tone="alarm">{row.failures}</Tone>}</Table.Td>
                  {[row.p50, row.p90, row.p99, row.longest].map((seconds, i) => (
                    <Table.Td key={['p50', 'p90', 'p99', 'longest'][i]} ta="right">
                      {format.duration(seconds)}
                    </Table.Td>
                  ))}
                  <Table.Td ta="right">{row.perSecond === null ? '–' : format.number(row.perSecond, 2)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
      <Panel title={t('monitor.limits')}>
        <Facts
          facts={[
            [t('monitor.limitSeconds'), format.number(report.thresholds.seconds, 1)],
            [t('monitor.limitErrors'), format.percent(report.thresholds.errorRate, 0)],
            [t('monitor.limitMemory'), format.number(report.thresholds.memoryPercent)],
            [t('monitor.limitCpu'), format.number(report.thresholds.cpuPercent)],
          ]}
        />
      </Panel>
      <Panel title={t('monitor.errors')}>
        {errors.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('monitor.noErrors')}
          </Text>
        ) : (
          errors.map(([code, count]) => (
            <Text size="sm" key={code}>
              <span className="mono">{code}</span> {format.number(count)}
            </Text>
          ))
        )}
      </Panel>
    </div>
  );
}
