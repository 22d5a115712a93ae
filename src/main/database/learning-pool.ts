/** The training texts that learning takes in: of very many a part, drawn evenly. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { trainingIds } from './tables/learning.ts';
import { readProject } from './tables/project.ts';

export interface DrawnTraining {
  /** Labeled ones, and those that wait to be labeled, each in the order they were drawn. */
  labeled: Uint32Array;
  open: Uint32Array;
  /** How many there are besides. */
  leftOut: number;
}

/** How many are taken at most. */
export interface TrainingLimits {
  labeled: number;
  open: number;
}

/** Another one would give another draw. */
const SEED = 0x5eed;
/** As wide a range of ids as is looked through at once, which takes some milliseconds. */
const RANGE_IDS = 20_000;

/**
 * A number drawn for an id, the same each time: the texts with the lowest are a part drawn evenly (bottom-k sampling, Cohen and Kaplan 2007), which
 * stays when others come. The finalizer of MurmurHash3 (Appleby, public domain), which maps 32-bit numbers one to one.
 */
function drawOf(id: number): number {
  let mixed = (id ^ SEED) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The `most` ids that come first in the order of the draw, in that order. */
export function drawn(ids: readonly number[], most: number): Uint32Array {
  const idOf = new Map(ids.map((id) => [drawOf(id), id]));
  const draws = Uint32Array.from(idOf.keys()).sort().subarray(0, Math.max(0, most));
  return draws.map((draw) => idOf.get(draw)!);
}

/** Of the training texts above an id; looks through them in pieces. */
export async function drawTraining(database: Database, after: number, limits: TrainingLimits): Promise<DrawnTraining> {
  const { visibleExamples } = readProject(database);
  const [labeled, open]: number[][] = [[], []];
  for (let from = after; from < visibleExamples; from += RANGE_IDS) {
    const piece = trainingIds(database, from, Math.min(from + RANGE_IDS, visibleExamples));
    labeled.push(...piece.labeled);
    open.push(...piece.open);
    await nextTurn();
  }
  const taken = { labeled: drawn(labeled, limits.labeled), open: drawn(open, limits.open) };
  const leftOut = labeled.length + open.length - taken.labeled.length - taken.open.length;
  return { ...taken, leftOut };
}
