/** What an analysis found: opinion, families of evidence, anomalies, what was not assessed, and how it was done. */
import { Stack } from '@mantine/core';
import { useState } from 'react';
import type { AnalysisResult, Where } from '../../contract/result.ts';
import type { Examined } from '../examination/api.ts';
import { Anomalies } from './Anomalies.tsx';
import { Families } from './Families.tsx';
import { MethodPage, type MethodSource } from './MethodPage.tsx';
import { NotAssessedList } from './NotAssessedList.tsx';
import { OpinionPanel } from './OpinionPanel.tsx';
import { Propositions } from './Propositions.tsx';
import { RunPanel } from './RunPanel.tsx';
import { StressPanel } from './StressPanel.tsx';
import './findings.css';

export interface FindingsProps {
  readonly examined: Examined;
  readonly result: AnalysisResult;
  /** Shows a place in the picture or on the time line. */
  readonly onShow: (where: Where) => void;
}

export function Findings({ examined, result, onShow }: FindingsProps) {
  const [source, setSource] = useState<MethodSource | null>(null);
  if (examined.covered) return <Propositions examined={examined} />;
  return (
    <Stack gap="sm">
      <Propositions examined={examined} />
      <OpinionPanel opinion={result.opinion} />
      {result.stress && <StressPanel stress={result.stress} />}
      <Anomalies anomalies={result.anomalies} onShow={onShow} />
      <Families observations={result.observations} onMethod={setSource} onShow={onShow} />
      <NotAssessedList opinion={result.opinion} observations={result.observations} />
      <RunPanel result={result} />
      <MethodPage source={source} onClose={() => setSource(null)} />
    </Stack>
  );
}
