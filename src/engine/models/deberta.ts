/**
 * DeBERTa-v2 and -v3 (transformers: models/deberta_v2/modeling_deberta_v2.py; He et al. 2021): BERT whose attention reads contents and relative
 * positions apart. Refused: convolutions (the large v2 models), absolute positions, token types, and position keys of their own.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dense } from './adapters.ts';
import { bert, bertConfig, bertLayers } from './bert.ts';
import { layerNorm, lookUp, relativeScores } from './blocks.ts';
import { count, number, refuse, share } from './config.ts';
import { numbered, numbersOf, picksOf, spanOf } from './distances.ts';
import type { EncoderConfig, Family } from './family.ts';
import { matrix, normLayer } from './parameters.ts';
import { postNorm, type RelativePositions } from './postnorm.ts';

/**
 * The bucket of query − key, of `buckets` for each direction: near distances have their own, far ones share on a logarithmic scale
 * (make_log_bucket_position, in single precision as there).
 */
export function bucketOf(distance: number, buckets: number, farthest: number): number {
  const middle = Math.floor(buckets / 2);
  const size = Math.abs(distance);
  if (size <= middle) return distance;
  const log = (x: number) => Math.fround(Math.log(Math.fround(x)));
  const share = Math.fround(log(size / middle) / log((farthest - 1) / middle));
  return Math.sign(distance) * (Math.ceil(Math.fround(share * (middle - 1))) + middle);
}
/** The row of the table for key − query. */
function rowOf(distance: number, { relativePositions, positions }: EncoderConfig): number {
  const buckets = relativePositions / 2;
  return Math.min(Math.max(bucketOf(-distance, buckets, positions) + buckets, 0), 2 * buckets - 1);
}
/** Scores of contents on positions and of positions on contents, by the layer's own query and key matrices. */
const disentangled: RelativePositions = {
  parameters: ({ prefix }, config) => [
    matrix(config, 'relative.table', `${prefix}encoder.rel_embeddings`, [config.relativePositions, config.hidden], {
      layer: 'embeddings',
      pretrained: true,
    }),
    ...normLayer('relative.norm', `${prefix}encoder.LayerNorm`, config.hidden, { layer: 'positions', pretrained: true }),
  ],
  open({ p, config, drop, shape: [, length] }) {
    const table = layerNorm(p('relative.table.weight'), p('relative.norm.weight'), p('relative.norm.bias'), config.epsilon);
    const rows = numbered(
      numbersOf(config.positions, (distance) => rowOf(distance, config)),
      spanOf(length),
    );
    return ({ index, q, k, w, shape }) => {
      const mask = drop(`${index}.positions`, config.dropout.hidden, table.shape);
      const dropped = mask ? tf.mul(table, mask) : table;
      const [keys, queries] = [lookUp(dense(dropped, w('key')), rows), lookUp(dense(dropped, w('query')), rows)];
      const { byQuery, byKey } = picksOf(shape.queries, length);
      return tf.add(relativeScores(q, keys, byQuery, shape), relativeScores(k, queries, byKey, shape));
    };
  },
  terms: 3,
  readsKeyBias: true,
};
function debertaConfig(json: Record<string, unknown>): EncoderConfig {
  const config = bertConfig({ layer_norm_eps: 1e-7, ...json, type_vocab_size: 1, classifier_dropout: null });
  const { hidden, positions, dropout } = config;
  refuse(json, 'conv_kernel_size', [0]);
  refuse({ relative_attention: false, ...json }, 'relative_attention', [true]);
  refuse({ position_biased_input: true, ...json }, 'position_biased_input', [false]);
  refuse({ share_att_key: false, ...json }, 'share_att_key', [true]);
  refuse({ norm_rel_ebd: 'none', ...json }, 'norm_rel_ebd', ['layer_norm']);
  refuse({ pos_att_type: [], ...json }, 'pos_att_type', [['p2c', 'c2p'], ['c2p', 'p2c'], 'p2c|c2p', 'c2p|p2c']); // prettier-ignore
  refuse(json, 'type_vocab_size', [0]);
  refuse(json, 'embedding_size', [hidden]);
  refuse(json, 'max_relative_positions', [-1, 0, positions]);
  refuse(json, 'pooler_hidden_size', [hidden]);
  refuse(json, 'pooler_hidden_act', ['gelu']);
  refuse(json, 'pooler_dropout', [0]);
  if (number(json, 'position_buckets', -1) < 1) refuse({ position_buckets: -1, ...json }, 'position_buckets', [256]);
  return {
    ...config,
    types: 0,
    relativePositions: 2 * count(json, 'position_buckets'),
    dropout: { ...dropout, classification: share(json, 'cls_dropout', dropout.hidden) },
  };
}
export const deberta: Family = {
  ...bert,
  name: 'deberta-v2',
  architecture: 'DebertaV2',
  prefix: 'deberta.',
  embeddings: { ...bert.embeddings, position: null, type: null },
  masksPadding: true,
  stack: postNorm({
    ...bertLayers,
    roles: { ...bertLayers.roles, query: 'attention.self.query_proj', key: 'attention.self.key_proj', value: 'attention.self.value_proj' },
    positions: disentangled,
  }),
  heads: {
    classification: { dense: { name: 'pooler.dense', activation: 'gelu', dropInput: false, pretrained: true }, out: 'classifier' },
    token: { out: 'classifier' },
  },
  takesTypes: false,
  config: debertaConfig,
};
