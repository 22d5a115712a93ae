/** The graphs of a model: gradients for training, logits for prediction. */
import * as tf from '@tensorflow/tfjs-core';
import { input, operator, trace, type Dialect, type Sizes } from '../graph/index.ts';
import { binaryCrossEntropy, crossEntropy, linear, type LossOptions } from './blocks.ts';
import { classify, embed, EMBEDDINGS, encode, headRows } from './encoder.ts';
import { readsFirstTokenOnly, type Adapters, type Drop, type Encoder, type EncoderConfig, type Family, type HeadKind } from './family.ts';
import { parametersOf, type Parameter } from './parameters.ts';

export interface Specification {
  family: Family;
  config: EncoderConfig;
  head: HeadKind;
  classes: number;
  loss?: LossOptions;
  adapters?: Adapters;
}
export interface Site {
  name: string;
  probability: number;
  shape: number[];
}
const PRIMES = [13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113];
/** Stand-ins that divide no dimension of the model, so that a dimension of the trace can be factored. `skip`: how many pairs to pass over. */
export function standIns({ config, classes, adapters }: Specification, skip = 0): { batch: number; length: number } {
  const { vocabulary, hidden, heads, inner, embedding, positions, types, relativePositions } = config;
  const sizes = [vocabulary, hidden, heads, hidden / heads, inner, embedding, positions, types, relativePositions, classes, adapters?.rank];
  const free = PRIMES.filter((prime) => sizes.every((size) => !size || size % prime !== 0));
  return { batch: free[2 * skip], length: free[2 * skip + 1] };
}
const parameterInputs = ({ family, config, head, classes, adapters }: Specification) =>
  new Map(parametersOf(family, config, head, classes, adapters).map(({ role, name, shape }) => [role, input(name, shape)]));
/** Where a layer begins to have an effect: 0… for the layers, their number for the head. Relative positions are part of every layer. */
export function depthOf(layer: string, { layers, groups }: Pick<EncoderConfig, 'layers' | 'groups'>): number {
  const named: Record<string, number> = { embeddings: EMBEDDINGS, projection: EMBEDDINGS, positions: 0, head: layers };
  return named[layer] ?? Math.ceil((Number(layer) * layers) / groups);
}
/** The same for what is dropped, at sites `embeddings`, `INDEX.…` and `head…`. */
const siteDepth = (site: string, { layers }: EncoderConfig) => depthOf(site.split('.')[0], { layers, groups: layers });

/** In one pass, where a sum of a square is two. */
const sumOfSquares = (x: tf.Tensor) => operator('ReduceSumSquare', [x], [], { keepdims: { int: 0 } });

/** The number of the lowest trained layer. Below it nothing changes, and nothing is dropped. */
export const thawLine = (trained: Parameter[], config: EncoderConfig) => Math.min(...trained.map(({ layer }) => depthOf(layer, config)));

export interface TraceOptions {
  sizes?: Sizes;
  /** Begin with features at this depth, the input of the layer of that number, in place of token ids; null: with the ids. */
  from?: number | null;
}
/** At the depth of a classification head only first tokens are left: [batch, hidden] instead of [batch*length, hidden]. */
export const isFirstTokenOnly = (specification: Specification, depth: number) =>
  readsFirstTokenOnly(specification) && depth === specification.config.layers;

const featureShape = (specification: Specification, depth: number, { batch, length }: Sizes): number[] => [
  isFirstTokenOnly(specification, depth) ? batch : batch * length,
  specification.config.hidden,
];

function lossOf({ loss }: Specification, logits: tf.Tensor, labels: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return loss?.binary ? binaryCrossEntropy(logits, labels, weight) : crossEntropy(logits, labels, weight, loss);
}

