/** DistilBERT (transformers: models/distilbert/modeling_distilbert.py): no token types, no dropout after the attention's output. */
import { activation, count, number, share } from './config.ts';
import type { Family } from './family.ts';
import { postNorm } from './postnorm.ts';

export const distilbert: Family = {
  name: 'distilbert',
  architecture: 'DistilBert',
  prefix: 'distilbert.',
  embeddings: { word: 'embeddings.word_embeddings', position: 'embeddings.position_embeddings', type: null, norm: 'embeddings.LayerNorm' },
  stack: postNorm({
    layer: (group) => `transformer.layer.${group}.`,
    roles: {
      query: 'attention.q_lin',
      key: 'attention.k_lin',
      value: 'attention.v_lin',
      output: 'attention.out_lin',
      attentionNorm: 'sa_layer_norm',
      up: 'ffn.lin1',
      down: 'ffn.lin2',
      outputNorm: 'output_layer_norm',
    },
    drops: { attention: false, feedForward: true },
  }),
  biases: true,
  heads: {
    classification: { dense: { name: 'pre_classifier', activation: 'relu', dropInput: false, pretrained: false }, out: 'classifier' },
    token: { out: 'classifier' },
  },
  takesTypes: false,
  config(json) {
    const dropout = share(json, 'dropout', 0.1);
    const [hidden, layers] = [count(json, 'dim'), count(json, 'n_layers')];
    return {
      vocabulary: count(json, 'vocab_size'),
      hidden,
      layers,
      groups: layers,
      heads: count(json, 'n_heads'),
      inner: count(json, 'hidden_dim'),
      embedding: hidden,
      positions: count(json, 'max_position_embeddings'),
      types: 0,
      relativePositions: 0,
      pooling: 'first',
      activation: activation(json, 'activation'),
      epsilon: 1e-12,
      padId: number(json, 'pad_token_id', 0),
      firstPosition: 0,
      initializerRange: number(json, 'initializer_range', 0.02),
      dropout: {
        hidden: dropout,
        attention: share(json, 'attention_dropout', 0.1),
        classification: share(json, 'seq_classif_dropout', 0.2),
        token: dropout,
      },
    };
  },
};
