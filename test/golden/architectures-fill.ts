/**
 * The fill rule: the same weights and inputs as `models/training/vidimus_training/fill.py`, where it is put in words.
 * Values come from names and shapes alone, so nothing but this rule and PyTorch's answers must be stored.
 */

/** FNV-1a, 32 bit, of the UTF-8 bytes. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** `offset + scale * u` for `count` pseudo-random u in [0, 1), rounded to single precision. */
function uniform(name: string, count: number, offset: number, scale: number): Float32Array {
  const out = new Float32Array(count);
  const seed = seedOf(name);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i, 0x9e3779b9) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x = (x ^ (x >>> 16)) >>> 0;
    out[i] = offset + scale * (x / 4294967296);
  }
  return out;
}

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** The value of an initialiser. */
export function fillWeight(name: string, dims: readonly number[], gain: number): Float32Array {
  const count = product(dims);
  if (name.endsWith('running_var') || name.endsWith('scale') || dims.length === 0) return uniform(name, count, 0.5, 1);
  if (dims.length === 1)
    return name.endsWith('weight') ? uniform(name, count, 0.5, 1) : uniform(name, count, -0.1, 0.2);
  const bound = Math.sqrt(gain / product(dims.slice(1)));
  return uniform(name, count, -bound, 2 * bound);
}

/** The value of an input of the graph, in [-1, 1). */
export function fillInput(name: string, dims: readonly number[]): Float32Array {
  return uniform(`input:${name}`, product(dims), -1, 2);
}
