/**
 * The numbers called "measured" on the method pages of sound: node test/bench/signals-sound-study.ts
 *
 * Needs ffmpeg with flite, libmp3lame and libopus, and espeak-ng. Speech here is synthetic: this finds thresholds and
 * blunders, it does not validate anything for real recordings.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { soundDetectors } from '../../src/engine/detectors/sound.ts';
import { EnfMeter } from '../../src/engine/signals/sound/enf.ts';
import { NoiseFloor, StepFinder } from '../../src/engine/signals/sound/splice.ts';
import { VOICE_CHANGE, VoiceConsistency } from '../../src/engine/signals/sound/voice.ts';
import { detect } from '../helpers/detect.ts';
import { decode, gaussian, random } from '../helpers/sound.ts';

const RATE = 16_000;
const ffmpeg = process.env['FFMPEG_BIN'] ?? 'ffmpeg';
const folder = mkdtempSync(join(tmpdir(), 'vidimus-study-'));
const file = (name: string): string => join(folder, name);

const TEXT = `The recording was made on the twelfth of March in the interview room. Two officers were present, and the
door was closed. The witness said that she had seen the car on the corner at about nine in the evening. She could not
remember the colour, but she was certain that it had a broken lamp. Later she heard voices in the yard and somebody
laughing. After that it was quiet until the morning, when the neighbour came and asked about the noise. He had been
awake since four. Nobody else had noticed anything, she said, except perhaps the boy who delivers the newspapers.`;

function flite(voice: string): Float32Array {
  writeFileSync(file('t.txt'), TEXT);
  const source = `flite=textfile=${file('t.txt')}:voice=${voice}`;
  execFileSync(ffmpeg, ['-y', '-v', 'error', '-f', 'lavfi', '-i', source, '-ar', String(RATE), file('v.wav')]);
  return decode(ffmpeg, file('v.wav'));
}

function espeak(voice: string, pitch: number): Float32Array {
  execFileSync('espeak-ng', ['-v', voice, '-s', '150', '-p', String(pitch), '-w', file('v.wav'), TEXT]);
  return decode(ffmpeg, file('v.wav'), RATE);
}

/** Levelled to an RMS of 0.08, with room noise and, where wanted, hum. */
function inRoom(x: Float32Array, hum: number): Float32Array {
  const gain = 0.08 / Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);
  const g = gaussian(3);
  return x.map((v, i) => gain * v + 0.002 * g() + hum * Math.sin((2 * Math.PI * 50.01 * i) / RATE));
}

const CODECS: Record<string, readonly string[]> = {
  none: [],
  'mp3 64': ['-c:a', 'libmp3lame', '-b:a', '64k', file('c.mp3')],
  'aac 48': ['-c:a', 'aac', '-b:a', '48k', file('c.m4a')],
  'opus 24': ['-c:a', 'libopus', '-b:a', '24k', file('c.ogg')],
  'mu-law 8 kHz': ['-ar', '8000', '-c:a', 'pcm_mulaw', file('c.wav')],
};

function coded(x: Float32Array, codec: readonly string[]): Float32Array {
  const out = codec.at(-1);
  if (out === undefined) return x;
  writeFileSync(file('c.f32'), Buffer.from(x.buffer, x.byteOffset, x.byteLength));
  const input = ['-f', 'f32le', '-ar', String(RATE), '-ac', '1', '-i', file('c.f32')];
  execFileSync(ffmpeg, ['-y', '-v', 'error', ...input, ...codec]);
  return decode(ffmpeg, out, RATE);
}

function voiceChanges(x: Float32Array): number[] {
  const meter = new VoiceConsistency(RATE);
  meter.push(x);
  return meter.boundaries().map((b) => b.change);
}

