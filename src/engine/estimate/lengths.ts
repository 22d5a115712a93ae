/** How long a project's texts are, in tokens, and what batches they make. */
import type { RunConfiguration, Task } from '../../shared/domain.ts';
import { planBatches } from '../text/index.ts';
import { batchesByLength } from '../train/evaluation.ts';

/** Of one split. */
export interface Lengths {
  /** Of its texts or a sample that has the longest: tokens, special ones included, not cut. */
  tokens: number[];
  /** How many texts there are. */
  count: number;
}
export interface TextLengths {
  train: Lengths;
  validation: Lengths;
  test: Lengths;
  /** Special tokens of a text. */
  special: number;
  /** Different words in them. */
  words: number;
}
/** [texts, tokens of the longest]. */
export type Shape = [batch: number, length: number];

/** Lengths of the items that texts become: cut, or for entities in windows that begin half a window apart. */
function itemsOf({ tokens }: Lengths, special: number, task: Task, maxLength: number): number[] {
  if (task !== 'ner') return tokens.map((length) => Math.min(length, maxLength));
  const room = maxLength - special;
  return tokens.flatMap((length) => {
    const more = Math.max(0, Math.ceil((length - special - room) / Math.max(1, Math.floor(room / 2))));
    return [...Array<number>(more).fill(maxLength), Math.min(length, maxLength)];
  });
}

export interface EpochPlan {
  /** Steps of an epoch, each of one batch or, accumulating, several; of the sample where there is one. */
  steps: Shape[][];
  /** Steps of an epoch over all texts. */
  count: number;
  /** Texts, or windows of them. */
  items: number;
}
/** What an epoch of training takes. */
export function planTraining({ train, special }: TextLengths, task: Task, c: RunConfiguration): EpochPlan {
  const lengths = itemsOf(train, special, task, c.maxLength);
  const all = train.tokens.length ? (lengths.length * train.count) / train.tokens.length : 0;
  const perStep = c.batchSize * c.accumulate;
  const steps = planBatches(lengths, { batchSize: perStep, order: c.order, seed: c.seed }).map((members) => {
    const parts = Math.ceil(members.length / c.batchSize);
    return Array.from({ length: parts }, (_, part): Shape => {
      const own = members.slice(part * c.batchSize, (part + 1) * c.batchSize);
      return [own.length, Math.max(...own.map((index) => lengths[index]))];
    });
  });
  return { steps, count: Math.ceil(all / perStep), items: all };
}
/** The batches of evaluating a split, and how many times the sample it is. */
export function planEvaluation(split: Lengths, special: number, task: Task, maxLength: number): { shapes: Shape[]; times: number } {
  const lengths = itemsOf(split, special, task, maxLength);
  const shapes = [...batchesByLength(lengths)].map((members): Shape => [members.length, lengths[members.at(-1)!]]);
  return { shapes, times: split.tokens.length ? split.count / split.tokens.length : 0 };
}
