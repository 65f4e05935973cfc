/** What goes to the thread of the picture methods and what comes back; both sides are this program. */
import type { WireError } from '../../../../contract/errors.ts';
import type { AnalysedFrame, ArtifactPng, DetectorContext } from '../../../types.ts';
import type { Analysis } from '../support.ts';

/** One method on one frame; the frame's bytes lie in shared memory. */
export interface PictureTask {
  readonly method: string;
  /** Tasks with one number show the same frame. */
  readonly frameNumber: number;
  readonly input: AnalysedFrame;
  readonly context: Omit<DetectorContext, 'signal'>;
}

/** An analysis whose pictures are made already: functions do not travel. */
export type ReadyAnalysis = Omit<Analysis, 'artifacts'> & { readonly artifacts: readonly (ArtifactPng | null)[] };

/** An answer, or an error as data so that its code and advice survive. */
export type PictureAnswer =
  | { readonly ok: true; readonly analysis: ReadyAnalysis }
  | { readonly ok: false; readonly error: WireError };
