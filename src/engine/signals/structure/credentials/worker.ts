/**
 * Validates one file in a thread of its own: the WebAssembly reads and hashes synchronously, so only a thread can be
 * stopped, and only in a thread can the network be taken away without taking it from everybody.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import initialise, { WasmReader } from '@contentauth/c2pa-wasm';
import { openSource } from '../source.ts';
import { SourceBlob, SourceReaderSync } from './fileBlob.ts';
import { WorkerInput, type WorkerOutput } from './protocol.ts';

async function validate(input: WorkerInput): Promise<WorkerOutput> {
  Object.assign(globalThis, {
    FileReaderSync: SourceReaderSync,
    // The settings already forbid it; this makes sure that no setting of a later version brings it back.
    fetch: () => Promise.reject(new Error('no network')),
  });
  const source = openSource(input.path);
  try {
    await initialise({ module_or_path: readFileSync(input.wasm) });
    const reader = await WasmReader.fromBlob(input.mime, new SourceBlob(source, input.mime), input.settings);
    return { store: reader.json() };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  } finally {
    source.close();
  }
}

parentPort?.postMessage(await validate(WorkerInput.parse(workerData)));
