/** Every method has its page, and the pages name every anomaly type that is counted. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { soundDetectors } from '../../src/engine/detectors/sound.ts';
import { ARTIFACT_TYPES, INCONSISTENCY_TYPES } from '../../src/engine/detectors/sound-counts.ts';
import { timeDetectors } from '../../src/engine/detectors/time.ts';
import { ROOT } from '../helpers/shared.ts';

const page = (id: string): string => join(ROOT, 'docs/methods', `${id}.md`);
const detectors = [...soundDetectors, ...timeDetectors];

it('ids are unique and each has a page with its limits', () => {
  expect(new Set(detectors.map((d) => d.id)).size).toBe(detectors.length);
  for (const { id } of detectors) {
    expect(existsSync(page(id)), id).toBe(true);
    const text = readFileSync(page(id), 'utf8');
    for (const part of ['What it measures', 'Reference', 'When it fails', 'What a positive means']) {
      expect(text, id).toContain(part);
    }
  }
});

it('each counted type is on the page of counts and of one detector', () => {
  const counts = readFileSync(page('sound-counts'), 'utf8');
  const all = detectors.map((d) => readFileSync(page(d.id), 'utf8')).join('\n');
  for (const type of [...INCONSISTENCY_TYPES, ...ARTIFACT_TYPES]) {
    expect(counts).toContain(`\`${type}\``);
    expect(all).toContain(`\`${type}\``);
  }
});
