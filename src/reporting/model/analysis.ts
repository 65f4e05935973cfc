/** What a report prints of one stored analysis. */
import type { AnalysisRecord, Bookmark } from '../../contract/caseWork.ts';
import type { ReportAnalysis, ReportFigure } from '../../contract/report.ts';
import type { ReportTemplate } from '../../contract/reportTemplate.ts';
import type { AnalysisResult } from '../../contract/result.ts';
import { chartOf, isDrawable } from './charts.ts';
import { timelineOf } from './timeline.ts';

export interface AnalysisInput {
  readonly record: AnalysisRecord;
  readonly result: AnalysisResult;
  readonly attachment: string;
  readonly figures: readonly ReportFigure[];
  readonly figuresLeftOut: number;
  readonly bookmarks: readonly Bookmark[];
}

/** Series over time come first: they are what a reader looks for. */
const AXES = ['seconds', 'frame', 'hertz', 'index'];

/** The report's part of a stored result. Nothing is computed but the choice of points that are drawn. */
export function reportAnalysis(input: AnalysisInput, template: ReportTemplate): ReportAnalysis {
  const { record, result, attachment, figures, figuresLeftOut, bookmarks } = input;
  const drawable = result.series.filter(isDrawable).toSorted((a, b) => AXES.indexOf(a.axis) - AXES.indexOf(b.axis));
  return {
    record,
    mediaType: result.mediaType,
    attachment,
    evidence: result.evidence,
    opinion: result.opinion,
    observations: result.observations,
    anomalies: result.anomalies,
    notAssessed: result.opinion.notAssessed,
    stress: result.stress ?? null,
    plan: result.run.plan,
    packs: result.run.packs,
    versions: result.run.versions,
    decode: result.run.decode,
    tracks: result.tracks.length,
    figures: [...figures],
    figuresLeftOut,
    charts: drawable.slice(0, template.maxCharts).map((series) => chartOf(series, result.observations)),
    chartsLeftOut: Math.max(0, drawable.length - template.maxCharts),
    timeline: timelineOf(result, bookmarks),
  };
}
