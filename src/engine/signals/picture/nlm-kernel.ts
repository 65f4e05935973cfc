/**
 * WebAssembly kernel of non-local means on one tile, bit for bit in the integer arithmetic of OpenCV's
 * fastNlMeansDenoising (template 7, search 21).
 *
 * For every offset of half of the search window (the other half follows by symmetry) a plane of weights is computed
 * for sixteen rows: squared differences, 7 x 7 sums in saturating 16-bit lanes, weight by table. Saturation is exact
 * because a sum that saturates lies where the table is zero. Then the planes of one row offset are applied in both
 * directions, two at a time, with sums of two products.
 *
 * A tile is at most {@link TILE.width} x {@link TILE.height} pixels; its input carries a border of 13.
 */
import {
  add,
  add16,
  add32,
  addSaturated16,
  advance,
  and128,
  anyTrue,
  assemble,
  block,
  type Code,
  call,
  clear,
  divU,
  dot16,
  equal16,
  get,
  I32,
  i32,
  interleaveHigh16,
  interleaveLow16,
  lane16,
  lessU16,
  load8U,
  load8x8U,
  load16U,
  load32,
  load128,
  mul,
  mul16,
  or128,
  repeatWhileBelow,
  set,
  shiftRightU16,
  shrU,
  splat16,
  store8,
  store16,
  store128,
  sub16,
  tee,
  V128,
  type WasmFunction,
  when,
  xor128,
} from '../dsp/wasm.ts';

/** Geometry of a tile. `left` is the column of the tile's first pixel in a padded row of `stride` pixels. */
export const TILE = { width: 512, height: 246, border: 13, stride: 608, left: 48, rows: 300, outStride: 512 } as const;
const BAND = 16;
const SEARCH = 10;
const PLANES = 2 * SEARCH + 2;

const ROW8 = TILE.stride;
const ROW16 = TILE.stride * 2;
const ROW32 = TILE.stride * 4;
const PLANE = BAND * ROW16;

let used = 1024;
/** Places a region in the kernel's memory; the spare bytes keep unaligned reads at either end inside. */
function region(bytes: number): number {
  const at = used;
  used += Math.ceil((bytes + 256) / 256) * 256;
  return at;
}
const TABLE = [region(2048), region(4096)] as const;
const IN = [region(ROW8 * TILE.rows), region(ROW8 * TILE.rows), region(ROW8 * TILE.rows)] as const;
const IMAGE = [region(ROW16 * TILE.rows), region(ROW16 * TILE.rows)] as const;
const PAIR = [region(ROW32 * TILE.rows), region(ROW32 * TILE.rows)] as const;
const SUM = [region(ROW32 * TILE.rows), region(ROW32 * TILE.rows)] as const;
const WEIGHT_SUM = region(ROW32 * TILE.rows);
const COLUMNS = region(PLANE);
const WEIGHTS = region(PLANES * PLANE);
const OUT = [
  region(TILE.outStride * TILE.height),
  region(TILE.outStride * TILE.height),
  region(TILE.outStride * TILE.height),
] as const;

/** Where the host puts the tables (16-bit) and input planes (8-bit, padded rows) and finds the output planes. */
export const MEMORY = { tables: TABLE, input: IN, output: OUT } as const;

/** Widens the input to 16 bit and to pairs of neighbours. Parameters: in, image, pair (addresses). */
const widen: WasmFunction = {
  name: 'widen',
  params: 3,
  locals: [I32, V128, V128],
  body: block(
    set(3, add(get(1), i32(ROW16 * TILE.rows))),
    repeatWhileBelow(
      1,
      get(3),
      block(
        set(4, load8x8U(get(0))),
        set(5, load8x8U(get(0), 1)),
        store128(get(1), get(4)),
        store128(get(2), interleaveLow16(get(4), get(5))),
        store128(get(2), interleaveHigh16(get(4), get(5)), 16),
        advance(0, 8),
        advance(1, 16),
        advance(2, 32),
      ),
    ),
  ),
};

/**
 * Weight plane of one offset. Parameters: byte offset of the band's first patch row (three above its first pixel)
 * at column left - 24; distance to the partner in bytes; address of the plane at column left - 16; bytes of a row
 * of weights (a multiple of 16).
 */
