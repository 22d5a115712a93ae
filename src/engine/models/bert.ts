/** BERT (transformers: models/bert/modeling_bert.py). */
import { activation, count, number, share } from './config.ts';
import type { EncoderConfig, Family } from './family.ts';
import { postNorm, type PostNorm } from './postnorm.ts';

/** config.json of bert and its kin. */
export function bertConfig(json: Record<string, unknown>): EncoderConfig {
  const hiddenDropout = share(json, 'hidden_dropout_prob', 0.1);
  const classifier = share(json, 'classifier_dropout', hiddenDropout);
  const [hidden, layers] = [count(json, 'hidden_size'), count(json, 'num_hidden_layers')];
  return {
    vocabulary: count(json, 'vocab_size'),
    hidden,
    layers,
    groups: layers,
    heads: count(json, 'num_attention_heads'),
    inner: count(json, 'intermediate_size'),
    embedding: hidden,
    positions: count(json, 'max_position_embeddings'),
    types: count(json, 'type_vocab_size', 2),
    relativePositions: 0,
    pooling: 'first',
    activation: activation(json, 'hidden_act'),
    epsilon: number(json, 'layer_norm_eps', 1e-12),
    padId: number(json, 'pad_token_id', 0),
    firstPosition: 0,
    initializerRange: number(json, 'initializer_range', 0.02),
    dropout: {
      hidden: hiddenDropout,
      attention: share(json, 'attention_probs_dropout_prob', 0.1),
      classification: classifier,
      token: classifier,
    },
  };
}
/** The layers of bert and its kin. */
export const bertLayers: PostNorm = {
  layer: (group) => `encoder.layer.${group}.`,
  roles: {
    query: 'attention.self.query',
    key: 'attention.self.key',
    value: 'attention.self.value',
    output: 'attention.output.dense',
    attentionNorm: 'attention.output.LayerNorm',
    up: 'intermediate.dense',
    down: 'output.dense',
    outputNorm: 'output.LayerNorm',
  },
  drops: { attention: true, feedForward: true },
};
export const bert: Family = {
  name: 'bert',
  architecture: 'Bert',
  prefix: 'bert.',
  embeddings: {
    word: 'embeddings.word_embeddings',
    position: 'embeddings.position_embeddings',
    type: 'embeddings.token_type_embeddings',
    norm: 'embeddings.LayerNorm',
  },
  stack: postNorm(bertLayers),
  biases: true,
  heads: {
    classification: { dense: { name: 'bert.pooler.dense', activation: 'tanh', dropInput: false, pretrained: true }, out: 'classifier' },
    token: { out: 'classifier' },
  },
  takesTypes: true,
  config: bertConfig,
};
