/** Rules on what metadata says about the maker of the file: programs, editing history, generators, missing parts. */
import type { Finding } from '../findings.ts';
import { printable } from '../tree.ts';
import { findTag, type Tag } from './tags.ts';

/** Fields in which a program names itself or is named. */
const WRITER_FIELDS =
  /^(Software|ProcessingSoftware|CreatorTool|Producer|Encoder|EncodedBy|EncodingSettings|WriterName|Credit|HistorySoftwareAgent|History|SoftwareAgent|WritingApp|MuxingApp|HostComputer|ToolName|AISystemUsed|Generator|com\.apple\.quicktime\.software)$/i;
/** Fields that generators fill with prompts and settings, and people with prose. */
const PROSE_FIELDS =
  /^(Parameters|Prompt|Workflow|Dream|Sd-metadata|Invokeai_metadata|Comment|UserComment|Description|ImageDescription|Title|XPComment|Caption-Abstract|Artist|Creator|Make|Model|Source|Signature)$/i;

/** Programs that change pictures, video or sound. Catalogue programs that also rewrite files are among them. */
const EDITORS =
  /\b(Photoshop|Lightroom|Camera Raw|Illustrator|InDesign|Premiere|After Effects|Audition|Media Encoder|GIMP|Affinity|Pixelmator|Snapseed|PicsArt|Facetune|FaceApp|Meitu|BeautyPlus|YouCam|VSCO|Canva|Paint\.NET|paint\.net|Krita|Capture One|DxO|Luminar|ON1|PhotoScape|Photoscape|PaintShop|CorelDRAW|ImageMagick|GraphicsMagick|IrfanView|XnView|ACDSee|Fotor|Pixlr|Photopea|Inkscape|Darktable|darktable|RawTherapee|DaVinci Resolve|Final Cut|iMovie|CapCut|JianYing|InShot|VideoShow|HandBrake|Lavf|Lavc|FFmpeg|Audacity|Sony Vegas|VEGAS|Filmora|Wondershare|Avid|Reface|DeepFaceLab|FaceSwap|FaceFusion|roop|Windows Photo Editor|Microsoft Windows Photo|Google Photos|Picasa)(?![A-Za-z])/;

/** Generators whose names are no everyday words; looked for in prose as well. */
const GENERATOR_NAMES =
  /\b(Stable ?Diffusion|Midjourney|DALL[·\-. ]?E|ComfyUI|NovelAI|InvokeAI|AUTOMATIC1111|Adobe Firefly|Made with Google AI|Bing Image Creator|Image Creator from (Microsoft )?Designer|StyleGAN\d?|thispersondoesnotexist|ElevenLabs|HeyGen|Synthesia|D-ID|gpt-image|GPT-4o|ChatGPT|ImageFX|Fooocus|SDXL|FLUX\.1|DreamStudio|DeepFaceLab|FaceFusion|FaceSwap)\b/i;
/** Generators named like everyday things; only a program field that names them counts. */
const GENERATOR_WORDS =
  /\b(OpenAI|Sora|Runway(ML)?|Pika|Kling|Veo|Imagen|Gemini|Ideogram|Leonardo\.?Ai|Suno|Udio|Luma|Hailuo|Seedream|Recraft|Grok|Firefly|DreamShaper|Dreamina|Reve)\b/i;

/** IPTC digital source types that say "made or partly made by trained models". */
const AI_SOURCE =
  /(composite(Synthetic|WithTrainedAlgorithmicMedia)|trainedAlgorithmicMedia|algorithmicMedia|algorithmicallyEnhanced)/i;

/** Makers whose cameras have written maker notes into every JPEG and HEIF for many years. */
const ALWAYS_NOTES = /^(Canon|NIKON|Apple|SONY|FUJIFILM|OLYMPUS|OM Digital|Panasonic|PENTAX|RICOH|Leica)/i;

/**
 * Content Credentials as ExifTool lists them. The detector of their own validates them; read here as well, one
 * declaration would count in two families as if two independent methods agreed.
 */
const CREDENTIALS = /^(JUMBF|CBOR|C2PA|JSON)$/;

/** Findings on origin and editing. */
export function originFindings(all: readonly Tag[]): Finding[] {
  const tags = all.filter((tag) => !CREDENTIALS.test(tag.format));
  return [
    ...declaredSynthetic(tags),
    ...editors(tags),
    ...history(tags),
    ...makerNotes(tags),
    ...digest(tags),
    ...screenshot(tags),
  ];
}

const quote = (tag: Tag): string => `${tag.group} ${tag.name} "${printable(tag.value, 160)}"`;

