/** The detectors of time: what changes from frame to frame. */
import type { Detector } from '../types.ts';
import { opticalFlow } from './time-flow.ts';
import { frameTiming } from './time-frames.ts';
import { landmarkMotion } from './time-landmarks.ts';
import { lipSync } from './time-lip-sync.ts';

export const timeDetectors: readonly Detector[] = [frameTiming, opticalFlow, landmarkMotion, lipSync];
