import { defineConfig } from 'vitest/config';

/** Four heights of tests; e2e runs under Playwright (test/e2e). */
export default defineConfig({
  test: {
    projects: ['unit', 'golden', 'integration', 'migrations', 'security'].map((name) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.{ts,tsx}`],
        // Native addons abort when a worker thread ends while they run, so every file gets a process.
        pool: 'forks' as const,
        testTimeout: 120_000,
        hookTimeout: 120_000,
      },
    })),
    maxWorkers: 2,
    passWithNoTests: true,
  },
});
