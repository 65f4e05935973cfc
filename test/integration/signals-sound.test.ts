/**
 * Manipulations made by rule: each detector of sound must speak of the manipulated recording and be silent about the
 * recording it was made of. The speech is espeak's (test/golden/data/audio) in noise made here.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { soundDetectors } from '../../src/engine/detectors/sound.ts';
import { soundBand } from '../../src/engine/detectors/sound-band.ts';
import { countSoundAnomalies } from '../../src/engine/detectors/sound-counts.ts';
import { enf } from '../../src/engine/detectors/sound-enf.ts';
import { soundLevel } from '../../src/engine/detectors/sound-level.ts';
import { soundSpectrum } from '../../src/engine/detectors/sound-spectrum.ts';
import { soundSplice } from '../../src/engine/detectors/sound-splice.ts';
import { synthesisArtefacts } from '../../src/engine/detectors/sound-synthesis.ts';
import { voiceConsistency } from '../../src/engine/detectors/sound-voice.ts';
import { anomalies, context, detect, observed } from '../helpers/detect.ts';
import { GOLDEN } from '../helpers/shared.ts';
import { decode, ffmpegPath, gaussian, random, readWav } from '../helpers/sound.ts';

const RATE = 16_000;
const speech = (name: string): Float32Array => readWav(join(GOLDEN, 'audio', `espeak-${name}-16k.wav`)).samples;

function join2(...parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Speech again and again up to `seconds`, in room noise, with mains hum. */
function recording(
  seconds: number,
  { noise = 0.003, hum = 0.01, hertz = 50.02, seed = 1, voices = ['en-gb', 'de', 'fr'] } = {},
): Float32Array {
  const parts = voices.map(speech);
  const out = new Float32Array(seconds * RATE);
  const g = gaussian(seed);
  for (let at = 0, i = 0; at < out.length; i++) {
    const part = parts[i % parts.length] ?? new Float32Array(RATE);
    out.set(part.subarray(0, out.length - at), at);
    at += part.length + RATE / 2;
  }
  for (let i = 0; i < out.length; i++) {
    out[i] = 0.5 * (out[i] ?? 0) + noise * g() + hum * Math.sin((2 * Math.PI * hertz * i) / RATE);
  }
  return out;
}

const cut = (x: Float32Array, from: number, to: number): Float32Array => join2(x.subarray(0, from), x.subarray(to));

describe('cut in a recording with hum', () => {
  const original = recording(30);
  // A quarter of a period of 50 Hz is 80 samples.
  const at = 14 * RATE;
  const edited = cut(original, at, at + 2 * RATE + 80);

  it('shows as a jump of the hum at its place, and only in the edited one', async () => {
    const clean = await detect(enf, { samples: original });
    expect(anomalies(clean, 'hum-phase-jump')).toEqual([]);
    expect(observed(clean, 'enf-frequency').value).toBeCloseTo(50.02, 2);
    const output = await detect(enf, { samples: edited });
    const found = anomalies(output, 'hum-phase-jump');
    expect(found).toHaveLength(1);
    const [from, to] = found[0]?.where?.seconds ?? [0, 0];
    expect(from).toBeLessThanOrEqual(14);
    expect(to).toBeGreaterThanOrEqual(14);
    expect(to - from).toBeLessThanOrEqual(1.401);
  });

  it('is not found when a whole number of periods was cut out: the limit of the method', async () => {
    const steady = recording(30, { hertz: 50 });
    expect(anomalies(await detect(enf, { samples: cut(steady, at, at + 2 * RATE) }), 'hum-phase-jump')).toEqual([]);
  });

  it('is found at 60 Hz and by the second harmonic', async () => {
    const american = recording(30, { hertz: 59.98 });
    expect(anomalies(await detect(enf, { samples: american }), 'hum-phase-jump')).toEqual([]);
    expect(anomalies(await detect(enf, { samples: cut(american, at, at + 67 + RATE) }), 'hum-phase-jump')).toHaveLength(
      1,
    );
    const harmonic = recording(30, { hertz: 100.04 });
    const output = await detect(enf, { samples: harmonic });
    expect(observed(output, 'enf-frequency').value).toBeCloseTo(50.02, 2);
  });

  it('is not assessed without hum or in a short recording, with the reason', async () => {
    const silent = observed(await detect(enf, { samples: recording(20, { hum: 0 }) }), 'enf-frequency');
    expect(silent.status).toBe('not-assessed');
    expect(silent.reason).toContain('hum');
    const short = observed(await detect(enf, { samples: recording(5) }), 'enf-frequency');
    expect(short.reason).toContain('10 s');
  });

  it('does not follow the phase of a hum that is too weak for it', async () => {
    const weak = await detect(enf, { samples: recording(30, { hum: 0.0007, noise: 0.003 }) });
    expect(observed(weak, 'enf-frequency').status).toBe('ok');
    expect(observed(weak, 'enf-phase-jumps').reason).toContain('18 dB');
  });
});

