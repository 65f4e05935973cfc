import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { evenlySpaced } from '../../src/engine/media/sampling.ts';
import { GOLDEN } from '../helpers/shared.ts';

const Golden = z.record(z.string().regex(/^\d+->\d+$/), z.array(z.number()));

describe('evenly spaced frames', () => {
  const golden = Golden.parse(JSON.parse(readFileSync(join(GOLDEN, 'frame_indices.json'), 'utf8')));
  // Whole numbers, so the tolerance is none.
  it.each(Object.entries(golden))('%s as numpy.linspace cuts them', (key, want) => {
    const [total = 0, n = 0] = key.split('->').map(Number);
    expect(evenlySpaced(total, n)).toEqual(want);
  });
});
