/** The detectors of structure on real files made here by ffmpeg, sharp, ExifTool and the C2PA builder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { Anomaly, Evidence, Observation, Plan, Series, Structure } from '../../src/contract/result.ts';
import type { MediaType } from '../../src/contract/words.ts';
import { structureDetectors } from '../../src/engine/detectors/structure.ts';
import { contentCredentials } from '../../src/engine/detectors/structureCredentials.ts';
import { validateCredentials } from '../../src/engine/signals/structure/credentials/validate.ts';
import { findExifTool, runExifTool } from '../../src/engine/signals/structure/metadata/exiftool.ts';
import type { Detector, DetectorOutput } from '../../src/engine/types.ts';
import { hasOpenssl, makeSigner, signWithCredentials } from './structureSigning.ts';

const folder = mkdtempSync(join(tmpdir(), 'vidimus-structure-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasFfmpeg = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;
if (!hasFfmpeg) console.warn('skipped: ffmpeg is not at hand to make test videos');
const exiftool = findExifTool();
if (!exiftool.ok) console.warn(`skipped: ${exiftool.reason}`);
const openssl = hasOpenssl();

const ffmpeg = (...args: string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: 'ignore' });
};

const plan = Plan.parse({
  schema: 'vidimus/plan/1',
  frames: { kind: 'key' },
  fusion: 'max',
  provider: 'cpu',
  packs: null,
  detectors: null,
  sampleRate: 16_000,
  maxPixels: 200_000_000,
  timeLimitSeconds: 120,
  artifacts: false,
  face: { detector: null, minFacePx: 40, detectEverySeconds: 1 },
});

const Output = z.object({
  observations: z.array(Observation),
  anomalies: z.array(Anomaly).default([]),
  series: z.array(Series).default([]),
  structures: z.array(Structure).default([]),
});
type Output = z.infer<typeof Output>;

/** Runs one detector on a file; every part of the answer is parsed by the contract. */
async function run(
  which: string | Detector,
  path: string,
  mediaType: MediaType,
  signal = new AbortController().signal,
): Promise<Output> {
  const detector = typeof which === 'string' ? structureDetectors.find((item) => item.id === which) : which;
  if (detector === undefined) throw new Error(`no detector ${String(which)}`);
  const evidence = Evidence.parse({
    name: 'x',
    bytes: statSync(path).size,
    sha256: '0'.repeat(64),
    sha512: '0'.repeat(128),
    md5: '0'.repeat(32),
    modified: '2030-01-01T00:00:00.000Z',
    container: '',
    mime: '',
    extensionMatches: true,
    duration: null,
    streams: [],
    warnings: [],
  });
  const started = await detector.start({
    exhibit: { path, mediaType, evidence },
    plan,
    signal,
    size: null,
    facesAssessed: true,
  });
  const output: DetectorOutput = await started.finish();
  await started.dispose?.();
  return Output.parse(output);
}

const value = (output: Output, quantity: string): number | null => {
  const found = output.observations.find((item) => item.quantity === quantity);
  if (found === undefined)
    throw new Error(`no observation "${quantity}" among ${output.observations.map((o) => o.quantity).join(', ')}`);
  return found.value;
};
const types = (output: Output): string[] => output.anomalies.map((item) => item.type);