describe('splice', () => {
  const original = recording(30, { hum: 0, noise: 0.002 });
  const louder = recording(30, { hum: 0, noise: 0.008, seed: 9 });

  it('into another background is a jump of the noise floor near its place', async () => {
    expect(anomalies(await detect(soundSplice, { samples: original }), 'noise-floor-jump')).toEqual([]);
    expect(anomalies(await detect(soundSplice, { samples: louder }), 'noise-floor-jump')).toEqual([]);
    const edited = join2(original.subarray(0, 15 * RATE), louder.subarray(15 * RATE));
    const found = anomalies(await detect(soundSplice, { samples: edited }), 'noise-floor-jump');
    expect(found).toHaveLength(1);
    expect(found[0]?.where?.seconds?.[0]).toBeLessThanOrEqual(15);
    expect(found[0]?.where?.seconds?.[1]).toBeGreaterThanOrEqual(15);
  });

  it('without cross-fade in loud, low sound is a step of one sample', async () => {
    const tone = (phase: number): Float32Array =>
      Float32Array.from({ length: 3 * RATE }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 150 * i) / RATE + phase));
    const whole = tone(0);
    expect(observed(await detect(soundSplice, { samples: whole }), 'waveform-steps').value).toBe(0);
    const output = await detect(soundSplice, { samples: join2(whole.subarray(0, RATE), tone(2).subarray(RATE)) });
    const found = anomalies(output, 'waveform-step');
    expect(found).toHaveLength(1);
    const [from, to] = found[0]?.where?.seconds ?? [0, 0];
    expect(from).toBeLessThanOrEqual(1);
    expect(to).toBeGreaterThanOrEqual(1);
  });

  it('of another voice is a change of voice', async () => {
    const one = recording(24, { hum: 0, voices: ['en-gb'] });
    expect(anomalies(await detect(voiceConsistency, { samples: one }), 'voice-change')).toEqual([]);
    // The same words a third higher and faster: other formants, other pitch.
    const two = new Float32Array(12 * RATE);
    for (let i = 0; i < two.length; i++) two[i] = one[Math.floor(i * 1.35)] ?? 0;
    const edited = join2(one.subarray(0, 12 * RATE), two);
    const found = anomalies(await detect(voiceConsistency, { samples: edited }), 'voice-change');
    expect(found.length).toBeGreaterThanOrEqual(1);
    expect(found.some((a) => (a.where?.seconds?.[0] ?? 99) <= 12 && (a.where?.seconds?.[1] ?? 0) >= 12)).toBe(true);
  });
});

