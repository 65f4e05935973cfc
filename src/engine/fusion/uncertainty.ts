/** Uncertainty of a combined score, and the families behind it. */
import type { Opinion } from '../../contract/result.ts';
import type { Family } from '../../contract/words.ts';
import { meanLog10Lrs, scoreOfLog10Lr } from './combine.ts';
import { leaningOf, type Voice } from './voices.ts';

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Uncertainty 0..1: how near the combined score is to the threshold, how far the detectors lie apart, how few they
 * are (a single one never goes below 0.5), and how far the exhibit lies outside the files they were calibrated on
 * (half of the rest per octave), joined as 1 − Π(1 − part).
 */
export function uncertaintyOf(score: number, voices: readonly Voice[]): number {
  const nearness = 1 - Math.abs(2 * score - 1);
  const scores = voices.map((v) => v.score);
  const spread = Math.max(...scores) - Math.min(...scores);
  const few = 0.5 ** voices.length;
  const octaves = Math.max(...voices.map((v) => v.octaves ?? 0));
  const sure = (1 - nearness) * (1 - spread) * (1 - few) * 0.5 ** octaves;
  return Math.min(1, Math.max(0, 1 - sure));
}

/**
 * What each family says. With calibrated voices (`byRatio`) a family speaks through its mean log LR, because the ratio
 * and not the score is what the laboratory measured; otherwise through the mean of its scores and bands.
 */
export function agreementOf(voices: readonly Voice[], byRatio: boolean, halfBand: number): Opinion['agreement'] {
  const ratios = byRatio ? meanLog10Lrs(voices) : new Map<Family, number>();
  const families = new Map<Family, Voice[]>();
  for (const voice of voices) families.set(voice.family, [...(families.get(voice.family) ?? []), voice]);
  return [...families].map(([family, members]) => {
    const ratio = ratios.get(family);
    const score = ratio === undefined ? mean(members.map((m) => m.score)) : scoreOfLog10Lr(ratio);
    const band: [number, number] =
      ratio === undefined
        ? [mean(members.map((m) => m.band[0])), mean(members.map((m) => m.band[1]))]
        : [0.5 - halfBand, 0.5 + halfBand];
    return { family, score, detectors: members.length, leaning: leaningOf(score, band) };
  });
}
