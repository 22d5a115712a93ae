/** What a family of encoders must say: how its config.json is read, what Hugging Face calls its parameters, and what its layers compute. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from './parameters.ts';

export type FamilyName = 'bert' | 'distilbert' | 'roberta' | 'xlm-roberta' | 'electra' | 'mpnet' | 'albert' | 'modernbert' | 'deberta-v2';
export type Activation = 'gelu' | 'gelu_new' | 'relu';
export type HeadKind = 'classification' | 'token';

export interface EncoderConfig {
  vocabulary: number;
  hidden: number;
  layers: number;
  /** Sets of weights that the layers take in order: as many as layers, but for albert. */
  groups: number;
  heads: number;
  /** Width of the feed-forward block. */
  inner: number;
  /** Width of the embedding tables; where it is not `hidden`, a projection follows. */
  embedding: number;
  /** Tokens of the longest text, and `firstPosition` more: the rows of the position table, where there is one. */
  positions: number;
  /** Rows of the token type table; 0: none. */
  types: number;
  /** Rows of the table of relative positions; 0: none. */
  relativePositions: number;
  /** What a classification head reads. */
  pooling: 'first' | 'mean';
  /** By layer, of modernbert: the base of its rotary positions, and how far apart tokens may be that see each other; 0: any distance. */
  rotary?: { theta: number; window: number }[];
  activation: Activation;
  /** Of layer normalization. */
  epsilon: number;
  padId: number;
  /** Position of the first token; roberta starts after its padding row. */
  firstPosition: number;
  /** Standard deviation of new weights. */
  initializerRange: number;
  /** How many of them a new weight may be away from 0; left out: any. */
  initializerCutoff?: number;
  dropout: { hidden: number; attention: number; classification: number; token: number };
}
/** `dense` with its activation stands between the encoder and the last matrix `out`. */
export interface HeadSpecification {
  out: string;
  /** Standard deviations of new weights, where they are not the usual one. */
  deviations?: (config: EncoderConfig) => { dense: number; out: number };
  dense?: {
    name: string;
    /** A normalization after the activation. */ norm?: string;
    activation: 'tanh' | Activation;
    /** roberta drops the features before it, too. */ dropInput: boolean;
    /** Belongs to the base (bert's pooler). */ pretrained: boolean;
  };
}
/** A parameter by its role. */
export type Lookup = (role: string) => tf.Tensor;
/** A dropout mask (0 and 1/(1 − p)) for a site, or null where nothing is dropped. */
export type Drop = (site: string, probability: number, shape: number[]) => tf.Tensor | null;

/** Low-rank adapters (Hu et al. 2021) beside the matrices of these layers: W + alpha/rank · B·A, with W frozen. */
export interface Adapters {
  rank: number;
  alpha: number;
  layers: readonly string[];
}
export interface Encoder {
  family: Family;
  config: EncoderConfig;
  head: HeadKind;
  adapters: Adapters | null;
  p: Lookup;
  drop: Drop;
  shape: [batch: number, length: number];
}
/** One layer: [batch*length, hidden] to the same, or to first tokens [batch, hidden] where the head reads no more of the last one. */
export type Layer = (x: tf.Tensor, index: number) => tf.Tensor;
export interface Stack {
  /** Between the embeddings and the head, lowest first. */
  parameters(family: Family, config: EncoderConfig): Parameter[];
  /** Makes what all layers share, then gives them. `mask` [batch, length]. */
  open(encoder: Encoder, mask: tf.Tensor): Layer;
}
export interface Family {
  name: FamilyName;
  /** What transformers' classes begin with. */
  architecture: string;
  /** What the encoder's names begin with in a model with a head; bare encoders leave it out. */
  prefix: string;
  embeddings: {
    word: string;
    /** null: no such table. */
    position: string | null;
    type: string | null;
    norm: string;
    /** The padding token's row is drawn as the others are; left out: it begins as zeros. */
    drawsPadding?: boolean;
    /** From `embedding` to `hidden`, and the layer it freezes with. */
    projection?: { name: string; layer: 'embeddings' | 'projection' };
  };
  stack: Stack;
  /** A normalization after the last layer; it belongs to the head's layer. */
  finalNorm?: string;
  /** Padded tokens begin as zeros and attend to all tokens evenly. It changes nothing but what is computed for them. */
  masksPadding?: boolean;
  /** Whether layers and norms have biases. `out` of a head always does. */
  biases: boolean;
  heads: Record<HeadKind, HeadSpecification>;
  /** What a person who names layers to freeze should know; begins with a space. */
  freezing?: string;
  /** Whether an exported graph takes token_type_ids, as transformers' does. */
  takesTypes: boolean;
  config(json: Record<string, unknown>): EncoderConfig;
}
/** Whether the last layer needs to compute each example's first token alone. */
export const readsFirstTokenOnly = ({ head, config }: Pick<Encoder, 'head' | 'config'>): boolean =>
  head === 'classification' && config.pooling === 'first';