describe('level', () => {
  const original = recording(10);

  it('sees clipping, also after the level was lowered', async () => {
    expect(anomalies(await detect(soundLevel, { samples: original }), 'clipping')).toEqual([]);
    const clipped = original.map((v) => Math.max(-1, Math.min(32767 / 32768, 12 * v)));
    const found = await detect(soundLevel, { samples: clipped });
    expect(anomalies(found, 'clipping').length).toBeGreaterThan(0);
    expect(observed(found, 'clipped-share').value).toBeGreaterThan(1e-4);
    const lowered = await detect(soundLevel, { samples: clipped.map((v) => 0.5 * v) });
    expect(observed(lowered, 'clipped-share').value).toBe(0);
    expect(observed(lowered, 'flat-top-share').value).toBeGreaterThan(1e-4);
  });

  it('sees zeros put into the sound, at their place', async () => {
    expect(anomalies(await detect(soundLevel, { samples: original }), 'digital-silence')).toEqual([]);
    const muted = original.slice();
    muted.fill(0, 4 * RATE, 4.25 * RATE);
    const found = anomalies(await detect(soundLevel, { samples: muted }), 'digital-silence');
    expect(found).toHaveLength(1);
    expect(found[0]?.where?.seconds).toEqual([4, 4.25]);
    expect(found[0]?.severity).toBe('medium');
  });

  it('counts zeros that recur throughout the recording as a property of it: low', async () => {
    const gated = original.slice();
    for (const second of [2, 4, 6, 8]) gated.fill(0, second * RATE, (second + 0.1) * RATE);
    const found = anomalies(await detect(soundLevel, { samples: gated }), 'digital-silence');
    expect(found.map((a) => a.severity)).toEqual(['low', 'low', 'low', 'low']);
  });

  it('sees an offset and samples that are no numbers', async () => {
    const odd = original.map((v) => v + 0.05);
    odd[77] = Number.NaN;
    odd[78] = Number.POSITIVE_INFINITY;
    const output = await detect(soundLevel, { samples: odd });
    expect(observed(output, 'dc-offset').value).toBeCloseTo(0.05, 3);
    expect(observed(output, 'non-finite-samples').value).toBe(2);
    expect(countSoundAnomalies(output.anomalies ?? [])).toEqual({ inconsistencyCount: 0, artifactCount: 2 });
  });
});

