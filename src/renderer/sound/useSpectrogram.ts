/** A spectrogram of the part in view, painted once per answer and colouring. */
import { useMemo } from 'react';
import type { Spectrogram, SpectrogramWish } from '../../contract/apiEvidence.ts';
import { useAsk } from '../data/api.ts';
import { levelsOf } from './levels.ts';

export interface Levels {
  readonly grid: Spectrogram;
  readonly db: Float32Array;
}

export interface SpectrogramAnswer {
  readonly levels: Levels | null;
  readonly error: unknown;
  readonly retry: () => void;
}

export function useSpectrogram(id: string, wish: SpectrogramWish, enabled = true): SpectrogramAnswer {
  const answer = useAsk('evidence.spectrogram', { id, wish }, { enabled, keep: true });
  const grid = answer.data;
  const levels = useMemo(() => (grid === undefined ? null : { grid, db: levelsOf(grid) }), [grid]);
  return { levels, error: answer.isError ? answer.error : null, retry: () => void answer.refetch() };
}
