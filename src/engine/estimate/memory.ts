/** The most memory that a run's process will hold: what is always there, what training adds, and what the longest batches need on top. */
import type { RunConfiguration } from '../../shared/domain.ts';
import { poolSize } from '../train/dropout.ts';
import { elements, peakBytes } from './buffers.ts';
import type { Shape } from './lengths.ts';
import type { Reckoned, Stage } from './stages.ts';

const MEBI = 2 ** 20;
/** Node, ONNX Runtime, tfjs, the code and a tokenizer: seen before a model is opened. */
const PROCESS_BYTES = 145 * MEBI;
/** A text in memory, as text, as a snapshot and as tokens; and each of its tokens. */
const TEXT_BYTES = 2000;
const TOKEN_BYTES = 20;
/** Of what is asked of ONNX Runtime's arena, which keeps blocks of mixed sizes apart. */
const ARENA = 1.15;
/** Of FeatureCache: a piece that fills, one that is written, and its copy. */
const PIECES_BYTES = 24 * MEBI;
/** See train/head-only.ts. */
const MOST_ROW_BYTES = 2 ** 29;

export interface MemoryQuestion {
  configuration: RunConfiguration;
  stages: Stage[];
  hidden: number;
  /** Parameters of the words that texts use. */
  usedWords: number;
  /** All parameters of the model. */
  parameters: number;
  /** What is trained and evaluated. */
  training: Shape[];
  evaluation: Shape[];
  texts: number;
  tokens: number;
  /** Bytes of features that may be kept in memory. */
  cacheBytes: number;
}

const arena = ({ buffers }: Reckoned, shapes: Shape[]) => ARENA * Math.max(0, ...largest(shapes).map(([batch, length]) => peakBytes(buffers, { batch, length }))); // prettier-ignore

/** Those that could need the most: of the most tokens, and of the largest attention. */
function largest(shapes: Shape[]): Shape[] {
  const most = (of: (shape: Shape) => number) => shapes.reduce((best, shape) => (of(shape) > of(best) ? shape : best), shapes[0]);
  return shapes.length ? [most(([batch, length]) => batch * length), most(([batch, length]) => batch * length ** 2)] : [];
}
/** Floats are kept by probability, as many as its largest mask asks for. */
function dropoutBytes({ masks }: Stage, shapes: Shape[]): number {
  const pools = new Map<number, number>();
  for (const { probability, extent } of masks)
    for (const [batch, length] of largest(shapes))
      pools.set(probability, Math.max(pools.get(probability) ?? 0, 4 * poolSize(elements(extent, { batch, length }))));
  return [...pools.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** In bytes. */
export function peakMemory({
  configuration: c,
  hidden,
  usedWords,
  stages,
  parameters,
  training,
  evaluation,
  texts,
  tokens,
  cacheBytes,
}: MemoryQuestion): number {
  const ofStage = (stage: Stage) => {
    // Gradient, its copy, two moments, the sum of several batches' gradients; of the words those that texts use.
    const dense = stage.trained - stage.words;
    const optimizer = dense * 4 * (c.accumulate > 1 ? 5 : 4) + Math.min(stage.words, usedWords) * 4 * 3;
    const kept = stage.features ? 4 * stage.features.width * (stage.features.perToken ? tokens : texts) : 0;
    const cache = stage.features ? PIECES_BYTES + Math.min(cacheBytes, kept) : 0;
    const sessions = arena(stage.gradient, training) + arena(stage.prediction, evaluation) + (stage.prefix ? arena(stage.prefix, training) : 0); // prettier-ignore
    // A head that is solved for: what it reads of each text, twice while it is put together.
    const rows = c.headOnly ? 2 * Math.min(MOST_ROW_BYTES, 4 * hidden * (stage.perToken ? tokens : texts)) : 0;
    return rows + optimizer + cache + sessions + dropoutBytes(stage, training);
  };
  return PROCESS_BYTES + texts * TEXT_BYTES + tokens * TOKEN_BYTES + 4 * parameters + Math.max(...stages.map(ofStage));
}
