/** What an examination asks of the application, gathered before anything is shown. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ExhibitDetails } from '../../contract/apiCases.ts';
import type { EvidenceView } from '../../contract/apiEvidence.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import { evidenceUrl } from '../client.ts';
import { useAsk } from '../data/api.ts';

export interface Examined {
  readonly handle: string;
  readonly exhibit: string;
  readonly details: ExhibitDetails;
  readonly evidence: EvidenceView;
  readonly analysisId: string | null;
  /** Null where the exhibit was not examined yet. */
  readonly result: AnalysisResult | null;
  /** The laboratory wants propositions before scores, and there are none yet. */
  readonly covered: boolean;
  /** Address of a part of the evidence. */
  readonly address: (part: string) => string;
}

export interface Pending {
  readonly value: Examined | null;
  /** The first question that failed, to be asked again. */
  readonly failed: UseQueryResult | null;
}

/** @param wanted id of the analysis to show; null: the last one */
export function useExamined(handle: string, exhibit: string, wanted: string | null): Pending {
  const settings = useAsk('settings.read', {});
  const details = useAsk('case.exhibit', { case: handle, exhibit });
  const evidence = useAsk('evidence.open', { case: handle, exhibit });
  const analyses = details.data?.analyses ?? [];
  const chosen = analyses.find(({ id }) => id === wanted) ?? analyses.at(-1);
  const result = useAsk(
    'analysis.read',
    { case: handle, analysis: chosen?.id ?? '' },
    { enabled: chosen !== undefined },
  );
  const failed = [settings, details, evidence, result].find(({ isError }) => isError) ?? null;
  const waiting = chosen !== undefined && result.data === undefined;
  if (!settings.data || !details.data || !evidence.data || waiting) return { value: null, failed };
  const { id } = evidence.data;
  return {
    failed: null,
    value: {
      handle,
      exhibit,
      details: details.data,
      evidence: evidence.data,
      analysisId: chosen?.id ?? null,
      result: result.data ?? null,
      covered: settings.data.propositionsFirst && details.data.propositions.length === 0,
      address: (part) => evidenceUrl(id, part),
    },
  };
}
