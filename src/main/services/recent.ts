/** The projects opened on this machine, latest first: <home>/recent.json, with the summary each had when it was last looked at. */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectSummarySchema } from '../../shared/domain.ts';
import { writeWholeFile } from '../whole-file.ts';

const recentSchema = z.object({
  folder: z.string(),
  /** ISO 8601. */
  openedAt: z.string(),
  summary: projectSummarySchema,
  /** What project.db was like when `summary` was true. */
  stamp: z.string(),
});
export type RecentProject = z.infer<typeof recentSchema>;

/** The app's own folder: THAW_HOME, or ~/.thaw. */
export const thawHome = (): string => process.env.THAW_HOME || join(homedir(), '.thaw');

const fileIn = (home: string) => join(home, 'recent.json');

/** Changes whenever project.db or its write-ahead log does; null when there is no project.db. */
export async function databaseStamp(folder: string): Promise<string | null> {
  const look = async (name: string) => {
    try {
      const { size, mtimeMs } = await stat(join(folder, name));
      return size === 0 ? '' : `${size}@${mtimeMs}`;
    } catch {
      return null;
    }
  };
  const [database, log] = await Promise.all([look('project.db'), look('project.db-wal')]);
  return database === null ? null : `${database} ${log ?? ''}`;
}

/** Latest first. A list that cannot be read is an empty one: it only saves a search. */
export async function readRecent(home: string): Promise<RecentProject[]> {
  try {
    return z.array(recentSchema).parse(JSON.parse(await readFile(fileIn(home), 'utf8')));
  } catch {
    return [];
  }
}

/** Written beside, flushed and renamed: readers see the old list or the new one. */
export async function writeRecent(home: string, projects: RecentProject[]): Promise<void> {
  await writeWholeFile(fileIn(home), (file) => file.writeFile(JSON.stringify(projects, null, 2)));
}
