/** MPNet (transformers: models/mpnet/modeling_mpnet.py): all layers share one bias for each head and range of relative positions. */
import * as tf from '@tensorflow/tfjs-core';
import { bertConfig } from './bert.ts';
import { lookUp } from './blocks.ts';
import { count } from './config.ts';
import { distances, numbered, numbersOf } from './distances.ts';
import type { Encoder, Family } from './family.ts';
import { matrix } from './parameters.ts';
import { postNorm, type RelativePositions } from './postnorm.ts';

/** Of the model itself: transformers takes these whatever config.json says. */
const [BUCKETS, FARTHEST] = [32, 128];
/** The padding row of the position table. */
const PAD_ID = 1;

/**
 * Row of the table for key − query: each near distance its own, far ones on a logarithmic scale, and a half of the rows for each direction
 * (MPNetEncoder.relative_position_bucket, in single precision as there).
 */
export function bucketOf(distance: number): number {
  const half = BUCKETS / 2;
  const exact = half / 2;
  const direction = distance > 0 ? half : 0;
  const size = Math.abs(distance);
  if (size < exact) return direction + size;
  const share = Math.fround(Math.fround(Math.log(Math.fround(size / exact))) / Math.fround(Math.log(FARTHEST / exact)));
  return direction + Math.min(half - 1, exact + Math.trunc(Math.fround(share * (half - exact))));
}
const relativeBias: RelativePositions = {
  parameters: ({ prefix }, config) => [
    matrix(config, 'positions', `${prefix}encoder.relative_attention_bias`, [config.relativePositions, config.heads], {
      layer: 'positions',
      pretrained: true,
    }),
  ],
  open({ p, config }: Encoder) {
    const numbers = numbersOf(config.positions, bucketOf);
    const made = new Map<number, tf.Tensor>();
    function bias(queries: number, length: number): tf.Tensor {
      const rows = tf.reshape(numbered(numbers, distances(queries, length)), [queries * length]);
      const values = tf.reshape(lookUp(p('positions.weight'), rows), [queries, length, config.heads]);
      return tf.reshape(tf.transpose(values, [2, 0, 1]), [1, config.heads, queries, length]);
    }
    return ({ shape: { queries, length } }) => {
      if (!made.has(queries)) made.set(queries, bias(queries, length));
      return made.get(queries)!;
    };
  },
  terms: 1,
  readsKeyBias: false,
};
export const mpnet: Family = {
  name: 'mpnet',
  architecture: 'MPNet',
  prefix: 'mpnet.',
  embeddings: {
    word: 'embeddings.word_embeddings',
    position: 'embeddings.position_embeddings',
    type: null,
    norm: 'embeddings.LayerNorm',
  },
  stack: postNorm({
    layer: (group) => `encoder.layer.${group}.`,
    roles: {
      query: 'attention.attn.q',
      key: 'attention.attn.k',
      value: 'attention.attn.v',
      output: 'attention.attn.o',
      attentionNorm: 'attention.LayerNorm',
      up: 'intermediate.dense',
      down: 'output.dense',
      outputNorm: 'output.LayerNorm',
    },
    drops: { attention: true, feedForward: true },
    positions: relativeBias,
  }),
  biases: true,
  heads: {
    classification: {
      dense: { name: 'classifier.dense', activation: 'tanh', dropInput: true, pretrained: false },
      out: 'classifier.out_proj',
    },
    token: { out: 'classifier' },
  },
  takesTypes: false,
  config: (json) => ({
    ...bertConfig({ ...json, classifier_dropout: null }),
    types: 0,
    relativePositions: count(json, 'relative_attention_num_buckets', BUCKETS),
    padId: PAD_ID,
    firstPosition: PAD_ID + 1,
  }),
};
