#!/usr/bin/env node
/**
 * `npm run gpu:cuda`: lets onnxruntime-node fetch its CUDA libraries (Linux x64, a connected machine with an NVIDIA
 * driver). They are large and come from NuGet, so ordinary set-up leaves them out.
 */
import { join } from 'node:path';
import { node24, ROOT, run } from './lib.mjs';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    'CUDA libraries for onnxruntime-node exist for 64-bit Linux on Intel or AMD only. Windows uses DirectML, macOS CoreML.',
  );
  process.exit(2);
}
const folder = join(ROOT, 'node_modules', 'onnxruntime-node');
process.exit(
  run(node24(), [join(folder, 'script', 'install.js'), '--onnxruntime-node-install=cuda12'], { cwd: folder }),
);