/**
 * Inputs: ids int32 [batch, length] (or features, where it begins with them), mask [batch, length], labels int32 [rows] (binary loss: float32
 * [rows, classes]), weight
 * (1 / sum of the labels' weights), masks `drop.SITE`, and the parameters by name. Outputs: loss, squaredNorm (of the gradients in the graph),
 * `rows` (the gradient of each token's embedding [batch*length, embedding], where a table is trained) and `g.NAME`. Idle parameters have none:
 * their gradient is 0.
 */
export function gradientGraph(
  specification: Specification,
  trained: Parameter[],
  dialect: Dialect,
  { sizes = standIns(specification), from = null }: TraceOptions = {},
) {
  const { family, config, head, classes } = specification;
  const sites: Site[] = [];
  const lowest = thawLine(trained, config);
  const drop: Drop = (site, probability, shape) => {
    if (!probability || siteDepth(site, config) < lowest) return null;
    sites.push({ name: `drop.${site}`, probability, shape });
    return input(`drop.${site}`, shape);
  };
  const dense = trained.filter((parameter) => !parameter.table && !parameter.idle);
  const tables = trained.some(({ table }) => table);
  const traced = trace(sizes, dialect, () => {
    const shape: [number, number] = [sizes.batch, sizes.length];
    const ids = from === null ? input('ids', shape, 'int32') : null;
    const features = from === null ? null : input('features', featureShape(specification, from, sizes));
    const mask = input('mask', shape);
    const rows = head === 'token' ? sizes.batch * sizes.length : sizes.batch;
    const labels = specification.loss?.binary ? input('labels', [rows, classes]) : input('labels', [rows], 'int32');
    const weight = input('weight', []);
    const parameters = parameterInputs(specification);
    const start = features ?? embed((role) => parameters.get(role)!, specification, ids!);
    const roles = dense.map(({ role }) => role);
    const { value, grads } = tf.valueAndGrads((...variables: tf.Tensor[]) => {
      const current = new Map([...parameters, ...roles.map((role, i): [string, tf.Tensor] => [role, variables[i]])]);
      const adapters = specification.adapters ?? null;
      const encoder = { family, config, head, adapters, drop, shape, p: (role: string) => current.get(role)! };
      const encoded = encode(encoder, tables ? variables[roles.length] : start, mask, { from: from ?? EMBEDDINGS, to: config.layers });
      return lossOf(specification, classify(encoder, encoded, mask), labels, weight) as tf.Scalar;
    })([...roles.map((role) => parameters.get(role)!), ...(tables ? [start] : [])]);
    // Summed from the last layer down: ONNX Runtime walks back from the last output, so each weight's gradient is made as soon as it can be
    // and what it needs is freed. Summed upwards, all of them wait for the end, and every activation with them.
    const squares = grads.slice(0, roles.length).reverse().map(sumOfSquares);
    const squaredNorm = squares.length ? squares.reduce((a, b) => tf.add(a, b)) : tf.scalar(0);
    return {
      loss: value,
      squaredNorm,
      ...(tables && { rows: grads[roles.length] }),
      ...Object.fromEntries(dense.map(({ name }, i) => [`g.${name}`, grads[i]])),
    };
  });
  return { ...traced, sites };
}

