/**
 * Fills a new folder and puts it in the place of another: beside it and swapped by name where that can be done, else (a mount point, a
 * folder in one that may not be written) inside it and swapped entry by entry. What was there stays until the new is complete.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { ThawError } from '../../shared/errors.ts';

export interface ReplaceableFolder {
  /** Absolute. */
  target: string;
  /** Name of the file that marks a folder as one that may be replaced; every filled folder has it. */
  marker: string;
}

const stagingPrefix = '.thaw-partial-';
/** How systems say that a folder cannot be made beside another, or not renamed. */
const refusals = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV']);
const isRefusal = (error: unknown): boolean => refusals.has((error as NodeJS.ErrnoException).code ?? '');

/**
 * Resolves with what `fill` made once its folder is in place; `fill` gets an empty folder.
 * @throws unavailable where `target` holds anything that is not its to replace; what `fill` throws
 */
export async function replaceFolder<T>({ target, marker }: ReplaceableFolder, fill: (folder: string) => Promise<T>): Promise<T> {
  const present = await entriesOf(target);
  if (present.length > 0 && !present.includes(marker))
    throw new ThawError({
      code: 'unavailable',
      message: `${target} is not empty and is no earlier export.`,
      remedy: 'Choose another folder.',
      place: { file: target },
    });
  const staging = await makeStaging(target);
  try {
    const made = await fill(staging);
    await putInPlace(staging, { target, marker });
    return made;
  } finally {
    await fs.rm(staging, { recursive: true, force: true });
  }
}

/** What may be replaced: leaves out what a file system keeps at its root, and staging folders. None for a folder that is not there. */
async function entriesOf(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name !== 'lost+found' && !name.startsWith(stagingPrefix));
}

const makeInside = (target: string): Promise<string> => fs.mkdtemp(path.join(target, stagingPrefix));

async function makeStaging(target: string): Promise<string> {
  await fs.mkdir(path.dirname(target), { recursive: true });
  // Beside a mount point may be too small a disk, and its files would have to be copied over.
  if (await isOtherDevice(target)) return makeInside(target);
  try {
    return await fs.mkdtemp(`${target}.partial-`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return makeInside(target).catch(() => {
      throw error;
    });
  }
}

async function isOtherDevice(target: string): Promise<boolean> {
  const own = await fs.stat(target).catch(() => null);
  return own !== null && own.dev !== (await fs.stat(path.dirname(target))).dev;
}

async function putInPlace(staging: string, folder: ReplaceableFolder): Promise<void> {
  if (path.dirname(staging) === folder.target) return swapEntries(staging, folder);
  try {
    await swapFolders(staging, folder.target);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // A mount of the same device is only met here; names cannot be moved into it, so its files are copied first.
    const inside = await makeInside(folder.target);
    try {
      await fs.cp(staging, inside, { recursive: true });
      await swapEntries(inside, folder);
    } finally {
      await fs.rm(inside, { recursive: true, force: true });
    }
  }
}

async function swapFolders(staging: string, target: string): Promise<void> {
  const earlier = `${staging}.earlier`;
  const hadEarlier = await fs.rename(target, earlier).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await fs.rename(staging, target);
  } catch (error) {
    if (hadEarlier) await fs.rename(earlier, target);
    throw error;
  }
  await fs.rm(earlier, { recursive: true, force: true });
}

/** Moves names only, the marker last, so that a folder with its marker is whole; a failure moves them back. */
async function swapEntries(staging: string, { target, marker }: ReplaceableFolder): Promise<void> {
  const earlier = await makeInside(target);
  const moved: { from: string; to: string }[] = [];
  const moveAll = async (names: string[], from: string, to: string) => {
    for (const name of names.sort((a, b) => Number(a === marker) - Number(b === marker))) {
      const move = { from: path.join(from, name), to: path.join(to, name) };
      await fs.rename(move.from, move.to);
      moved.push(move);
    }
  };
  try {
    await moveAll(await entriesOf(target), target, earlier);
    await moveAll(await fs.readdir(staging), staging, target);
  } catch (error) {
    for (const { from, to } of moved.reverse()) await fs.rename(to, from);
    await fs.rmdir(earlier);
    throw error;
  }
  await fs.rm(earlier, { recursive: true, force: true });
}
