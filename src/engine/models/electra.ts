/** ELECTRA's discriminator (transformers: models/electra/modeling_electra.py): BERT with narrower embeddings, projected, and another head. */
import { bert, bertConfig } from './bert.ts';
import { count } from './config.ts';
import type { Family } from './family.ts';

export const electra: Family = {
  ...bert,
  name: 'electra',
  architecture: 'Electra',
  prefix: 'electra.',
  embeddings: { ...bert.embeddings, projection: { name: 'embeddings_project', layer: 'embeddings' } },
  heads: {
    classification: {
      dense: { name: 'classifier.dense', activation: 'gelu', dropInput: true, pretrained: false },
      out: 'classifier.out_proj',
    },
    token: { out: 'classifier' },
  },
  config: (json) => ({ ...bertConfig(json), embedding: count(json, 'embedding_size', 128) }),
};
