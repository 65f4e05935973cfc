/**
 * Electric network frequency: the mains hum of 50 or 60 Hz and its second harmonic, its frequency over time and
 * jumps of its phase (Grigoras, "Applications of ENF criterion in forensic audio, video, computer and
 * telecommunication analysis", Forensic Sci. Int. 167, 2007; Rodriguez, Apolinario and Biscainho, "Audio authenticity:
 * detecting ENF discontinuity with high precision phase analysis", IEEE TIFS 5(3), 2010). See docs/methods/enf.md.
 */
import { Decimator } from './decimate.ts';
import { FrameFeed } from './feed.ts';
import { hann } from './spectrum.ts';
import { line, median } from './stats.ts';

/** Analysed tones in hertz: fundamental and second harmonic of both nets. */
export const ENF_TONES = [50, 60, 100, 120] as const;
/** Decimated rate aimed at; tones lie far below its half. */
const TARGET_RATE = 1000;
/** Window and step of the phase measurement, seconds. */
export const ENF_WINDOW = 1;
const ENF_STEP = 0.1;
/** Where the noise beside the tone is measured: outside the main lobe (2 Hz) of the window. */
const NEIGHBOURS = [-6, -4, 4, 6];
/** Median signal-to-noise ratio above which a tone is called present. */
export const ENF_PRESENT_DB = 12;
/** The mains does not leave this range around its nominal value (fundamental, hertz). */
const ENF_RANGE = 0.6;
/** Phase fits: from `GAP` to `REACH` seconds on both sides. */
const GAP = 0.6;
const REACH = 3;
export const ENF_JUMP_RADIANS = 0.5;
export const ENF_JUMP_SIGMAS = 6;
export const ENF_JUMP_USUAL = 4;
/** Signal-to-noise ratio that both sides of a jump need: below it, speech alone makes the phase jump. */
export const ENF_JUMP_DB = 18;

/** One tone: complex amplitude and signal-to-noise ratio every {@link ENF_STEP} seconds. */
interface ToneTrack {
  readonly hertz: number;
  readonly phase: number[];
  readonly snr: number[];
}

interface PhaseJump {
  readonly seconds: number;
  /** Jump of the hum's phase in radians, -pi..pi, at the tone's own frequency. */
  readonly radians: number;
}

export interface EnfReport {
  readonly seconds: number;
  /** Median signal-to-noise ratio of each tone, dB, in the order of {@link ENF_TONES}. */
  readonly snrDb: readonly number[];
  /** The tone that is present and strongest, or null. */
  readonly tone: number | null;
  /** Nominal frequency of the net, or null. */
  readonly nominal: number | null;
  /** Mean fundamental frequency and its standard deviation (one value per second), hertz. */
  readonly frequency: number | null;
  readonly deviation: number | null;
  /** Fundamental frequency per second, null where the tone is too weak. */
  readonly track: readonly { seconds: number; hertz: number | null }[];
  /** Null where the hum is too weak all over for its phase to be followed. */
  readonly jumps: readonly PhaseJump[] | null;
}

