/** Where an interrupted run goes on. */
import type { Metrics, Prediction } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import type { Base } from '../models/base.ts';
import { checkpointFile, readCheckpoint, readNewest, stateOf } from './checkpoints.ts';
import { newProgress, progressSchema, type Progress } from './progress.ts';
import type { TrainableModel } from './step.ts';
import fs from 'node:fs';

/** The best epoch so far, whose parameters are in the checkpoint `best`. */
export interface Best {
  epoch: number;
  metrics: Metrics;
  /** Of the validation split; null where an earlier process made them, which did not keep them. */
  predictions: Prediction[] | null;
}

/**
 * Puts the model where the newest checkpoint that is whole has it. What the best epoch is, its own checkpoint says: killed between the two, a
 * run has a best epoch that its last checkpoint has not reached.
 * `before`: where a run stands that has no checkpoint yet.
 * @throws damaged_file, not_a_model
 */
export async function resumed(
  { directory, base }: { directory: string; base: Base },
  model: TrainableModel,
  before: Partial<Progress> = {},
): Promise<{ progress: Progress; best: Best | null }> {
  const found = readNewest(directory, base);
  const best = readBest(directory, base, found?.checkpoint.place.epoch ?? 0);
  if (!found) return { progress: { ...newProgress(), ...before }, best };
  await model.restore(stateOf(found.checkpoint));
  const progress = progressSchema.parse(found.checkpoint.place);
  if (found.damaged)
    progress.notes.push(`The newest checkpoint was damaged; the run went on from the one before it, at step ${progress.step}.`);
  return { progress, best };
}

function readBest(directory: string, base: Base, epochsDone: number): Best | null {
  const file = checkpointFile(directory, 'best');
  if (epochsDone === 0 && !fs.existsSync(file)) return null;
  const { lastEpoch } = readCheckpoint(directory, 'best', base).place;
  if (lastEpoch?.validation) return { epoch: lastEpoch.epoch, metrics: lastEpoch.validation, predictions: null };
  throw new ThawError({
    code: 'damaged_file',
    message: `${file} does not say how good its epoch was.`,
    remedy: 'Train the run again.',
    place: { file },
  });
}
