/**
 * ALBERT (transformers: models/albert/modeling_albert.py): narrow embeddings, and layers that share their weights. The layers' names are those
 * of the weights, so what is shared is frozen as a whole.
 */
import { bert, bertConfig, bertLayers } from './bert.ts';
import { count, refuse, share } from './config.ts';
import type { EncoderConfig, Family } from './family.ts';
import { postNorm } from './postnorm.ts';

function albertConfig(json: Record<string, unknown>): EncoderConfig {
  refuse(json, 'inner_group_num', [1]);
  const head = share(json, 'classifier_dropout_prob', 0.1);
  const config = bertConfig({ hidden_act: 'gelu_new', hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, ...json });
  return {
    ...config,
    groups: count(json, 'num_hidden_groups', 1),
    embedding: count(json, 'embedding_size', 128),
    dropout: { ...config.dropout, classification: head, token: head },
  };
}
export const albert: Family = {
  ...bert,
  name: 'albert',
  architecture: 'Albert',
  prefix: 'albert.',
  embeddings: { ...bert.embeddings, projection: { name: 'encoder.embedding_hidden_mapping_in', layer: 'projection' } },
  stack: postNorm({
    ...bertLayers,
    layer: (group) => `encoder.albert_layer_groups.${group}.albert_layers.0.`,
    roles: {
      query: 'attention.query',
      key: 'attention.key',
      value: 'attention.value',
      output: 'attention.dense',
      attentionNorm: 'attention.LayerNorm',
      up: 'ffn',
      down: 'ffn_output',
      outputNorm: 'full_layer_layer_norm',
    },
    drops: { attention: true, feedForward: false },
  }),
  heads: {
    classification: { dense: { name: 'albert.pooler', activation: 'tanh', dropInput: false, pretrained: true }, out: 'classifier' },
    token: { out: 'classifier' },
  },
  freezing: ' ALBERT’s layers share their weights, so all that share some are frozen together, under one number.',
  config: albertConfig,
};