describe('lossy coding before', () => {
  const ffmpeg = ffmpegPath();
  const rate = 44_100;

  it.skipIf(ffmpeg === null)('is a wall in the spectrum of a WAV that was an MP3', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vidimus-sound-'));
    try {
      // Noise that falls like speech and room do, up to Nyquist.
      const g = gaussian(3);
      let low = 0;
      const original = Float32Array.from({ length: 6 * rate }, () => {
        low = 0.9 * low + g();
        return 0.02 * (low + g());
      });
      const raw = join(folder, 'a.f32');
      writeFileSync(raw, Buffer.from(original.buffer));
      const mp3 = join(folder, 'a.mp3');
      const input = ['-f', 'f32le', '-ar', String(rate), '-ac', '1', '-i', raw];
      execFileSync(ffmpeg ?? '', ['-v', 'error', ...input, '-b:a', '64k', mp3]);
      const coded = decode(ffmpeg ?? '', mp3);
      const clean = await detect(soundBand, { samples: original, sampleRate: rate });
      expect(observed(clean, 'band-edge').status).toBe('not-assessed');
      expect(anomalies(clean, 'band-limit')).toEqual([]);
      const output = await detect(soundBand, { samples: coded, sampleRate: rate });
      const edge = observed(output, 'band-edge').value ?? 0;
      expect(edge).toBeGreaterThan(9_000);
      expect(edge).toBeLessThan(20_000);
      expect(anomalies(output, 'band-limit')).toHaveLength(1);
      // The same content declared as MP3 is what one expects.
      const declared = await detect(soundBand, { samples: coded, sampleRate: rate, stream: { codec: 'mp3' } });
      expect(anomalies(declared, 'band-limit')).toEqual([]);
      // Resampled to 16 kHz the wall is gone, and the detector says so.
      const narrow = await detect(soundBand, {
        samples: decode(ffmpeg ?? '', mp3, RATE),
        stream: { sampleRate: rate },
      });
      expect(observed(narrow, 'band-edge-native').reason).toContain('44100');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('traces of synthesis', () => {
  /** Pulses of a voice: `jitter` is the relative irregularity of each period. */
  function voice(seconds: number, jitter: number, seed = 4): Float32Array {
    const g = gaussian(seed);
    const out = new Float32Array(seconds * RATE);
    for (let t = 0.01; t < seconds - 0.05; t += (1 + jitter * g()) / (120 + 15 * Math.sin(t))) {
      const at = Math.floor(t * RATE);
      for (let i = 0; i < 400 && at + i < out.length; i++) {
        const s = (i + at - t * RATE) / RATE;
        if (s > 0) out[at + i] = (out[at + i] ?? 0) + 0.3 * Math.exp(-s * 300) * Math.sin(2 * Math.PI * 600 * s);
      }
    }
    return out;
  }

  it('an even pitch is called over-regular, one with a jitter of one percent is not', async () => {
    const even = await detect(synthesisArtefacts, { samples: voice(6, 0) });
    expect(anomalies(even, 'over-regular-pitch')).toHaveLength(1);
    const uneven = await detect(synthesisArtefacts, { samples: voice(6, 0.01) });
    expect(observed(uneven, 'pitch-perturbation').value).toBeGreaterThan(0.2);
    expect(anomalies(uneven, 'over-regular-pitch')).toEqual([]);
  });

  it('pauses of exact zeros are missing room noise, pauses with noise are not', async () => {
    const dry = join2(...['en-gb', 'de', 'fr'].flatMap((v) => [speech(v), new Float32Array(RATE)]));
    const noisy = dry.map(
      (
        (g) => (v: number) =>
          v + 0.002 * g()
      )(gaussian(8)),
    );
    expect(anomalies(await detect(synthesisArtefacts, { samples: dry }), 'missing-room-noise')).toHaveLength(1);
    expect(anomalies(await detect(synthesisArtefacts, { samples: noisy }), 'missing-room-noise')).toEqual([]);
  });

  it('lines at multiples of a frame rate are a comb', async () => {
    const original = recording(20, { hum: 0 });
    expect(anomalies(await detect(synthesisArtefacts, { samples: original }), 'spectral-comb')).toEqual([]);
    const framed = original.map((v, i) => v + (i % 200 === 0 ? 0.02 : 0));
    const output = await detect(synthesisArtefacts, { samples: framed });
    expect(anomalies(output, 'spectral-comb')).toHaveLength(1);
    expect(Number(observed(output, 'spectral-comb').parameters['spacingHz'])).toBeCloseTo(80, 0);
  });
});

describe('every detector of sound', () => {
  it('gives the same result whatever the sizes of the chunks', async () => {
    const samples = recording(12);
    for (const detector of soundDetectors) {
      const whole = await detect(detector, { samples, chunks: [samples.length] });
      expect(await detect(detector, { samples })).toEqual(whole);
      expect(whole.observations.length).toBeGreaterThan(0);
    }
  });

  it('answers to no sound, silence, and a hostile signal', async () => {
    const r = random(2);
    const hostile = Float32Array.from({ length: 3 * RATE }, () =>
      r() < 0.01 ? ([Number.NaN, 1e38, -1e38, Number.POSITIVE_INFINITY][Math.floor(4 * r())] ?? 0) : r() - 0.5,
    );
    for (const detector of soundDetectors) {
      const none = await detect(detector, { samples: new Float32Array(0) });
      expect(
        none.observations.every((o) => o.status === 'not-assessed' && o.reason === 'no sound could be decoded'),
      ).toBe(true);
      await detect(detector, { samples: new Float32Array(12 * RATE) });
      await detect(detector, { samples: hostile });
      await detect(detector, { samples: Float32Array.of(0.5) });
      await detect(detector, { samples: recording(3), sampleRate: 8000 });
      await detect(detector, { samples: recording(3), sampleRate: 48_000 });
    }
  });

  it('stops when it is asked to', async () => {
    for (const detector of soundDetectors) {
      const controller = new AbortController();
      const run = await detector.start(context({}, null, controller.signal));
      const chunk = { time: 0, sampleRate: RATE, samples: new Float32Array(100) };
      await run.pcm?.(chunk);
      controller.abort();
      await expect(async () => run.pcm?.(chunk)).rejects.toMatchObject({ code: 'cancelled' });
      await run.dispose?.();
    }
  });

  it('makes spectrograms that are whole PNG files', async () => {
    const { artifacts } = await detect(soundSpectrum, { samples: recording(6) });
    expect(artifacts?.map((a) => a.meta.id)).toEqual(['sound-spectrum.overview', 'sound-spectrum.mel']);
    for (const a of artifacts ?? []) {
      const view = Buffer.from(a.png);
      expect(view.readUInt32BE(16)).toBe(a.meta.width);
      expect(view.readUInt32BE(20)).toBe(a.meta.height);
    }
    expect([artifacts?.[1]?.meta.width, artifacts?.[1]?.meta.height]).toEqual([251, 80]);
  });
});
