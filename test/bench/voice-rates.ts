/**
 * How often a change from one voice to another is found: node test/bench/voice-rates.ts LIST [--pairs N] [--seconds S]
 *
 * LIST as for sound-rates.ts, one set being one corpus of many speakers. The first S seconds of one clip are joined
 * with those of another (drawn by seed 1); clips that are shorter are left out. Prints quantiles of the largest change
 * and the share above thresholds, for joined clips and for the whole of single ones.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { VOICE_CHANGE, VoiceConsistency } from '../../src/engine/signals/sound/voice.ts';
import { decode } from '../helpers/sound.ts';
import { drawn } from './rates.ts';

const RATE = 16_000;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { pairs: { type: 'string', default: '40' }, seconds: { type: 'string', default: '10' } },
});
const [list] = positionals;
if (list === undefined) throw new Error('usage: voice-rates.ts LIST [--pairs N] [--seconds S]');
const ffmpeg = process.env['FFMPEG_BIN'] ?? 'ffmpeg';
const length = Number(options.seconds) * RATE;
const sets = new Map<string, string[]>();
for (const line of readFileSync(list, 'utf8').split('\n')) {
  const [name, , path] = line.split('\t');
  if (name !== undefined && path !== undefined) sets.set(name, [...(sets.get(name) ?? []), path]);
}

/** Largest change; null where the recording holds too little active sound. */
function largest(samples: Float32Array): number | null {
  const meter = new VoiceConsistency(RATE);
  meter.push(samples);
  const changes = meter.boundaries().map((b) => b.change);
  return changes.length === 0 ? null : Math.max(...changes);
}

for (const [name, paths] of sets) {
  const sounds: Float32Array[] = [];
  for (const path of drawn(paths.sort(), 8 * Number(options.pairs), 1)) {
    const sound = decode(ffmpeg, path, RATE);
    if (sound.length >= length) sounds.push(sound);
    if (sounds.length === 2 * Number(options.pairs)) break;
  }
  const single = sounds.map(largest);
  const joined: (number | null)[] = [];
  for (let i = 0; i + 1 < sounds.length; i += 2) {
    const both = new Float32Array(2 * length);
    both.set(sounds[i].subarray(0, length));
    both.set(sounds[i + 1].subarray(0, length), length);
    joined.push(largest(both));
  }
  for (const [what, values] of [
    ['single', single],
    ['joined', joined],
  ] as const) {
    const known = values.filter((v) => v !== null).sort((a, b) => a - b);
    const at = (q: number): string => (known[Math.floor(q * (known.length - 1))] ?? Number.NaN).toFixed(2);
    const above = (t: number): string => `${known.filter((v) => v >= t).length} from ${t}`;
    const thresholds = [0.2, 0.4, 0.6].map(above).join(', ');
    console.log(
      `${name}, ${what}: ${known.length} assessed, 5 % ${at(0.05)}, median ${at(0.5)}, 95 % ${at(0.95)}; ${thresholds} (now ${VOICE_CHANGE})`,
    );
  }
}
