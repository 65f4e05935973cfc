/** One case: exhibits, findings, notes, and the case itself. */
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearch } from 'wouter';
import type { OpenCase } from '../../../contract/apiCases.ts';
import { useAsk } from '../../data/api.ts';
import { useLookAt } from '../../data/cases.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Screen } from '../../ui/Screen.tsx';
import { Tone } from '../../ui/Tone.tsx';
import { About } from './About.tsx';
import { Exhibits } from './Exhibits.tsx';
import { Findings } from './Findings.tsx';
import './case.css';

/** Whether nothing can be added: the case is archived, or an export. */
export const isReadOnly = ({ info }: OpenCase): boolean => info.state === 'closed' || info.kind === 'export';

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
  const wanted = new URLSearchParams(useSearch()).get('tab');
  const [tab, setTab] = useState<string | null>(wanted ?? 'exhibits');
  const { info, examiner, account, findings } = opened;
  return (
    <Screen
      fill
      title={info.number}
      subtitle={
        <>
          {[info.matter, info.agency].filter(Boolean).join(' · ')} · {word(`caseState.${info.state}`)} ·{' '}
          {t('workingAs', { who: examiner?.name ?? t('account', { account }) })}
        </>
      }
    >
      {info.kind === 'export' ? (
        <div className="banner">{t('readOnly')}</div>
      ) : info.state === 'closed' ? (
        <div className="banner">{t('closed')}</div>
      ) : (
        examiner === null && <div className="banner">{t('noExaminer', { account })}</div>
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
          <Tabs.Tab value="about">{t('about')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="exhibits" className="case-panel">
          <Exhibits opened={opened} />
        </Tabs.Panel>
        <Tabs.Panel value="findings" className="case-panel" data-padded>
          <Findings findings={findings} />
        </Tabs.Panel>
        <Tabs.Panel value="about" className="case-panel" data-padded>
          <About opened={opened} />
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}
