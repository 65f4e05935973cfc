/** Times the walkers of file structure on synthetic files: median of five runs, one JSON line each. */
import { findBox, walkBoxes } from '../../src/engine/signals/structure/bmff/boxes.ts';
import { frameTimes } from '../../src/engine/signals/structure/bmff/frameTimes.ts';
import { readTracks } from '../../src/engine/signals/structure/bmff/tracks.ts';
import { parseJpegMarkers } from '../../src/engine/signals/structure/jpeg.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';
import { box, movie, segment } from '../unit/structureBytes.ts';

function time(name: string, work: () => void): void {
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(
    JSON.stringify({ name, medianMs: Number((runs[2] ?? 0).toFixed(2)), slowestMs: Number((runs[4] ?? 0).toFixed(2)) }),
  );
}

// Two hours at 30 frames per second with B frames: offsets differ from frame to frame.
const frames = 216_000;
const offsets = Array.from({ length: frames }, (_, i) => [1, [1, 3, 0, 0][i % 4] ?? 0] as const);
const recording = memorySource(movie({ stts: [[frames, 1]], ctts: offsets, samples: frames, timescale: 30 }));
time('two hours of MP4: boxes, tables and frame times', () => {
  const moov = findBox(walkBoxes(recording).boxes, 'moov');
  const track = moov === null ? undefined : readTracks(recording, moov)[0];
  if (track === undefined || !frameTimes(track, 0).ok) throw new Error('the recording was not read');
});

const many = memorySource(Buffer.concat(Array.from({ length: 100_000 }, () => box('free'))));
time('100,000 boxes', () => {
  if (walkBoxes(many).boxes.length !== 100_000) throw new Error('boxes are missing');
});

// Entropy-coded data with a stuffed 0xFF every 256 bytes on average.
const scan = Buffer.alloc(64 * 1024 * 1024);
let seed = 1;
for (let i = 0; i + 4 <= scan.length; i += 4) {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  scan.writeUInt32LE(seed, i);
}
for (let i = scan.indexOf(0xff); i >= 0 && i + 1 < scan.length; i = scan.indexOf(0xff, i + 2)) scan[i + 1] = 0;
scan[scan.length - 1] = 0;
const jpeg = memorySource(
  Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xda, [1, 1, 0, 0, 63, 0]), scan, Buffer.from([0xff, 0xd9])]),
);
time('64 MiB of JPEG scan', () => {
  if (!parseJpegMarkers(jpeg).complete) throw new Error('the end was not found');
});