describe.runIf(hasFfmpeg)('videos by ffmpeg', () => {
  beforeAll(() => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=25:d=4'];
    const x264 = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '10',
      '-sc_threshold',
      '0',
      '-bf',
      '2',
      '-pix_fmt',
      'yuv420p',
    ];
    ffmpeg(...source, ...x264, at('plain.mp4'));
    ffmpeg(...source, '-vf', 'select=not(between(n\\,40\\,44))', '-fps_mode', 'passthrough', ...x264, at('gap.mp4'));
    ffmpeg(
      '-i',
      at('plain.mp4'),
      '-c',
      'copy',
      '-movflags',
      'frag_keyframe+empty_moov+default_base_moof',
      at('fragments.mp4'),
    );
    ffmpeg('-i', at('plain.mp4'), '-c', 'copy', at('plain.mkv'));
    ffmpeg('-ss', '0.9', '-i', at('plain.mp4'), '-c', 'copy', at('trimmed.mp4'));
    ffmpeg('-i', at('plain.mp4'), '-c', 'copy', at('plain.ts'));
    ffmpeg(...source, '-c:v', 'mpeg4', '-g', '10', '-sc_threshold', '1000000000', at('plain.avi'));
  });

  it('reads key frames alike from MP4, fragments and Matroska', async () => {
    for (const name of ['plain.mp4', 'fragments.mp4', 'plain.mkv']) {
      const output = await run('gop', at(name), 'video');
      expect([name, value(output, 'key frames'), value(output, 'median distance of key frames')]).toEqual([
        name,
        10,
        10,
      ]);
      expect(output.series[0]?.y).toEqual(Array.from({ length: 9 }, () => 10));
      expect(output.anomalies).toEqual([]);
    }
  });

  it('agrees with ffprobe on every frame time', async () => {
    const probe = execFileSync('ffprobe', [
      '-v',
      'error',
      '-select_streams',
      'v',
      '-show_entries',
      'packet=pts_time',
      '-of',
      'csv=p=0',
      at('gap.mp4'),
    ]);
    const pts = probe
      .toString()
      .trim()
      .split('\n')
      .map((line) => Number.parseFloat(line))
      .sort((a, b) => a - b);
    const { series } = await run('container-structure', at('gap.mp4'), 'video');
    const intervals = series.find((item) => item.id === 'frame-interval')?.y ?? [];
    expect(intervals).toHaveLength(pts.length - 1);
    // ffprobe prints six digits of a second.
    expect(series.find((item) => item.id === 'frame-interval')?.x[0]).toBeCloseTo(pts[1] ?? Number.NaN, 5);
    for (const [i, interval] of intervals.entries())
      expect(interval).toBeCloseTo(((pts[i + 1] ?? 0) - (pts[i] ?? 0)) * 1_000, 2);
  });

  it('counts five missing frames and names the place', async () => {
    const output = await run('container-structure', at('gap.mp4'), 'video');
    expect(value(output, 'frames missing by the times in the container')).toBe(5);
    expect(output.anomalies.find((item) => item.type === 'timing.missing-frames')?.where?.frames).toEqual([40, 40]);
    expect(
      value(await run('container-structure', at('plain.mp4'), 'video'), 'frames missing by the times in the container'),
    ).toBe(0);
  });

  it('recognises the writer, shows the tree, and hides nothing in a plain file', async () => {
    const output = await run('container-structure', at('plain.mp4'), 'video');
    const writers = output.observations.find((item) => item.quantity.startsWith('known writers'))?.parameters[
      'writers'
    ];
    expect(writers).toContain('lavf (high)');
    expect(types(output)).not.toContain('container.hidden-media');
    expect(output.structures.map((item) => item.kind)).toEqual(['boxes', 'mediainfo']);
    const boxes = output.structures[0]?.tree.children.map((node) => node.name);
    expect(boxes).toEqual(['ftyp', 'free', 'mdat', 'moov']);
  });

  it('finds what a trim without encoding leaves behind', async () => {
    const output = await run('container-structure', at('trimmed.mp4'), 'video');
    expect(value(output, 'media that no edit plays')).toBeCloseTo(0.1, 2);
  });

  it('reads the index of AVI, and says that it states no times', async () => {
    const output = await run('gop', at('plain.avi'), 'video');
    expect([value(output, 'key frames'), value(output, 'median distance of key frames')]).toEqual([10, 10]);
    expect(output.series[0]?.x[1]).toBeCloseTo(0.4, 9);
    const container = await run('container-structure', at('plain.avi'), 'video');
    expect(container.structures[0]?.kind).toBe('chunks');
    expect(container.observations.find((item) => item.quantity.startsWith('frames missing'))?.reason).toContain(
      'nominal',
    );
  });

  it('says why other containers are not assessed', async () => {
    const output = await run('gop', at('plain.ts'), 'video');
    expect(output.observations[0]).toMatchObject({
      status: 'not-assessed',
      reason: expect.stringContaining('this format'),
    });
  });

  it('answers for every cut of a file', async () => {
    const whole = readFileSync(at('plain.mp4'));
    for (const share of [0.001, 0.1, 0.5, 0.97]) {
      writeFileSync(at('cut.mp4'), whole.subarray(0, Math.ceil(whole.length * share)));
      for (const id of ['container-structure', 'gop'])
        expect((await run(id, at('cut.mp4'), 'video')).observations.length).toBeGreaterThan(0);
    }
  });
});

