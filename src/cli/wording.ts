/** Results in words for people. Never a bare label, never a score without its threshold. */
import type { AnalysisResult } from '../contract/result.ts';

/** One cell that says what the examination found, in the wording of ENFSI and SWGDE guidance. */
export function findingOf(result: AnalysisResult): string {
  const { opinion } = result;
  if (opinion.score === null) return 'no opinion: no detector gave a score';
  const numbers = `score ${opinion.score.toFixed(3)}, threshold ${(opinion.threshold ?? 0.5).toFixed(3)}`;
  const evidence =
    opinion.log10Lr === null
      ? 'not calibrated'
      : `log10 LR ${opinion.log10Lr >= 0 ? '+' : ''}${opinion.log10Lr.toFixed(2)}${supportOf(result)}`;
  switch (opinion.label) {
    case 'fake':
      return `traces of manipulation (${numbers}, ${evidence})`;
    case 'real':
      return `no traces found by the methods applied (${numbers}, ${evidence})`;
    case 'uncertain':
      return `inconclusive (${numbers}, ${evidence})`;
  }
}

/** The verbal scale's words for the ratio, as the result states them. */
function supportOf({ opinion: { support } }: AnalysisResult): string {
  if (support === null || support === undefined) return '';
  if (support.favours === 'neither') return `: ${support.words}`;
  const [yes, no] = support.favours === 'h1' ? ['H1', 'H2'] : ['H2', 'H1'];
  return `: ${support.words} for ${yes} over ${no}${support.capped ? ', stronger words are locked' : ''}`;
}

/** What H1 and H2 stand for, where the finding speaks of them; null where it does not. */
export function propositionsOf({ opinion }: AnalysisResult): string | null {
  if (opinion.log10Lr === null) return null;
  return `H1: ${opinion.propositions.h1}\nH2: ${opinion.propositions.h2}`;
}

/** Counts behind the finding: what spoke, what was only measured, what was not assessed, anomalies. */
export function countsOf(result: AnalysisResult): [string, string, string] {
  const spoke = result.opinion.fusion.weights.length;
  const measured = result.observations.filter((o) => o.status === 'ok' && o.kind === 'measurement').length;
  return [`${spoke} scores, ${measured} measurements`, String(result.opinion.notAssessed.length), anomalies(result)];
}

function anomalies(result: AnalysisResult): string {
  const count = (severity: 'high' | 'medium' | 'low') => result.anomalies.filter((a) => a.severity === severity).length;
  return result.anomalies.length === 0
    ? 'none'
    : `${count('high')} high, ${count('medium')} medium, ${count('low')} low`;
}
