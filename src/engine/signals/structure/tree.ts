/** Builds trees for display under limits, so that a hostile file can neither flood memory nor the screen. */
import type { StructureField, StructureNode } from '../../../contract/result.ts';

/** Limits of one tree. */
interface TreeLimits {
  readonly maxNodes: number;
  readonly maxDepth: number;
  readonly maxText: number;
  /** Characters of all values together. */
  readonly maxTotalText: number;
}

const DEFAULT_LIMITS: TreeLimits = { maxNodes: 20_000, maxDepth: 24, maxText: 2_000, maxTotalText: 2_000_000 };

/** A node whose children are still being added. */
export interface OpenNode extends StructureNode {
  children: StructureNode[];
}

/** Counts nodes and remembers what went wrong while a tree grows. */
export class TreeBuilder {
  readonly limits: TreeLimits;
  readonly warnings: string[] = [];
  truncated = false;
  #nodes = 0;
  #text = 0;
  readonly #maxWarnings = 200;

  constructor(limits: TreeLimits = DEFAULT_LIMITS) {
    this.limits = limits;
  }

  /** A new node, or null once the limit is reached (the tree is then marked truncated). */
  node(name: string, offset: number | null, size: number | null): OpenNode | null {
    if (this.#nodes >= this.limits.maxNodes) {
      this.truncated = true;
      return null;
    }
    this.#nodes++;
    return { name: printable(name, 200), offset, size, fields: [], children: [] };
  }

  /** Adds a value to a node as display text. */
  field(node: StructureNode, name: string, value: string | number | boolean): void {
    const field = toField(name, value, this.limits.maxText);
    this.#text += field.name.length + field.value.length;
    if (this.#text > this.limits.maxTotalText) this.truncated = true;
    else node.fields.push(field);
  }

  /** Notes an irregularity of the file; the count is bounded. */
  warn(text: string): void {
    if (this.warnings.length < this.#maxWarnings) this.warnings.push(printable(text, 400));
    else this.truncated = true;
  }
}

/** A field with its value made safe for display. */
function toField(name: string, value: string | number | boolean, maxText = DEFAULT_LIMITS.maxText): StructureField {
  return { name: printable(name, 200), value: printable(String(value), maxText) };
}

/**
 * Text that can be shown and printed: control characters, line separators, lone surrogates and the bidirectional
 * overrides that let a string lie about its own reading order become `\u{…}`; long text is cut with its length named.
 */
export function printable(text: string, max = DEFAULT_LIMITS.maxText): string {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text;
  return cut
    .toWellFormed()
    .replace(
      /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu,
      (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
    );
}

/** Four-character codes as ISO 14496-12 writes them; bytes outside printable ASCII as `\xNN` (0xA9 as ©). */
export function fourCc(bytes: Uint8Array, at = 0): string {
  let text = '';
  for (let i = at; i < at + 4; i++) {
    const b = bytes[i] ?? 0;
    if (b === 0xa9) text += '©';
    else text += b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, '0')}`;
  }
  return text;
}
