/** Cases for reports, and the outside tools that look at them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { WritableCase } from '../../src/casework/case.ts';
import { addAnalysis } from '../../src/casework/records/analyses.ts';
import type { Exhibit } from '../../src/contract/case.ts';
import { DEFAULT_TEMPLATE, type ReportTemplate } from '../../src/contract/reportTemplate.ts';
import { AnalysisResult } from '../../src/contract/result.ts';
import type { Workbench } from '../../src/workbench/workbench.ts';
import { resultFor } from './case-support.ts';

/** Whether a tool of poppler-utils or qpdf is on this machine; says so where it is not. */
export function hasTool(name: string): boolean {
  const there = spawnSync(name, ['--version']).error === undefined;
  if (!there) console.warn(`skipped: ${name} is not installed`);
  return there;
}

export const textOf = (pdf: string): string =>
  execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** The words of a text without regard to lines. */
export const flat = (text: string): string => text.replace(/\s+/g, ' ');

export const template = (changes: Partial<ReportTemplate> = {}): ReportTemplate => ({
  ...DEFAULT_TEMPLATE,
  timeZone: 'Europe/Berlin',
  laboratory: {
    name: 'Laboratory of the police',
    address: 'Main Street 1',
    contact: null,
    accreditation: 'D-PL-00000',
  },
  ...changes,
});

/** No picture is asked of this one. */
export const noEngine: Pick<Workbench, 'call'> = {
  call: () => Promise.reject(new Error('no engine was to be called')),
};

/** A result of a picture, as the engine would give it, with what a test adds. */
export function pictureResult(exhibit: Exhibit, changes: object = {}): AnalysisResult {
  const { duration: _1, sampleRate: _2, inconsistencyCount: _3, artifactCount: _4, ...common } = resultFor(exhibit);
  return AnalysisResult.parse({ ...common, mediaType: 'image', series: [], ...changes });
}

export const store = (target: WritableCase, exhibit: Exhibit, result: AnalysisResult): void => {
  addAnalysis(target, exhibit.id, result, target.now());
};

export const sample = (name: string): string => join(import.meta.dirname, '../../samples', name);
