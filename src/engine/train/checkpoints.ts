/**
 * Checkpoints of a run: safetensors files in the run's folder. `last.safetensors` holds the trained tensors, the optimizer's moments and
 * where the run stands, `previous.safetensors` the one before it; `best.safetensors` the trained tensors of the best epoch. Frozen tensors
 * are named by the base's hash. Each tensor has a checksum.
 */
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { ThawError } from '../../shared/errors.ts';
import type { Base, Tensor } from '../models/base.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import { newProgress, progressSchema } from './progress.ts';
import type { ModelState } from './step.ts';

export type CheckpointName = 'best' | 'last';

const placeSchema = progressSchema.extend({
  /** Hash of the base model's weights. */
  base: z.string(),
  /** What a token head learned to tag. */
  words: z.enum(['segments', 'tokens']),
  dropoutState: z.number(),
  /** By layer, where layers were thawed in the course of the run: the steps that were done by then. */
  thawedAt: z.record(z.string(), z.number().int()),
});
/** Where a checkpoint stands in its run. */
export type CheckpointPlace = z.infer<typeof placeSchema>;

export interface Checkpoint {
  /** By Hugging Face name. */
  tensors: Map<string, Tensor>;
  place: CheckpointPlace;
}

export interface OpenedCheckpoint {
  names: string[];
  read(name: string): Tensor;
  place: CheckpointPlace;
}

/** `<directory>/best.safetensors` or `<directory>/last.safetensors`. */
export const checkpointFile = (directory: string, name: CheckpointName): string => path.join(directory, `${name}.safetensors`);
const previousFile = (directory: string): string => path.join(directory, 'previous.safetensors');

const isMoment = (name: string): boolean => name.startsWith('m.') || name.startsWith('v.');
const checksum = ({ data: { buffer, byteOffset, byteLength } }: Tensor): number => crc32(new Uint8Array(buffer, byteOffset, byteLength));

/**
 * Writes `best`, without the optimizer's moments, when this epoch is the best so far, and then `last`, whose predecessor is kept. Each file
 * appears whole or not at all. Killed in between, a run has a best epoch that its last checkpoint has not reached: resumed, it comes to it again.
 */
export async function saveCheckpoint(directory: string, { tensors }: ModelState, place: CheckpointPlace, best: boolean): Promise<void> {
  await fs.promises.mkdir(directory, { recursive: true });
  const trained = new Map([...tensors].filter(([name]) => !isMoment(name)));
  // Without the clock: of two runs that learn the same, these files are the same.
  const { seconds } = newProgress();
  if (best) await writeSafetensors(checkpointFile(directory, 'best'), trained, metadataOf(trained, { ...place, seconds }));
  await writeSafetensors(checkpointFile(directory, 'last'), tensors, metadataOf(tensors, place), previousFile(directory));
}

function metadataOf(tensors: Map<string, Tensor>, place: CheckpointPlace): Record<string, string> {
  const checksums = Object.fromEntries([...tensors].map(([name, tensor]) => [name, checksum(tensor)]));
  return { thaw: JSON.stringify(place), crc32: JSON.stringify(checksums) };
}

/** What a finished run has no use for: the checkpoint before its last. */
export const dropPrevious = (directory: string): Promise<void> => fs.promises.rm(previousFile(directory), { force: true });

/**
 * The trained tensors of a checkpoint and its place. Of the last, the one before it where the newest is damaged.
 * @throws unavailable, damaged_file, or not_a_model when the base is no longer the one the run was trained from.
 */
export function readCheckpoint(directory: string, name: CheckpointName, base: Base): Checkpoint {
  const found = newestOf(filesOf(directory, name), (file) => read(file, base, (tensor) => !isMoment(tensor)));
  if (found) return found.checkpoint;
  throw noCheckpoint(directory, name);
}

const noCheckpoint = (directory: string, name: CheckpointName): ThawError =>
  new ThawError({
    code: 'unavailable',
    message: `This run has no ${name} checkpoint.`,
    remedy: `It has one once its first epoch is done${name === 'last' ? ', or after some minutes' : ''}: resume it, or train again.`,
    place: { file: checkpointFile(directory, name) },
  });

/** A checkpoint whose tensors are read as they are asked for; throws damaged_file where one is not what was written. @throws as readCheckpoint */
export function openCheckpoint(directory: string, name: CheckpointName, base: Base): OpenedCheckpoint {
  const file = checkpointFile(directory, name);
  if (!fs.existsSync(file)) throw noCheckpoint(directory, name);
  return open(file, base);
}

/**
 * The newest checkpoint that is whole, with the optimizer's moments; null where there is none at all. `damaged`: what is wrong with a newer one.
 * @throws damaged_file where none is whole, not_a_model
 */
export function readNewest(directory: string, base: Base): { checkpoint: Checkpoint; damaged: ThawError | null } | null {
  return newestOf(filesOf(directory, 'last'), (file) => read(file, base, () => true));
}

/** The model as a checkpoint of `readNewest` has it. */
export const stateOf = ({ tensors, place: { step, stepsBefore, dropoutState, thawedAt } }: Checkpoint): ModelState => ({
  tensors,
  step: stepsBefore + step,
  dropoutState,
  thawedAt,
});

/** Whether there is one to go on from, whole or not. */
export const hasCheckpoint = (directory: string): boolean => filesOf(directory, 'last').length > 0;

const filesOf = (directory: string, name: CheckpointName): string[] =>
  [checkpointFile(directory, name), ...(name === 'last' ? [previousFile(directory)] : [])].filter((file) => fs.existsSync(file));

function newestOf(files: string[], read: (file: string) => Checkpoint): { checkpoint: Checkpoint; damaged: ThawError | null } | null {
  let damaged: ThawError | null = null;
  for (const file of files)
    try {
      return { checkpoint: read(file), damaged };
    } catch (cause) {
      if (!(cause instanceof ThawError) || cause.code !== 'damaged_file') throw cause;
      damaged ??= cause;
    }
  if (damaged) throw damaged;
  return null;
}

const metadataSchema = z.object({ thaw: placeSchema, crc32: z.record(z.string(), z.number()) });

function open(file: string, base: Base): OpenedCheckpoint {
  const stored = readSafetensors(file);
  const metadata = metadataSchema.safeParse({ thaw: parseJson(stored.metadata.thaw), crc32: parseJson(stored.metadata.crc32) });
  if (!metadata.success) throw damagedFile(file, `${file} is not a checkpoint.`);
  const { thaw: place, crc32: checksums } = metadata.data;
  if (place.base !== base.hash)
    throw new ThawError({
      code: 'not_a_model',
      message: `The base model in ${base.folder} is not the one this run was trained from: its weights have changed.`,
      remedy: 'Put the original files back, or train again.',
      place: { file: base.folder },
    });
  const read = (name: string) => {
    const tensor = stored.read(name);
    if (checksum(tensor) !== checksums[name]) throw damagedFile(file, `${file} is damaged: ${name} is not what was written.`);
    return tensor;
  };
  return { names: stored.names, read, place };
}

function read(file: string, base: Base, wanted: (name: string) => boolean): Checkpoint {
  const { names, read, place } = open(file, base);
  return { tensors: new Map(names.filter(wanted).map((name) => [name, read(name)])), place };
}

const damagedFile = (file: string, message: string): ThawError =>
  new ThawError({ code: 'damaged_file', message, remedy: 'Train the run again.', place: { file } });

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
