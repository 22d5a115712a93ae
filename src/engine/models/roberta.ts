/** RoBERTa and XLM-RoBERTa (transformers: models/roberta/modeling_roberta.py): BERT with positions that start after the padding row. */
import { bert, bertConfig } from './bert.ts';
import { number } from './config.ts';
import type { Family } from './family.ts';

export const roberta: Family = {
  ...bert,
  name: 'roberta',
  architecture: 'Roberta',
  prefix: 'roberta.',
  heads: {
    classification: {
      dense: { name: 'classifier.dense', activation: 'tanh', dropInput: true, pretrained: false },
      out: 'classifier.out_proj',
    },
    token: { out: 'classifier' },
  },
  takesTypes: false,
  config(json) {
    const padId = number(json, 'pad_token_id', 1);
    return { ...bertConfig({ layer_norm_eps: 1e-5, ...json }), padId, firstPosition: padId + 1 };
  },
};
export const xlmRoberta: Family = { ...roberta, name: 'xlm-roberta', architecture: 'XLMRoberta' };