/** The encoder with nothing dropped. */
function predictor(specification: Specification, shape: [number, number]): Encoder {
  const { family, config, head, adapters = null } = specification;
  const parameters = parameterInputs(specification);
  return { family, config, head, adapters, shape, drop: () => null, p: (role) => parameters.get(role)! };
}
/** What the head reads of a batch, with nothing dropped: its ids, or features where the graph begins with them, run through the layers. */
function read(specification: Specification, { sizes = standIns(specification), from = null }: TraceOptions) {
  const { batch, length } = sizes;
  const encoder = predictor(specification, [batch, length]);
  const start =
    from === null
      ? embed(encoder.p, specification, input('ids', [batch, length], 'int32'))
      : input('features', featureShape(specification, from, sizes));
  const mask = input('mask', [batch, length]);
  return { encoder, features: encode(encoder, start, mask, { from: from ?? EMBEDDINGS, to: specification.config.layers }), mask };
}
/** Inputs: ids (or features, where it begins with them), mask and the parameters by name. Output: logits [batch, classes] or [batch*length, classes]. */
export function logitsGraph(specification: Specification, dialect: Dialect, options: TraceOptions = {}) {
  return trace(options.sizes ?? standIns(specification), dialect, () => {
    const { encoder, features, mask } = read(specification, options);
    return { logits: classify(encoder, features, mask) };
  });
}
/** Inputs as of `logitsGraph`. Outputs: `pooled` and `inputs` (see HeadRows) [batch, hidden] or [batch*length, hidden]. */
export function headGraph(specification: Specification, dialect: Dialect, options: TraceOptions = {}) {
  return trace(options.sizes ?? standIns(specification), dialect, () => {
    const { encoder, features, mask } = read(specification, options);
    const { pooled, inputs } = headRows(encoder, features, mask);
    // Named apart, also where they are one, or what goes in.
    return { pooled: tf.clone(pooled), inputs: tf.clone(inputs) };
  });
}
/**
 * Inputs: ids, mask, `directions` [k, hidden] and the parameters by name; the head is one that reads the mean. Outputs: `pooled` [batch, hidden] (see
 * HeadRows), and `words` [batch*length, k]: what layer `depth` takes, along the directions.
 */
export function wordGraph(
  specification: Specification,
  depth: number,
  k: number,
  dialect: Dialect,
  sizes: Sizes = standIns(specification),
) {
  const { layers, hidden } = specification.config;
  const { batch, length } = sizes;
  return trace(sizes, dialect, () => {
    const [ids, mask] = [input('ids', [batch, length], 'int32'), input('mask', [batch, length])];
    const encoder = predictor(specification, [batch, length]);
    const middle = encode(encoder, embed(encoder.p, specification, ids), mask, { from: EMBEDDINGS, to: depth });
    const { pooled } = headRows(encoder, encode(encoder, middle, mask, { from: depth, to: layers }), mask);
    return { pooled: tf.clone(pooled), words: linear(middle, input('directions', [k, hidden]), null) };
  });
}
/**
 * The layers below a depth, with nothing dropped. Inputs: ids, mask and the parameters by name. Output: features, which `gradientGraph` and
 * `logitsGraph` can begin with: [batch*length, hidden], or first tokens alone where the head reads no more.
 */
export function prefixGraph(specification: Specification, depth: number, dialect: Dialect, sizes: Sizes = standIns(specification)) {
  const { batch, length } = sizes;
  return trace(sizes, dialect, () => {
    const [ids, mask] = [input('ids', [batch, length], 'int32'), input('mask', [batch, length])];
    const encoder = predictor(specification, [batch, length]);
    return { features: encode(encoder, embed(encoder.p, specification, ids), mask, { from: EMBEDDINGS, to: depth }) };
  });
}
/**
 * What other programs load, as transformers.js names it: int64 input_ids, attention_mask and token_type_ids where the family has them [batch, sequence];
 * logits [batch, classes] or [batch, sequence, classes].
 */
export function inferenceGraph(specification: Specification, { batch, length: sequence } = standIns(specification)) {
  const { family, head, classes } = specification;
  return trace({ batch, sequence }, 'standard', () => {
    const ids = input('input_ids', [batch, sequence], 'int64');
    const mask = tf.cast(input('attention_mask', [batch, sequence], 'int64'), 'float32');
    const types = family.takesTypes ? input('token_type_ids', [batch, sequence], 'int64') : undefined;
    const encoder = predictor(specification, [batch, sequence]);
    const logits = classify(encoder, encode(encoder, embed(encoder.p, specification, ids, types), mask), mask);
    return { logits: head === 'token' ? tf.reshape(logits, [batch, sequence, classes]) : logits };
  });
}
