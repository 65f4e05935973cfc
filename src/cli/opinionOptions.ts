/** Options for how scores become an opinion; each takes the place of the laboratory's setting for this run only. */
import { type Command, InvalidArgumentError } from 'commander';
import { OpinionSettings } from '../contract/opinionSettings.ts';

export interface OpinionOptions {
  weight?: Record<string, number>;
  temperature?: number;
  minDetectors?: number;
  maxDetectors?: number;
  confidence?: number;
  band?: number;
}

/** A number that the setting of this name accepts. */
const setting =
  (name: 'temperature' | 'minDetectors' | 'maxDetectors' | 'confidenceThreshold' | 'halfBand') =>
  (text: string): number => {
    const value = Number(text);
    const parsed = OpinionSettings.shape[name].safeParse(value);
    if (text.trim() === '' || !parsed.success)
      throw new InvalidArgumentError(parsed.error?.issues[0]?.message ?? 'not a number');
    return value;
  };

/** `DETECTOR=WEIGHT`, collected. */
function weight(text: string, known: Record<string, number> = {}): Record<string, number> {
  const cut = text.lastIndexOf('=');
  const value = Number(text.slice(cut + 1));
  if (cut < 1 || text.slice(cut + 1).trim() === '' || !(value >= 0 && value <= 1000))
    throw new InvalidArgumentError('DETECTOR=WEIGHT with a weight from 0 to 1000');
  return { ...known, [text.slice(0, cut)]: value };
}

/** Adds the options. */
export function opinionOptions(command: Command): Command {
  return command
    .option('--weight <detector=n>', 'weight of a detector in the combination; may be repeated', weight)
    .option('--temperature <n>', 'divides the logit of every score; above 1 is less certain', setting('temperature'))
    .option('--min-detectors <n>', 'least detectors that must speak before a label is given', setting('minDetectors'))
    .option('--max-detectors <n>', 'most detectors that are combined', setting('maxDetectors'))
    .option(
      '--confidence <n>',
      'confidence from 0 to 1 below which the label is uncertain',
      setting('confidenceThreshold'),
    )
    .option('--band <n>', 'half the width of the uncertain band around 0.5', setting('halfBand'));
}

/** The laboratory's settings with what this run asked for. */
export function opinionFor(options: OpinionOptions, laboratory: OpinionSettings): OpinionSettings {
  return {
    ...laboratory,
    weights: { ...laboratory.weights, ...options.weight },
    temperature: options.temperature ?? laboratory.temperature,
    minDetectors: options.minDetectors ?? laboratory.minDetectors,
    maxDetectors: options.maxDetectors ?? laboratory.maxDetectors,
    confidenceThreshold: options.confidence ?? laboratory.confidenceThreshold,
    halfBand: options.band ?? laboratory.halfBand,
  };
}