function weights(channels: 1 | 2): WasmFunction {
  const [SRC, PARTNER, OUT_W, BYTES, P, END, Q, W, ROW_END] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const T = 9;
  const D = 10;
  const count = BAND + 6;
  const diff = (k: number): Code => {
    const one = (plane: number): number[] =>
      block(
        set(T, sub16(load128(get(SRC), IMAGE[plane] + k * ROW16), load128(get(P), IMAGE[plane] + k * ROW16))),
        mul16(get(T), get(T)),
      );
    return set(D + k, channels === 1 ? one(0) : addSaturated16(one(0), one(1)));
  };
  const S2 = D + count;
  const S4 = S2 + count;
  const vertical: number[] = [];
  for (let k = 0; k < count; k++) {
    vertical.push(...diff(k));
    if (k >= 1) vertical.push(...set(S2 + k, addSaturated16(get(D + k - 1), get(D + k))));
    if (k >= 3) vertical.push(...set(S4 + k, addSaturated16(get(S2 + k - 2), get(S2 + k))));
    if (k >= 6) {
      const seven = addSaturated16(addSaturated16(get(S4 + k - 3), get(S2 + k - 1)), get(D + k));
      vertical.push(...store128(get(Q), seven, COLUMNS + (k - 6) * ROW16));
    }
  }
  const at = (shift: number): number[] => load128(get(Q), COLUMNS + 2 * shift);
  const A = S4 + count;
  const B = A + 1;
  const left = addSaturated16(addSaturated16(at(-3), at(-2)), addSaturated16(at(-1), at(0)));
  const right = addSaturated16(addSaturated16(at(1), at(2)), at(3));
  // Bytes into the table: twice (sum >> 6). Two channels need 17 bits, so the halves are averaged, not added,
  // and a half that saturated is sent to the end of the table, where the weight is zero.
  const top = splat16(i32(0xffff));
  const index =
    channels === 1
      ? and128(shiftRightU16(addSaturated16(get(A), get(B)), i32(5)), splat16(i32(0xfffe)))
      : or128(
          and128(
            shiftRightU16(add16(and128(get(A), get(B)), shiftRightU16(xor128(get(A), get(B)), i32(1))), i32(4)),
            splat16(i32(0x0ffe)),
          ),
          and128(or128(equal16(get(A), top), equal16(get(B), top)), splat16(i32(0x0ffe))),
        );
  const lookup: number[] = [];
  for (let lane = 0; lane < 8; lane++) {
    lookup.push(...store16(get(W), load16U(lane16(get(T), lane), TABLE[channels - 1]), 2 * lane));
  }
  return {
    name: `weights${channels}`,
    params: 4,
    locals: [I32, I32, I32, I32, I32, ...new Array<typeof V128>(1 + 3 * count + 2).fill(V128)],
    body: block(
      set(P, add(get(SRC), get(PARTNER))),
      set(Q, i32((TILE.left - 24) * 2)),
      set(END, add(get(Q), add(get(BYTES), i32(32)))),
      repeatWhileBelow(Q, get(END), block(vertical, advance(SRC, 16), advance(P, 16), advance(Q, 16))),
      set(Q, i32((TILE.left - 16) * 2)),
      set(END, add(get(Q), i32(BAND * ROW16))),
      repeatWhileBelow(
        Q,
        get(END),
        block(
          set(W, get(OUT_W)),
          set(ROW_END, add(get(W), get(BYTES))),
          repeatWhileBelow(
            W,
            get(ROW_END),
            block(
              set(A, left),
              set(B, right),
              set(T, index),
              when(
                anyTrue(lessU16(get(T), splat16(i32(2 * TABLE_USED[channels - 1])))),
                lookup,
                store128(get(W), splat16(i32(0))),
              ),
              advance(Q, 16),
              advance(W, 16),
            ),
          ),
          advance(OUT_W, ROW16),
          set(Q, add(get(Q), add(i32(ROW16), mul(get(BYTES), i32(-1))))),
        ),
      ),
    ),
  };
}

/**
 * Applies the planes of one row offset in both directions. Parameters: byte offset (32-bit rows, column `left`) of
 * the band's first row; the same of the partner's row; bytes of a row of sums (a multiple of 32).
 */
