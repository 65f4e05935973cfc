/** Making a pack from a Hugging Face folder: `config.json`, `preprocessor_config.json` and an exported `model.onnx`. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import type { InputRule, ResizeKernel } from '../../contract/pack.ts';
import { packCard } from './card.ts';
import { Labels, orderFromLabels } from './class-order.ts';
import { exists } from './files.ts';
import { type ImportOptions, type ImportReport, slug } from './import.ts';
import { boundRules, loadOnnx } from './import-onnx.ts';
import { installPack, type ManifestDraft } from './install.ts';
import type { ModelRoots } from './registry.ts';

/** The fields that decide how a picture becomes a tensor; other fields of these files do not. */
const Config = z.looseObject({
  id2label: Labels,
  architectures: z.array(z.string()).optional(),
  model_type: z.string().optional(),
  _name_or_path: z.string().optional(),
});
const Size = z.union([
  z.int().positive(),
  z.strictObject({ height: z.int().positive(), width: z.int().positive() }),
  z.strictObject({ shortest_edge: z.int().positive() }),
]);
const Preprocessor = z.looseObject({
  do_resize: z.boolean().default(true),
  size: Size,
  resample: z.int().default(2),
  do_center_crop: z.boolean().default(false),
  crop_size: Size.optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: z.array(z.number()).length(3),
  image_std: z.array(z.number().positive()).length(3),
});
type Preprocessor = z.infer<typeof Preprocessor>;

async function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(folder, name), 'utf8'));
  } catch (cause) {
    throw new VidimusError('pack.missing', `"${name}" in "${folder}" is absent or not JSON.`, {
      advice: 'Give the folder as it was downloaded, with config.json, preprocessor_config.json and model.onnx.',
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new VidimusError(
      'pack.invalid',
      `"${name}" cannot be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    );
  }
  return parsed.data;
}

/** Pillow's numbers for its filters. */
function kernelOf(resample: number): ResizeKernel {
  if (resample === 0) return 'nearest';
  if (resample === 2) return 'pil-bilinear';
  if (resample === 3) return 'pil-bicubic';
  throw new VidimusError('pack.invalid', `The folder asks for Pillow filter ${resample}, which is not built here.`);
}

function inputOf(config: Preprocessor): InputRule {
  if (!config.do_resize)
    throw new VidimusError(
      'pack.invalid',
      'The folder asks for pictures of any size, which this import does not cover.',
    );
  const size = typeof config.size === 'number' ? { height: config.size, width: config.size } : config.size;
  const base: InputRule = {
    kind: 'face-crop',
    layout: 'NCHW',
    color: 'rgb',
    resize: kernelOf(config.resample),
    scale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
    crop: { margin: 0.3, square: true, align: 'none' },
  };
  if ('height' in size) {
    if (config.do_center_crop)
      throw new VidimusError('pack.invalid', 'The folder stretches and then crops, which this import does not cover.');
    return { ...base, ...size };
  }
  const cropped = config.crop_size;
  if (!config.do_center_crop || cropped === undefined) {
    throw new VidimusError(
      'pack.invalid',
      'The folder scales the shorter side without cutting the centre, which this import does not cover.',
    );
  }
  if (typeof cropped !== 'number' && !('height' in cropped))
    throw new VidimusError('pack.invalid', 'The folder crops to no fixed size.');
  const crop = typeof cropped === 'number' ? { height: cropped, width: cropped } : cropped;
  return { ...base, ...crop, resizeShorter: size.shortest_edge };
}

/**
 * Installs an image classifier from a Hugging Face folder. Pre-processing is taken from its own files; the class that
 * means manipulated from `id2label`, or from the examiner (`fakeLabel`, `fakeIndex`) where the labels are unclear.
 * @throws VidimusError as {@link importCheckpoint}; `pack.invalid` for pre-processing that cannot be repeated exactly.
 */
export async function importHuggingFace(
  roots: ModelRoots,
  folder: string,
  options: ImportOptions & { readonly kind?: 'face-crop' | 'image' } = {},
): Promise<ImportReport> {
  const config = await readJson(folder, 'config.json', Config);
  const preprocessor = await readJson(folder, 'preprocessor_config.json', Preprocessor);
  const inner = join(folder, 'onnx', 'model.onnx');
  const onnx = await loadOnnx((await exists(inner)) ? inner : join(folder, 'model.onnx'));
  const label = basename(resolve(folder));
  const wanted = inputOf(preprocessor);
  const { crop, ...whole } = wanted;
  const order = orderFromLabels(config.id2label, options);
  const rules = boundRules(onnx, options.kind === 'image' ? { ...whole, kind: 'image' } : wanted, order.output);
  const draft: ManifestDraft = {
    schema: 'vidimus/pack/1',
    id: options.id ?? slug(label),
    version: options.version ?? '1.0.0',
    name: options.name ?? label,
    task: options.kind === 'image' ? 'image-forgery' : 'face-forgery',
    family: 'spatial-neural',
    architecture: config.architectures?.[0] ?? config.model_type ?? 'unknown',
    licence: options.licence ?? 'not stated',
    source: { name: config._name_or_path ?? label, url: '', checkpointSha256: onnx.sha256, checkpointName: onnx.name },
    ...rules,
    thresholds: { decision: 0.5, uncertainBand: [0.4, 0.6] },
    calibration: null,
    envelope: {
      ...(crop === undefined || options.kind === 'image' ? {} : { minFacePx: 64 }),
      notes: ['What this network was trained on is not known here.', ...order.doubts],
    },
    validation: [],
    published: [],
  };
  const facts = ['Taken from a Hugging Face folder.', ...order.facts];
  const pack = await installPack(
    roots,
    draft,
    [{ name: 'model.onnx', pieces: () => [onnx.bytes] }],
    packCard(draft, facts, []),
    options.signal,
  );
  return { pack, known: null, used: 0, unused: [], notes: [...facts, ...order.doubts] };
}
