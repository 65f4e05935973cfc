/** Test media: made once by scripts/fixtures.mjs, kept under .cache for later runs with the same script. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ROOT } from './shared.ts';

const Manifest = z.object({
  made: z.array(z.string()),
  missing: z.array(z.object({ name: z.string(), reason: z.string() })),
});

const SCRIPT = join(ROOT, 'scripts/fixtures.mjs');

function folder(): string {
  const stamp = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 16);
  const done = join(ROOT, '.cache/fixtures', stamp);
  if (existsSync(join(done, 'manifest.json'))) return done;
  // Two test files may start at once: each makes its own, and the first to finish gives its folder the name.
  const mine = `${done}.${process.pid}`;
  mkdirSync(mine, { recursive: true });
  execFileSync(process.execPath, [SCRIPT, mine], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(mine, done);
  } catch {
    rmSync(mine, { recursive: true, force: true });
  }
  return done;
}

let known: { path: string; missing: Map<string, string> } | null = null;

function fixtures(): { path: string; missing: Map<string, string> } {
  if (known === null) {
    const path = folder();
    const manifest = Manifest.parse(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')));
    known = { path, missing: new Map(manifest.missing.map(({ name, reason }) => [name, reason])) };
  }
  return known;
}

/** Path of a fixture; throws where its name is not one that the script makes. */
export function fixture(name: string): string {
  const path = join(fixtures().path, name);
  if (!existsSync(path)) throw new Error(`fixture ${name} was not made: ${fixtures().missing.get(name) ?? 'unknown'}`);
  return path;
}

/** Why a fixture could not be made here (an encoder ffmpeg lacks), or null where it is at hand. */
export function fixtureMissing(name: string): string | null {
  const reason = fixtures().missing.get(name) ?? null;
  if (reason !== null) console.warn(`skipped: ${name} could not be made: ${reason}`);
  return reason;
}
