/** Detector `gop`: distances of key frames as the container's tables state them. */
import { withSource } from '../signals/structure/source.ts';
import { examineGops } from '../signals/structure/timing.ts';
import { gopFindings } from '../signals/structure/timingRules.ts';
import { videoFrameTimes } from '../signals/structure/videoFrames.ts';
import type { Detector, DetectorContext, DetectorOutput } from '../types.ts';
import { measured, notAssessed, type Speaker, toAnomalies } from './structureSupport.ts';

const speaker: Speaker = {
  id: 'gop',
  version: '1.0.0',
  family: 'structure',
  method: 'docs/methods/gop.md',
  parameters: {},
};

export const gopDetector: Detector = {
  id: speaker.id,
  version: speaker.version,
  family: speaker.family,
  mediaTypes: ['video'],
  needs: { frames: false, faces: false, pcm: false },
  start: (context) => ({ finish: () => examine(context) }),
};

async function examine({ exhibit, signal }: DetectorContext): Promise<DetectorOutput> {
  const times = await withSource(exhibit.path, (source) => videoFrameTimes(source, signal));
  const refuse = (reason: string): DetectorOutput => ({
    observations: [notAssessed(speaker, 'median distance of key frames', 'frames', reason)],
  });
  if (!times.ok) return refuse(times.reason);
  const { frames } = times;
  const report = examineGops(frames.keys);
  if (report === null) return refuse('the container marks no key frame');
  const findings = gopFindings(report, frames);
  const observations = [
    measured(speaker, 'key frames', frames.keys.length, 'count', 'none'),
    measured(speaker, 'frames before the first key frame', report.leading, 'frames', 'higher-more-manipulated'),
  ];
  if (report.lengths.length === 0) {
    const reason = 'there is one key frame only, so no distance';
    return {
      observations: [...observations, notAssessed(speaker, 'median distance of key frames', 'frames', reason)],
      anomalies: toAnomalies(speaker, findings),
    };
  }
  return {
    observations: [
      ...observations,
      measured(speaker, 'median distance of key frames', report.median, 'frames', 'none'),
      measured(speaker, 'longest distance of key frames', report.longest, 'frames', 'none'),
      measured(speaker, 'share of the most common distance', report.modeShare, 'ratio', 'none', {
        distance: report.mode,
      }),
    ],
    series: [
      {
        id: 'gop-length',
        detector: speaker.id,
        quantity: 'distance to the next key frame',
        unit: 'frames',
        direction: 'none',
        axis: 'seconds',
        x: report.lengths.map((_, i) => frames.times[report.starts[i]]),
        y: [...report.lengths],
      },
    ],
    anomalies: toAnomalies(speaker, findings),
  };
}
