/** The queue of the open case: what runs, what waits, how everything ended. */
import { ActionIcon, Button, Group, SegmentedControl, Table, Text, Tooltip } from '@mantine/core';
import { ChevronDown, ChevronUp, ListOrdered, Pause, Play, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { QueueRow, QueueView } from '../../../contract/apiCases.ts';
import { JobState } from '../../../contract/caseWork.ts';
import { useAsk, useChange } from '../../data/api.ts';
import { useCurrentCase } from '../../data/cases.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { useFormat } from '../../ui/format.ts';
import { Moment } from '../../ui/Moment.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { WorkProgress } from '../../ui/WorkProgress.tsx';
import { JOB_TONES } from '../case/columns.tsx';

/** How often the queue is looked at: progress should look alive. */
const EVERY_MS = 1000;
/** One press changes the priority by this much. */
const PRIORITY_STEP = 10;

export function Queue() {
  const { t } = useTranslation('watch');
  const handle = useCurrentCase();
  if (handle === null) {
    return (
      <Screen title={t('queue.title')}>
        <Empty icon={ListOrdered} title={t('queue.noCase')}>
          {t('queue.noCaseText')}
        </Empty>
      </Screen>
    );
  }
  return <CaseQueue handle={handle} />;
}

function CaseQueue({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('watch');
  const { t: word } = useTranslation('words');
  const queue = useAsk('queue.list', { case: handle }, { every: EVERY_MS });
  const info = useAsk('case.info', { case: handle });
  const pause = useChange('queue.pause', ['queue.list']);
  const start = useChange('queue.start', ['queue.list']);
  const [state, setState] = useState<JobState | null>(null);
  const view = queue.data;
  const waiting = view !== undefined && view.counts.queued + view.counts.running > 0;
  return (
    <Screen
      title={t('queue.title')}
      subtitle={
        <span className="numbers">
          {info.data?.info.number}
          {view && ` · ${t('queue.counts', view.counts)}`}
        </span>
      }
      actions={
        view?.paused || !view?.running ? (
          <Button
            leftSection={<Play size={14} aria-hidden />}
            loading={start.isPending}
            disabled={!waiting}
            onClick={() => start.mutate({ case: handle })}
          >
            {t('queue.resume')}
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<Pause size={14} aria-hidden />}
            loading={pause.isPending}
            onClick={() => pause.mutate({ case: handle })}
          >
            {t('queue.pause')}
          </Button>
        )
      }
    >
      <div className="stack">
        {view?.paused && (
          <Text size="sm">
            <Tone tone="warning">{t('queue.paused')}</Tone>
          </Text>
        )}
        {view?.words && (
          <Panel title={t('queue.end')}>
            <Text size="sm" className="note-text" role="status">
              {view.words}
            </Text>
          </Panel>
        )}
        <Answer of={queue}>
          {(value) => (
            <Panel
              title={t('queue.title')}
              flush
              actions={
                <SegmentedControl
                  aria-label={t('queue.state')}
                  data={[
                    { value: '', label: t('queue.filterAll') },
                    ...JobState.options.map((s) => ({ value: s, label: word(`job.${s}`) })),
                  ]}
                  value={state ?? ''}
                  onChange={(s) => setState(s === '' ? null : JobState.parse(s))}
                />
              }
            >
              <Jobs handle={handle} view={value} state={state} />
            </Panel>
          )}
        </Answer>
      </div>
    </Screen>
  );
}

interface JobsProps {
  readonly handle: string;
  readonly view: QueueView;
  readonly state: JobState | null;
}

function Jobs({ handle, view, state }: JobsProps) {
  const { t } = useTranslation('watch');
  const rows = view.rows.filter(({ job }) => state === null || job.state === state);
  if (rows.length === 0) {
    return (
      <Empty icon={ListOrdered} title={t('queue.empty')}>
        {t('queue.emptyText')}
      </Empty>
    );
  }
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="26%">{t('queue.exhibit')}</Table.Th>
          <Table.Th w={130}>{t('queue.state')}</Table.Th>
          <Table.Th>{t('queue.progress')}</Table.Th>
          <Table.Th ta="right" w={110}>
            {t('queue.priority')}
          </Table.Th>
          <Table.Th w={190}>{t('queue.created')}</Table.Th>
          <Table.Th ta="right" w={90}>
            {t('queue.took')}
          </Table.Th>
          <Table.Th w={110} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <JobRow key={row.job.id} handle={handle} row={row} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function JobRow({ handle, row: { job, itemNumber, originalName, progress } }: { handle: string; row: QueueRow }) {
  const { t } = useTranslation('watch');
  const { t: word } = useTranslation('words');
  const { t: common } = useTranslation();
  const format = useFormat();
  const cancel = useChange('queue.cancel', ['queue.list', 'case.exhibits']);
  const retry = useChange('queue.retry', ['queue.list', 'case.exhibits']);
  const priority = useChange('queue.priority', ['queue.list']);
  const of = { case: handle, job: job.id };
  const name = `${itemNumber} ${originalName}`;
  const shift = (by: number) => priority.mutate({ ...of, priority: Math.max(-100, Math.min(100, job.priority + by)) });
  return (
    <Table.Tr>
      <Table.Td>
        <Link href={`/case/${handle}/exhibit/${job.exhibit}`} className="link">
          {name}
        </Link>
      </Table.Td>
      <Table.Td>
        <Tone tone={JOB_TONES[job.state]}>{word(`job.${job.state}`)}</Tone>
      </Table.Td>
      <Table.Td>
        {job.state === 'running' && <WorkProgress progress={progress} />}
        {job.error !== null && (
          <Text size="xs">
            {job.error} <span className="mono tone-none">{job.errorCode}</span>
          </Text>
        )}
        {job.reason !== null && (job.state === 'queued' || job.state === 'cancelled') && (
          <Text size="xs" c="dimmed">
            {job.reason}
          </Text>
        )}
        {job.interruptions > 0 && <Text size="xs">{t('queue.interrupted', { count: job.interruptions })}</Text>}
      </Table.Td>
      <Table.Td ta="right">
        <Group gap={2} justify="flex-end" wrap="nowrap">
          {job.state === 'queued' && (
            <ActionIcon size="sm" aria-label={`${t('queue.lower')}: ${name}`} onClick={() => shift(-PRIORITY_STEP)}>
              <ChevronDown size={14} aria-hidden />
            </ActionIcon>
          )}
          <span>{job.priority}</span>
          {job.state === 'queued' && (
            <ActionIcon size="sm" aria-label={`${t('queue.raise')}: ${name}`} onClick={() => shift(PRIORITY_STEP)}>
              <ChevronUp size={14} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Moment utc={job.createdUtc} />
        <Text size="xs" c="dimmed">
          {job.byExaminer}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {job.startedUtc !== null && job.finishedUtc !== null
          ? format.duration((Date.parse(job.finishedUtc) - Date.parse(job.startedUtc)) / 1000)
          : ''}
      </Table.Td>
      <Table.Td ta="right">
        {(job.state === 'queued' || job.state === 'running') && (
          <Tooltip label={common('cancel')}>
            <ActionIcon
              size="sm"
              aria-label={`${common('cancel')}: ${name}`}
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ ...of, reason: t('queue.cancelReason') })}
            >
              <X size={14} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {(job.state === 'failed' || job.state === 'cancelled') && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<RotateCcw size={12} aria-hidden />}
            aria-label={`${t('queue.retry')}: ${name}`}
            loading={retry.isPending}
            onClick={() => retry.mutate({ ...of, reason: t('queue.retryReason') })}
          >
            {t('queue.retry')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
