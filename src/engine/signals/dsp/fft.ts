/**
 * Discrete Fourier transform of any length, in Float64.
 *
 * Self-sorting mixed-radix Stockham (radices 4, 2, 3, 5 and other small primes); lengths with a prime factor above
 * {@link LARGEST_RADIX} go through Bluestein's chirp transform. Forward is sum x[n] exp(-2 pi i n k / N) without
 * scaling; inverse divides by N: the convention of NumPy and SciPy.
 *
 * References: Cooley and Tukey, Math. Comp. 19 (1965); Stockham, AFIPS 28 (1966); Bluestein, IEEE Trans. Audio
 * Electroacoust. 18 (1970).
 */

/** Above this prime a direct butterfly costs more than Bluestein's convolution. */
const LARGEST_RADIX = 31;

interface Stage {
  readonly radix: number;
  /** Length left over after this stage. */
  readonly rest: number;
  /** exp(-2 pi i p k / (rest * radix)) at [p * (radix - 1) + k - 1]. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function factor(n: number): number[] | null {
  const radices: number[] = [];
  let rest = n;
  while (rest % 4 === 0) {
    radices.push(4);
    rest /= 4;
  }
  for (let f = 2; rest > 1 && f <= LARGEST_RADIX; f++) {
    while (rest % f === 0) {
      radices.push(f);
      rest /= f;
    }
  }
  return rest === 1 ? radices : null;
}

/**
 * Plan for complex transforms of one length. The plan owns scratch memory: one plan must not be used by two
 * computations at once (there is no shared-memory use in the engine).
 */
export class Fft {
  readonly length: number;
  readonly #stages: readonly Stage[];
  readonly #roots: ReadonlyMap<number, { cos: Float64Array; sin: Float64Array }>;
  readonly #chirp: Chirp | null;
  #re = new Float64Array(0);
  #im = new Float64Array(0);

  /** @param length number of points, a positive integer */
  constructor(length: number) {
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`no transform of length ${length}`);
    this.length = length;
    const radices = factor(length);
    const stages: Stage[] = [];
    const roots = new Map<number, { cos: Float64Array; sin: Float64Array }>();
    if (radices !== null) {
      let rest = length;
      for (const radix of radices) {
        const span = rest;
        rest /= radix;
        const cos = new Float64Array(rest * (radix - 1));
        const sin = new Float64Array(rest * (radix - 1));
        for (let p = 0, i = 0; p < rest; p++) {
          for (let k = 1; k < radix; k++, i++) {
            const angle = (2 * Math.PI * ((p * k) % span)) / span;
            cos[i] = Math.cos(angle);
            sin[i] = -Math.sin(angle);
          }
        }
        stages.push({ radix, rest, cos, sin });
        if (radix > 4 && !roots.has(radix)) {
          const c = new Float64Array(radix);
          const s = new Float64Array(radix);
          for (let k = 0; k < radix; k++) {
            c[k] = Math.cos((2 * Math.PI * k) / radix);
            s[k] = -Math.sin((2 * Math.PI * k) / radix);
          }
          roots.set(radix, { cos: c, sin: s });
        }
      }
    }
    this.#stages = stages;
    this.#roots = roots;
    this.#chirp = radices === null ? new Chirp(length) : null;
  }

