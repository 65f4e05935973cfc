/** Orthonormal 8 x 8 discrete cosine transform (type II and its inverse), as JPEG uses it (T.81, A.3.3). */

const BASIS = Float64Array.from({ length: 64 }, (_, i) => {
  const k = i >> 3;
  const n = i & 7;
  return Math.sqrt(k === 0 ? 1 / 8 : 1 / 4) * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
});
const scratch = new Float64Array(64);

/** Forward transform of 64 values (rows of 8) from `input` into `output` (rows are vertical frequencies). */
export function dct8(input: Float64Array, output: Float64Array): void {
  for (let y = 0; y < 8; y++) {
    const r = y * 8;
    // Even and odd parts of a row halve the products.
    const a0 = input[r] + input[r + 7];
    const a1 = input[r + 1] + input[r + 6];
    const a2 = input[r + 2] + input[r + 5];
    const a3 = input[r + 3] + input[r + 4];
    const b0 = input[r] - input[r + 7];
    const b1 = input[r + 1] - input[r + 6];
    const b2 = input[r + 2] - input[r + 5];
    const b3 = input[r + 3] - input[r + 4];
    for (let k = 0; k < 64; k += 16) {
      scratch[r + (k >> 3)] = a0 * BASIS[k] + a1 * BASIS[k + 1] + a2 * BASIS[k + 2] + a3 * BASIS[k + 3];
      scratch[r + (k >> 3) + 1] = b0 * BASIS[k + 8] + b1 * BASIS[k + 9] + b2 * BASIS[k + 10] + b3 * BASIS[k + 11];
    }
  }
  for (let x = 0; x < 8; x++) {
    const a0 = scratch[x] + scratch[x + 56];
    const a1 = scratch[x + 8] + scratch[x + 48];
    const a2 = scratch[x + 16] + scratch[x + 40];
    const a3 = scratch[x + 24] + scratch[x + 32];
    const b0 = scratch[x] - scratch[x + 56];
    const b1 = scratch[x + 8] - scratch[x + 48];
    const b2 = scratch[x + 16] - scratch[x + 40];
    const b3 = scratch[x + 24] - scratch[x + 32];
    for (let k = 0; k < 64; k += 16) {
      output[k + x] = a0 * BASIS[k] + a1 * BASIS[k + 1] + a2 * BASIS[k + 2] + a3 * BASIS[k + 3];
      output[k + 8 + x] = b0 * BASIS[k + 8] + b1 * BASIS[k + 9] + b2 * BASIS[k + 10] + b3 * BASIS[k + 11];
    }
  }
}

/** Inverse of {@link dct8}. */
export function idct8(input: Float64Array, output: Float64Array): void {
  for (let y = 0; y < 8; y++) {
    for (let n = 0; n < 8; n++) {
      let s = 0;
      for (let k = 0; k < 8; k++) s += input[y * 8 + k] * BASIS[k * 8 + n];
      scratch[y * 8 + n] = s;
    }
  }
  for (let x = 0; x < 8; x++) {
    for (let n = 0; n < 8; n++) {
      let s = 0;
      for (let k = 0; k < 8; k++) s += scratch[k * 8 + x] * BASIS[k * 8 + n];
      output[n * 8 + x] = s;
    }
  }
}
