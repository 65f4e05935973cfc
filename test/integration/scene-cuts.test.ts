/** Cuts between scenes at known frames of a made clip: where the engine sees them, at which times, and how exactly. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnalysisResult, type FrameSampling, SCENE_CUT } from '../../src/contract/result.ts';
import { analyse } from '../../src/engine/pipeline.ts';
import { frameClock, knownTimes } from '../../src/renderer/examination/frames.ts';
import { cutSpans, seriesLanes } from '../../src/renderer/examination/lanes.ts';
import { makePlan } from '../../src/workbench/plans.ts';

const RATE = 25;
/** First frames of the second and the third scene. */
const CUTS = [40, 90];
const FRAMES = 125;
/** The mark is a frame's own time, which containers round to their time base: half a frame tells neighbours apart. */
const HALF = 0.5 / RATE;

const folder = mkdtempSync(join(tmpdir(), 'vidimus-cuts-'));
const path = join(folder, 'scenes.mp4');
beforeAll(() => {
  const [first = 0, second = 0] = CUTS;
  const scene = (source: string, frames: number): string[] => [
    '-f',
    'lavfi',
    '-t',
    String(frames / RATE),
    '-i',
    `${source}=size=320x240:rate=${RATE}`,
  ];
  const scenes = [scene('testsrc2', first), scene('mandelbrot', second - first), scene('testsrc', FRAMES - second)];
  const joined = ['-filter_complex', '[0:v][1:v][2:v]concat=n=3:v=1:a=0,format=yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...scenes.flat(), ...joined, '-c:v', 'libx264', path]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function examine(frames: FrameSampling): Promise<AnalysisResult> {
  const plan = { ...makePlan({ packs: [], frames }), detectors: ['frame-timing'] };
  const roots = { builtIn: folder, user: folder };
  const { signal } = new AbortController();
  return analyse({ path, plan, artifactsDir: null, profiles: null, roots, signal, onProgress: () => undefined });
}

describe('scene cuts of a clip', () => {
  it('are told with the time of the frame that begins the new scene, when all frames are examined', async () => {
    const result = await examine({ kind: 'all' });
    expect(result.observations.find(({ quantity }) => quantity === 'scene-cuts')?.value).toBe(2);
    const series = result.series.find(({ quantity }) => quantity === SCENE_CUT);
    expect(series).toMatchObject({ detector: 'frame-timing', axis: 'seconds', unit: 's', direction: 'none' });
    const spans = cutSpans(result.series);
    expect(spans).toHaveLength(2);
    for (const [i, cut] of CUTS.entries()) {
      expect(Math.abs((spans[i]?.to ?? 9) - cut / RATE)).toBeLessThan(HALF);
      expect(Math.abs((spans[i]?.from ?? 9) - (cut - 1) / RATE)).toBeLessThan(HALF);
    }
    const lanes = seriesLanes(result, frameClock(FRAMES, RATE, knownTimes(result)));
    expect(lanes.map(({ quantity }) => quantity)).not.toContain(SCENE_CUT);
  });

  it('lie inside the time that was not examined, when frames were left out', async () => {
    const spans = cutSpans((await examine({ kind: 'every', n: 7 })).series);
    expect(spans).toHaveLength(2);
    for (const [i, cut] of CUTS.entries()) {
      const { from, to } = spans[i] ?? { from: 9, to: 0 };
      expect(from).toBeLessThan(cut / RATE);
      expect(to).toBeGreaterThan(cut / RATE - HALF);
      expect(Math.abs(to - from - 7 / RATE)).toBeLessThan(HALF);
    }
  });
});