  /**
   * Forward transform in place. With `batch` b the arrays hold b interleaved signals (sample n of signal q at
   * n * b + q), which keeps the inner loops long: this is how columns of a picture are transformed.
   */
  forward(re: Float64Array, im: Float64Array, batch = 1): void {
    if (re.length < this.length * batch || im.length < this.length * batch) throw new RangeError('arrays too short');
    if (this.#chirp !== null) {
      this.#chirp.forward(re, im, batch);
      return;
    }
    const size = this.length * batch;
    if (this.#re.length < size) {
      this.#re = new Float64Array(size);
      this.#im = new Float64Array(size);
    }
    let a: Plane = re;
    let b: Plane = im;
    let c: Plane = this.#re;
    let d: Plane = this.#im;
    let stride = batch;
    for (const stage of this.#stages) {
      if (stage.radix === 4) radix4(a, b, c, d, stage, stride);
      else if (stage.radix === 2) radix2(a, b, c, d, stage, stride);
      else if (stage.radix === 3) radix3(a, b, c, d, stage, stride);
      else {
        const root = this.#roots.get(stage.radix);
        if (root !== undefined) radixAny(a, b, c, d, stage, stride, root.cos, root.sin);
      }
      stride *= stage.radix;
      [a, b, c, d] = [c, d, a, b];
    }
    if (a !== re) {
      re.set(size === a.length ? a : a.subarray(0, size));
      im.set(size === b.length ? b : b.subarray(0, size));
    }
  }

  /** Inverse transform in place, divided by the length. */
  inverse(re: Float64Array, im: Float64Array, batch = 1): void {
    // Swapping the parts conjugates twice: F^-1(z) = swap(F(swap(z))) / N.
    this.forward(im, re, batch);
    const scale = 1 / this.length;
    for (let i = 0, n = this.length * batch; i < n; i++) {
      re[i] *= scale;
      im[i] *= scale;
    }
  }
}

type Plane = Float64Array<ArrayBufferLike>;

function radix2(xr: Plane, xi: Plane, yr: Plane, yi: Plane, stage: Stage, s: number): void {
  const { rest, cos, sin } = stage;
  for (let p = 0; p < rest; p++) {
    const wr = cos[p];
    const wi = sin[p];
    let i = s * p;
    let j = s * (p + rest);
    let o = s * 2 * p;
    for (let q = 0; q < s; q++, i++, j++, o++) {
      const ar = xr[i];
      const ai = xi[i];
      const br = xr[j];
      const bi = xi[j];
      const dr = ar - br;
      const di = ai - bi;
      yr[o] = ar + br;
      yi[o] = ai + bi;
      yr[o + s] = dr * wr - di * wi;
      yi[o + s] = dr * wi + di * wr;
    }
  }
}

function radix3(xr: Plane, xi: Plane, yr: Plane, yi: Plane, stage: Stage, s: number): void {
  const { rest, cos, sin } = stage;
  const half = Math.sqrt(3) / 2;
  for (let p = 0; p < rest; p++) {
    const w1r = cos[2 * p];
    const w1i = sin[2 * p];
    const w2r = cos[2 * p + 1];
    const w2i = sin[2 * p + 1];
    let i0 = s * p;
    let i1 = s * (p + rest);
    let i2 = s * (p + 2 * rest);
    let o = s * 3 * p;
    for (let q = 0; q < s; q++, i0++, i1++, i2++, o++) {
      const ar = xr[i0];
      const ai = xi[i0];
      const tr = xr[i1] + xr[i2];
      const ti = xi[i1] + xi[i2];
      const ur = ar - 0.5 * tr;
      const ui = ai - 0.5 * ti;
      const vr = half * (xi[i1] - xi[i2]);
      const vi = half * (xr[i2] - xr[i1]);
      yr[o] = ar + tr;
      yi[o] = ai + ti;
      const br = ur + vr;
      const bi = ui + vi;
      const cr = ur - vr;
      const ci = ui - vi;
      yr[o + s] = br * w1r - bi * w1i;
      yi[o + s] = br * w1i + bi * w1r;
      yr[o + 2 * s] = cr * w2r - ci * w2i;
      yi[o + 2 * s] = cr * w2i + ci * w2r;
    }
  }
}

