/** Options that several commands share, parsed into plan wishes. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FrameSampling } from '../contract/result.ts';
import { FusionMethod, ProviderChoice } from '../contract/words.ts';
import { readOpinionSettings } from '../workbench/opinionSettings.ts';
import type { PlanWishes } from '../workbench/plans.ts';
import { type OpinionOptions, opinionFor, opinionOptions } from './opinionOptions.ts';

/** A whole number of at least `least`. */
export const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) throw new InvalidArgumentError(`a whole number from ${least} on`);
    return value;
  };

/** `all`, `key`, `every:N` or a number of evenly spaced frames. */
export function frames(text: string): FrameSampling {
  if (text === 'all' || text === 'key') return { kind: text };
  const every = /^every:(\d+)$/.exec(text);
  if (every?.[1]) return { kind: 'every', n: whole(1)(every[1]) };
  return { kind: 'evenly', n: whole(1)(text) };
}

/** An existing folder, as an absolute path: the engine is another process. */
function folder(text: string): string {
  const path = resolve(text);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new InvalidArgumentError('not a folder');
  return path;
}

export interface PlanOptions extends OpinionOptions {
  pack?: string[];
  fusion?: string;
  frames?: FrameSampling;
  provider?: string;
  maxMegapixels?: number;
  timeLimit?: number;
  minFace?: number;
  cameraReference?: string;
}

/** Adds the options that shape a plan. */
export function planOptions(command: Command): Command {
  return opinionOptions(command)
    .option('--pack <id...>', 'use only these model packs')
    .addOption(new Option('--fusion <method>', 'how scores are combined').choices(FusionMethod.options))
    .option('--frames <n|all|key|every:n>', 'video frames to look at (default: 120 evenly spaced)', frames)
    .addOption(new Option('--provider <name>', 'where networks run').choices(ProviderChoice.options))
    .option('--max-megapixels <n>', 'largest picture that is decoded (default: 100)', whole(1))
    .option('--time-limit <seconds>', 'longest time one file may take to decode (default: 14400)', whole(1))
    .option('--min-face <pixels>', 'smallest face looked for (default: 40)', whole(12))
    .option('--camera-reference <dir>', 'compare sensor noise with the pictures of one camera in this folder', folder);
}

/** The wishes behind parsed options and the laboratory's settings. @throws VidimusError usage.invalid */
export function wishesOf(options: PlanOptions, artifacts: boolean): PlanWishes {
  return {
    packs: options.pack,
    fusion: options.fusion === undefined ? undefined : FusionMethod.parse(options.fusion),
    frames: options.frames,
    provider: options.provider === undefined ? undefined : ProviderChoice.parse(options.provider),
    maxMegapixels: options.maxMegapixels,
    timeLimitSeconds: options.timeLimit,
    minFacePx: options.minFace,
    cameraReference: options.cameraReference,
    artifacts,
    opinion: opinionFor(options, readOpinionSettings()),
  };
}