/** Feed chunks with {@link push}, then read {@link report}. Keeps eight numbers per tenth of a second. */
export class EnfMeter {
  private readonly decimator: Decimator;
  private readonly feed: FrameFeed;
  private readonly tones: readonly ToneTrack[];
  private readonly window: number;
  private samples = 0;
  private readonly sampleRate: number;
  private readonly steps: number[] = [];

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
    this.decimator = new Decimator(sampleRate, TARGET_RATE);
    const rate = this.decimator.rate;
    const length = Math.round(ENF_WINDOW * rate);
    const hop = Math.round(ENF_STEP * rate);
    this.window = length / rate;
    this.tones = ENF_TONES.map((hertz) => ({ hertz, phase: [], snr: [] }));
    const banks = ENF_TONES.map((tone) =>
      [tone, ...NEIGHBOURS.map((d) => tone + d)].map((f) => probe(f, rate, length)),
    );
    const frame = new Float64Array(length);
    const z = new Float64Array(2);
    this.feed = new FrameFeed(length, hop, (buffer, offset, index) => {
      for (let i = 0; i < length; i++) frame[i] = buffer[offset + i];
      const time = (index * hop) / rate;
      this.steps.push(time);
      for (let i = 0; i < banks.length; i++) {
        let noise = 0;
        for (let b = 1; b < banks[i].length; b++) {
          correlate(banks[i][b], frame, z);
          noise += z[0] * z[0] + z[1] * z[1];
        }
        correlate(banks[i][0], frame, z);
        const power = z[0] * z[0] + z[1] * z[1];
        // Phase against a clock that runs at the nominal frequency from the first sample on.
        this.tones[i].phase.push(Math.atan2(z[1], z[0]) - 2 * Math.PI * ENF_TONES[i] * time);
        this.tones[i].snr.push(10 * Math.log10((power + 1e-18) / (noise / NEIGHBOURS.length + 1e-18)));
      }
    });
  }

  push(samples: Float32Array): void {
    this.samples += samples.length;
    this.feed.push(this.decimator.push(samples));
  }

  report(): EnfReport {
    const snrDb = this.tones.map((t) => (t.snr.length === 0 ? 0 : median(t.snr)));
    let tone: ToneTrack | null = null;
    let best = ENF_PRESENT_DB;
    let frequency: number | null = null;
    let spread: number | null = null;
    let track: EnfReport['track'] = [];
    for (let i = 0; i < this.tones.length; i++) {
      if (snrDb[i] < best) continue;
      const candidate = this.frequencies(this.tones[i]);
      const known = candidate.map((c) => c.hertz).filter((h) => h !== null);
      const nominal = nominalOf(this.tones[i].hertz);
      const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length);
      if (known.length < 3 || Math.abs(mean - nominal) > ENF_RANGE) continue;
      best = snrDb[i];
      tone = this.tones[i];
      track = candidate;
      frequency = mean;
      spread = Math.sqrt(known.reduce((a, h) => a + (h - mean) ** 2, 0) / known.length);
    }
    return {
      seconds: this.samples / this.sampleRate,
      snrDb,
      tone: tone?.hertz ?? null,
      nominal: tone === null ? null : nominalOf(tone.hertz),
      frequency,
      deviation: spread,
      track,
      jumps: tone === null || best < ENF_JUMP_DB ? null : this.phaseJumps(tone),
    };
  }

  /** Centre of window `i` in seconds from the first sample, less the delay of the decimator. */
  private time(i: number): number {
    return this.steps[i] + this.window / 2 - this.decimator.delay;
  }

  /** Frequency of each second from the slope of the unwrapped phase, as fundamental. */
  private frequencies(tone: ToneTrack): { seconds: number; hertz: number | null }[] {
    const unwrapped = unwrap(tone.phase);
    const perSecond = Math.round(1 / ENF_STEP);
    const out: { seconds: number; hertz: number | null }[] = [];
    const harmonic = tone.hertz / nominalOf(tone.hertz);
    for (let from = 0; from + perSecond < tone.phase.length; from += perSecond) {
      const to = from + perSecond + 1;
      const strong = median(tone.snr.slice(from, to)) >= ENF_PRESENT_DB - 3;
      const { slope } = line(this.steps, unwrapped, from, to);
      out.push({
        seconds: this.time(from + perSecond / 2),
        hertz: strong ? (tone.hertz + slope / (2 * Math.PI)) / harmonic : null,
      });
    }
    return out;
  }

  /** Compares the phase extrapolated from both sides; the largest of neighbouring candidates stands for all. */
  private phaseJumps(tone: ToneTrack): PhaseJump[] {
    const gap = Math.round(GAP / ENF_STEP);
    const reach = Math.round(REACH / ENF_STEP);
    const unwrapped = unwrap(tone.phase);
    const jumps: { at: number; radians: number; sigma: number }[] = [];
    for (let i = reach; i + reach < unwrapped.length; i++) {
      if (median(tone.snr.slice(i - reach, i - gap)) < ENF_JUMP_DB) continue;
      if (median(tone.snr.slice(i + gap, i + reach)) < ENF_JUMP_DB) continue;
      const left = line(this.steps, unwrapped, i - reach, i - gap + 1);
      const right = line(this.steps, unwrapped, i + gap, i + reach + 1);
      const at = this.steps[i];
      const radians = wrap(right.offset + right.slope * at - left.offset - left.slope * at);
      jumps.push({ at: i, radians, sigma: Math.max(left.residual, right.residual) });
    }
    // What the lines miss each other by elsewhere: speech and a wandering net move the phase as well.
    const usual = 1.4826 * median(jumps.map((j) => Math.abs(j.radians)));
    const found: { at: number; radians: number }[] = [];
    for (const jump of jumps) {
      const size = Math.abs(jump.radians);
      if (size < Math.max(ENF_JUMP_RADIANS, ENF_JUMP_SIGMAS * jump.sigma, ENF_JUMP_USUAL * usual)) continue;
      const last = found.at(-1);
      if (last === undefined || jump.at - last.at > reach) found.push(jump);
      else if (size > Math.abs(last.radians)) found[found.length - 1] = jump;
    }
    return found.map((f) => ({ seconds: this.time(f.at), radians: f.radians }));
  }
}

const nominalOf = (tone: number): number => (tone >= 100 ? tone / 2 : tone);

interface Probe {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function probe(hertz: number, rate: number, length: number): Probe {
  const window = hann(length);
  const gain = window.reduce((a, b) => a + b, 0) / 2;
  return {
    cos: window.map((w, i) => (w / gain) * Math.cos((2 * Math.PI * hertz * i) / rate)),
    sin: window.map((w, i) => (-w / gain) * Math.sin((2 * Math.PI * hertz * i) / rate)),
  };
}

/** Complex amplitude of the probe's tone in a frame. */
function correlate({ cos, sin }: Probe, frame: Float64Array, out: Float64Array): void {
  let re = 0;
  let im = 0;
  for (let i = 0; i < frame.length; i++) {
    re += frame[i] * cos[i];
    im += frame[i] * sin[i];
  }
  out[0] = re;
  out[1] = im;
}

const wrap = (x: number): number => x - 2 * Math.PI * Math.round(x / (2 * Math.PI));

function unwrap(phase: readonly number[]): Float64Array {
  const out = new Float64Array(phase.length);
  for (let i = 0; i < phase.length; i++) out[i] = i === 0 ? phase[i] : out[i - 1] + wrap(phase[i] - out[i - 1]);
  return out;
}
