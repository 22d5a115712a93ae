/**
 * ModernBERT (transformers: models/modernbert/modeling_modernbert.py): pre-normalization, rotary positions, gated feed-forward blocks, no
 * biases, and layers that see all tokens between those that see near ones only.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dense, denseGatedFeedForward, denseOf, partsOf } from './adapters.ts';
import { attention, firstToken, layerNorm, rotate, type Rotation } from './blocks.ts';
import { activation, count, number, refuse, share } from './config.ts';
import { distances } from './distances.ts';
import { readsFirstTokenOnly, type Encoder, type EncoderConfig, type Family, type HeadSpecification, type Layer } from './family.ts';
import { matrix, normLayer, type Parameter } from './parameters.ts';

type T = tf.Tensor;
const times = (x: T, mask: T | null) => (mask ? tf.mul(x, mask) : x);

function layerParameters({ prefix }: Family, config: EncoderConfig, index: number): Parameter[] {
  const { hidden: H, inner: F } = config;
  const place = { layer: `${index}`, pretrained: true };
  const named = (part: string) => `${prefix}layers.${index}.${part}`;
  const weight = (role: string, part: string, shape: number[], deviation = config.initializerRange) =>
    matrix({ ...config, initializerRange: deviation }, `${index}.${role}`, named(part), shape, place);
  const closing = config.initializerRange / Math.sqrt(2 * config.layers);
  const norm = (role: string, part: string) => normLayer(`${index}.${role}`, named(part), H, place, false);
  return [
    // The embeddings' norm is that of the first layer.
    ...(index ? norm('attentionNorm', 'attn_norm') : []),
    weight('qkv', 'attn.Wqkv', [3 * H, H]),
    weight('output', 'attn.Wo', [H, H], closing),
    ...norm('feedForwardNorm', 'mlp_norm'),
    weight('up', 'mlp.Wi', [2 * F, H]),
    weight('down', 'mlp.Wo', [H, F], closing),
  ];
}
/** Angles position · θ^(−2i/D). */
function rotationOf(theta: number, length: number, size: number): Rotation {
  const frequencies = Array.from({ length: size / 2 }, (_, i) => 1 / theta ** ((2 * i) / size));
  const positions = tf.cast(tf.range(0, length, 1, 'int32'), 'float32');
  const angles = tf.mul(tf.reshape(positions, [length, 1, 1, 1]), tf.tensor1d(frequencies));
  return { cos: tf.keep(tf.cos(angles)), sin: tf.keep(tf.mul(tf.sin(angles), tf.tensor2d([-1, 1], [2, 1]))) };
}
/** 0 where a query may look, −10⁹ elsewhere: [batch, 1, 1 or queries, length]. */
function biasOf(mask: T, window: number, queries: number): T {
  const [batch, length] = mask.shape as [number, number];
  let seen = tf.reshape(mask, [batch, 1, 1, length]);
  if (window) {
    const far = tf.greater(tf.square(distances(queries, length)), tf.scalar(window ** 2, 'int32'));
    seen = tf.mul(seen, tf.sub(tf.scalar(1), tf.cast(far, 'float32')));
  }
  return tf.keep(tf.mul(tf.sub(tf.scalar(1), seen), tf.scalar(-1e9)));
}
/** `make`, once for each key. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}
function openLayers(encoder: Encoder, mask: T): Layer {
  const { config, p, drop, shape: [batch, length] } = encoder; // prettier-ignore
  const { heads, layers, hidden, inner, epsilon, rotary } = config;
  const rotation = remembered((theta: number) => rotationOf(theta, length, hidden / heads));
  const bias = remembered((window: number) => biasOf(mask, window, length));
  return (x, index) => {
    const { theta, window } = rotary![index];
    const w = (role: string) => denseOf(encoder, `${index}`, `${index}.${role}`, false);
    const norm = (x: T, role: string) => layerNorm(x, p(`${index}.${role}.weight`), null, epsilon);
    const single = readsFirstTokenOnly(encoder) && index === layers - 1;
    const shape = { batch, queries: single ? 1 : length, length, heads };
    const first = (y: T) => (single ? firstToken(y, [batch, length]) : y);
    const n = index ? norm(x, 'attentionNorm') : x;
    const [query, key, value] = partsOf(w('qkv'), 3);
    const q = dense(first(n), query);
    // The first token's position is 0: nothing turns.
    const turned = single ? q : rotate(q, rotation(theta), shape);
    const k = rotate(dense(n, key), rotation(theta), shape);
    const dropped = drop(`${index}.probabilities`, config.dropout.attention, [batch, heads, shape.queries, length]);
    const seen = single ? biasOf(mask, window, 1) : bias(window);
    const context = attention(turned, k, dense(n, value), { bias: seen, dropped, scores: null }, shape);
    const site = drop(`${index}.attention`, config.dropout.attention, [batch * shape.queries, hidden]);
    const z = tf.add(first(x), times(dense(context, w('output')), site));
    const [up, gate] = partsOf(w('up'), 2);
    const dropsInner = drop(`${index}.feedForward`, config.dropout.hidden, [batch * shape.queries, inner]);
    const fed = denseGatedFeedForward(norm(z, 'feedForwardNorm'), up, gate, w('down'), dropsInner, config.activation);
    return tf.add(z, fed);
  };
}
type Json = Record<string, unknown>;
const FULL = 'full_attention';
const SLIDING = 'sliding_attention';
/** By layer; config.json says it in one of two ways, the older one by numbers. */
function rotaryOf(json: Json, layers: number): { theta: number; window: number }[] {
  const period = count(json, 'global_attn_every_n_layers', 3);
  const kinds = (json.layer_types as string[] | undefined) ?? Array.from({ length: layers }, (_, i) => (i % period ? SLIDING : FULL));
  for (const kind of kinds) refuse({ layer_types: kind }, 'layer_types', [FULL, SLIDING]);
  const parameters = (json.rope_parameters ?? {}) as Record<string, Json | undefined>;
  refuse(json, 'rope_scaling', [null]);
  for (const kind of [FULL, SLIDING]) refuse(parameters[kind] ?? {}, 'rope_type', ['default']);
  const full = number(parameters[FULL] ?? {}, 'rope_theta', number(json, 'global_rope_theta', 160_000));
  const sliding = number(parameters[SLIDING] ?? {}, 'rope_theta', number(json, 'local_rope_theta', 10_000));
  const window = Math.floor(count(json, 'local_attention', 128) / 2);
  return kinds.map((kind) => (kind === FULL ? { theta: full, window: 0 } : { theta: sliding, window }));
}
function modernbertConfig(json: Json): EncoderConfig {
  for (const field of ['norm_bias', 'attention_bias', 'mlp_bias', 'classifier_bias']) refuse(json, field, [false]);
  refuse(json, 'classifier_activation', ['gelu']);
  refuse(json, 'classifier_pooling', ['cls', 'mean']);
  const hiddenDropout = share(json, 'mlp_dropout', 0);
  refuse(json, 'embedding_dropout', [hiddenDropout]);
  const classifier = share(json, 'classifier_dropout', 0);
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
    types: 0,
    relativePositions: 0,
    pooling: json.classifier_pooling === 'mean' ? 'mean' : 'first',
    rotary: rotaryOf(json, layers),
    activation: activation(json, 'hidden_activation'),
    epsilon: number(json, 'norm_eps', 1e-5),
    padId: number(json, 'pad_token_id', 50283),
    firstPosition: 0,
    initializerRange: number(json, 'initializer_range', 0.02),
    initializerCutoff: number(json, 'initializer_cutoff_factor', 2),
    dropout: { hidden: hiddenDropout, attention: share(json, 'attention_dropout', 0), classification: classifier, token: classifier },
  };
}
const head: HeadSpecification = {
  dense: { name: 'head.dense', norm: 'head.norm', activation: 'gelu', dropInput: false, pretrained: true },
  out: 'classifier',
  deviations: ({ initializerRange, layers, hidden }) => ({ dense: initializerRange / Math.sqrt(2 * layers), out: hidden ** -0.5 }),
};
export const modernbert: Family = {
  name: 'modernbert',
  architecture: 'ModernBert',
  prefix: 'model.',
  embeddings: { word: 'embeddings.tok_embeddings', position: null, type: null, norm: 'embeddings.norm', drawsPadding: true },
  stack: {
    parameters: (family, config) => Array.from({ length: config.layers }, (_, index) => layerParameters(family, config, index)).flat(),
    open: openLayers,
  },
  finalNorm: 'final_norm',
  biases: false,
  heads: { classification: head, token: head },
  takesTypes: false,
  config: modernbertConfig,
};
