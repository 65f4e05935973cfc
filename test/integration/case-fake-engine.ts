/** A workbench whose engine hashes the file and makes one picture, in a time of the test's choice. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canonical, sha256Of } from '../../src/casework/audit/canonical.ts';
import { API } from '../../src/contract/api.ts';
import { throwIfCancelled, VidimusError } from '../../src/contract/errors.ts';
import { engineSchemas } from '../../src/engine/protocol.ts';
import type { Workbench } from '../../src/workbench/workbench.ts';
import { resultFor } from './case-support.ts';

export interface FakeEngine {
  readonly call: Workbench['call'];
  /** Paths in the order in which they were begun. */
  readonly begun: string[];
  /** How many ran at once at most. */
  readonly peak: () => number;
}

/** `ms` per file; a file whose bytes hold "BROKEN" fails as a damaged one does. `before` runs when a file is begun. */
export function fakeEngine(ms: number, before: (path: string) => void = () => undefined): FakeEngine {
  const begun: string[] = [];
  let running = 0;
  let peak = 0;
  return {
    begun,
    peak: () => peak,
    call: async (name, args, options) => {
      const { path, artifactsDir, plan } = API['analysis.run'].args.parse(args);
      begun.push(path);
      before(path);
      running += 1;
      peak = Math.max(peak, running);
      try {
        const picture = Buffer.from(`picture of ${basename(path)}`);
        if (artifactsDir !== null) writeFileSync(join(artifactsDir, 'map.png'), picture);
        for (let waited = 0; waited < ms; waited += 5) {
          throwIfCancelled(options?.signal);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const bytes = readFileSync(path);
        if (bytes.includes('BROKEN')) throw new VidimusError('evidence.damaged', 'Nothing could be decoded.');
        const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
        const result = resultFor({
          originalName: basename(path),
          bytes: statSync(path).size,
          sha256: hash('sha256'),
          sha512: hash('sha512'),
          md5: hash('md5'),
        });
        const sha256 = createHash('sha256').update(picture).digest('hex');
        const artifact = {
          id: 'map',
          detector: 'voice',
          title: 'map',
          kind: 'plot',
          mime: 'image/png',
          width: 1,
          height: 1,
          sha256,
          file: 'map.png',
          parameters: {},
        };
        return engineSchemas[name].result.parse({
          ...result,
          artifacts: artifactsDir === null ? [] : [artifact],
          run: { ...result.run, plan, planHash: sha256Of(canonical(plan)) },
        });
      } finally {
        running -= 1;
      }
    },
  };
}