function apply(channels: 1 | 2, name: string, firstDx: number, pairs: number): WasmFunction {
  const [I, J, BYTES, W, ROW, END] = [0, 1, 2, 3, 4, 5];
  const [W1, W2, LO, HI, ONES, SLO, SHI] = [6, 7, 8, 9, 10, 11, 12];
  const E = 13;
  const side = (
    own: number,
    other: number,
    weight: (k: number) => [Code, Code],
    shift: (k: number) => number,
  ): Code => {
    const code: number[] = [];
    for (let c = 0; c < channels; c++) {
      code.push(...set(E + 2 * c, load128(get(own), SUM[c])), ...set(E + 2 * c + 1, load128(get(own), SUM[c] + 16)));
    }
    code.push(...set(SLO, load128(get(own), WEIGHT_SUM)), ...set(SHI, load128(get(own), WEIGHT_SUM + 16)));
    for (let k = 0; k < pairs; k++) {
      const [first, second] = weight(k);
      code.push(...set(W1, first), ...set(W2, second));
      code.push(...set(LO, interleaveLow16(get(W1), get(W2))), ...set(HI, interleaveHigh16(get(W1), get(W2))));
      code.push(...set(SLO, add32(get(SLO), dot16(get(LO), get(ONES)))));
      code.push(...set(SHI, add32(get(SHI), dot16(get(HI), get(ONES)))));
      for (let c = 0; c < channels; c++) {
        const from = PAIR[c] + 4 * shift(k);
        code.push(...set(E + 2 * c, add32(get(E + 2 * c), dot16(get(LO), load128(get(other), from)))));
        code.push(...set(E + 2 * c + 1, add32(get(E + 2 * c + 1), dot16(get(HI), load128(get(other), from + 16)))));
      }
    }
    for (let c = 0; c < channels; c++) {
      code.push(...store128(get(own), get(E + 2 * c), SUM[c]), ...store128(get(own), get(E + 2 * c + 1), SUM[c] + 16));
    }
    code.push(...store128(get(own), get(SLO), WEIGHT_SUM), ...store128(get(own), get(SHI), WEIGHT_SUM + 16));
    return code;
  };
  const plane = (k: number, back: number): Code => load128(get(W), WEIGHTS + k * PLANE - 2 * back);
  const forth = side(
    I,
    J,
    (k) => [plane(2 * k, 0), plane(2 * k + 1, 0)],
    (k) => firstDx + 2 * k,
  );
  // Seen from the partner, the pixel of the second plane of a pair lies one to the left of the first's.
  const back = side(
    J,
    I,
    (k) => [plane(2 * k + 1, firstDx + 2 * k + 1), plane(2 * k, firstDx + 2 * k)],
    (k) => -(firstDx + 2 * k) - 1,
  );
  const along = (body: Code): Code => block(body, advance(I, 32), advance(J, 32), advance(W, 16));
  const rewind = block(
    set(I, add(get(I), mul(get(BYTES), i32(-1)))),
    set(J, add(get(J), mul(get(BYTES), i32(-1)))),
    set(W, add(get(W), mul(shrU(get(BYTES), i32(1)), i32(-1)))),
  );
  const row = (body: Code): Code =>
    block(set(END, add(get(I), get(BYTES))), repeatWhileBelow(I, get(END), along(body)), rewind);
  return {
    name,
    params: 3,
    locals: [I32, I32, I32, ...new Array<typeof V128>(7 + 2 * channels).fill(V128)],
    body: block(
      set(ONES, splat16(i32(1))),
      set(W, i32(TILE.left * 2)),
      set(ROW, i32(0)),
      repeatWhileBelow(
        ROW,
        i32(BAND),
        block(row(forth), row(back), advance(I, ROW32), advance(J, ROW32), advance(W, ROW16), advance(ROW, 1)),
      ),
    ),
  };
}

/**
 * All of one tile. Parameters: width rounded up to 8, height, addresses of the first input and output plane.
 * `indices` are the positions of the other functions in the module.
 */
function tile(
  channels: 1 | 2,
  indices: { widen: number; weights: number; same: number; below: number; finish: number },
): WasmFunction {
  const [WIDTH, HEIGHT, Y, DY, DX, BYTES] = [0, 1, 2, 3, 4, 5];
  const first = channels === 1 ? 0 : 1;
  const image16 = (row: Code): Code => add(mul(row, i32(ROW16)), i32((TILE.left - 24) * 2));
  const sum32 = (row: Code): Code => add(mul(row, i32(ROW32)), i32(TILE.left * 4));
  // Rows are counted in the padded tile; the first pixel whose partner may lie in the tile is row 3.
  const plane = (k: Code): Code => add(mul(k, i32(PLANE)), i32(WEIGHTS + (TILE.left - 16) * 2));
  const oneOffset = (index: Code): Code =>
    call(
      indices.weights,
      image16(add(get(Y), i32(-3))),
      mul(add(mul(get(DY), i32(TILE.stride)), get(DX)), i32(2)),
      plane(index),
      get(BYTES),
    );
  const start: number[] = [];
  const end: number[] = [];
  for (let c = 0; c < channels; c++) {
    start.push(...call(indices.widen, i32(IN[first + c]), i32(IMAGE[c]), i32(PAIR[c])));
    start.push(...clear(i32(SUM[c]), i32(ROW32 * TILE.rows)));
    end.push(...call(indices.finish, get(WIDTH), get(HEIGHT), i32(IN[first + c]), i32(SUM[c]), i32(OUT[first + c])));
  }
  return {
    name: channels === 1 ? 'grey' : 'colour',
    params: 2,
    locals: [I32, I32, I32, I32],
    body: block(
      start,
      clear(i32(WEIGHT_SUM), i32(ROW32 * TILE.rows)),
      set(BYTES, add(mul(get(WIDTH), i32(2)), i32(64))),
      set(Y, i32(TILE.border - SEARCH)),
      repeatWhileBelow(
        Y,
        add(get(HEIGHT), i32(TILE.border)),
        block(
          set(DY, i32(0)),
          set(DX, i32(1)),
          repeatWhileBelow(DX, i32(SEARCH + 1), block(oneOffset(add(get(DX), i32(-1))), advance(DX, 1))),
          call(indices.same, sum32(get(Y)), sum32(get(Y)), mul(get(WIDTH), i32(4))),
          set(DY, i32(1)),
          repeatWhileBelow(
            DY,
            i32(SEARCH + 1),
            block(
              // DX counts from 0 so that the unsigned comparison holds; the offset subtracts the reach.
              set(DX, i32(0)),
              repeatWhileBelow(
                DX,
                i32(2 * SEARCH + 1),
                block(
                  call(
                    indices.weights,
                    image16(add(get(Y), i32(-3))),
                    mul(add(mul(get(DY), i32(TILE.stride)), add(get(DX), i32(-SEARCH))), i32(2)),
                    plane(get(DX)),
                    get(BYTES),
                  ),
                  advance(DX, 1),
                ),
              ),
              call(indices.below, sum32(get(Y)), sum32(add(get(Y), get(DY))), mul(get(WIDTH), i32(4))),
              advance(DY, 1),
            ),
          ),
          advance(Y, BAND),
        ),
      ),
      end,
    ),
  };
}

