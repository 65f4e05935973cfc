/** Cases that were opened outside the workspace, so that the list shows them again. Names of folders, nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { writeAtomically } from '../files.ts';

const Recent = z.strictObject({ schema: z.literal('vidimus/recent-cases/1'), folders: z.array(z.string()).max(200) });
const MOST = 50;
const pathIn = (userFolder: string): string => join(userFolder, 'recent-cases.json');

/** Folders, the latest first. A list that cannot be read is an empty one: it holds nothing that could be lost. */
export function recentFolders(userFolder: string): string[] {
  try {
    return Recent.parse(JSON.parse(readFileSync(pathIn(userFolder), 'utf8'))).folders;
  } catch {
    return [];
  }
}

async function write(userFolder: string, folders: readonly string[]): Promise<void> {
  const document = { schema: 'vidimus/recent-cases/1', folders: folders.slice(0, MOST) };
  await writeAtomically(pathIn(userFolder), `${JSON.stringify(document, null, 1)}\n`);
}

export const rememberFolder = (userFolder: string, folder: string): Promise<void> =>
  write(userFolder, [folder, ...recentFolders(userFolder).filter((known) => known !== folder)]);

export const forgetFolder = (userFolder: string, folder: string): Promise<void> =>
  write(
    userFolder,
    recentFolders(userFolder).filter((known) => known !== folder),
  );
