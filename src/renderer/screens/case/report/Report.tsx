/** The reports of a case: one put together on the left, what came of it and what was issued on the right. */
import { FileText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { OpenCase } from '../../../../contract/apiCases.ts';
import { Empty } from '../../../ui/Empty.tsx';
import { ErrorNotice } from '../../../ui/ErrorNotice.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { WorkProgress } from '../../../ui/WorkProgress.tsx';
import { stopReport, useReportDesk } from './desk.ts';
import { IssuedReports } from './IssuedReports.tsx';
import { Made } from './Made.tsx';
import { ReportForm } from './ReportForm.tsx';
import './report.css';

export interface ReportProps {
  readonly opened: OpenCase;
  /** Exhibits selected in the table. */
  readonly selected: ReadonlySet<string>;
}

export function Report({ opened, selected }: ReportProps) {
  const { t } = useTranslation('report');
  const { running, progress, error, result } = useReportDesk(opened.handle);
  return (
    <div className="report-desk">
      <Panel title={t('title')}>
        {opened.exhibits === 0 ? (
          <Empty icon={FileText} title={t('empty')}>
            {t('emptyText')}
          </Empty>
        ) : (
          <ReportForm opened={opened} selected={selected} />
        )}
      </Panel>
      <div className="stack">
        {running !== null && (
          <Panel title={t(running === 'preview' ? 'makingPreview' : 'making')}>
            <WorkProgress
              progress={progress}
              label={t(running === 'preview' ? 'makingPreview' : 'making')}
              onCancel={() => stopReport(opened.handle)}
            />
          </Panel>
        )}
        {error !== null && <ErrorNotice error={error} />}
        {result !== null && <Made made={result} />}
        <IssuedReports handle={opened.handle} />
      </div>
    </div>
  );
}
