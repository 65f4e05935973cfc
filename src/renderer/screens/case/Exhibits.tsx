/** The exhibits of a case: a table of any length, what can be done with them, and the record of the one chosen. */
import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { FilePlus2, FolderPlus, Play } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { type ExhibitRow, ExhibitSort, type OpenCase } from '../../../contract/apiCases.ts';
import { JobState } from '../../../contract/caseWork.ts';
import { call } from '../../client.ts';
import { useAsk } from '../../data/api.ts';
import { isReadOnly } from '../../data/cases.ts';
import { PAGE, usePages } from '../../data/pages.ts';
import { useDroppedPaths } from '../../data/useDroppedPaths.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { ErrorNotice } from '../../ui/ErrorNotice.tsx';
import { VirtualTable } from '../../ui/VirtualTable.tsx';
import { AddDialog, type AddRequest } from './AddDialog.tsx';
import { AnalyseDialog } from './AnalyseDialog.tsx';
import { useExhibitColumns } from './columns.tsx';
import { ExhibitDetail } from './ExhibitDetail.tsx';
import { draftReport } from './report/desk.ts';
import { SelectionBar } from './SelectionBar.tsx';
import { type SelectionState, useSelection } from './useSelection.ts';

interface Filter {
  readonly text: string;
  readonly tag: string | null;
  readonly state: JobState | 'none' | null;
  readonly sort: ExhibitSort;
  readonly descending: boolean;
}

const EVERYTHING: Filter = { text: '', tag: null, state: null, sort: 'addedUtc', descending: false };
const idOf = ({ exhibit }: ExhibitRow): string => exhibit.id;
/** The state of work in the table is asked for again this often while the queue runs. */
const WATCH_MS = 2500;

export interface ExhibitsProps extends SelectionState {
  readonly opened: OpenCase;
  /** Goes to the report, with what is selected. */
  readonly onReport: () => void;
}

