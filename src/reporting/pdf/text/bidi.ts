/**
 * The order of letters on a line where scripts of both directions meet: the Unicode Bidirectional Algorithm (UAX #9)
 * without explicit embeddings, which never reach print (they are shown as code points). Of isolates it knows the one
 * that the chapters put around names. Classes are taken from scripts and categories, which agree with the Unicode data
 * for letters and digits.
 */

import { ISOLATE, ISOLATE_END } from '../../figures/text.ts';

type Class = 'L' | 'R' | 'AL' | 'EN' | 'AN' | 'ES' | 'ET' | 'CS' | 'NSM' | 'WS' | 'ON';

const CLASSES: readonly (readonly [Class, RegExp])[] = [
  ['EN', /[0-9\u06f0-\u06f9\u00b2\u00b3\u00b9\u2070-\u2089\uff10-\uff19]/u],
  ['AN', /[\u0660-\u0669\u066b\u066c]/u],
  ['WS', /\s/u],
  ['ES', /[+\-\u2212]/u],
  ['CS', /[,./:\u00a0\u060c]/u],
  ['ET', /[#%°\u066a\u2030\u2031\p{Sc}]/u],
  ['NSM', /[\p{Mn}\p{Me}]/u],
  ['AL', /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u],
  ['R', /[\p{Script=Hebrew}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}]/u],
  ['L', /[\p{L}\p{N}\p{Mc}]/u],
];

const known = new Map<string, Class>();
function classOf(c: string): Class {
  const seen = known.get(c);
  if (seen) return seen;
  const found = CLASSES.find(([, pattern]) => pattern.test(c))?.[0] ?? 'ON';
  if (known.size < 20_000) known.set(c, found);
  return found;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Whether any letter of the text runs from right to left; most texts need no more than this. */
export const hasRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(text);

/** Embedding level of every character (code point) of a paragraph; even runs left to right. Isolates do not nest. */
export function levelsOf(characters: readonly string[]): number[] {
  const outer: string[] = [];
  const places: number[] = [];
  const inner: { readonly from: number; readonly to: number }[] = [];
  for (let i = 0; i < characters.length; i += 1) {
    outer.push(characters[i] ?? '');
    places.push(i);
    if (characters[i] !== ISOLATE) continue;
    const end = characters.indexOf(ISOLATE_END, i);
    const to = end < 0 ? characters.length : end;
    inner.push({ from: i + 1, to });
    i = to - 1;
  }
  const levels = new Array<number>(characters.length).fill(0);
  levelsOfPlain(outer).forEach((level, k) => {
    levels[places[k] ?? 0] = level;
  });
  for (const { from, to } of inner) {
    const own = levelsOfPlain(characters.slice(from, to));
    // The least level of the right direction that is above the text around it.
    const around = levels[from - 1] ?? 0;
    const base = own.length > 0 && baseOf(characters.slice(from, to)) === 1 ? 1 : 0;
    const lift = [1, 2, 3, 4].find((l) => l > around && l % 2 === base) ?? base;
    own.forEach((level, k) => {
      levels[from + k] = level - base + lift;
    });
  }
  return levels;
}

function baseOf(characters: readonly string[]): 0 | 1 {
  const strong = characters.map(classOf).find((t) => t === 'L' || t === 'R' || t === 'AL');
  return strong === 'R' || strong === 'AL' ? 1 : 0;
}

function levelsOfPlain(characters: readonly string[]): number[] {
  const types = characters.map(classOf);
  const base = baseOf(characters);
  const edge: Class = base === 1 ? 'R' : 'L';
  resolveWeak(types, edge);
  resolveBrackets(characters, types, edge);
  resolveNeutral(types, edge);
  return types.map((type) => {
    if (base === 0) return type === 'R' ? 1 : type === 'AN' || type === 'EN' ? 2 : 0;
    return type === 'L' || type === 'EN' || type === 'AN' ? 2 : 1;
  });
}

/** Rules W1 to W7. */
function resolveWeak(types: Class[], edge: Class): void {
  let strong: Class = edge;
  for (const [i, type] of types.entries()) {
    if (type === 'NSM') types[i] = types[i - 1] ?? edge;
    if (type === 'EN' && strong === 'AL') types[i] = 'AN';
    if (type === 'L' || type === 'R' || type === 'AL') strong = type;
  }
  for (const [i, type] of types.entries()) if (type === 'AL') types[i] = 'R';
  for (let i = 1; i < types.length - 1; i += 1) {
    const before = types[i - 1];
    const same = before === types[i + 1];
    if (types[i] === 'ES' && same && before === 'EN') types[i] = 'EN';
    if (types[i] === 'CS' && same && (before === 'EN' || before === 'AN')) types[i] = before;
  }
  for (let i = 0; i < types.length; i += 1) {
    if (types[i] !== 'ET') continue;
    let end = i;
    while (types[end] === 'ET') end += 1;
    const number = types[i - 1] === 'EN' || types[end] === 'EN';
    types.fill(number ? 'EN' : 'ON', i, end);
    i = end - 1;
  }
  strong = edge;
  for (const [i, type] of types.entries()) {
    if (type === 'ES' || type === 'CS') types[i] = 'ON';
    if (type === 'EN' && strong === 'L') types[i] = 'L';
    if (type === 'L' || type === 'R') strong = type;
  }
}

const side = (type: Class | undefined, edge: Class): Class =>
  type === undefined ? edge : type === 'EN' || type === 'AN' ? 'R' : type;

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '（': '）', '「': '」', '『': '』' };

/** Brackets nested deeper than this are not paired (BD16). */
const DEEPEST = 63;

function pairsOf(characters: readonly string[]): [number, number][] {
  const pairs: [number, number][] = [];
  const open: number[] = [];
  for (const [i, c] of characters.entries()) {
    if (PAIRS[c] !== undefined) {
      if (open.length >= DEEPEST) return [];
      open.push(i);
      continue;
    }
    const at = open.findLastIndex((o) => PAIRS[characters[o] ?? ''] === c);
    const start = open[at];
    if (start === undefined) continue;
    pairs.push([start, i]);
    open.length = at;
  }
  return pairs.sort(([a], [b]) => a - b);
}

/** Rule N0: both brackets of a pair take one direction. */
function resolveBrackets(characters: readonly string[], types: Class[], edge: Class): void {
  const other: Class = edge === 'R' ? 'L' : 'R';
  for (const [start, end] of pairsOf(characters)) {
    let inside: Class = 'ON';
    for (let i = start + 1; i < end && inside !== edge; i += 1) {
      const type = side(types[i], 'ON');
      if (type === edge || type === other) inside = type;
    }
    if (inside === 'ON') continue;
    let found = edge;
    if (inside === other) {
      let i = start - 1;
      while (i >= 0 && side(types[i], 'ON') !== 'L' && side(types[i], 'ON') !== 'R') i -= 1;
      found = i < 0 ? edge : side(types[i], edge);
    }
    types[start] = found;
    types[end] = found;
  }
}

/** Rules N1 and N2. */
function resolveNeutral(types: Class[], edge: Class): void {
  for (let i = 0; i < types.length; i += 1) {
    if (types[i] !== 'ON' && types[i] !== 'WS') continue;
    let end = i;
    while (types[end] === 'ON' || types[end] === 'WS') end += 1;
    const before = side(types[i - 1], edge);
    types.fill(before === side(types[end], edge) ? before : edge, i, end);
    i = end - 1;
  }
}

/** Rule L2: the order in which the pieces of a line stand from left to right. */
export function visualOrder<T extends { readonly level: number }>(pieces: readonly T[]): T[] {
  const order = [...pieces];
  const highest = Math.max(0, ...order.map(({ level }) => level));
  for (let level = highest; level >= 1; level -= 1) {
    for (let i = 0; i < order.length; i += 1) {
      if ((order[i]?.level ?? 0) < level) continue;
      let end = i;
      while ((order[end]?.level ?? 0) >= level) end += 1;
      order.splice(i, end - i, ...order.slice(i, end).reverse());
      i = end;
    }
  }
  return order;
}

const MIRRORED: Readonly<Record<string, string>> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
  '<': '>',
  '>': '<',
  '«': '»',
  '»': '«',
};

/** Rule L4: brackets that stand in text from right to left face the other way. */
export const mirrored = (text: string): string => text.replace(/[()[\]{}<>«»]/g, (c) => MIRRORED[c] ?? c);