function radix4(xr: Plane, xi: Plane, yr: Plane, yi: Plane, stage: Stage, s: number): void {
  const { rest, cos, sin } = stage;
  for (let p = 0; p < rest; p++) {
    const w1r = cos[3 * p];
    const w1i = sin[3 * p];
    const w2r = cos[3 * p + 1];
    const w2i = sin[3 * p + 1];
    const w3r = cos[3 * p + 2];
    const w3i = sin[3 * p + 2];
    let i0 = s * p;
    let i1 = s * (p + rest);
    let i2 = s * (p + 2 * rest);
    let i3 = s * (p + 3 * rest);
    let o = s * 4 * p;
    for (let q = 0; q < s; q++, i0++, i1++, i2++, i3++, o++) {
      const pr = xr[i0] + xr[i2];
      const pi = xi[i0] + xi[i2];
      const mr = xr[i0] - xr[i2];
      const mi = xi[i0] - xi[i2];
      const qr = xr[i1] + xr[i3];
      const qi = xi[i1] + xi[i3];
      const nr = xi[i1] - xi[i3];
      const ni = xr[i3] - xr[i1];
      yr[o] = pr + qr;
      yi[o] = pi + qi;
      const br = mr + nr;
      const bi = mi + ni;
      const cr = pr - qr;
      const ci = pi - qi;
      const dr = mr - nr;
      const di = mi - ni;
      yr[o + s] = br * w1r - bi * w1i;
      yi[o + s] = br * w1i + bi * w1r;
      yr[o + 2 * s] = cr * w2r - ci * w2i;
      yi[o + 2 * s] = cr * w2i + ci * w2r;
      yr[o + 3 * s] = dr * w3r - di * w3i;
      yi[o + 3 * s] = dr * w3i + di * w3r;
    }
  }
}

/** Direct butterfly for an odd prime: fine up to about thirty, where Bluestein takes over. */
function radixAny(
  xr: Plane,
  xi: Plane,
  yr: Plane,
  yi: Plane,
  stage: Stage,
  s: number,
  rootCos: Plane,
  rootSin: Plane,
): void {
  const { radix, rest, cos, sin } = stage;
  const step = s * rest;
  for (let p = 0; p < rest; p++) {
    for (let q = 0; q < s; q++) {
      const start = s * p + q;
      const out = s * radix * p + q;
      for (let k = 0; k < radix; k++) {
        let sr = xr[start];
        let si = xi[start];
        for (let j = 1, e = k; j < radix; j++) {
          const ar = xr[start + j * step];
          const ai = xi[start + j * step];
          sr += ar * rootCos[e] - ai * rootSin[e];
          si += ar * rootSin[e] + ai * rootCos[e];
          e += k;
          if (e >= radix) e -= radix;
        }
        if (k === 0) {
          yr[out] = sr;
          yi[out] = si;
        } else {
          const wr = cos[p * (radix - 1) + k - 1];
          const wi = sin[p * (radix - 1) + k - 1];
          yr[out + k * s] = sr * wr - si * wi;
          yi[out + k * s] = sr * wi + si * wr;
        }
      }
    }
  }
}

/** Bluestein: a transform of any length as a circular convolution of a power of two. */
class Chirp {
  readonly #n: number;
  readonly #inner: Fft;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #kernelRe: Float64Array;
  readonly #kernelIm: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(n: number) {
    let size = 1;
    while (size < 2 * n - 1) size *= 2;
    this.#n = n;
    this.#inner = new Fft(size);
    this.#cos = new Float64Array(n);
    this.#sin = new Float64Array(n);
    this.#kernelRe = new Float64Array(size);
    this.#kernelIm = new Float64Array(size);
    this.#re = new Float64Array(size);
    this.#im = new Float64Array(size);
    // k^2 mod 2n is kept exact step by step: k * k itself would lose bits of the angle for long signals.
    for (let k = 0, square = 0; k < n; k++) {
      const angle = (Math.PI * square) / n;
      this.#cos[k] = Math.cos(angle);
      this.#sin[k] = -Math.sin(angle);
      this.#kernelRe[k] = this.#cos[k];
      this.#kernelIm[k] = -this.#sin[k];
      if (k > 0) {
        this.#kernelRe[size - k] = this.#kernelRe[k];
        this.#kernelIm[size - k] = this.#kernelIm[k];
      }
      square = (square + 2 * k + 1) % (2 * n);
    }
    this.#inner.forward(this.#kernelRe, this.#kernelIm);
  }

  forward(re: Float64Array, im: Float64Array, batch: number): void {
    const n = this.#n;
    const c = this.#cos;
    const s = this.#sin;
    const br = this.#re;
    const bi = this.#im;
    for (let q = 0; q < batch; q++) {
      br.fill(0);
      bi.fill(0);
      for (let k = 0, i = q; k < n; k++, i += batch) {
        br[k] = re[i] * c[k] - im[i] * s[k];
        bi[k] = re[i] * s[k] + im[i] * c[k];
      }
      this.#inner.forward(br, bi);
      const hr = this.#kernelRe;
      const hi = this.#kernelIm;
      for (let k = 0; k < br.length; k++) {
        const t = br[k] * hr[k] - bi[k] * hi[k];
        bi[k] = br[k] * hi[k] + bi[k] * hr[k];
        br[k] = t;
      }
      this.#inner.inverse(br, bi);
      for (let k = 0, i = q; k < n; k++, i += batch) {
        re[i] = br[k] * c[k] - bi[k] * s[k];
        im[i] = br[k] * s[k] + bi[k] * c[k];
      }
    }
  }
}

