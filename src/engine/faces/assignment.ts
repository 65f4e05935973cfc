/** Who belongs to whom: the pairing of two groups with the greatest total affinity. */

/** A pair that may be formed; pairs that are not listed are forbidden. `affinity` is above 0, higher = better. */
export interface Pair {
  readonly left: number;
  readonly right: number;
  readonly affinity: number;
}

/** Columns of least total cost, row by row, for rows <= columns (Kuhn 1955, Munkres 1957; potentials, O(n²m)). */
function hungarian(cost: readonly Float64Array[], columns: number): Int32Array {
  const rows = cost.length;
  const u = new Float64Array(rows + 1);
  const v = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const way = new Int32Array(columns + 1);
  for (let i = 1; i <= rows; i++) {
    rowOf[0] = i;
    let at = 0;
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const used = new Uint8Array(columns + 1);
    do {
      used[at] = 1;
      const row = rowOf[at];
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= columns; j++) {
        if (used[j] === 1) continue;
        const reduced = cost[row - 1][j - 1] - u[row] - v[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          way[j] = at;
        }
        if (least[j] < delta) {
          delta = least[j];
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j] === 1) {
          u[rowOf[j]] += delta;
          v[j] -= delta;
        } else least[j] -= delta;
      }
      at = next;
    } while (rowOf[at] !== 0);
    do {
      const before = way[at];
      rowOf[at] = rowOf[before];
      at = before;
    } while (at !== 0);
  }
  const columnOf = new Int32Array(rows);
  for (let j = 1; j <= columns; j++) if (rowOf[j] > 0) columnOf[rowOf[j] - 1] = j - 1;
  return columnOf;
}

/** Groups of pairs that share no member with each other; crowds fall apart into small problems. */
function components(pairs: readonly Pair[]): Pair[][] {
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    let at = key;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    parent.set(key, at);
    return at;
  };
  for (const { left, right } of pairs) parent.set(root(`r${right}`), root(`l${left}`));
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const key = root(`l${pair.left}`);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return [...groups.values()];
}

/** The pairing of one component. */
function solve(pairs: readonly Pair[]): Pair[] {
  const lefts = [...new Set(pairs.map((pair) => pair.left))].sort((a, b) => a - b);
  const rights = [...new Set(pairs.map((pair) => pair.right))].sort((a, b) => a - b);
  const rowOf = new Map(lefts.map((left, i) => [left, i]));
  const columnOf = new Map(rights.map((right, i) => [right, i]));
  // One spare column per row stands for "nobody", so a row is never forced into a forbidden pair.
  const columns = rights.length + lefts.length;
  const cost = lefts.map(() => new Float64Array(columns).fill(0));
  const forbidden = 1e6;
  for (const row of cost) row.fill(forbidden, 0, rights.length);
  for (const { left, right, affinity } of pairs) {
    const row = rowOf.get(left);
    const column = columnOf.get(right);
    if (row !== undefined && column !== undefined) cost[row][column] = -affinity;
  }
  const chosen = hungarian(cost, columns);
  return pairs.filter(({ left, right }) => {
    const row = rowOf.get(left);
    return row !== undefined && chosen[row] === columnOf.get(right);
  });
}

/** The set of pairs, each member in at most one, whose affinities add up to the most. Order of input does not matter. */
export function assign(pairs: readonly Pair[]): Pair[] {
  return components(pairs)
    .flatMap(solve)
    .sort((a, b) => a.left - b.left);
}
