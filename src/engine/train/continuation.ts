/** A run that goes on training what another has learned, with AdamW where that run left it. */
import { ThawError } from '../../shared/errors.ts';
import { familyOf, layerOf, type Base, type Tensor } from '../models/base.ts';
import { withRowsByName } from '../models/initial.ts';
import type { OpenedCheckpoint } from './checkpoints.ts';
import type { Progress } from './progress.ts';
import type { TrainableModel } from './step.ts';

interface Continued {
  /** The model of the run that is continued; the model was opened from it. */
  base: Base;
  labeling: { classes: string[] };
  configuration: { device: 'cpu' | 'webgpu' };
}

/**
 * Gives the model the moments, the count of steps and the place in the dropout masks of a run's last checkpoint; its parameters it has from its
 * base. Layers that the run did not train begin with moments 0 and a count of their own, as PyTorch's AdamW begins with a parameter that gets its
 * first gradient; so does a head with classes that the run did not have. Returns what came before.
 * @throws damaged_file; unavailable on a device where layers have no counts of their own
 */
export async function continueFrom(
  checkpoint: OpenedCheckpoint,
  { base, labeling, configuration }: Continued,
  model: TrainableModel,
): Promise<Pick<Progress, 'epochsBefore' | 'stepsBefore'>> {
  const { epochsBefore, epoch, stepsBefore, step, dropoutState, thawedAt: thawedBefore } = checkpoint.place;
  const steps = stepsBefore + step;
  const sameHead = labeling.classes.every((name) => base.head?.classes.includes(name));
  const kept = new Set(checkpoint.names);
  const tensors = new Map((await model.state()).tensors);
  const thawedAt = new Map<string, number>();
  for (const name of model.trained()) {
    const layer = layerOf(base, name);
    if (!kept.has(`m.${name}`) || (layer === 'head' && !sameHead)) {
      thawedAt.set(layer, steps);
      continue;
    }
    thawedAt.set(layer, thawedBefore[layer] ?? 0);
    for (const moment of [`m.${name}`, `v.${name}`])
      tensors.set(moment, inOrder(checkpoint.read(moment), tensors.get(moment)!, name, base, labeling.classes));
  }
  if (configuration.device !== 'cpu') requireCounts(thawedAt);
  await model.restore({ tensors, step: steps, dropoutState, thawedAt: Object.fromEntries(thawedAt) });
  return { epochsBefore: epochsBefore + epoch, stepsBefore: steps };
}

/** Rows of the last matrix as the classes are ordered now. */
function inOrder(moment: Tensor, { shape, data }: Tensor, name: string, { family, head }: Base, classes: string[]): Tensor {
  if (!head || !name.startsWith(`${familyOf(family).heads[head.kind].out}.`)) return moment;
  return { shape, data: withRowsByName(data.slice(), classes, moment.data, head.classes) };
}

function requireCounts(thawedAt: Map<string, number>): void {
  const anew = [...thawedAt].filter(([, steps]) => steps > 0).map(([layer]) => layer);
  if (anew.length === 0) return;
  throw new ThawError({
    code: 'unavailable',
    message: `The run that is continued did not train ${anew.join(', ')} from its start or with these labels: on this device the optimizer cannot begin with them later.`,
    remedy: 'Continue on the processor, or start from the run with --base.',
  });
}
