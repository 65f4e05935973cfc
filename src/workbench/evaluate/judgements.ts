/** What judges (detectors, and the opinion as a whole) said of examined files. */
import { toWire, VidimusError } from '../../contract/errors.ts';
import type { EvaluatedFile, Verdict } from '../../contract/evaluation.ts';
import type { AnalysisResult, Observation, PackUse } from '../../contract/result.ts';
import type { BatchEntry } from '../batch.ts';
import type { DatasetFile } from './dataset.ts';
import { groupsOf } from './groups.ts';
import type { Judged, Subject } from './measure.ts';

/** A file with what the engine made of it. */
export interface Examined {
  readonly file: DatasetFile;
  readonly result: AnalysisResult | null;
  readonly entry: BatchEntry | undefined;
}

/** A score of the whole exhibit, whether given or not. */
export const isJudgement = (o: Observation): boolean => o.kind === 'score' && o.where === undefined;
export const judgeName = (o: Observation): string => (o.pack === undefined ? o.detector : `${o.detector}/${o.pack}`);
const FUSED = 'opinion';

/** Every judge that occurs, detectors by name and the opinion last. */
export function subjectsOf(examined: readonly Examined[], packs: readonly PackUse[]): Subject[] {
  const results = examined.flatMap(({ result }) => result ?? []);
  const judges = new Map<string, Observation>();
  for (const { observations } of results) {
    for (const o of observations) {
      if (!isJudgement(o)) continue;
      const known = judges.get(judgeName(o));
      if (known === undefined || (known.threshold === undefined && o.threshold !== undefined))
        judges.set(judgeName(o), o);
    }
  }
  const spoke = (name: string): number =>
    results.filter((r) => r.observations.some((o) => isJudgement(o) && o.value !== null && judgeName(o) === name))
      .length;
  const detectors = [...judges]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, o]): Subject => {
      const pack = packs.find((p) => `${p.id}@${p.version}` === o.pack);
      return {
        name,
        kind: 'detector',
        family: o.family,
        pack: o.pack ?? null,
        packSha256: pack?.sha256 ?? null,
        threshold: o.threshold ?? 0.5,
        silent: examined.length - spoke(name),
      };
    });
  const opinions = results.filter((r) => r.opinion.score !== null).length;
  return [
    ...detectors,
    {
      name: FUSED,
      kind: 'fused',
      family: null,
      pack: null,
      packSha256: null,
      threshold: 0.5,
      silent: examined.length - opinions,
    },
  ];
}

/** The files a judge spoke to. */
export function judgedBy(subject: Subject, examined: readonly Examined[]): Judged[] {
  return examined.flatMap(({ file, result }) => {
    if (result === null) return [];
    const { quality, size } = groupsOf(result);
    const groups = {
      ...(file.system === null ? {} : { system: file.system }),
      ...(quality === null ? {} : { quality }),
      ...(size === null ? {} : { size }),
      source: file.source,
    };
    const base = { fake: file.fake, source: file.source, groups };
    if (subject.kind === 'fused') {
      const { score, log10Lr } = result.opinion;
      return score === null ? [] : [{ ...base, score, log10Lr }];
    }
    const o = result.observations.find((item) => isJudgement(item) && judgeName(item) === subject.name);
    return o === undefined || o.value === null ? [] : [{ ...base, score: o.value, log10Lr: o.log10Lr ?? null }];
  });
}

/** The row of one file, failed ones included. */
export function fileRow({ file, result, entry }: Examined): EvaluatedFile {
  const groups = result === null ? { quality: null, size: null } : groupsOf(result);
  const failure = entry?.error ?? toWire(new VidimusError('bug', 'The file was not examined.'));
  const { detail: _, ...error } = failure;
  return {
    path: file.path,
    fake: file.fake,
    source: file.source,
    system: file.system,
    sha256: file.sha256,
    mediaType: result?.mediaType ?? null,
    ...groups,
    label: result?.result ?? null,
    error: result === null ? error : null,
    verdicts: result === null ? [] : verdictsOf(result),
  };
}

function verdictsOf(result: AnalysisResult): Verdict[] {
  const { opinion } = result;
  const verdicts = result.observations.filter(isJudgement).map(
    (o): Verdict => ({
      judge: judgeName(o),
      status: o.status,
      score: o.value,
      threshold: o.threshold ?? null,
      log10Lr: o.log10Lr ?? null,
      reason: o.reason ?? o.profile?.reason ?? null,
    }),
  );
  const fused: Verdict = {
    judge: FUSED,
    status: opinion.score === null ? 'not-assessed' : 'ok',
    score: opinion.score,
    threshold: opinion.threshold,
    log10Lr: opinion.log10Lr,
    reason: opinion.score === null ? (opinion.reasons[0] ?? null) : null,
  };
  return [...verdicts, fused];
}
