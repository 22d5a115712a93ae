/** The encoder that all families share, and the heads. Rows are tokens: [batch*length, hidden]. */
import * as tf from '@tensorflow/tfjs-core';
import { attention, feedForward, firstToken, layerNorm, linear } from './blocks.ts';
import type { EncoderConfig, Family, HeadKind } from './family.ts';

type T = tf.Tensor;
/** A parameter by its role. */
export type Lookup = (role: string) => T;
/** A dropout mask (0 and 1/(1 − p)) for a site, or null where nothing is dropped. */
export type Drop = (site: string, probability: number, shape: number[]) => T | null;

export interface Encoder {
  family: Family;
  config: EncoderConfig;
  head: HeadKind;
  p: Lookup;
  drop: Drop;
  shape: [batch: number, length: number];
}
const times = (x: T, mask: T | null) => (mask ? tf.mul(x, mask) : x);

/** The sum of the tables' rows, before normalization: [batch*length, hidden]. `ids` and `types` (all 0 if left out): int32 [batch, length]. */
export function embed(p: Lookup, config: EncoderConfig, ids: T, types: T = tf.tensor1d([0], 'int32')): T {
  const [batch, length] = ids.shape as [number, number];
  const sum = tf.add(tf.gather(p('word'), ids as tf.Tensor2D), tf.gather(p('position'), positionIds(config, ids) as tf.Tensor1D));
  const whole = config.types ? tf.add(sum, tf.gather(p('type'), types as tf.Tensor1D)) : sum;
  return tf.keep(tf.reshape(whole, [batch * length, config.hidden]));
}
/**
 * [length] 0, 1, …; for roberta [batch, length] padId + 1, … over the tokens that are no padding, and padId for those
 * (transformers: create_position_ids_from_input_ids).
 */
function positionIds({ padId, firstPosition }: EncoderConfig, ids: T): T {
  const [, length] = ids.shape as [number, number];
  if (!firstPosition) return tf.keep(tf.range(0, length, 1, 'int32'));
  const real = tf.cast(tf.notEqual(ids, tf.scalar(padId, 'int32')), 'int32');
  return tf.keep(tf.add(tf.mul(tf.cumsum(real, 1), real), tf.scalar(padId, 'int32')));
}

/** Layers `from` up to `to`, which is not run. `from` EMBEDDINGS: the normalization of the embeddings comes before layer 0. */
export interface Stretch {
  from: number;
  to: number;
}
/** The number of the embeddings where the lowest layer is 0. */
export const EMBEDDINGS = -1;

/**
 * Layers of the encoder, all unless told otherwise. `start` [batch*length, hidden]: the embeddings' sum, or the features that layer `from` takes.
 * For a classification head the last layer computes each example's first token only, which is all the head reads: [batch, hidden].
 */
export function encode(
  { config, p, drop, head, family, shape: [batch, length] }: Encoder,
  start: T,
  mask: T,
  { from, to }: Stretch = { from: EMBEDDINGS, to: config.layers },
): T {
  const { heads, layers, hidden, epsilon, activation } = config;
  const { hidden: hiddenDropout, attention: attentionDropout } = config.dropout;
  const norm = (x: T, role: string) => layerNorm(x, p(`${role}.weight`), p(`${role}.bias`), epsilon);
  let x = start;
  if (from === EMBEDDINGS) {
    x = norm(x, 'embeddings.norm');
    x = times(x, drop('embeddings', hiddenDropout, x.shape));
  }
  const bias = tf.keep(tf.mul(tf.sub(tf.scalar(1), tf.reshape(mask, [batch, 1, 1, length])), tf.scalar(-1e9)));
  for (let layer = Math.max(0, from); layer < to; layer++) {
    const w = (role: string): [T, T] => [p(`${layer}.${role}.weight`), p(`${layer}.${role}.bias`)];
    const single = head === 'classification' && layer === layers - 1;
    const queries = single ? 1 : length;
    const y = single ? firstToken(x, [batch, length]) : x;
    const [q, k, v] = [linear(y, ...w('query')), linear(x, ...w('key')), linear(x, ...w('value'))];
    const dropped = drop(`${layer}.probabilities`, attentionDropout, [batch, heads, queries, length]);
    const context = linear(attention(q, k, v, bias, dropped, { batch, queries, length, heads }), ...w('output'));
    const site = family.dropsAttentionOutput ? drop(`${layer}.attention`, hiddenDropout, [batch * queries, hidden]) : null;
    x = norm(tf.add(times(context, site), y), `${layer}.attentionNorm`);
    const fed = feedForward(x, ...w('up'), ...w('down'), activation);
    x = norm(tf.add(times(fed, drop(`${layer}.feedForward`, hiddenDropout, fed.shape)), x), `${layer}.outputNorm`);
  }
  return x;
}

/** [batch, classes] from first tokens, or [batch*length, classes] from all. */
export function classify({ config, p, drop, head, family }: Encoder, features: T): T {
  const { dense } = family.heads[head];
  const probability = config.dropout[head];
  let x = features;
  if (dense) {
    if (dense.dropInput) x = times(x, drop('head.input', probability, x.shape));
    x = linear(x, p('head.dense.weight'), p('head.dense.bias'));
    x = dense.activation === 'tanh' ? tf.tanh(x) : tf.relu(x);
  }
  return linear(times(x, drop('head', probability, x.shape)), p('head.out.weight'), p('head.out.bias'));
}