/** Findings that the file itself says it was made or changed by a trained model. */
function declaredSynthetic(tags: readonly Tag[]): Finding[] {
  const found: Finding[] = [];
  const add = (type: string, severity: Finding['severity'], text: string): void => {
    if (found.length < 20) found.push({ type, severity, description: text });
  };
  for (const tag of tags) {
    const hay = `${tag.value} ${tag.raw}`;
    if (/DigitalSourceType/i.test(`${tag.name} ${tag.value}`) && AI_SOURCE.test(hay)) {
      const whole = !/enhanced|composite/i.test(hay);
      add(
        'metadata.ai-source-type',
        whole ? 'high' : 'medium',
        `The file declares ${whole ? 'itself made' : 'that parts were made or enhanced'} by an algorithm: ${quote(tag)}. The declaration can be added or removed by anybody.`,
      );
    } else if (/^AI(SystemUsed|SystemVersionUsed|PromptInformation|PromptWriterName)$/i.test(tag.name)) {
      add('metadata.ai-field', 'high', `A field for generated media is filled in: ${quote(tag)}.`);
    } else if (isGenerationRecipe(tag)) {
      add('metadata.ai-recipe', 'high', `Settings of an image generator are stored: ${quote(tag)}.`);
    } else if (
      ((WRITER_FIELDS.test(tag.name) || PROSE_FIELDS.test(tag.name)) && GENERATOR_NAMES.test(tag.value)) ||
      (WRITER_FIELDS.test(tag.name) && GENERATOR_WORDS.test(tag.value))
    ) {
      add(
        'metadata.ai-generator-named',
        WRITER_FIELDS.test(tag.name) ? 'high' : 'medium',
        `A generator is named: ${quote(tag)}. Text can be typed in by anybody, and a name in a description may only be its subject.`,
      );
    }
  }
  return found;
}

/** Prompts as the common open generators store them in PNG text chunks and EXIF comments. */
function isGenerationRecipe(tag: Tag): boolean {
  if (!PROSE_FIELDS.test(tag.name)) return false;
  const text = tag.value;
  if (/\bSteps: \d+/.test(text) && /\b(Sampler|CFG scale|Seed): ?/.test(text)) return true;
  return (
    /^(Prompt|Workflow|Dream|Sd-metadata|Invokeai_metadata)$/i.test(tag.name) &&
    /"(class_type|inputs|nodes|positive_prompt|steps|model)"/.test(text)
  );
}

function editors(tags: readonly Tag[]): Finding[] {
  const names = new Map<string, Tag>();
  for (const tag of tags) {
    const name = WRITER_FIELDS.test(tag.name) ? EDITORS.exec(tag.value)?.[0] : undefined;
    if (name !== undefined && !names.has(name)) names.set(name, tag);
  }
  return [...names].slice(0, 10).map(([name, tag]) => ({
    type: 'metadata.editor-named',
    // Converters touch most files that people send to each other.
    severity: CONVERTERS.test(name) ? 'low' : 'medium',
    description: `A program for editing or converting wrote to the file: ${quote(tag)}. That it was used does not say what it changed.`,
  }));
}

const CONVERTERS = /^(Lavf|Lavc|FFmpeg|HandBrake|ImageMagick|GraphicsMagick|Google Photos)$/;

function history(tags: readonly Tag[]): Finding[] {
  const found: Finding[] = [];
  const log = findTag(tags, 'History', 'XMP') ?? findTag(tags, 'HistoryAction', 'XMP');
  if (log !== null) {
    const actions =
      log.value.match(/\b(created|converted|derived|saved|edited|produced|resized|cropped|filtered|formatted)\b/gi) ??
      [];
    found.push({
      type: 'metadata.edit-history',
      severity: actions.length > 1 ? 'medium' : 'low',
      description: `XMP keeps an editing history with ${actions.length} recorded actions${actions.length > 0 ? ` (${[...new Set(actions)].join(', ')})` : ''}.`,
    });
  }
  const from =
    findTag(tags, 'DerivedFrom', 'XMP') ??
    findTag(tags, 'DocumentAncestors', 'XMP') ??
    findTag(tags, 'Ingredients', 'XMP');
  if (from !== null) {
    found.push({
      type: 'metadata.derived',
      severity: 'low',
      description: `The file names other documents it was made from (${from.group} ${from.name}).`,
    });
  }
  return found;
}

function makerNotes(tags: readonly Tag[]): Finding[] {
  const make = findTag(tags, 'Make', 'IFD0');
  const type = findTag(tags, 'FileType', 'File')?.value ?? '';
  if (make === null || !/^(JPEG|HEIC|HEIF)$/.test(type) || tags.some((tag) => tag.format === 'MakerNotes')) return [];
  if (findTag(tags, 'MakerNoteUnknown') !== null || findTag(tags, 'MakerNoteUnknownText') !== null) return [];
  const always = ALWAYS_NOTES.test(make.value);
  return [
    {
      type: 'metadata.maker-notes-missing',
      severity: always ? 'medium' : 'low',
      description: `Maker "${printable(make.value, 60)}" is named, but its maker notes are missing: the file was written again by a program that dropped them, or the name was added.`,
    },
  ];
}

function digest(tags: readonly Tag[]): Finding[] {
  const stored = findTag(tags, 'IPTCDigest', 'Photoshop')?.value;
  const now = findTag(tags, 'CurrentIPTCDigest')?.value;
  if (stored === undefined || now === undefined || stored === now || /^0+$/.test(stored)) return [];
  return [
    {
      type: 'metadata.iptc-digest',
      severity: 'low',
      description:
        'The IPTC block differs from its stored digest: it was changed by a program that did not renew the digest.',
    },
  ];
}

function screenshot(tags: readonly Tag[]): Finding[] {
  const tag = tags.find(
    (item) =>
      /^(UserComment|Description|ImageDescription|Comment)$/.test(item.name) && /^screenshot$/i.test(item.value.trim()),
  );
  return tag === undefined
    ? []
    : [
        {
          type: 'metadata.screenshot',
          severity: 'low',
          description: `The file calls itself a screenshot (${tag.group} ${tag.name}).`,
        },
      ];
}
