/**
 * Checkpoints of a run: safetensors files in the run's folder. `last.safetensors` holds the trained tensors, the optimizer's moments and
 * where the run stands; `best.safetensors` the trained tensors of the best epoch. Frozen tensors are named by the base's hash.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ThawError } from '../../shared/errors.ts';
import type { Base, Tensor } from '../models/base.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { ModelState } from './step.ts';

export type CheckpointName = 'best' | 'last';

const placeSchema = z.object({
  base: z.string(),
  epoch: z.number().int(),
  step: z.number().int(),
  dropoutState: z.number(),
  words: z.enum(['segments', 'tokens']),
  /** By layer, where layers were thawed in the course of the run: the steps that were done by then. */
  thawedAt: z.record(z.string(), z.number().int()).default({}),
});
/** Where a checkpoint stands in its run; `base` is the hash of the base model's weights, `words` what a token head learned to tag. */
export type CheckpointPlace = z.infer<typeof placeSchema>;

/** `<directory>/best.safetensors` or `<directory>/last.safetensors`. */
export const checkpointFile = (directory: string, name: CheckpointName): string => path.join(directory, `${name}.safetensors`);

const isMoment = (name: string): boolean => name.startsWith('m.') || name.startsWith('v.');

/** Writes `last`, and `best` without the optimizer's moments when this epoch is the best so far. Each file appears whole or not at all. */
export async function saveCheckpoint(directory: string, state: ModelState, place: CheckpointPlace, best: boolean): Promise<void> {
  await fs.promises.mkdir(directory, { recursive: true });
  const metadata = { thaw: JSON.stringify(place) };
  await writeSafetensors(checkpointFile(directory, 'last'), state.tensors, metadata);
  if (!best) return;
  const trained = new Map([...state.tensors].filter(([name]) => !isMoment(name)));
  await writeSafetensors(checkpointFile(directory, 'best'), trained, metadata);
}

/**
 * The trained tensors of a checkpoint, by Hugging Face name, and its place.
 * @throws damaged_file, or not_a_model when the base is no longer the one the run was trained from.
 */
export function readCheckpoint(
  directory: string,
  name: CheckpointName,
  base: Base,
): { tensors: Map<string, Tensor>; place: CheckpointPlace } {
  const file = checkpointFile(directory, name);
  if (!fs.existsSync(file))
    throw new ThawError({
      code: 'unavailable',
      message: `This run has no ${name} checkpoint.`,
      remedy: 'A run has one once its first epoch is done. Train it again.',
      place: { file },
    });
  const stored = readSafetensors(file);
  const place = placeSchema.safeParse(parseJson(stored.metadata?.thaw));
  if (!place.success)
    throw new ThawError({ code: 'damaged_file', message: `${file} is not a checkpoint.`, remedy: 'Train the run again.', place: { file } });
  if (place.data.base !== base.hash)
    throw new ThawError({
      code: 'not_a_model',
      message: `The base model in ${base.folder} is not the one this run was trained from: its weights have changed.`,
      remedy: 'Put the original files back, or train again.',
      place: { file: base.folder },
    });
  const tensors = new Map(stored.names.filter((tensor) => !isMoment(tensor)).map((tensor) => [tensor, stored.read(tensor)]));
  return { tensors, place: place.data };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