/**
 * Plan for transforms of real signals of one length: `bins` = floor(length / 2) + 1 values, the rest being their
 * mirror. Even lengths are computed as one complex transform of half the length. Owns scratch memory like {@link Fft}.
 */
export class RealFft {
  readonly length: number;
  readonly bins: number;
  readonly #fft: Fft;
  readonly #even: boolean;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  /** @param length number of samples, a positive integer */
  constructor(length: number) {
    this.length = length;
    this.bins = Math.floor(length / 2) + 1;
    this.#even = length % 2 === 0;
    const inner = this.#even ? length / 2 : length;
    this.#fft = new Fft(inner);
    this.#re = new Float64Array(inner);
    this.#im = new Float64Array(inner);
    this.#cos = new Float64Array(this.bins);
    this.#sin = new Float64Array(this.bins);
    for (let k = 0; k < this.bins; k++) {
      this.#cos[k] = Math.cos((2 * Math.PI * k) / length);
      this.#sin[k] = -Math.sin((2 * Math.PI * k) / length);
    }
  }

  /**
   * Transforms `length` samples of `x` from `offset` on into `bins` values of `outRe` and `outIm` from `outOffset` on.
   */
  forward(
    x: Float64Array | Float32Array | Uint8Array,
    offset: number,
    outRe: Float64Array,
    outIm: Float64Array,
    outOffset = 0,
  ): void {
    const re = this.#re;
    const im = this.#im;
    if (!this.#even) {
      for (let i = 0; i < this.length; i++) re[i] = x[offset + i];
      im.fill(0);
      this.#fft.forward(re, im);
      for (let k = 0; k < this.bins; k++) {
        outRe[outOffset + k] = re[k];
        outIm[outOffset + k] = im[k];
      }
      return;
    }
    const half = this.length / 2;
    for (let i = 0, j = offset; i < half; i++, j += 2) {
      re[i] = x[j];
      im[i] = x[j + 1];
    }
    this.#fft.forward(re, im);
    outRe[outOffset] = re[0] + im[0];
    outIm[outOffset] = 0;
    outRe[outOffset + half] = re[0] - im[0];
    outIm[outOffset + half] = 0;
    const c = this.#cos;
    const s = this.#sin;
    for (let k = 1; k < half; k++) {
      const j = half - k;
      const evenRe = (re[k] + re[j]) * 0.5;
      const evenIm = (im[k] - im[j]) * 0.5;
      const oddRe = (im[k] + im[j]) * 0.5;
      const oddIm = (re[j] - re[k]) * 0.5;
      outRe[outOffset + k] = evenRe + oddRe * c[k] - oddIm * s[k];
      outIm[outOffset + k] = evenIm + oddRe * s[k] + oddIm * c[k];
    }
  }
}
