/** What this machine has for the engine: tools, decoders, providers, packs. */
import sharp from 'sharp';
import type { DoctorItem } from '../contract/api.ts';
import { asVidimusError } from '../contract/errors.ts';
import { providerReports } from './inference/providers.ts';
import { listPacks, type ModelRoots } from './inference/registry.ts';
import { runtimeVersion } from './inference/runtime.ts';
import { findFfmpeg } from './media/tools.ts';
import { findExifTool } from './signals/structure/metadata/exiftool.ts';

/** Looks at everything once; nothing is changed. */
export async function doctor(roots: ModelRoots): Promise<DoctorItem[]> {
  return [
    await ffmpegItem(),
    exifToolItem(),
    sharpItem(),
    runtimeItem(),
    ...(await providerItems()),
    ...(await packItems(roots)),
  ];
}

async function ffmpegItem(): Promise<DoctorItem> {
  try {
    const tool = await findFfmpeg();
    const found = `${tool.version} at ${tool.path} (${tool.origin}, resampler ${tool.resampler})`;
    return { name: 'ffmpeg', state: 'ok', found, advice: null };
  } catch (thrown) {
    const error = asVidimusError(thrown);
    return {
      name: 'ffmpeg',
      state: 'missing',
      found: error.message,
      advice: 'Install ffmpeg or set FFMPEG_BIN; without it video and sound cannot be decoded.',
    };
  }
}

function exifToolItem(): DoctorItem {
  const tool = findExifTool();
  if (tool.ok)
    return {
      name: 'ExifTool',
      state: 'ok',
      found: [tool.command.program, ...tool.command.first].join(' '),
      advice: null,
    };
  return {
    name: 'ExifTool',
    state: 'missing',
    found: tool.reason,
    advice: 'Install perl; ExifTool needs it to read metadata.',
  };
}

function sharpItem(): DoctorItem {
  const readable = Object.entries(sharp.format)
    .filter(([, format]) => format.input.buffer)
    .map(([name]) => name)
    .sort();
  return {
    name: 'pictures',
    state: 'ok',
    found: `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}: ${readable.join(', ')}`,
    advice: null,
  };
}

const runtimeItem = (): DoctorItem => ({ name: 'onnxruntime', state: 'ok', found: runtimeVersion(), advice: null });

async function providerItems(): Promise<DoctorItem[]> {
  const reports = await providerReports();
  return reports.map(({ provider, available, note }) => ({
    name: `provider ${provider}`,
    state: available ? 'ok' : 'limited',
    found: note,
    advice: null,
  }));
}

async function packItems(roots: ModelRoots): Promise<DoctorItem[]> {
  const { packs, broken } = await listPacks(roots, { verify: true });
  const items: DoctorItem[] = packs.map(({ manifest, origin, media, isDefault, problem }) => ({
    name: `pack ${manifest.id}@${manifest.version}`,
    state: problem === null ? 'ok' : 'limited',
    found:
      problem ??
      `${manifest.task}, ${origin}, ${media.length > 0 ? `enabled for ${media.join(', ')}` : 'disabled'}${isDefault ? ', default' : ''}`,
    advice: problem === null ? null : 'Remove the pack and import it again.',
  }));
  for (const { folder, problem } of broken) {
    items.push({
      name: `pack in ${folder}`,
      state: 'limited',
      found: problem,
      advice: 'Remove the folder or import the pack again.',
    });
  }
  if (items.length === 0) {
    items.push({
      name: 'model packs',
      state: 'missing',
      found: 'none installed',
      advice: 'Import one with "vidimus models import".',
    });
  }
  return items;
}
