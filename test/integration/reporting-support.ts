/** Cases for reports, and the outside tools that look at them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { WritableCase } from '../../src/casework/case.ts';
import { addAnalysis } from '../../src/casework/records/analyses.ts';
import type { Exhibit } from '../../src/contract/case.ts';
import { DEFAULT_TEMPLATE, type ReportTemplate } from '../../src/contract/reportTemplate.ts';
import { AnalysisResult } from '../../src/contract/result.ts';
import { verbalSupport } from '../../src/contract/verbalScale.ts';
import type { Workbench } from '../../src/workbench/workbench.ts';
import { resultFor } from './case-support.ts';

/** Whether a tool of poppler-utils or qpdf is on this machine; says so where it is not. */
export function hasTool(name: string): boolean {
  const there = spawnSync(name, ['--version']).error === undefined;
  if (!there) console.warn(`skipped: ${name} is not installed`);
  return there;
}

export const textOf = (pdf: string, pages: readonly string[] = []): string =>
  execFileSync('pdftotext', ['-layout', ...pages, pdf, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });

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
  const base = resultFor(exhibit);
  if (base.mediaType !== 'audio') throw new Error('the helper makes sound');
  const { duration: _1, sampleRate: _2, inconsistencyCount: _3, artifactCount: _4, ...common } = base;
  return AnalysisResult.parse({ ...common, mediaType: 'image', series: [], ...changes });
}

export const store = (target: WritableCase, exhibit: Exhibit, result: AnalysisResult): void => {
  addAnalysis(target, exhibit.id, result, target.now());
};

export const sample = (name: string): string => join(import.meta.dirname, '../../samples', name);

/** A result of a video with two faces, a calibrated opinion, places in time and a long series of scores. */
export function videoResult(exhibit: Exhibit): AnalysisResult {
  const base = resultFor(exhibit);
  if (base.mediaType !== 'audio') throw new Error('the helper makes sound');
  const boxes = (x: number, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      frame: from + i,
      time: (from + i) / 25,
      box: { x: x + i, y: 110, width: 90, height: 110 },
      points: null,
      probability: 0.9,
      detected: i % 12 === 0,
    }));
  const score = (detector: string, value: number) => ({
    detector,
    version: '1.0.0',
    family: 'spatial-neural',
    kind: 'score',
    quantity: 'manipulation',
    status: 'ok',
    value,
    unit: 'score',
    direction: 'higher-more-manipulated',
    threshold: 0.5,
    log10Lr: 1.4,
    pack: 'xception@1.0.0',
    where: { track: 0, frames: [10, 60] },
    parameters: { pooling: 'mean' },
    method: 'docs/methods/pictures.md',
  });
  const x = Array.from({ length: 2000 }, (_, i) => i * 0.002);
  return AnalysisResult.parse({
    ...base,
    mediaType: 'video',
    isDeepfake: true,
    result: 'fake',
    duration: 4,
    fps: 25,
    totalFrames: 100,
    analyzedFrames: 100,
    deepfakeFrameRatio: 0.5,
    frameAnalysis: [],
    tracks: [
      { id: 0, firstFrame: 10, lastFrame: 60, boxes: boxes(120, 10, 60) },
      { id: 1, firstFrame: 30, lastFrame: 99, boxes: boxes(240, 30, 99) },
    ],
    observations: [score('face-forgery/xception', 0.91)],
    anomalies: [
      { type: 'cut', severity: 'high', description: 'A cut.', detector: 'frame-timing', where: { seconds: [1, 1.2] } },
      { type: 'still', severity: 'low', description: 'Still.', detector: 'frame-timing', where: { frames: [60, 80] } },
    ],
    series: [
      {
        id: 'score',
        detector: 'face-forgery/xception',
        quantity: 'manipulation',
        unit: 'score',
        direction: 'higher-more-manipulated',
        axis: 'seconds',
        track: 0,
        x,
        y: x.map((t, i) => (i % 500 < 20 ? null : 0.6 + 0.35 * Math.sin(t * 9))),
      },
    ],
    opinion: {
      ...base.opinion,
      label: 'fake',
      score: 0.91,
      uncertainty: 0.2,
      log10Lr: 1.4,
      fusion: { method: 'calibrated', weights: [{ detector: 'face-forgery/xception', weight: 1, score: 0.91 }] },
      agreement: [{ family: 'spatial-neural', score: 0.91, detectors: 1, leaning: 'fake' }],
      reasons: ['One family of evidence leans towards manipulation.'],
      notAssessed: [{ detector: 'speech-spoof', family: 'acoustic-neural', reason: 'no pack' }],
      support: verbalSupport(1.4, { agreeing: 1, against: 0 }),
    },
    stress: {
      variants: [],
      spread: 0.4,
      flips: ['jpeg-50'],
      detectors: [],
    },
  });
}
