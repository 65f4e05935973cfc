/**
 * 8-bit CIE L*a*b* in the fixed-point arithmetic of OpenCV's linear-light conversions (LBGR2Lab and Lab2LBGR), which
 * its non-local means for colour uses. L is scaled to 0..255; a and b are shifted by 128.
 *
 * The functions take channels in the order the caller stores them and treat the first as blue. A picture stored
 * R G B is thus converted with red and blue exchanged, exactly as the reference features do.
 *
 * Reference: CIE 15:2004; the integer forms follow OpenCV's documented table sizes (shift 12 and 15, base 2^14).
 */

const SHIFT = 12;
const SHIFT2 = 15;
const BASE = 1 << 14;
const WHITE = [0.950456, 1, 1.088754] as const;
const TO_XYZ = [0.412453, 0.35758, 0.180423, 0.212671, 0.71516, 0.072169, 0.019334, 0.119193, 0.950227] as const;
const FROM_XYZ = [3.240479, -1.53715, -0.498535, -0.969256, 1.875991, 0.041556, 0.055648, -0.204043, 1.057311] as const;

/** Smallest index of the table from f(X), f(Z) back to X, Z. */
const MIN_AB = -8145;
const CUBE_ROOTS = (256 * 3 * 8) / 2;
const L_SCALE = Math.trunc((116 * 255 + 50) / 100);
const L_SHIFT = -Math.trunc((16 * 255 * (1 << SHIFT2) + 50) / 100);

/** Rounds half to even, as the processor's conversion does. */
function round(x: number): number {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

const cubeRoot = Int32Array.from({ length: CUBE_ROOTS }, (_, i) => {
  const x = Math.fround(Math.fround(1 / (255 * 8)) * i);
  const f = x < 0.008856 ? x * (841 / 108) + 16 / 116 : Math.cbrt(x);
  return round((1 << SHIFT2) * f);
});
const forward = Int32Array.from({ length: 9 }, (_, i) => round(((1 << SHIFT) * TO_XYZ[i]) / WHITE[Math.trunc(i / 3)]));
const backward = Int32Array.from({ length: 9 }, (_, i) => round((1 << SHIFT) * FROM_XYZ[i] * WHITE[i % 3]));

const lightY = new Int32Array(256);
const lightF = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  if (i <= 20) {
    lightY[i] = round((i * BASE * 180) / (17 * 29 * 29 * 29));
    lightF[i] = round(BASE * (16 / 116 + (i * 5) / (3 * 17 * 29)));
  } else {
    const f = Math.fround(Math.fround((i * 100 * BASE) / (255 * 116)) + Math.fround((16 * BASE) / 116));
    lightF[i] = round(f);
    lightY[i] = round(Math.fround(Math.fround(Math.fround(f * f) * f) / (BASE * BASE)));
  }
}
const toXz = Int32Array.from({ length: (BASE * 9) / 4 }, (_, k) => {
  const i = k + MIN_AB;
  if (i <= 3390) return Math.trunc((i * 108) / 841) - Math.trunc((Math.trunc((BASE * 16) / 116) * 108) / 841);
  return Math.trunc((Math.trunc((i * i) / BASE) * i) / BASE);
});
const clamp8 = (v: number): number => (v < 0 ? 0 : v > 255 ? 255 : v);

/**
 * Converts `count` pixels of interleaved 3-byte data from pixel `from` on into three planes, from `at` on.
 * The planes may be of any integer type.
 */
export function toLab(
  data: Uint8Array,
  from: number,
  count: number,
  l: Uint8Array | Int16Array,
  a: Uint8Array | Int16Array,
  b: Uint8Array | Int16Array,
  at: number,
): void {
  const [xr, xg, xb, yr, yg, yb, zr, zg, zb] = forward;
  const round12 = 1 << (SHIFT - 1);
  const round15 = 1 << (SHIFT2 - 1);
  const middle = 128 * (1 << SHIFT2) + round15;
  for (let i = from * 3, end = (from + count) * 3, o = at; i < end; i += 3, o++) {
    const blue = data[i] << 3;
    const green = data[i + 1] << 3;
    const red = data[i + 2] << 3;
    const fx = cubeRoot[(red * xr + green * xg + blue * xb + round12) >> SHIFT];
    const fy = cubeRoot[(red * yr + green * yg + blue * yb + round12) >> SHIFT];
    const fz = cubeRoot[(red * zr + green * zg + blue * zb + round12) >> SHIFT];
    l[o] = clamp8((L_SCALE * fy + L_SHIFT + round15) >> SHIFT2);
    a[o] = clamp8((500 * (fx - fy) + middle) >> SHIFT2);
    b[o] = clamp8((200 * (fy - fz) + middle) >> SHIFT2);
  }
}

const OUT_SHIFT = SHIFT + (14 - 12);
const A_MIDDLE = Math.trunc((128 * BASE) / 500);
const B_MIDDLE = Math.trunc((128 * BASE) / 200);

/** Inverse of {@link toLab}: `count` pixels from the planes at `at` into interleaved data from pixel `to` on. */
export function fromLab(
  l: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  at: number,
  count: number,
  data: Uint8Array,
  to: number,
): void {
  const [c0, c1, c2, c3, c4, c5, c6, c7, c8] = backward;
  const half = 1 << (OUT_SHIFT - 1);
  for (let i = at, end = at + count, o = to * 3; i < end; i++, o += 3) {
    const y = lightY[l[i]];
    const f = lightF[l[i]];
    const x = toXz[f + ((5 * a[i] * 53687 + 128) >> 13) - A_MIDDLE - MIN_AB];
    const z = toXz[f - (((b[i] * 41943 + 16) >> 9) - B_MIDDLE + 1) - MIN_AB];
    data[o + 2] = linear8((c0 * x + c1 * y + c2 * z + half) >> OUT_SHIFT);
    data[o + 1] = linear8((c3 * x + c4 * y + c5 * z + half) >> OUT_SHIFT);
    data[o] = linear8((c6 * x + c7 * y + c8 * z + half) >> OUT_SHIFT);
  }
}

/** 12-bit linear light to 8 bit: the table 255 * v / 4096, cut. */
function linear8(v: number): number {
  return v <= 0 ? 0 : v >= 4095 ? 254 : (v * 255) >> 12;
}
