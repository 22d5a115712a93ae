/** What a family of encoders must say: how its config.json is read and what Hugging Face calls its parameters. */
export type FamilyName = 'bert' | 'distilbert' | 'roberta' | 'xlm-roberta';
export type Activation = 'gelu' | 'gelu_new' | 'relu';
export type HeadKind = 'classification' | 'token';

export interface EncoderConfig {
  vocabulary: number;
  hidden: number;
  layers: number;
  heads: number;
  /** Width of the feed-forward block. */
  inner: number;
  /** Rows of the position table. */
  positions: number;
  /** Rows of the token type table; 0: none. */
  types: number;
  activation: Activation;
  /** Of layer normalization. */
  epsilon: number;
  padId: number;
  /** Position of the first token; roberta starts after its padding row. */
  firstPosition: number;
  /** Standard deviation of new weights. */
  initializerRange: number;
  dropout: { hidden: number; attention: number; classification: number; token: number };
}
/** `dense` with its activation stands between the encoder and the last matrix `out`. */
export interface HeadSpecification {
  out: string;
  dense?: {
    name: string;
    activation: 'tanh' | 'relu';
    /** roberta drops the features before it, too. */ dropInput: boolean;
    /** Belongs to the base (bert's pooler). */ pretrained: boolean;
  };
}
/** The encoder's roles, without `.weight` and `.bias`, to Hugging Face's names. */
export interface Family {
  name: FamilyName;
  /** What the encoder's names begin with in a model with a head; bare encoders leave it out. */
  prefix: string;
  embeddings: { word: string; position: string; type: string | null; norm: string };
  layer: (index: number) => string;
  roles: { query: string; key: string; value: string; output: string; attentionNorm: string; up: string; down: string; outputNorm: string };
  /** distilbert does not drop the attention's output. */
  dropsAttentionOutput: boolean;
  heads: Record<HeadKind, HeadSpecification>;
  config(json: Record<string, unknown>): EncoderConfig;
}
