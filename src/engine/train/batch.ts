/** What goes into a graph for one batch. */
import { ThawError } from '../../shared/errors.ts';
import type { Tensor } from '../models/base.ts';
import type { LossOptions } from '../models/blocks.ts';
import type { EncoderConfig } from '../models/family.ts';
import { float32, int32, type Values } from '../runtimes/onnx.ts';

export interface Batch {
  shape: [batch: number, length: number];
  /** [batch, length], padded with the base's padId. */
  ids: Int32Array;
  /** [batch, length]: 1 for a token, 0 for padding. */
  mask: Float32Array;
  /** [batch] for classification, [batch*length] for tokens; -100: counts nothing. */
  labels: Int32Array;
  /** Multi-label, in place of `labels`: [batch * classes], 1 for a label that applies. */
  targets?: Float32Array;
  /** What the layers below the thaw line make of it, for graphs that begin there. */
  features?: Tensor;
}

export function checkBatch({ ids, shape: [, length] }: Batch, { positions, firstPosition, vocabulary }: EncoderConfig): void {
  const longest = positions - firstPosition;
  const bad = ids.find((id) => id < 0 || id >= vocabulary);
  if (length <= longest && bad === undefined) return;
  const message =
    bad === undefined
      ? `A text of ${length} tokens is too long for this base model, which takes ${longest}.`
      : `The token ${bad} is not in the vocabulary of ${vocabulary} tokens.`;
  throw new ThawError({
    code: 'unknown_option',
    message,
    remedy: bad === undefined ? `Set the maximum length to ${longest} or less.` : 'Use the tokenizer that belongs to the base model.',
  });
}
export const textFeeds = ({ ids, mask, shape, features }: Batch): Values => ({
  ids: int32(ids, shape),
  mask: float32(mask, shape),
  ...(features && { features: float32(features.data, features.shape) }),
});
/**
 * What the loss of a step is divided by: the number of the labels that count in all its batches or, where classes have weights, their sum;
 * for multi-label the number of all cells.
 */
export function labelWeight(batches: Batch[], loss?: LossOptions): number {
  const weightOf = (label: number) => (label < 0 ? 0 : (loss?.classWeights?.[label] ?? 1));
  const weigh = ({ labels, targets }: Batch) => targets?.length ?? labels.reduce((total, label) => total + weightOf(label), 0);
  return batches.reduce((sum, batch) => sum + weigh(batch), 0);
}
/** `weight`: the whole step's. */
export const labelFeeds = ({ labels, targets, shape: [batch] }: Batch, weight: number): Values => ({
  labels: targets ? float32(targets, [batch, targets.length / batch]) : int32(labels),
  weight: float32(Float32Array.of(weight ? 1 / weight : 0), []),
});
/** Row of the position table of each token, as models/encoder.ts `positionIds` computes them in the graph. */
export function positionRows(
  { ids, shape: [batch, length] }: Pick<Batch, 'ids' | 'shape'>,
  { padId, firstPosition }: Pick<EncoderConfig, 'padId' | 'firstPosition'>,
): Int32Array {
  const rows = new Int32Array(ids.length);
  for (let b = 0; b < batch; b++)
    for (let s = 0, real = 0; s < length; s++) {
      const at = b * length + s;
      rows[at] = !firstPosition ? s : ids[at] === padId ? padId : padId + ++real;
    }
  return rows;
}
