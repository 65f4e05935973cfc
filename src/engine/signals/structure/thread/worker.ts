/**
 * The thread in which foreign WebAssembly reads evidence. It reads and hashes synchronously, so only a thread can be
 * stopped, and only in a thread can the network be taken away without taking it from everybody.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import initialise, { WasmReader } from '@contentauth/c2pa-wasm';
import mediaInfoFactory from 'mediainfo.js';
import { SourceBlob, SourceReaderSync } from '../credentials/fileBlob.ts';
import { type ByteSource, openSource } from '../source.ts';
import { type ThreadAnswer, ThreadTask } from './protocol.ts';

async function perform(task: ThreadTask): Promise<ThreadAnswer> {
  const source = openSource(task.path);
  try {
    return { json: task.kind === 'c2pa' ? await validate(task, source) : await summarise(source) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  } finally {
    source.close();
  }
}

async function validate(task: ThreadTask & { kind: 'c2pa' }, source: ByteSource): Promise<string> {
  await initialise({ module_or_path: readFileSync(task.wasm) });
  Object.assign(globalThis, {
    FileReaderSync: SourceReaderSync,
    // The settings already forbid it; this makes sure that no setting of a later version brings it back.
    fetch: () => Promise.reject(new Error('no network')),
  });
  const reader = await WasmReader.fromBlob(task.mime, new SourceBlob(source, task.mime), task.settings);
  return reader.json();
}

async function summarise(source: ByteSource): Promise<string> {
  const reader = await mediaInfoFactory({ format: 'JSON', full: false, coverData: false, chunkSize: 256 * 1024 });
  return await reader.analyzeData(source.size, (size, offset) => source.read(offset, size));
}

parentPort?.postMessage(await perform(ThreadTask.parse(workerData)));
