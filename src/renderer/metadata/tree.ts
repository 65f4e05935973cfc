/** A structure as rows for a list that draws only what is in view. Pure. */
import type { StructureNode } from '../../contract/result.ts';

export interface TreeRow {
  /** Numbers of the branches from the root, `0.2.1`. */
  readonly path: string;
  readonly depth: number;
  readonly node: StructureNode;
  readonly open: boolean;
}

/** Rows of all open branches in order. `closed` names those that are shut. */
export function treeRows(root: StructureNode, closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const pending: { path: string; depth: number; node: StructureNode }[] = [{ path: '0', depth: 0, node: root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { path, depth, node } = next;
    const open = node.children.length > 0 && !closed.has(path);
    rows.push({ path, depth, node, open });
    if (!open) continue;
    for (let i = node.children.length - 1; i >= 0; i -= 1) {
      const child = node.children[i];
      if (child !== undefined) pending.push({ path: `${path}.${i}`, depth: depth + 1, node: child });
    }
  }
  return rows;
}

export interface FieldRow {
  readonly key: string;
  /** Names of the groups above the field. */
  readonly group: string;
  readonly name: string;
  readonly value: string;
}

/** Every field below a node with its groups; those that hold the words where any are given (case does not matter). */
export function fieldRows(root: StructureNode, words = ''): FieldRow[] {
  const rows: FieldRow[] = [];
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const visit = (node: StructureNode, group: string, path: string): void => {
    for (const [i, { name, value }] of node.fields.entries()) {
      const text = `${group} ${name} ${value}`.toLowerCase();
      if (wanted.every((word) => text.includes(word))) rows.push({ key: `${path}:${i}`, group, name, value });
    }
    for (const [i, child] of node.children.entries()) {
      visit(child, group === '' ? child.name : `${group} / ${child.name}`, `${path}.${i}`);
    }
  };
  visit(root, '', '0');
  return rows;
}
