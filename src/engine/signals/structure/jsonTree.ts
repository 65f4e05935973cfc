/** Turns parsed JSON into a tree for display. */
import type { StructureNode } from '../../../contract/result.ts';
import type { TreeBuilder } from './tree.ts';

/** Objects and arrays become nodes, everything else fields. Null once the tree's limit is reached. */
export function jsonTree(name: string, value: unknown, builder: TreeBuilder, depth = 0): StructureNode | null {
  const node = builder.node(name, null, null);
  if (node === null || typeof value !== 'object' || value === null) return node;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) {
      builder.field(node, key, String(inner));
      continue;
    }
    if (Array.isArray(inner) && inner.every((item) => typeof item !== 'object')) {
      builder.field(node, key, inner.map(String).join(', '));
      continue;
    }
    if (depth + 1 >= builder.limits.maxDepth) {
      builder.truncated = true;
      continue;
    }
    const child = jsonTree(key, inner, builder, depth + 1);
    if (child === null) return node;
    node.children.push(child);
  }
  return node;
}
