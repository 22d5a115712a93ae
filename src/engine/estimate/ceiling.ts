/** More than any run of a configuration needs: a run that fits even so need not be reckoned before it starts. */
import type { RunConfiguration } from '../../shared/domain.ts';
import type { Specification } from '../models/graphs.ts';
import { countOf } from './stages.ts';

const MEBI = 2 ** 20;
/** The process, its caches and the pools of dropout. */
const FIXED_BYTES = 900 * MEBI;
/** Of a head that is solved for: what it reads of the texts (train/head-only.ts). */
const MOST_ROW_BYTES = 2 ** 29;
const TEXT_BYTES = 4000;
const BYTES_PER_UNIT = 200;
/** Of an evaluation's batches: 512 tokens, or one long text. */
const EVALUATION = { tokens: 512, cells: 512 ** 2 };

/** In MiB. `texts`: labeled ones, with their UTF-16 units all together. */
export function memoryCeiling(
  specification: Specification,
  configuration: RunConfiguration,
  texts: { count: number; units: number },
): number {
  const { hidden, inner, heads, layers, vocabulary } = specification.config;
  const { batchSize, maxLength } = configuration;
  const { total } = countOf(specification, configuration);
  // What a layer could keep of a token, and of a pair of tokens in each head.
  const perToken = 24 * hidden + 8 * inner;
  const perPair = 10 * heads;
  const training = (layers + 2) * batchSize * maxLength * (perToken + perPair * maxLength);
  const evaluation = 2 * (Math.max(EVALUATION.tokens, maxLength) * perToken + Math.max(EVALUATION.cells, maxLength ** 2) * perPair);
  // Values, gradients and their sums, two moments, and a copy while they are read; a tokenizer's words.
  const held = 24 * total + 1000 * vocabulary;
  const rows = configuration.headOnly ? Math.min(MOST_ROW_BYTES, 2 * 4 * hidden * texts.units) : 0;
  return (FIXED_BYTES + held + rows + 4 * (training + evaluation) + texts.count * TEXT_BYTES + texts.units * BYTES_PER_UNIT) / MEBI;
}
