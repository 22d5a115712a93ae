/** What all families share: embeddings, the run through the layers, and the heads. Rows are tokens: [batch*length, hidden]. */
import * as tf from '@tensorflow/tfjs-core';
import { activate, layerNorm, linear, meanToken } from './blocks.ts';
import type { Encoder, EncoderConfig, Family, Lookup } from './family.ts';

type T = tf.Tensor;
const times = (x: T, mask: T | null) => (mask ? tf.mul(x, mask) : x);

/**
 * The sum of the tables' rows, before normalization: [batch*length, embedding]. `ids` and `types` (all 0 if left out): int32
 * [batch, length].
 */
export function embed(p: Lookup, { family, config }: { family: Family; config: EncoderConfig }, ids: T, types?: T): T {
  const [batch, length] = ids.shape as [number, number];
  const { position, type } = family.embeddings;
  let sum: T = tf.gather(p('word'), ids as tf.Tensor2D);
  if (position) sum = tf.add(sum, tf.gather(p('position'), positionIds(config, ids) as tf.Tensor1D));
  if (type && config.types) sum = tf.add(sum, tf.gather(p('type'), (types ?? tf.tensor1d([0], 'int32')) as tf.Tensor1D));
  return tf.keep(tf.reshape(sum, [batch * length, config.embedding]));
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

/** Layers `from` up to `to`, which is not run. `from` EMBEDDINGS: what makes the embeddings' sum the input of layer 0 comes first. */
export interface Stretch {
  from: number;
  to: number;
}
/** The number of the embeddings where the lowest layer is 0. */
export const EMBEDDINGS = -1;

/**
 * Layers of the encoder, all unless told otherwise. `start`: the embeddings' sum [batch*length, embedding], or the features that layer `from`
 * takes [batch*length, hidden]. For a classification head the last layer computes each example's first token only, which is all the head
 * reads: [batch, hidden].
 */
export function encode(encoder: Encoder, start: T, mask: T, { from, to }: Stretch = { from: EMBEDDINGS, to: encoder.config.layers }): T {
  const layer = encoder.family.stack.open(encoder, mask);
  let x = from === EMBEDDINGS ? beginning(encoder, start, mask) : start;
  for (let index = Math.max(0, from); index < to; index++) x = layer(x, index);
  return x;
}
const normalized = ({ p, config, family }: Encoder, x: T, role: string): T =>
  layerNorm(x, p(`${role}.weight`), family.biases ? p(`${role}.bias`) : null, config.epsilon);
/** The sum of the tables' rows, normalized, and brought to the layers' width. */
function beginning(encoder: Encoder, sum: T, mask: T): T {
  const { p, config, drop, family } = encoder;
  const all = normalized(encoder, sum, 'embeddings.norm');
  const x = family.masksPadding ? tf.mul(all, tf.reshape(mask, [all.shape[0], 1])) : all;
  const y = times(x, drop('embeddings', config.dropout.hidden, x.shape));
  return config.embedding === config.hidden ? y : linear(y, p('embeddings.projection.weight'), p('embeddings.projection.bias'));
}

/** What the head makes of `features`, which `encode` gives for it: rows of [batch], or of [batch*length] for a token head. `mask` [batch, length]. */
export interface HeadRows {
  /** What its dense layer reads [rows, hidden]; where it has none, what the last matrix reads. */
  pooled: T;
  /** What the last matrix reads [rows, hidden], before dropout. */
  inputs: T;
}
export function headRows(encoder: Encoder, features: T, mask: T): HeadRows {
  const { config, p, drop, head, family } = encoder;
  const { dense } = family.heads[head];
  const final = family.finalNorm ? normalized(encoder, features, 'head.final') : features;
  const pooled = head === 'classification' && config.pooling === 'mean' ? meanToken(final, mask) : final;
  if (!dense) return { pooled, inputs: pooled };
  const dropped = dense.dropInput ? times(pooled, drop('head.input', config.dropout[head], pooled.shape)) : pooled;
  const x = linear(dropped, p('head.dense.weight'), family.biases ? p('head.dense.bias') : null);
  const activated = dense.activation === 'tanh' ? tf.tanh(x) : activate(x, dense.activation);
  return { pooled, inputs: dense.norm ? normalized(encoder, activated, 'head.norm') : activated };
}
/** [batch, classes], or [batch*length, classes] of a token head. `features`: what `encode` gives for that head; `mask` [batch, length]. */
export function classify(encoder: Encoder, features: T, mask: T): T {
  const { config, p, drop, head } = encoder;
  const { inputs } = headRows(encoder, features, mask);
  return linear(times(inputs, drop('head', config.dropout[head], inputs.shape)), p('head.out.weight'), p('head.out.bias'));
}
