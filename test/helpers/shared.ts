/** Finds reference material that is not part of the project; tests that need it skip with the reason printed. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const GOLDEN = join(ROOT, 'test/golden/data');
export const SHARED = process.env['VIDIMUS_SHARED'] ?? resolve(ROOT, '../shared');

/** Path below the shared folder, or null (with the reason on stderr) where it is absent. */
export function shared(path: string): string | null {
  const full = join(SHARED, path);
  if (existsSync(full)) return full;
  console.warn(`skipped: ${path} is not at hand (set VIDIMUS_SHARED to the folder that holds it)`);
  return null;
}
