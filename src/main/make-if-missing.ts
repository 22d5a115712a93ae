import { existsSync, readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { openProject } from './database/index.ts';

/** Makes a project in a folder that is missing or empty; leaves any other as it is. Throws as openProject. */
export async function makeIfMissing(folder: string): Promise<void> {
  if (existsSync(folder) && readdirSync(folder).length > 0) return;
  const made = await openProject(folder, { create: { task: 'classification', name: basename(resolve(folder)) } });
  await made.close();
}
