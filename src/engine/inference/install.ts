/** The last step of every import: files, manifest and card into a folder that is checked, run once and moved in place. */
import { join } from 'node:path';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { PackManifest } from '../../contract/pack.ts';
import { installFolder, writeStream } from './files.ts';
import { scoresOf } from './output.ts';
import { CARD_NAME, describe, loadPack, MANIFEST_NAME, type Pack, packKey, readPackFile } from './pack.ts';
import { inputMismatch, probeRun } from './probe.ts';
import { listPacks, type ModelRoots } from './registry.ts';
import { loadRuntime } from './runtime.ts';

/** One file to be written into a new pack. */
interface NewFile {
  readonly name: string;
  readonly pieces: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Everything of a manifest but the files, which are hashed as they are written. */
export type ManifestDraft = Omit<PackManifest, 'files'>;

/**
 * Writes, verifies, tries and installs a pack into the user's folder.
 * @throws VidimusError `pack.exists`, `pack.invalid`, `inference.failed`, `output.failed`; the folder is then as before.
 */
export async function installPack(
  roots: ModelRoots,
  draft: ManifestDraft,
  files: readonly NewFile[],
  card: string,
  signal?: AbortSignal,
): Promise<Pack> {
  await refuseExisting(roots, draft);
  const { folder, value } = await installFolder(roots.user, async (temporary) => {
    const written: PackManifest['files'] = [];
    for (const file of files) {
      const { bytes, sha256 } = await writeStream(join(temporary, file.name), file.pieces(), signal);
      written.push({ path: file.name, sha256, bytes });
    }
    const parsed = PackManifest.safeParse({ ...draft, files: written });
    if (!parsed.success)
      throw new VidimusError('pack.invalid', `The new pack's manifest is not valid: ${describe(parsed.error)}.`);
    await writeStream(join(temporary, CARD_NAME), [Buffer.from(card)], signal);
    await writeStream(
      join(temporary, MANIFEST_NAME),
      [Buffer.from(`${JSON.stringify(parsed.data, null, 2)}\n`)],
      signal,
    );
    const pack = await loadPack(temporary, signal);
    await tryPack(pack, signal);
    return { name: packKey(pack.manifest), value: pack };
  });
  return { ...value, folder };
}

/** @throws VidimusError `pack.exists` when a pack of this id and version is known already. */
export async function refuseExisting(
  roots: ModelRoots,
  pack: { readonly id: string; readonly version: string },
): Promise<void> {
  const { packs } = await listPacks(roots, { id: packKey(pack) });
  const first = packs[0];
  if (first !== undefined) {
    throw new VidimusError('pack.exists', `${packKey(pack)} is installed already, in "${first.folder}".`);
  }
}

/**
 * Runs every graph of a pack once on the processor.
 * @throws VidimusError `inference.failed` or `pack.invalid` when it cannot give what its manifest promises.
 */
export async function tryPack(pack: Pack, signal?: AbortSignal): Promise<void> {
  const { manifest } = pack;
  const graphs = manifest.files.map((file) => file.path).filter((path) => path.endsWith('.onnx'));
  if (graphs.length === 0) throw new VidimusError('pack.invalid', `The pack ${packKey(manifest)} has no graph.`);
  for (const name of graphs) {
    throwIfCancelled(signal);
    const runtime = await loadRuntime(await readPackFile(pack, name), { provider: 'cpu', threads: 0 });
    try {
      const scored = manifest.output.fakeIndex !== undefined || manifest.output.realIndex !== undefined;
      // Networks of several graphs, and those that give no score (their input carries context), take more than evidence.
      const mismatch = graphs.length > 1 || !scored ? null : inputMismatch(runtime.inputs, manifest.input);
      if (mismatch !== null) throw new VidimusError('pack.invalid', `"${name}" does not fit its rules: ${mismatch}.`);
      const answer = await probeRun(runtime, manifest.input);
      const output = answer[manifest.output.tensor];
      if (output === undefined) {
        throw new VidimusError(
          'pack.invalid',
          `"${name}" gives no "${manifest.output.tensor}"; it gives ${Object.keys(answer).join(', ')}.`,
        );
      }
      if (scored) scoresOf({ dims: [1, output.data.length], data: output.data }, manifest.output);
    } finally {
      await runtime.dispose();
    }
  }
}
