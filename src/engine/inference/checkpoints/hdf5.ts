/** The one place that talks to h5wasm: bytes in, datasets out. */
import h5wasm, { Dataset, ExternalLink, Group } from 'h5wasm';
import { VidimusError } from '../../../contract/errors.ts';

interface Hdf5Dataset {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: unknown;
}

const invalid = (sentence: string, cause?: unknown): VidimusError =>
  new VidimusError('checkpoint.invalid', sentence, { cause });

/**
 * Every dataset of an HDF5 file held in memory. Links to other files are refused.
 * @throws VidimusError `checkpoint.invalid` or `checkpoint.hostile`.
 */
export async function hdf5(
  bytes: Uint8Array,
  limits: { readonly maxObjects: number; readonly maxDepth: number },
): Promise<Hdf5Dataset[]> {
  const library = await h5wasm.ready;
  // Without it the library writes pages of its own source lines to stderr for every damaged file.
  library.activate_throwing_error_handler();
  const { FS } = library;
  const path = 'checkpoint.h5';
  FS.writeFile(path, bytes);
  try {
    const file = new h5wasm.File(path, 'r');
    try {
      return collect(file, limits);
    } finally {
      file.close();
    }
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw invalid('The HDF5 file is damaged.', thrown);
  } finally {
    FS.unlink(path);
  }
}

function collect(root: Group, limits: { readonly maxObjects: number; readonly maxDepth: number }): Hdf5Dataset[] {
  const found: Hdf5Dataset[] = [];
  let objects = 0;
  let total = 0;
  const walk = (group: Group, prefix: string, depth: number): void => {
    if (depth > limits.maxDepth) throw invalid('The HDF5 file nests deeper than any real one.');
    for (const key of group.keys()) {
      if (++objects > limits.maxObjects) throw invalid('The HDF5 file lists more objects than any real one.');
      const name = prefix === '' ? key : `${prefix}/${key}`;
      const item = group.get(key);
      if (item instanceof Group) walk(item, name, depth + 1);
      else if (item instanceof Dataset) {
        const { shape, total_size: elements, size } = item.metadata;
        total += elements * size;
        if (!(total <= 2 ** 30)) throw invalid('The HDF5 file unpacks to more than 1 GiB.');
        found.push({ name, shape: shape ?? [], value: item.value });
      } else if (item instanceof ExternalLink) {
        throw new VidimusError('checkpoint.hostile', `The HDF5 file holds "${name}", a link to another file.`);
      } else {
        throw invalid(`The HDF5 file holds "${name}", which is neither a group nor a dataset.`);
      }
    }
  };
  walk(root, '', 0);
  return found;
}
