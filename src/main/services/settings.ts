/** What a person chose for themselves, on this machine and for all projects: <home>/settings.json. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsSchema, type Settings } from '../../shared/domain.ts';
import { writeWholeFile } from '../whole-file.ts';

const fileIn = (home: string) => join(home, 'settings.json');

/** The defaults where nothing was chosen, or what was cannot be read. */
export async function readSettings(home: string): Promise<Settings> {
  try {
    return settingsSchema.parse(JSON.parse(await readFile(fileIn(home), 'utf8')));
  } catch {
    return settingsSchema.parse({});
  }
}

/** Written beside, flushed and renamed: readers see the old settings or the new ones. */
export async function writeSettings(home: string, settings: Settings): Promise<void> {
  await writeWholeFile(fileIn(home), (file) => file.writeFile(JSON.stringify(settings, null, 2)));
}
