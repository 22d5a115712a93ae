/** Who may write to a project: <folder>/owner.json names the process, by id and start time so that a reused id is not mistaken for it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ThawError } from '../../shared/errors.ts';
import { processStart } from '../process-start.ts';

const ownerSchema = z.object({ pid: z.number().int().positive(), started: z.string() });
type Owner = z.infer<typeof ownerSchema>;

const ownerFile = (folder: string) => join(folder, 'owner.json');

function readOwner(folder: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(ownerFile(folder), 'utf8')));
  } catch {
    // Missing, or unreadable after a crash of the whole machine: owner.json is only ever written whole.
    return null;
  }
}

/** The live owner of the project, or null. */
export function liveOwner(folder: string): Owner | null {
  const owner = readOwner(folder);
  return owner && processStart(owner.pid) === owner.started ? owner : null;
}

/**
 * Makes this process the owner, in place of a dead one. The caller holds the database's write lock meanwhile, so that two processes
 * that find the same dead owner take over one after the other. Throws project_in_use.
 */
export function takeOwnership(folder: string): void {
  const owner = liveOwner(folder);
  if (owner)
    throw new ThawError({
      code: 'project_in_use',
      message: `The project is open for writing in another process (process ${owner.pid}).`,
      remedy: 'Close it there, or end that process; commands that only read work beside it.',
      place: { file: folder },
    });
  const beside = `${ownerFile(folder)}.${process.pid}`;
  const mine: Owner = { pid: process.pid, started: processStart(process.pid) ?? 'unknown' };
  writeFileSync(beside, JSON.stringify(mine), { flush: true });
  renameSync(beside, ownerFile(folder));
}

/** Gives the project back, if it is this process's. */
export function releaseOwnership(folder: string): void {
  if (readOwner(folder)?.pid === process.pid) rmSync(ownerFile(folder), { force: true });
}