async function speechStudy(): Promise<void> {
  const voices: Record<string, Float32Array> = {
    kal16: flite('kal16'),
    awb: flite('awb'),
    rms: flite('rms'),
    slt: flite('slt'),
    'en-gb 50': espeak('en-gb', 50),
    'en-us 70': espeak('en-us', 70),
    'en-gb-scotland 30': espeak('en-gb-scotland', 30),
  };
  const found = [0, 0];
  const steps: number[] = [];
  let alarms = 0;
  let recordings = 0;
  for (const [name, dry] of Object.entries(voices)) {
    for (const [codec, arguments_] of Object.entries(CODECS)) {
      const x = coded(inRoom(dry, 0.006), arguments_);
      recordings++;
      const floorJumps = (y: Float32Array): number[] => {
        const meter = new NoiseFloor(RATE);
        meter.push(y);
        return meter.jumps().map((j) => j.seconds);
      };
      alarms += floorJumps(x).length;
      for (const [i, noise] of [0.0046, 0.006].entries()) {
        const h = gaussian(77);
        const louder = x.map((v, k) => (k < 14 * RATE ? v : v + noise * h()));
        if (floorJumps(louder).some((s) => Math.abs(s - 14) <= 3)) found[i] = (found[i] ?? 0) + 1;
      }
      const finder = new StepFinder();
      finder.push(x);
      steps.push(finder.count);
      const types: string[] = [];
      for (const detector of soundDetectors) {
        const output = await detect(detector, { samples: x, chunks: [65_536], stream: { codec } });
        for (const a of output.anomalies ?? []) types.push(a.type);
        for (const o of output.observations) {
          if (['voice-change', 'pitch-perturbation', 'spectral-comb'].includes(o.quantity)) {
            types.push(`${o.quantity} ${o.value?.toFixed(2) ?? '-'}`);
          }
        }
      }
      console.log(`${name}, ${codec}: ${types.join(', ')}`);
    }
  }
  console.log(
    `${recordings} recordings: ${alarms} floor jumps in unedited ones, ${steps.reduce((a, b) => a + b, 0)} steps`,
  );
  console.log(`noise raised by 8 dB found in ${found[0]}, by 10 dB in ${found[1]}`);
  const list = Object.entries(voices).map(([name, v]) => [name, inRoom(v, 0)] as const);
  const within = list.flatMap(([, v]) => voiceChanges(v));
  console.log(`${within.length} boundaries inside one voice: at most ${Math.max(...within).toFixed(2)}`);
  let pairs = 0;
  let above = 0;
  for (const [i, [one, a]] of list.entries()) {
    for (const [other, b] of list.slice(i + 1)) {
      const joined = new Float32Array(b.length);
      joined.set(b);
      joined.set(a.subarray(0, 12 * RATE));
      const change = Math.max(...voiceChanges(joined));
      pairs++;
      if (change >= VOICE_CHANGE) above++;
      else console.log(`missed: ${one} to ${other}, ${change.toFixed(2)}`);
    }
  }
  console.log(`${above} of ${pairs} changes of voice above ${VOICE_CHANGE}`);
}

function enfStudy(): void {
  const speech = inRoom(espeak('en-gb', 50), 0);
  const length = 30 * RATE;
  for (const hum of [0.01, 0.003, 0.002, 0.001]) {
    for (const drift of [0.001, 0.005]) {
      let [present, followed, alarms, cuts, hits, farthest] = [0, 0, 0, 0, 0, 0];
      for (let seed = 1; seed <= 16; seed++) {
        const g = gaussian(seed);
        const u = random(seed + 50);
        let hertz = 50 + 0.03 * g();
        let phase = 0;
        const x = Float32Array.from({ length }, (_, i) => {
          if (i % (RATE / 10) === 0) hertz += drift * Math.sqrt(0.1) * g();
          phase += (2 * Math.PI * hertz) / RATE;
          return (speech[i % speech.length] ?? 0) + hum * Math.sin(phase);
        });
        const whole = new EnfMeter(RATE);
        whole.push(x);
        const before = whole.report();
        if (before.tone === null) continue;
        present++;
        if (before.jumps === null) continue;
        followed++;
        if (before.jumps.length > 0) alarms++;
        const at = Math.floor((8 + 10 * u()) * RATE);
        const gone = Math.floor((1 + 2 * u()) * RATE);
        const turns = (50 * gone) / RATE;
        if (360 * Math.abs(turns - Math.round(turns)) <= 35) continue;
        cuts++;
        const cut = new EnfMeter(RATE);
        cut.push(x.subarray(0, at));
        cut.push(x.subarray(at + gone));
        const distances = (cut.report().jumps ?? []).map((j) => Math.abs(j.seconds - at / RATE));
        if (distances.length === 0 || Math.min(...distances) > 0.7) continue;
        hits++;
        farthest = Math.max(farthest, Math.min(...distances));
      }
      console.log(
        `hum ${hum}, wander ${1000 * drift} mHz: present ${present}, followed ${followed}, false alarms ${alarms}, ` +
          `found ${hits} of ${cuts} cuts, at most ${farthest.toFixed(2)} s away`,
      );
    }
  }
}

try {
  enfStudy();
  if (!process.argv.includes('--hum')) await speechStudy();
} finally {
  rmSync(folder, { recursive: true });
}
