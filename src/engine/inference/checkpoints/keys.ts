/** How a checkpoint's keys become the parameter names of a graph: the architecture's {@link KeyRules} carried out. */
import { VidimusError } from '../../../contract/errors.ts';
import type { KeyRules } from '../../../contract/pack.ts';
import type { CheckpointTensor, CheckpointTree } from './checkpoint.ts';

/** A parameter under the name the graph knows, with the key it had in the file. */
export interface NamedTensor {
  readonly key: string;
  readonly tensor: CheckpointTensor;
  /** Axis order to bring it into, or null. */
  readonly permutation: readonly number[] | null;
}

export interface NamedTensors {
  readonly byName: ReadonlyMap<string, NamedTensor>;
  /** Keys that the rules name as not belonging to the network. */
  readonly ignored: readonly string[];
}

/** Names under which training scripts wrap the parameters; tried where the rules name none. */
const USUAL_WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights', 'params'];

/** Follows the wrappers down to the dictionary that holds the parameters. */
function unwrap(root: CheckpointTree, nested: readonly string[]): CheckpointTree {
  let tree = root;
  for (let depth = 0; depth < 8; depth++) {
    const named = nested.map((name) => tree.children.get(name)).find((child) => child !== undefined);
    const usual =
      tree.tensors.size > 0
        ? undefined
        : USUAL_WRAPPERS.map((name) => tree.children.get(name)).find((child) => child !== undefined);
    const next = named ?? usual;
    if (next === undefined) return tree;
    tree = next;
  }
  return tree;
}

function* flatten(tree: CheckpointTree, prefix = ''): Generator<readonly [string, CheckpointTensor]> {
  for (const [key, tensor] of tree.tensors) yield [prefix + key, tensor];
  for (const [key, child] of tree.children) yield* flatten(child, `${prefix}${key}.`);
}

/**
 * Applies the rules in their order: unwrap, ignore, strip prefixes (each once), rename. Transpositions are matched
 * against the key as it is in the file.
 * @throws VidimusError `checkpoint.mismatch` when two keys end at one name.
 */
export function applyKeyRules(root: CheckpointTree, rules: KeyRules): NamedTensors {
  const ignore = rules.ignore.map((pattern) => new RegExp(pattern));
  const renames = rules.rename.map(({ from, to }) => ({ from: new RegExp(from), to }));
  const transposes = rules.transpose.map(({ match, permutation }) => ({ match: new RegExp(match), permutation }));
  const byName = new Map<string, NamedTensor>();
  const ignored: string[] = [];
  for (const [key, tensor] of flatten(unwrap(root, rules.nested))) {
    let name = key;
    for (const prefix of rules.strip) if (name.startsWith(prefix)) name = name.slice(prefix.length);
    if (ignore.some((pattern) => pattern.test(key) || pattern.test(name))) {
      ignored.push(key);
      continue;
    }
    for (const { from, to } of renames) name = name.replace(from, to);
    const rival = byName.get(name);
    if (rival !== undefined) {
      throw new VidimusError('checkpoint.mismatch', `The keys "${rival.key}" and "${key}" both mean "${name}".`);
    }
    const permutation = transposes.find(({ match }) => match.test(key))?.permutation ?? null;
    if (
      permutation !== null &&
      [...permutation].sort((a, b) => a - b).join() !== tensor.shape.map((_, i) => i).join()
    ) {
      throw new VidimusError(
        'checkpoint.mismatch',
        `"${key}" has ${tensor.shape.length} axes, which the architecture's transposition does not fit.`,
      );
    }
    byName.set(name, { key, tensor, permutation });
  }
  return { byName, ignored };
}
