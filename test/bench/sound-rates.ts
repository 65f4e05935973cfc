/**
 * How often the sound detectors report anomalies in recordings of real and synthetic speech, each set for itself.
 *
 *   node test/bench/sound-rates.ts LIST [--clips N] [--seed S] [--part K/N] [--half tune|test]
 *
 * LIST holds lines of three fields separated by tabs: name of the set, `real` or `synthetic`, path of a recording. N
 * clips of each set are drawn by the seed, the first half for setting thresholds ("tune"), the second for stating rates
 * ("test"). Each goes through the whole engine in its own format. Writes one line of JSON per clip to standard output;
 * test/bench/rates-table.ts makes tables of them.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { soundDetectors } from '../../src/engine/detectors/sound.ts';
import { analyse } from '../../src/engine/pipeline.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { drawn } from './rates.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clips: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string', default: '0/1' },
    half: { type: 'string' },
  },
});
const [list] = positionals;
if (list === undefined) {
  console.error('usage: sound-rates.ts LIST [options]; see the head of the file');
  process.exit(2);
}
const [part, parts] = options.part.split('/').map(Number);

const sets = new Map<string, { label: string; paths: string[] }>();
for (const line of readFileSync(list, 'utf8').split('\n')) {
  const [name, label, path] = line.split('\t');
  if (name === undefined || label === undefined || path === undefined) continue;
  const set = sets.get(name) ?? { label, paths: [] };
  set.paths.push(path);
  sets.set(name, set);
}
// Without an anomaly there is no alarm to count.
const detectors = soundDetectors.map((d) => d.id).filter((id) => id !== 'sound-spectrum');
const plan = { ...makePlan({ packs: [] }), detectors };
const roots = { builtIn: '/nowhere', user: '/nowhere' };
let count = 0;
for (const [group, { label, paths }] of sets) {
  const chosen = drawn(paths.sort(), Number(options.clips), Number(options.seed));
  for (const [i, path] of chosen.entries()) {
    const half = i % 2 === 0 ? 'tune' : 'test';
    if (half !== (options.half ?? half) || count++ % parts !== part) continue;
    try {
      const result = await analyse({
        path,
        plan,
        artifactsDir: null,
        profiles: null,
        roots,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      });
      const values = Object.fromEntries(result.observations.map((o) => [o.quantity, o.value]));
      const alarms = result.anomalies.map((a) => [a.type, a.severity, a.where?.seconds ?? null]);
      const seconds = result.evidence.duration;
      console.log(JSON.stringify({ half, group, label, name: path, seconds, values, alarms }));
    } catch (thrown) {
      console.error(`${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  console.error(`${group}: ${chosen.length}`);
}
