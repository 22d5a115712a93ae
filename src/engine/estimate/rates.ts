/** How fast this machine computes: a matrix product, the optimizer, and steps of a small model, measured, and the rates that explain them. */
import * as tf from '@tensorflow/tfjs-core';
import { input, operator, product, trace } from '../graph/index.ts';
import { float32, openSession } from '../runtimes/onnx.ts';
import { AdamW } from '../optimize/adamw.ts';
import { familyOf, type Base, type EncoderConfig } from '../models/base.ts';
import { mulberry32 } from '../text/random.ts';
import { openModel, type Batch } from '../train/step.ts';
import type { Shape } from './lengths.ts';
import { stagesOf } from './stages.ts';
import { workAt, type Work } from './work.ts';
import { runConfigurationSchema } from '../../shared/domain.ts';

/** Seconds for one of each. */
export interface Rates extends Record<keyof Work, number> {
  /** Of the optimizer. */
  parameter: number;
}
/** What steps took, and what of it the matrix products and the optimizer leave unexplained. */
interface Seen {
  work: Work;
  seconds: number;
  rest: number;
}
/** Wide as small base models are, where the arithmetic counts; narrow, where the operators themselves do. */
const REFERENCES: { width: number; shapes: Shape[] }[] = [
  { width: 384, shapes: [[16, 16], [16, 32], [8, 128]] }, // prettier-ignore
  { width: 24, shapes: [[4, 8]] },
];
const LAYERS = 2;
const REPEATS = 8;
const OPTIMIZED = 2 ** 22;
const PRODUCT = [384, 384, 1536];

function referenceConfig(width: number): EncoderConfig {
  const json = { vocab_size: 1000, hidden_size: width, num_hidden_layers: LAYERS, num_attention_heads: 12, intermediate_size: 4 * width, max_position_embeddings: 512 }; // prettier-ignore
  return familyOf('bert').config(json);
}
function batchOf([texts, length]: Shape, { vocabulary }: EncoderConfig): Batch {
  const random = mulberry32(1);
  return {
    shape: [texts, length],
    ids: Int32Array.from({ length: texts * length }, () => Math.floor(random() * vocabulary)),
    mask: new Float32Array(texts * length).fill(1),
    labels: Int32Array.from({ length: texts }, (_, row) => row % 2),
  };
}
/** The shortest of a few runs, the first of which is not counted: the others may have had to share the machine. In seconds. */
async function timed(run: () => Promise<unknown> | void): Promise<number> {
  const seconds: number[] = [];
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    const started = performance.now();
    await run();
    seconds.push((performance.now() - started) / 1000);
  }
  return Math.min(...seconds.slice(1));
}
async function optimizerRate(threads: number): Promise<number> {
  const optimizer = await AdamW.open(new Map([['p', [OPTIMIZED]]]), { threads });
  const options = { learningRate: 1e-4, weightDecay: 0.01, betas: [0.9, 0.999] as [number, number], epsilon: 1e-8, step: 1, scale: 1 };
  const seconds = await timed(() => optimizer.step([['p', options]]));
  await optimizer.close();
  return seconds / OPTIMIZED;
}
/** Of a matrix product as a small batch has them, at its fastest. */
async function productRate(threads: number): Promise<number> {
  const [rows, inner, columns] = PRODUCT;
  const { graph, outputs } = trace({}, 'fused', () => {
    const [a, b] = [input('a', [rows, inner]), input('b', [inner, columns])];
    return { sum: tf.sum(operator('Gemm', [a, b], [rows, columns])) };
  });
  const session = await openSession(graph.encode(outputs), { device: 'cpu', threads });
  const matrix = (shape: number[]) => float32(new Float32Array(product(shape)).fill(0.5), shape);
  const feeds = { a: matrix([rows, inner]), b: matrix([inner, columns]) };
  const seconds = await timed(() => session.run(feeds));
  await session.release();
  return seconds / (2 * product(PRODUCT));
}
/** Takes about a second, in a process where nothing else runs. */
export async function measureRates(threads: number): Promise<Rates> {
  const parameter = await optimizerRate(threads);
  const operations = await productRate(threads);
  const seen: Seen[] = [];
  for (const { width, shapes } of REFERENCES) {
    const config = referenceConfig(width);
    const base: Base = { folder: '', name: '', family: 'bert', config, hash: '', labels: null, has: () => false, read: () => { throw new Error('drawn anew'); } }; // prettier-ignore
    const model = await openModel({ base, head: 'classification', labels: ['a', 'b'], frozen: [], dropout: 0.1, seed: 1, device: 'cpu', threads }); // prettier-ignore
    const specification = { family: familyOf('bert'), config, head: 'classification', classes: 2 } as const;
    const [{ gradient, trained }] = stagesOf(specification, runConfigurationSchema.parse({ epochs: 1 }), new Map());
    for (const shape of shapes) {
      const batch = batchOf(shape, config);
      const seconds = await timed(() => model.step(batch, { learningRate: 1e-5, weightDecay: 0.01, decayAll: false, clip: 1 }));
      const work = workAt(gradient.growth, ...shape);
      seen.push({ work, seconds, rest: seconds - trained * parameter - work.operations * operations });
    }
    await model.close();
  }
  return { ...fitRates(seen), operations, parameter };
}
/**
 * Non-negative rates of elements and nodes of the least relative error, by cyclic coordinate descent (Franc, Hlaváč and Navara 2005, Sequential coordinate-wise algorithm for
 * non-negative least squares).
 */
export function fitRates(seen: Seen[]): Pick<Work, 'elements' | 'nodes'> {
  const kinds = ['elements', 'nodes'] as const;
  const rates = { elements: 0, nodes: 0 };
  const rows = seen.map(({ work, seconds }) => kinds.map((kind) => work[kind] / seconds));
  const shares = seen.map(({ rest, seconds }) => rest / seconds);
  for (let pass = 0; pass < 2000; pass++)
    for (const [at, kind] of kinds.entries()) {
      let [slope, curve] = [0, 0];
      for (const [line, row] of rows.entries()) {
        const error = shares[line] - kinds.reduce((sum, other, index) => sum + row[index] * rates[other], 0);
        slope += row[at] * error;
        curve += row[at] ** 2;
      }
      rates[kind] = Math.max(0, rates[kind] + slope / curve);
    }
  return rates;
}
