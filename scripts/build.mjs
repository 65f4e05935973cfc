#!/usr/bin/env node
import { rmSync } from 'node:fs';
/**
 * `npm run build`: bundles main (ES module), preload (one CommonJS file, as the sandbox asks), the engine's host and
 * the renderer into dist/. Packages stay outside the bundles: natives and data files must be found where they lie.
 */
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './lib.mjs';

process.chdir(ROOT);
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
const { build } = await import('vite');

const isPackage = (id) => !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:/.test(id) && !id.startsWith('\0');
const nodeModules = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);

/** Bundles one entry for Node or Electron. */
const bundle = (entry, outDir, fileName, format) =>
  build({
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      ssr: true,
      rollupOptions: {
        input: entry,
        external: (id) => nodeModules.has(id) || isPackage(id),
        output: {
          entryFileNames: fileName,
          // Beside the entries: what a chunk names by its own place (threads) must lie where an entry would find it.
          chunkFileNames: '[name]-[hash].js',
          format,
          codeSplitting: format === 'cjs' ? false : undefined,
        },
      },
    },
  });

await bundle('src/main/main.ts', 'dist/main', 'main.js', 'es');
await bundle(
  {
    host: 'src/engine/host.ts',
    structureWorker: 'src/engine/signals/structure/thread/worker.ts',
    pictureWorker: 'src/engine/detectors/picture/thread/worker.ts',
  },
  'dist/engine',
  '[name].js',
  'es',
);
await bundle('src/preload/preload.ts', 'dist/preload', 'preload.cjs', 'cjs');
await build({ logLevel: 'warn' });
console.log('built: dist/main, dist/preload, dist/engine, dist/renderer');