export function Exhibits({ opened, selected, onSelect, onReport }: ExhibitsProps) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const { handle } = opened;
  const readOnly = isReadOnly(opened);
  const [, go] = useLocation();
  const queries = useQueryClient();
  const [typed, setFilter] = useState<Filter>(EVERYTHING);
  const [text] = useDebouncedValue(typed.text, 200);
  const filter = useMemo(() => ({ ...typed, text }), [typed, text]);
  const [shown, setShown] = useState<string | null>(new URLSearchParams(useSearch()).get('exhibit'));
  const [adding, setAdding] = useState<AddRequest | null>(null);
  const [analysing, setAnalysing] = useState<readonly string[] | 'all' | null>(null);
  const settings = useAsk('settings.read', {});
  const tags = useAsk('case.tags', { case: handle });
  const queue = useAsk('queue.list', { case: handle }, { every: WATCH_MS });
  const working = queue.data?.running === true && (queue.data.counts.running > 0 || queue.data.counts.queued > 0);
  const first = useAsk(
    'case.exhibits',
    { case: handle, offset: 0, limit: PAGE, ...filter },
    { keep: true, every: working ? WATCH_MS : false },
  );
  const pages = usePages(['case.exhibits', handle, filter], first.data !== undefined, async (offset, limit, signal) => {
    const answer = await call('case.exhibits', { case: handle, offset, limit, ...filter }, signal ? { signal } : {});
    return answer.rows;
  });
  const total = first.data?.total ?? 0;
  // The first page is watched while the queue runs; the others come from their own answers.
  const rowAt = (index: number): ExhibitRow | undefined =>
    index < PAGE ? first.data?.rows[index] : pages.rowAt(index);
  const { rows } = pages;
  const keysOf = useCallback(async (from: number, to: number) => (await rows(from, to)).map(idOf), [rows]);
  const selection = useSelection({ selected, onSelect }, total, keysOf);
  const covered = settings.data?.propositionsFirst ?? true;
  const columns = useExhibitColumns(handle, covered, shown !== null);
  const drop = useDroppedPaths((paths) => !readOnly && setAdding({ paths }));
  const unfiltered = filter.text === '' && filter.tag === null && filter.state === null;
  const change = (part: Partial<Filter>): void => {
    setFilter((before) => ({ ...before, ...part }));
    selection.clear();
  };
  const refresh = (): void => {
    for (const name of ['case.exhibits', 'case.info', 'case.tags', 'queue.list', 'audit.read'])
      void queries.invalidateQueries({ queryKey: [name] });
  };
  return (
    <>
      <div className="toolbar" role="toolbar" aria-label={t('exhibits')}>
        <TextInput
          w={260}
          aria-label={t('filterText')}
          placeholder={t('filterText')}
          value={typed.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
        />
        <Select
          w={150}
          aria-label={t('filterState')}
          placeholder={t('anyState')}
          clearable
          data={[
            { value: 'none', label: t('noneState') },
            ...JobState.options.map((value) => ({ value, label: word(`job.${value}`) })),
          ]}
          value={typed.state}
          onChange={(value) => change({ state: value === null || value === 'none' ? value : JobState.parse(value) })}
        />
        <Select
          w={150}
          aria-label={t('filterTag')}
          placeholder={t('anyTag')}
          clearable
          searchable
          data={(tags.data ?? []).map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` }))}
          value={typed.tag}
          onChange={(tag) => change({ tag })}
        />
        <Select
          w={150}
          aria-label={t('sort')}
          allowDeselect={false}
          data={ExhibitSort.options.map((value) => ({ value, label: t(`sortBy.${value}`) }))}
          value={typed.sort}
          onChange={(value) => value !== null && change({ sort: ExhibitSort.parse(value) })}
        />
        <Button
          variant="default"
          aria-pressed={typed.descending}
          aria-label={t('descending')}
          onClick={() => change({ descending: !typed.descending })}
        >
          {typed.descending ? '↓' : '↑'}
        </Button>
        {!readOnly && (
          <div className="toolbar-end">
            <Button
              variant="default"
              leftSection={<Play size={14} aria-hidden />}
              disabled={opened.exhibits === 0}
              onClick={() => setAnalysing('all')}
            >
              {t('analyseAll')}
            </Button>
            <Button
              variant="default"
              leftSection={<FolderPlus size={14} aria-hidden />}
              onClick={() => setAdding({ paths: [], folder: true })}
            >
              {t('addFolder')}
            </Button>
            <Button leftSection={<FilePlus2 size={14} aria-hidden />} onClick={() => setAdding({ paths: [] })}>
              {t('addFiles')}
            </Button>
          </div>
        )}
      </div>
      {selection.selected.size > 0 && (
        <SelectionBar
          handle={handle}
          selection={selection}
          readOnly={readOnly}
          knownTags={(tags.data ?? []).map(({ tag }) => tag)}
          onAnalyse={() => setAnalysing([...selection.selected])}
          onReport={() => {
            draftReport(handle, { scope: 'selected' });
            onReport();
          }}
        />
      )}
      <div className="case-body" data-detail={shown !== null || undefined}>
        <div className="case-table" {...drop}>
          {drop['data-dropping'] && !readOnly && <div className="drop-veil">{t('drop')}</div>}
          {pages.error !== null && <ErrorNotice error={pages.error} />}
          <Answer of={first} rows={12}>
            {() => (
              <VirtualTable
                // Another question begins at the top of its answer.
                key={JSON.stringify(filter)}
                label={t('exhibits')}
                columns={columns}
                count={total}
                rowHeight={40}
                rowAt={rowAt}
                keyOf={idOf}
                onView={pages.onView}
                onActive={(row) => setShown(row.exhibit.id)}
                onOpen={(row) => go(`/case/${handle}/exhibit/${row.exhibit.id}`)}
                selection={selection}
                empty={
                  unfiltered ? (
                    <Empty icon={FilePlus2} title={t('empty')}>
                      {t('emptyText')}
                    </Empty>
                  ) : (
                    <Empty title={t('nothingFits')} />
                  )
                }
              />
            )}
          </Answer>
        </div>
        {shown !== null && (
          <ExhibitDetail
            key={shown}
            handle={handle}
            id={shown}
            readOnly={readOnly}
            covered={covered}
            knownTags={(tags.data ?? []).map(({ tag }) => tag)}
            onAnalyse={() => setAnalysing([shown])}
            onClose={() => setShown(null)}
          />
        )}
      </div>
      <AddDialog handle={handle} request={adding} onClose={() => setAdding(null)} onDone={refresh} />
      <AnalyseDialog
        handle={handle}
        exhibits={analysing}
        total={opened.exhibits}
        onClose={() => setAnalysing(null)}
        onDone={refresh}
      />
    </>
  );
}
