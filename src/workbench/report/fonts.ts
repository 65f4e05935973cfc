/**
 * Fonts for reports. First a folder that the laboratory names (VIDIMUS_FONTS), then the Noto fonts that the program
 * brings, then what the system usually has. A report prints which ones it was set in.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import type { FontFile, FontFiles } from '../../reporting/pdf/text/fonts.ts';

/** Packages with one TrueType file per style, and the script each of them is for. */
const PACKAGE = '@expo-google-fonts';
const OWN = {
  body: [['noto-sans', '400Regular/NotoSans_400Regular.ttf']],
  bold: [['noto-sans', '700Bold/NotoSans_700Bold.ttf']],
  mono: [['noto-sans-mono', '400Regular/NotoSansMono_400Regular.ttf']],
  others: [
    ['noto-sans-hebrew', '400Regular/NotoSansHebrew_400Regular.ttf'],
    ['noto-sans-sc', '400Regular/NotoSansSC_400Regular.ttf'],
    ['noto-sans-kr', '400Regular/NotoSansKR_400Regular.ttf'],
  ],
} as const;

const SYSTEM = {
  body: [
    '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf',
    '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    'C:\\Windows\\Fonts\\arial.ttf',
    '/System/Library/Fonts/Supplemental/Arial.ttf',
  ],
  bold: [
    '/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf',
    '/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf',
    'C:\\Windows\\Fonts\\arialbd.ttf',
    '/System/Library/Fonts/Supplemental/Arial Bold.ttf',
  ],
  mono: [
    '/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf',
    '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
    'C:\\Windows\\Fonts\\consola.ttf',
    '/System/Library/Fonts/Supplemental/Courier New.ttf',
  ],
  // Arabic comes from these: Noto's Arabic draws letters of parts, and what is copied out of the pages then differs from
  // what stands there.
  others: [
    '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    'C:\\Windows\\Fonts\\arial.ttf',
    '/System/Library/Fonts/Supplemental/Arial.ttf',
    '/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf',
    'C:\\Windows\\Fonts\\simhei.ttf',
    'C:\\Windows\\Fonts\\malgun.ttf',
    '/System/Library/Fonts/Supplemental/Arial Unicode.ttf',
  ],
} as const;

const require = createRequire(import.meta.url);

/** Path of a file in an installed package; null where the package is not there. */
function packaged([name, file]: readonly [string, string]): string | null {
  try {
    return join(dirname(require.resolve(`${PACKAGE}/${name}/package.json`)), file);
  } catch {
    return null;
  }
}

async function load(paths: readonly (string | null)[]): Promise<FontFile[]> {
  const files: FontFile[] = [];
  for (const path of paths) {
    if (path === null) continue;
    const bytes = await readFile(path).catch(() => null);
    if (bytes === null) continue;
    files.push({ name: basename(path), sha256: createHash('sha256').update(bytes).digest('hex'), bytes });
  }
  return files;
}

/** Fonts of a folder, in the order of their names, by what the names say. @throws VidimusError usage.invalid where it cannot be read. */
async function ofFolder(folder: string): Promise<FontFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `The folder of fonts ${folder} cannot be read.`, { cause });
  });
  return load(
    names
      .filter((name) => /\.(ttf|otf)$/i.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/**
 * Every font at hand, first choices first; bold and monospaced text falls back on the body's fonts for characters it
 * lacks. @throws VidimusError usage.invalid for a bad VIDIMUS_FONTS, output.failed where there is no font at all.
 */
export async function findFonts(): Promise<FontFiles> {
  const folder = process.env['VIDIMUS_FONTS'];
  const own = folder === undefined || folder === '' ? [] : await ofFolder(folder);
  const isMono = ({ name }: FontFile): boolean => /mono/i.test(name);
  const isBold = ({ name }: FontFile): boolean => /bold/i.test(name);
  const first = async (paths: readonly (string | null)[]): Promise<FontFile[]> => (await load(paths)).slice(0, 1);
  const both = (style: 'body' | 'bold' | 'mono') => first([...OWN[style].map(packaged), ...SYSTEM[style]]);
  const others = await load([...OWN.others.map(packaged), ...SYSTEM.others]);
  const body = [...own.filter((f) => !isMono(f) && !isBold(f)), ...(await both('body')), ...others];
  const bold = [...own.filter((f) => isBold(f) && !isMono(f)), ...(await both('bold')), ...body];
  const mono = [...own.filter((f) => isMono(f) && !isBold(f)), ...(await both('mono')), ...body];
  if (body.length === 0)
    throw new VidimusError('output.failed', 'No font was found to set the report in.', {
      advice: 'Install the fonts of this program anew, or name a folder of TrueType fonts in VIDIMUS_FONTS.',
    });
  return { body, bold, mono };
}
