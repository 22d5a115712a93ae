/**
 * Layers as in BERT (Vaswani et al. 2017, with post-normalization): attention and feed-forward, each added to its input and the sum
 * normalized. Families differ in names, in what is dropped, in how positions enter the attention, and in whether layers share weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dense, denseFeedForward, denseOf, type Dense } from './adapters.ts';
import { attention, firstToken, layerNorm, type AttentionShape } from './blocks.ts';
import { linearLayer, normLayer, type Parameter } from './parameters.ts';
import { readsFirstTokenOnly, type Encoder, type EncoderConfig, type Family, type Layer, type Stack } from './family.ts';

type T = tf.Tensor;
/** The query and key of one layer, [batch*queries, hidden] and [batch*length, hidden]. */
export interface Queried {
  index: number;
  q: T;
  k: T;
  /** The layer's matrix of a role. */
  w: (role: string) => Dense;
  shape: AttentionShape;
}
/** Positions that enter the attention's scores rather than the embeddings. */
export interface RelativePositions {
  parameters(family: Family, config: EncoderConfig): Parameter[];
  /** What is added to a layer's scores before the softmax: [batch or 1, heads, queries, length]. */
  open(encoder: Encoder): (layer: Queried) => T;
  /** Of AttentionShape. */
  terms: number;
  /** The scores of one query depend on a key's bias. */
  readsKeyBias: boolean;
}
export interface PostNorm {
  /** What the names of weights `group` begin with. */
  layer: (group: number) => string;
  /** Roles, without `.weight` and `.bias`, to Hugging Face's names. */
  roles: { query: string; key: string; value: string; output: string; attentionNorm: string; up: string; down: string; outputNorm: string };
  /** distilbert does not drop the attention's output, albert not that of the feed-forward block. */
  drops: { attention: boolean; feedForward: boolean };
  positions?: RelativePositions;
}

export const postNorm = (layers: PostNorm): Stack => ({
  parameters: (family, config) => [
    ...(layers.positions?.parameters(family, config) ?? []),
    ...Array.from({ length: config.groups }, (_, group) => weights(layers, family, config, group)).flat(),
  ],
  open: (encoder, mask) => openLayers(layers, encoder, mask),
});
function weights({ layer, roles, positions }: PostNorm, family: Family, config: EncoderConfig, group: number): Parameter[] {
  const { hidden: H, inner: F } = config;
  const place = { layer: `${group}`, pretrained: true };
  const name = (role: keyof PostNorm['roles']) => family.prefix + layer(group) + roles[role];
  const matrix = (role: keyof PostNorm['roles'], shape: number[]) => linearLayer(config, `${group}.${role}`, name(role), shape, place);
  const norm = (role: keyof PostNorm['roles']) => normLayer(`${group}.${role}`, name(role), H, place);
  const [keyWeight, keyBias] = matrix('key', [H, H]);
  return [
    ...matrix('query', [H, H]),
    keyWeight,
    // It adds the same to all scores of a query, which softmax does not see.
    { ...keyBias, idle: !positions?.readsKeyBias },
    ...matrix('value', [H, H]),
    ...matrix('output', [H, H]),
    ...norm('attentionNorm'),
    ...matrix('up', [F, H]),
    ...matrix('down', [H, F]),
    ...norm('outputNorm'),
  ];
}
/** The weights of layer `index` (transformers: AlbertTransformer.forward). */
export const groupOf = (index: number, { layers, groups }: EncoderConfig) => Math.floor((index * groups) / layers);
const times = (x: T, mask: T | null) => (mask ? tf.mul(x, mask) : x);

function openLayers({ drops, positions }: PostNorm, encoder: Encoder, mask: T): Layer {
  const { config, family, p, drop, shape: [batch, length] } = encoder; // prettier-ignore
  const { heads, layers, hidden, epsilon, activation } = config;
  const { hidden: hiddenDropout, attention: attentionDropout } = config.dropout;
  const keys = tf.reshape(mask, [batch, 1, 1, length]);
  const hiding = (seen: T) => tf.keep(tf.mul(tf.sub(tf.scalar(1), seen), tf.scalar(-1e9)));
  const bias = hiding(keys);
  const pairBias = family.masksPadding ? hiding(tf.mul(keys, tf.reshape(mask, [batch, 1, length, 1]))) : bias;
  const scoresOf = positions?.open(encoder);
  return (x, index) => {
    const group = groupOf(index, config);
    const w = (role: string) => denseOf(encoder, `${group}`, `${group}.${role}`);
    const norm = (x: T, role: string) => layerNorm(x, p(`${group}.${role}.weight`), p(`${group}.${role}.bias`), epsilon);
    const single = readsFirstTokenOnly(encoder) && index === layers - 1;
    const shape = { batch, queries: single ? 1 : length, length, heads, terms: positions?.terms };
    const y = single ? firstToken(x, [batch, length]) : x;
    const [q, k, v] = [dense(y, w('query')), dense(x, w('key')), dense(x, w('value'))];
    const dropped = drop(`${index}.probabilities`, attentionDropout, [batch, heads, shape.queries, length]);
    const scores = scoresOf?.({ index, q, k, w, shape }) ?? null;
    const context = dense(attention(q, k, v, { bias: single ? bias : pairBias, dropped, scores }, shape), w('output'));
    const site = drops.attention ? drop(`${index}.attention`, hiddenDropout, [batch * shape.queries, hidden]) : null;
    const z = norm(tf.add(times(context, site), y), 'attentionNorm');
    const fed = denseFeedForward(z, w('up'), w('down'), activation);
    const dropsFed = drops.feedForward ? drop(`${index}.feedForward`, hiddenDropout, fed.shape) : null;
    return norm(tf.add(times(fed, dropsFed), z), 'outputNorm');
  };
}
