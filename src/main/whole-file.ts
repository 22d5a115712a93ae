/** Files that are there whole or not at all. */
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Written beside, flushed and renamed: readers see what was there or the new file, whose folder is made if need be. What `write` throws, and
 * any failure, leaves what was there.
 */
export async function writeWholeFile(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  const handle = await open(beside, 'w');
  try {
    await write(handle);
    await handle.sync();
    await handle.close();
    await rename(beside, file);
  } catch (error) {
    await handle.close();
    await rm(beside, { force: true });
    throw error;
  }
}

/** A project's name as part of a file's; empty where nothing of it can be. */
export const fileNameOf = (name: string): string => name.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').trim();
