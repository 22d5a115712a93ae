/** Where a model's weights come from: a folder, or its architecture drawn anew; and over it, in turn, what earlier runs made of it. */
import type { Task } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { familyOf, hashOf, openBase, type Base, type Tensor } from '../models/base.ts';
import { initialValues } from '../models/initial.ts';
import { parametersOf } from '../models/parameters.ts';
import { openScratch } from '../models/scratch.ts';
import { checkpointFile, openCheckpoint, type CheckpointName, type OpenedCheckpoint } from './checkpoints.ts';
import { headOf, labelingOf } from './dataset.ts';

type Head = NonNullable<Base['head']>;

/** A run that another one starts from. */
export interface Ancestor {
  run: string;
  directory: string;
  checkpoint: CheckpointName;
  task: Task;
  labels: string[];
  seed: number;
}
export interface Start {
  /** A model folder. */
  folder: string;
  /** The seed of random weights in place of the folder's; null: the folder's own. */
  scratch: number | null;
  /** Oldest first; each was trained from the one before it. */
  ancestors: Ancestor[];
}

export interface Started {
  /**
   * `read` gives each tensor as the last run left it; `head` says what that run told apart; `hash` names its checkpoint, which names by hash what it
   * was trained from.
   */
  base: Base;
  /** The last run's; null where there is none. */
  checkpoint: OpenedCheckpoint | null;
}

/**
 * Opens a start.
 * @throws unavailable or not_a_model, naming the run whose checkpoint is missing or whose base is no longer what it was; damaged_file; as openBase
 */
export async function openStart({ folder, scratch, ancestors }: Start): Promise<Started> {
  let started: Started = { base: scratch === null ? await openBase(folder) : openScratch(folder, scratch), checkpoint: null };
  for (const ancestor of ancestors) started = await withRun(started.base, ancestor);
  return started;
}

/** The hash of a base that is this run's model. */
export const hashOfAncestor = ({ directory, checkpoint }: Pick<Ancestor, 'directory' | 'checkpoint'>): Promise<string> =>
  hashOf([checkpointFile(directory, checkpoint)]);

async function withRun(base: Base, ancestor: Ancestor): Promise<Started> {
  const { task, labels, directory, checkpoint } = ancestor;
  const opened = openAncestor(base, ancestor);
  const { names, read, place } = opened;
  const head: Head = { kind: headOf(task), classes: labelingOf(task, labels, place.words).classes };
  const trained = new Set(names);
  const untrained = untrainedHead(base, ancestor, head, trained);
  const made: Base = {
    ...base,
    hash: await hashOfAncestor({ directory, checkpoint }),
    head,
    labels: head.classes,
    has: (name) => trained.has(name) || untrained.has(name) || base.has(name),
    read: (name) => (trained.has(name) ? read(name) : (untrained.get(name) ?? base.read(name))),
  };
  return { base: made, checkpoint: opened };
}

function openAncestor(base: Base, { run, directory, checkpoint }: Ancestor) {
  try {
    return openCheckpoint(directory, checkpoint, base);
  } catch (cause) {
    if (!(cause instanceof ThawError)) throw cause;
    const { code, message, place } = cause;
    throw new ThawError(
      {
        code,
        message: `Run ${run}, which this model starts from, cannot be read: ${message}`,
        remedy: `Put the files of run ${run} back, or start from another base.`,
        place,
      },
      { cause },
    );
  }
}

/** A head that the run did not train is the one it began with, which is in no checkpoint: its seed draws it again. */
function untrainedHead(base: Base, { seed }: Ancestor, { kind, classes }: Head, trained: Set<string>): Map<string, Tensor> {
  const parameters = parametersOf(familyOf(base.family), base.config, kind, classes.length).filter(({ layer }) => layer === 'head');
  if (parameters.every(({ name }) => trained.has(name))) return new Map();
  const initial = initialValues({ base, head: kind, labels: classes, seed });
  return new Map(parameters.map((parameter) => [parameter.name, { shape: parameter.shape, data: initial(parameter) }]));
}