describe.runIf(exiftool.ok)('metadata', () => {
  const tool = exiftool.ok ? exiftool.command : { program: '', first: [] };
  const write = (...args: string[]): void => {
    execFileSync(tool.program, [...tool.first, '-config', '', '-q', '-overwrite_original', ...args], {
      stdio: 'ignore',
    });
  };
  const paint = (turn: boolean) => {
    const width = 320;
    const height = 240;
    const data = Buffer.alloc(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
      data.fill(128 + 100 * Math.sin(turn ? 11 * y - 4 * x : 8 * x + 3 * y), i * 3, i * 3 + 3);
    }
    return sharp(data, { raw: { width, height, channels: 3 } });
  };

  beforeAll(async () => {
    await paint(false).jpeg().toFile(at('camera.jpg'));
    await paint(false).resize(160, 120).jpeg().toFile(at('small.jpg'));
    await paint(true).resize(160, 120).jpeg().toFile(at('other.jpg'));
    for (const [name, thumb] of [
      ['own.jpg', 'small.jpg'],
      ['foreign.jpg', 'other.jpg'],
    ] as const) {
      writeFileSync(at(name), readFileSync(at('camera.jpg')));
      write(
        '-Make=Acme',
        '-DateTimeOriginal=2024:05:01 12:00:00',
        '-ModifyDate=2024:04:01 12:00:00',
        '-ExifImageWidth=320',
        '-ExifImageHeight=240',
        `-ThumbnailImage<=${at(thumb)}`,
        at(name),
      );
    }
  });

  it('reports the tree, the contradictions and a thumbnail that fits', async () => {
    const output = await run('metadata', at('own.jpg'), 'image');
    expect(types(output).sort()).toEqual(['metadata.maker-notes-missing', 'metadata.modified-before-taken']);
    expect(value(output, 'contradictions in metadata')).toBe(2);
    expect(value(output, 'correlation of thumbnail and picture')).toBeGreaterThan(0.98);
    const groups = output.structures[0]?.tree.children.map((node) => node.name);
    expect(groups).toContain('EXIF IFD0');
  });

  it('names a thumbnail of another picture', async () => {
    const output = await run('metadata', at('foreign.jpg'), 'image');
    expect(output.anomalies.find((item) => item.type === 'metadata.thumbnail-differs')?.severity).toBe('high');
  });

  it('reads files whose names would be options, commands or line breaks', async () => {
    const names = [
      '-delete_original',
      'x|',
      '|touch pwned',
      '-@',
      'a\'b"c $(id) `id`',
      'line\nbreak.jpg',
      'Größe 写真\u202egpj.jpg',
    ];
    for (const name of names) {
      writeFileSync(at(name), readFileSync(at('own.jpg')));
      expect(value(await run('metadata', at(name), 'image'), 'contradictions in metadata')).toBe(2);
      expect(readFileSync(at(name))).toEqual(readFileSync(at('own.jpg')));
    }
    expect(readdirSync(folder)).not.toContain('pwned');
    expect(readdirSync(process.cwd())).not.toContain('pwned');
  });

  it('leaves no child and no folder behind when it is cancelled or out of time', async () => {
    // A folder of its own: other programs use the common one at the same time.
    const own = mkdtempSync(join(folder, 'temporary-'));
    vi.stubEnv('TMPDIR', own);
    if (process.platform !== 'win32') expect(tmpdir()).toBe(own);
    const controller = new AbortController();
    const cancelledRun = runExifTool(tool, at('own.jpg'), ['-json'], { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(cancelledRun).rejects.toMatchObject({ code: 'cancelled' });
    // A program that would go on for an hour.
    const sleepy = { program: tool.program, first: ['-e', 'sleep 3600', '--'] };
    if (process.platform !== 'win32') {
      expect((await runExifTool(sleepy, at('own.jpg'), [], { timeoutMs: 100 })).cut).toBe('time');
    }
    expect((await runExifTool(tool, at('own.jpg'), ['-json'], { maxOutput: 10 })).cut).toBe('size');
    expect(readdirSync(own)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it('says that perl is missing where it is', () => {
    if (process.platform === 'win32') return;
    expect(findExifTool('/nowhere')).toEqual({ ok: false, reason: expect.stringContaining('perl missing') });
  });

  it('answers for an empty and for a damaged file', async () => {
    writeFileSync(at('empty.jpg'), '');
    writeFileSync(at('damaged.jpg'), readFileSync(at('own.jpg')).subarray(0, 300));
    for (const name of ['empty.jpg', 'damaged.jpg']) {
      for (const id of ['metadata', 'jpeg-structure', 'container-structure', 'content-credentials']) {
        expect((await run(id, at(name), 'image')).observations.length).toBeGreaterThan(0);
      }
    }
  });
});

const questions = ['content bound to manifest', 'signer trusted', 'time attested'];
const reasons = (output: Output): string[] => output.observations.map((item) => item.reason ?? '');

/** A small unsigned JPEG. */
async function makePicture(): Promise<Uint8Array<ArrayBuffer>> {
  const plain = sharp({ create: { width: 64, height: 48, channels: 3, background: '#7a5' } });
  return Uint8Array.from(await plain.jpeg().toBuffer());
}

describe('Content Credentials', () => {
  let server: Server;
  let asked = 0;
  let url = '';

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/manifest.c2pa` : '';
    const picture = await makePicture();
    writeFileSync(at('unsigned.jpg'), picture);
  });
  afterAll(() => server.close());

  it('says of a file without manifest that the provenance is unknown, and nothing else', async () => {
    const output = await run('content-credentials', at('unsigned.jpg'), 'image');
    expect(output.observations.map((item) => [item.quantity, item.status])).toEqual(
      questions.map((q) => [q, 'not-assessed']),
    );
    expect(new Set(reasons(output))).toEqual(
      new Set(['no manifest: the provenance is unknown, which says nothing about the content']),
    );
    expect(output.anomalies).toEqual([]);
    expect(output.structures).toEqual([]);
  });

  it('fetches no manifest from a server that the file names', async () => {
    const packet = `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="${url}"/></rdf:RDF></x:xmpmeta>`;
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(packet.length + 2, 2);
    const picture = readFileSync(at('unsigned.jpg'));
    writeFileSync(
      at('remote.jpg'),
      Buffer.concat([picture.subarray(0, 2), head, Buffer.from(packet), picture.subarray(2)]),
    );
    const output = await run('content-credentials', at('remote.jpg'), 'image');
    expect(reasons(output)[0]).toContain('was not fetched');
    expect(asked).toBe(0);
  });

  it('is stopped by its time limit and says so', async () => {
    const result = await validateCredentials(at('unsigned.jpg'), 'image/jpeg', null, { timeoutMs: 1 });
    expect(result).toEqual({ kind: 'failed', reason: 'the validator stopped: Timeout' });
  });

  it('obeys cancel', async () => {
    await expect(run('content-credentials', at('unsigned.jpg'), 'image', AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    const late = new AbortController();
    setTimeout(() => late.abort(), 20);
    await expect(run('content-credentials', at('unsigned.jpg'), 'image', late.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe.runIf(openssl)('signed by a certificate made here', () => {
  let signed: Buffer;
  const made = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

  beforeAll(async () => {
    const signer = makeSigner(at('certificates'));
    const manifest = {
      claim_generator_info: [{ name: 'vidimus-test', version: '1' }],
      assertions: [
        { label: 'c2pa.actions.v2', data: { actions: [{ action: 'c2pa.created', digitalSourceType: made }] } },
      ],
    };
    signed = Buffer.from(await signWithCredentials(signer, 'image/jpeg', await makePicture(), manifest));
    writeFileSync(at('signed.jpg'), signed);
    writeFileSync(at('trust.pem'), `# Date: 2026-03-04\n${signer.rootPem}`);
    writeFileSync(at('stranger.pem'), makeSigner(at('strangers')).rootPem);
  });

  const judge = (name: string, list: string | null) =>
    run(
      contentCredentials(() => (list === null ? null : at(list))),
      at(name),
      'image',
    );
  const three = (output: Output): (number | null)[] => questions.map((question) => value(output, question));

  it('answers the three questions apart', async () => {
    expect(three(await judge('signed.jpg', null))).toEqual([1, null, 0]);
    expect(three(await judge('signed.jpg', 'trust.pem'))).toEqual([1, 1, 0]);
    expect(three(await judge('signed.jpg', 'stranger.pem'))).toEqual([1, 0, 0]);
  });

  it('records the trust list with date and hash, and that revocation was not checked', async () => {
    const output = await judge('signed.jpg', 'trust.pem');
    expect(output.observations[0]?.parameters).toMatchObject({
      revocation: 'revocation not checked, snapshot of 2026-03-04',
      trustListDate: '2026-03-04',
      trustListSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      trustListCertificates: 1,
      network: false,
    });
    expect(types(output)).toEqual(['content-credentials.declared-synthetic']);
    expect(output.structures[0]?.kind).toBe('c2pa');
  });

  it('sees one changed byte of the picture', async () => {
    const changed = Buffer.from(signed);
    const last = changed.length - 20;
    changed[last] = (changed[last] ?? 0) ^ 1;
    writeFileSync(at('changed.jpg'), changed);
    const output = await judge('changed.jpg', 'trust.pem');
    expect(three(output)).toEqual([0, 1, 0]);
    expect(types(output)).toContain('content-credentials.not-bound');
  });

  it('does not believe a manifest moved to another picture', async () => {
    const start = signed.indexOf(Buffer.from([0xff, 0xeb]));
    let end = start;
    while (signed[end] === 0xff && signed[end + 1] === 0xeb) end += 2 + signed.readUInt16BE(end + 2);
    const other = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#123' } })
      .jpeg()
      .toBuffer();
    writeFileSync(
      at('moved.jpg'),
      Buffer.concat([other.subarray(0, 2), signed.subarray(start, end), other.subarray(2)]),
    );
    expect(value(await judge('moved.jpg', 'trust.pem'), 'content bound to manifest')).toBe(0);
  });

  it('calls a damaged manifest damaged and not absent', async () => {
    const damaged = Buffer.from(signed);
    damaged.fill(0, signed.indexOf('jumb') + 200, signed.indexOf('jumb') + 2_000);
    writeFileSync(at('broken.jpg'), damaged);
    const output = await judge('broken.jpg', 'trust.pem');
    expect(three(output)).toEqual([null, null, null]);
    expect(types(output)).toEqual(['content-credentials.damaged']);
  });

  it('judges nobody by a damaged trust list', async () => {
    writeFileSync(at('bad.pem'), 'no certificate');
    const output = await judge('signed.jpg', 'bad.pem');
    expect(three(output)).toEqual([1, null, 0]);
    expect(reasons(output)[1]).toContain('the trust list holds no certificate');
  });
});