/** Divides the sums. Parameters: width, height, addresses of input, sums and output. */
function finish(self: number): WasmFunction {
  const [WIDTH, HEIGHT, SRC, SUMS, DST, W, X, S, Y] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const total = (): Code => tee(S, add(load32(get(W)), i32(self)));
  return {
    name: 'finish',
    params: 5,
    locals: [I32, I32, I32, I32],
    body: block(
      set(SRC, add(get(SRC), i32(TILE.border * ROW8 + TILE.left))),
      set(SUMS, add(get(SUMS), i32(TILE.border * ROW32 + TILE.left * 4))),
      set(W, i32(WEIGHT_SUM + TILE.border * ROW32 + TILE.left * 4)),
      set(Y, i32(0)),
      repeatWhileBelow(
        Y,
        get(HEIGHT),
        block(
          set(X, i32(0)),
          repeatWhileBelow(
            X,
            get(WIDTH),
            block(
              store8(
                get(DST),
                divU(add(add(load32(get(SUMS)), mul(load8U(get(SRC)), i32(self))), shrU(total(), i32(1))), get(S)),
              ),
              advance(SRC, 1),
              advance(SUMS, 4),
              advance(W, 4),
              advance(DST, 1),
              advance(X, 1),
            ),
          ),
          set(SRC, add(get(SRC), add(i32(ROW8), mul(get(WIDTH), i32(-1))))),
          set(SUMS, add(get(SUMS), add(i32(ROW32), mul(get(WIDTH), i32(-4))))),
          set(W, add(get(W), add(i32(ROW32), mul(get(WIDTH), i32(-4))))),
          set(DST, add(get(DST), add(i32(TILE.outStride), mul(get(WIDTH), i32(-1))))),
          advance(Y, 1),
        ),
      ),
    ),
  };
}

/** Weight of an identical patch: the largest for which 441 weighted 8-bit values fit 31 bits. */
const UNIT = Math.floor((2 ** 31 - 1) / (21 * 21 * 255));

/** Weights by (sum of squared differences) >> 6, zero below a thousandth; h is the strength of the filter. */
function table(channels: 1 | 2, h: number, entries: number): Uint16Array {
  const weights = new Uint16Array(entries);
  for (let i = 0; i < entries; i++) {
    const distance = (i * 64) / 49;
    const w = Math.round(UNIT * Math.exp(-distance / (h * h * channels)));
    if (w < 0.001 * UNIT) break;
    weights[i] = w;
  }
  return weights;
}

/** Tables of the two passes for h = hColor = 10: lightness, and a with b. */
export const TABLES = [table(1, 10, 1024), table(2, 10, 2048)] as const;
const TABLE_USED = TABLES.map((t) => t.indexOf(0));

/** The module: exports `memory`, `grey(width8, height)` for plane 0 and `colour(width8, height)` for planes 1 and 2. */
export function nlmModule(): Uint8Array<ArrayBuffer> {
  const shared = [widen, finish(UNIT)];
  const build = (channels: 1 | 2, at: number): WasmFunction[] => [
    weights(channels),
    apply(channels, `same${channels}`, 1, SEARCH / 2),
    apply(channels, `below${channels}`, -SEARCH, SEARCH + 1),
    tile(channels, { widen: 0, finish: 1, weights: at, same: at + 1, below: at + 2 }),
  ];
  return assemble([...shared, ...build(1, 2), ...build(2, 6)], Math.ceil(used / 65536) + 1);
}
