/** One case: exhibits, findings, reports, and the case itself. */
import { Button, Tabs } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import type { OpenCase } from '../../../contract/apiCases.ts';
import { useAsk, useChange } from '../../data/api.ts';
import { lookAt, useLookAt } from '../../data/cases.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { About } from './About.tsx';
import { Exhibits } from './Exhibits.tsx';
import { Findings } from './Findings.tsx';
import { clearReportDesk } from './report/desk.ts';
import { Report } from './report/Report.tsx';
import './case.css';

/** Examiners offered beside the sentence; the rest are under "About the case". */
const PEOPLE_OFFERED = 4;

export function Case({ handle }: { readonly handle: string }) {
  useLookAt(handle);
  const { t } = useTranslation('case');
  const info = useAsk('case.info', { case: handle });
  return info.data === undefined ? (
    <Screen title={t('exhibits')}>
      <Answer of={info}>{() => null}</Answer>
    </Screen>
  ) : (
    <CaseBody opened={info.data} />
  );
}

function CaseBody({ opened }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('case');
  const { t: word } = useTranslation('words');
  const { t: report } = useTranslation('report');
  const wanted = new URLSearchParams(useSearch()).get('tab');
  const [tab, setTab] = useState<string | null>(wanted ?? 'exhibits');
  // Kept above the tabs: what is selected in the table can be reported on.
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { info, examiner, account, findings } = opened;
  return (
    <Screen
      fill
      actions={<CloseCase handle={opened.handle} />}
      title={info.number}
      subtitle={[
        info.matter,
        info.agency,
        word(`caseState.${info.state}`),
        t('workingAs', { who: examiner?.name ?? t('account', { account }) }),
      ]
        .filter(Boolean)
        .join(' · ')}
    >
      {info.kind === 'export' ? (
        <div className="banner">{t('readOnly')}</div>
      ) : info.state === 'closed' ? (
        <div className="banner">{t('closed')}</div>
      ) : (
        examiner === null && <WhoWorks opened={opened} />
      )}
      <Tabs value={tab} onChange={setTab} className="case-tabs">
        <Tabs.List>
          <Tabs.Tab value="exhibits">{t('exhibitsCount', { count: opened.exhibits })}</Tabs.Tab>
          <Tabs.Tab value="findings">
            {findings.length === 0 ? (
              t('findings')
            ) : (
              <Tone tone="alarm">{`${t('findings')} (${findings.length})`}</Tone>
            )}
          </Tabs.Tab>
          <Tabs.Tab value="report">{report('tab')}</Tabs.Tab>
          <Tabs.Tab value="about">{t('about')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="exhibits" className="case-panel">
          <Exhibits opened={opened} selected={selected} onSelect={setSelected} onReport={() => setTab('report')} />
        </Tabs.Panel>
        <Tabs.Panel value="findings" className="case-panel" data-padded>
          <Findings findings={findings} />
        </Tabs.Panel>
        <Tabs.Panel value="report" className="case-panel" data-padded>
          <Report opened={opened} selected={selected} />
        </Tabs.Panel>
        <Tabs.Panel value="about" className="case-panel" data-padded>
          <About opened={opened} />
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}

/** Says that nobody is named, and lets one of the case's examiners take over with one press. */
function WhoWorks({ opened: { handle, account } }: { readonly opened: OpenCase }) {
  const { t } = useTranslation('case');
  const people = useAsk('case.examiners', { case: handle });
  const actAs = useChange('case.actAs', ['case.info']);
  return (
    <div className="banner">
      {t('noExaminer', { account })}
      {(people.data ?? []).slice(0, PEOPLE_OFFERED).map(({ id, name }) => (
        <Button
          key={id}
          size="compact-xs"
          variant="default"
          loading={actAs.isPending}
          onClick={() => actAs.mutate({ case: handle, examiner: id })}
        >
          {t('workAs', { name })}
        </Button>
      ))}
    </div>
  );
}

function CloseCase({ handle }: { readonly handle: string }) {
  const { t } = useTranslation('case');
  const [, go] = useLocation();
  const queries = useQueryClient();
  const close = useChange('case.close', []);
  return (
    <Button
      variant="default"
      loading={close.isPending}
      onClick={() => {
        clearReportDesk(handle);
        close.mutate(
          { case: handle },
          {
            onSuccess: () => {
              lookAt(null);
              go('/');
              queries.clear();
            },
          },
        );
      }}
    >
      {t('closeCase')}
    </Button>
  );
}
