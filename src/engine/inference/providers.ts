/** Which execution providers this build and this machine have, and the choice for one pack. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ProviderReport } from '../../contract/api.ts';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import type { InputRule } from '../../contract/pack.ts';
import { Provider, type ProviderChoice } from '../../contract/words.ts';
import { makeModel, makeNode, makeTensor, makeValue } from './onnx/build.ts';
import { encodeModel } from './onnx/write.ts';
import { deviation, probeRun } from './probe.ts';
import { builtProviders, loadRuntime, type Runtime } from './runtime.ts';

/** Where each provider exists, in the words of `doctor`. */
const HOMES: Readonly<Record<Provider, string>> = {
  cpu: 'every system',
  cuda: 'Linux on x64 with an NVIDIA driver, after "npm run gpu:cuda"',
  webgpu: 'systems with a Vulkan, Metal or Direct3D 12 driver',
  dml: 'Windows with DirectX 12',
  coreml: 'macOS',
};

/** Fastest first; the processor is always last and always there. */
const PREFERENCE: readonly Provider[] = ['cuda', 'coreml', 'dml', 'webgpu', 'cpu'];

/**
 * How far an accelerator may be from the processor on the probe, relative to max(1, |value|). Accelerators round
 * sums in another order (and CUDA may use 19-bit mantissas), which stays below this; a wrong kernel does not.
 */
const PROVIDER_TOLERANCE = 1e-2;

const isBuilt = (provider: Provider): boolean => builtProviders().some((built) => built.name === provider);

/** A small convolution network, so that a provider is judged by running and not by its name. */
async function trialModel(): Promise<Uint8Array> {
  const weights = Float32Array.from({ length: 4 * 3 * 9 }, (_, i) => Math.sin(i));
  return encodeModel(
    makeModel({
      nodes: [
        makeNode('Conv', ['x', 'w'], ['c'], { pads: [1, 1, 1, 1] }),
        makeNode('Relu', ['c'], ['r']),
        makeNode('GlobalAveragePool', ['r'], ['y']),
      ],
      initializers: [makeTensor('w', 'float32', [4, 3, 3, 3], weights)],
      inputs: [makeValue('x', 'float32', ['n', 3, 16, 16])],
      outputs: [makeValue('y', 'float32', ['n', 4, 1, 1])],
    }),
  );
}

const TRIAL_RULE: InputRule = { kind: 'image', layout: 'NCHW', scale: 1, mean: [0], std: [1] };

/** What is known of each provider on this machine; a driver that failed once is not asked again for every pack. */
const trials = new Map<Provider, Promise<ProviderReport>>();

/** Device files without which Linux has no graphics processor: direct rendering, NVIDIA's own, and WSL's. */
const LINUX_DEVICES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];

/** What plainly rules a provider out; asking onnxruntime all the same would print its drivers' complaints to stderr. */
function obstacle(provider: Provider): string | null {
  if (process.platform !== 'linux' || provider === 'cpu') return null;
  if (provider === 'webgpu') return LINUX_DEVICES.some(existsSync) ? null : 'This machine has no graphics device.';
  if (provider !== 'cuda') return null;
  const home = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const library = join(home, 'bin', 'napi-v6', 'linux', process.arch, 'libonnxruntime_providers_cuda.so');
  return existsSync(library) ? null : 'Its library is not installed; run "npm run gpu:cuda" while online.';
}

async function tryProvider(provider: Provider): Promise<ProviderReport> {
  if (!isBuilt(provider)) {
    return { provider, available: false, note: `Not in this build; it exists on ${HOMES[provider]}.` };
  }
  const missing = obstacle(provider);
  if (missing !== null) return { provider, available: false, note: missing };
  try {
    const { runtime } = await openChecked(await trialModel(), provider, 0, TRIAL_RULE);
    await runtime.dispose();
    return { provider, available: true, note: 'A small network ran and gave the expected numbers.' };
  } catch (thrown) {
    return { provider, available: false, note: asVidimusError(thrown).message };
  }
}

function providerReport(provider: Provider): Promise<ProviderReport> {
  const known = trials.get(provider) ?? tryProvider(provider);
  trials.set(provider, known);
  return known;
}

/** Tries every provider for real, once per process. Takes a second or two where an accelerator has to start. */
export async function providerReports(): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = [];
  for (const provider of Provider.options) reports.push(await providerReport(provider));
  return reports;
}

interface Opened {
  readonly runtime: Runtime;
  readonly provider: Provider;
  /** What the examiner must know about the choice; null when there is nothing to say. */
  readonly note: string | null;
}

/** Opens on one provider and, unless it is the processor, compares a run with the processor's. */
async function openChecked(bytes: Uint8Array, provider: Provider, threads: number, rule: InputRule): Promise<Opened> {
  const runtime = await loadRuntime(bytes, { provider, threads });
  try {
    const answer = await probeRun(runtime, rule);
    if (provider === 'cpu') return { runtime, provider, note: null };
    const reference = await loadRuntime(bytes, { provider: 'cpu', threads });
    try {
      const worst = deviation(await probeRun(reference, rule), answer);
      if (worst > PROVIDER_TOLERANCE) {
        throw new VidimusError(
          'inference.failed',
          `The provider ${provider} answers differently from the processor (by ${worst.toPrecision(2)}).`,
        );
      }
      return { runtime, provider, note: null };
    } finally {
      await reference.dispose();
    }
  } catch (thrown) {
    await runtime.dispose();
    throw thrown;
  }
}

/**
 * Opens a model on the provider asked for. `auto` tries accelerators that this build has, runs the model itself on
 * each, and takes the processor with a note saying why the others were left out.
 * @throws VidimusError `inference.failed` when the provider asked for by name does not run this model.
 */
export async function openOnProvider(
  bytes: Uint8Array,
  choice: ProviderChoice,
  threads: number,
  rule: InputRule,
): Promise<Opened> {
  if (choice === 'cpu') return openChecked(bytes, choice, threads, rule);
  if (choice !== 'auto') {
    const report = await providerReport(choice);
    if (!report.available)
      throw new VidimusError('inference.failed', `The provider ${choice} cannot be used. ${report.note}`);
    return openChecked(bytes, choice, threads, rule);
  }
  const reasons: string[] = [];
  for (const provider of PREFERENCE) {
    if (!isBuilt(provider)) continue;
    if (provider === 'cpu') break;
    const report = await providerReport(provider);
    if (!report.available) {
      reasons.push(`${provider}: ${report.note}`);
      continue;
    }
    try {
      return await openChecked(bytes, provider, threads, rule);
    } catch (thrown) {
      reasons.push(`${provider}: ${asVidimusError(thrown).message}`);
    }
  }
  const opened = await openChecked(bytes, 'cpu', threads, rule);
  return { ...opened, note: reasons.length === 0 ? null : `Ran on the processor. ${reasons.join(' ')}` };
}
