/** Complex FFT in place (placeholder shape until branch pictures publishes its own). */
export interface Fft {
  forward(re: Float64Array, im: Float64Array): void;
}

export function createFft(n: number): Fft {
  const rev = new Int32Array(n);
  const bits = Math.log2(n);
  for (let i = 0; i < n; i++) {
    let r = 0;
    for (let b = 0; b < bits; b++) if (i & (1 << b)) r |= 1 << (bits - 1 - b);
    rev[i] = r;
  }
  const cos = new Float64Array(n / 2);
  const sin = new Float64Array(n / 2);
  for (let i = 0; i < n / 2; i++) {
    cos[i] = Math.cos((2 * Math.PI * i) / n);
    sin[i] = Math.sin((2 * Math.PI * i) / n);
  }
  return {
    forward(re, im) {
      for (let i = 0; i < n; i++) {
        const j = rev[i];
        if (j > i) {
          const a = re[i];
          re[i] = re[j];
          re[j] = a;
          const b = im[i];
          im[i] = im[j];
          im[j] = b;
        }
      }
      for (let size = 2; size <= n; size <<= 1) {
        const half = size >> 1;
        const step = n / size;
        for (let i = 0; i < n; i += size) {
          for (let j = 0, k = 0; j < half; j++, k += step) {
            const p = i + j;
            const q = p + half;
            const xr = re[q] * cos[k] + im[q] * sin[k];
            const xi = im[q] * cos[k] - re[q] * sin[k];
            re[q] = re[p] - xr;
            im[q] = im[p] - xi;
            re[p] += xr;
            im[p] += xi;
          }
        }
      }
    },
  };
}
