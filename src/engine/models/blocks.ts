/**
 * Blocks with hand-written gradients: the tape's own would take two to three times as many passes over memory. Rows are tokens; matrices are
 * [out, in], as Hugging Face stores them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operator, operators, recorder } from '../graph/index.ts';
import { ACTIVATIONS, add, mul, scalar, sub } from './activations.ts';
import type { Picks } from './distances.ts';
import type { Activation } from './family.ts';

type T = tf.Tensor;
/** tfjs types a shape by its rank, which is not known here. */
const dims = (x: T): number[] => x.shape;
const reshape = (x: T, shape: number[]) => tf.keep(tf.reshape(x, shape));
const transpose = (x: T, perm: number[]) => tf.keep(tf.transpose(x, perm));

interface Product {
  transA?: boolean;
  transB?: boolean;
  alpha?: number;
  beta?: number;
  add?: T;
}
/** alpha · a·b + beta · add over two dimensions. */
export function gemm(a: T, b: T, { transA = false, transB = false, alpha = 1, beta = 1, add: c }: Product = {}): T {
  const shape = [dims(a)[transA ? 1 : 0], dims(b)[transB ? 0 : 1]];
  const attributes = { transA: { int: +transA }, transB: { int: +transB }, alpha: { float: alpha }, beta: { float: beta } };
  return operator('Gemm', c ? [a, b, c] : [a, b], shape, attributes);
}
/** alpha · a·b over the last two of four dimensions. */
function matMul(a: T, b: T, { transA = false, transB = false, alpha = 1 }: Product = {}): T {
  const shape = [...a.shape.slice(0, -2), a.shape.at(transA ? -1 : -2)!, b.shape.at(transB ? -2 : -1)!];
  if (recorder().graph.dialect === 'fused')
    return operator('FusedMatMul', [a, b], shape, { transA: { int: +transA }, transB: { int: +transB }, alpha: { float: alpha } });
  const flip = (x: T, flipped: boolean) => (flipped ? transpose(x, [0, 1, 3, 2]) : x);
  const y = operator('MatMul', [flip(a, transA), flip(b, transB)], shape);
  return alpha === 1 ? y : mul(y, scalar(alpha));
}
const sumRows = (x: T) => tf.keep(tf.sum(x, 0));
export const custom = (f: (...inputs: T[]) => { value: T; gradFunc: (dy: T) => T[] }, ...inputs: T[]): T =>
  tf.customGrad(f as Parameters<typeof tf.customGrad>[0])(...inputs);

/** x·Wᵀ + b. */
export const linear = (x: T, weight: T, bias: T | null): T =>
  custom(
    (x, weight) => ({
      value: gemm(x, weight, { transB: true, ...(bias && { add: bias }) }),
      gradFunc: (dy) => [gemm(dy, weight), gemm(dy, x, { transA: true }), ...(bias ? [sumRows(dy)] : [])],
    }),
    x,
    weight,
    ...(bias ? [bias] : []),
  );

/** Layer normalization of each row (Ba et al. 2016). The gradient needs the rows normalized, before scale and shift, and 1/σ. */
export const layerNorm = (x: T, scale: T, shift: T | null, epsilon: number): T =>
  custom(
    (x, scale) => {
      const [rows, H] = dims(x);
      const { value, open } = normalize(x, scale, shift, epsilon);
      return {
        value,
        gradFunc: (dy) => {
          const [n, r] = open();
          const q = mul(dy, n);
          // Means over a row as matrix products with scale/H.
          const column = reshape(mul(scale, scalar(1 / H)), [H, 1]);
          const mean = (values: T) => reshape(gemm(values, column), [rows, 1]);
          const dx = mul(sub(sub(mul(dy, scale), mul(n, mean(q))), mean(dy)), r);
          return [dx, sumRows(q), ...(shift ? [sumRows(dy)] : [])];
        },
      };
    },
    x,
    scale,
    ...(shift ? [shift] : []),
  );
interface Normalized {
  value: T;
  /** The normalized rows, and 1/σ of each. */
  open: () => [T, T];
}
function normalize(x: T, scale: T, shift: T | null, epsilon: number): Normalized {
  const [rows, H] = dims(x);
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const plain = [x, tf.keep(tf.ones([H])), tf.keep(tf.zeros([H]))];
  if (recorder().graph.dialect === 'fused') {
    const [n, , r] = operators('LayerNormalization', plain, [dims(x), [rows, 1], [rows, 1]], attributes);
    const scaled = mul(n, scale);
    return { value: shift ? add(scaled, shift) : scaled, open: () => [n, r] };
  }
  // Only the CPU's operator gives 1/σ: elsewhere it is made when a gradient asks for it.
  const mean = (values: T) => tf.keep(tf.mul(tf.sum(values, 1, true), scalar(1 / H)));
  const open = (): [T, T] => {
    const centred = sub(x, mean(x));
    const r = tf.keep(tf.div(scalar(1), tf.sqrt(tf.add(mean(mul(centred, centred)), scalar(epsilon)))));
    return [mul(centred, r), r];
  };
  return { value: operator('LayerNormalization', [x, scale, shift ?? plain[2]], dims(x), attributes), open };
}

/** act(x·W1ᵀ + b1)·W2ᵀ + b2. The activation's constant factors ride on the matrix products, for free. */
export const feedForward = (x: T, up: T, upBias: T, down: T, downBias: T, activation: Activation): T =>
  custom(
    (x, up, upBias, down, downBias) => {
      const { scale, factor, open } = ACTIVATIONS[activation];
      const s = gemm(x, up, { transB: true, alpha: scale, beta: scale, add: upBias });
      const { value, slope, again } = open(s);
      return {
        value: gemm(value, down, { transB: true, alpha: factor, add: downBias }),
        gradFunc: (dy) => {
          const ds = mul(gemm(dy, down, { alpha: factor }), slope());
          return [
            gemm(ds, up, { alpha: scale }),
            gemm(ds, x, { transA: true, alpha: scale }),
            mul(sumRows(ds), scalar(scale)),
            // The product is made again rather than kept: memory for a pass that hides behind the matrix product.
            gemm(dy, again(), { transA: true, alpha: factor }),
            sumRows(dy),
          ];
        },
      };
    },
    x,
    up,
    upBias,
    down,
    downBias,
  );

/** (act(x·W1ᵀ) ∘ x·Gᵀ [∘ dropped])·W2ᵀ: a gated linear unit (Shazeer 2020) without biases. */
export const gatedFeedForward = (x: T, up: T, gate: T, down: T, dropped: T | null, activation: Activation): T =>
  custom(
    (x, up, gate, down) => {
      const { scale, factor, open } = ACTIVATIONS[activation];
      const { value, slope, again } = open(gemm(x, up, { transB: true, alpha: scale }));
      const gates = gemm(x, gate, { transB: true });
      const drop = (y: T) => (dropped ? mul(y, dropped) : y);
      return {
        value: gemm(drop(mul(value, gates)), down, { transB: true, alpha: factor }),
        gradFunc: (dy) => {
          const dh = drop(gemm(dy, down, { alpha: factor }));
          const activated = again();
          const [ds, dg] = [mul(mul(dh, gates), slope()), mul(dh, activated)];
          return [
            add(gemm(ds, up, { alpha: scale }), gemm(dg, gate)),
            gemm(ds, x, { transA: true, alpha: scale }),
            gemm(dg, x, { transA: true }),
            gemm(dy, drop(mul(activated, gates)), { transA: true, alpha: factor }),
          ];
        },
      };
    },
    x,
    up,
    gate,
    down,
  );

/** Cosines [length, 1, 1, D/2] and sines [length, 1, 2, D/2] of the angles; the first of two halves has the sines negated. */
export interface Rotation {
  cos: T;
  sin: T;
}
/** Rotary positions (Su et al. 2021, in the halves of transformers' `rotate_half`): x [batch*length, H], each head turned by its position. */
export const rotate = (x: T, { cos, sin }: Rotation, { batch, length, heads }: AttentionShape): T =>
  custom((x) => {
    const H = dims(x)[1];
    function turned(y: T, sines: T): T {
      const halves = reshape(y, [batch, length, heads, 2, H / heads / 2]);
      const swapped = tf.keep(tf.gather(halves, tf.keep(tf.tensor1d([1, 0], 'int32')), 3));
      return reshape(add(mul(halves, cos), mul(swapped, sines)), [batch * length, H]);
    }
    return { value: turned(x, sin), gradFunc: (dy) => [turned(dy, tf.keep(tf.neg(sin)))] };
  }, x);

/** The mean over each example's tokens that `mask` [batch, length] has as 1: [batch*length, H] → [batch, H]. */
export const meanToken = (x: T, mask: T): T =>
  custom((x) => {
    const [batch, length] = dims(mask);
    const H = dims(x)[1];
    const share = tf.keep(tf.reshape(tf.div(mask, tf.sum(mask, 1, true)), [batch, length, 1]));
    return {
      value: tf.keep(tf.sum(mul(reshape(x, [batch, length, H]), share), 1)),
      gradFunc: (dy) => [reshape(mul(reshape(dy, [batch, 1, H]), share), [batch * length, H])],
    };
  }, x);

export interface AttentionShape {
  batch: number;
  /** 1 where only the first token is asked for. */
  queries: number;
  length: number;
  heads: number;
  /** What the scores are the sum of, q·kᵀ and terms of like size: they are divided by √(terms·D). 1 if left out. */
  terms?: number;
}
export interface AttentionInputs {
  /** Added to the scores, without a gradient: [batch, 1, 1 or queries, length]. */
  bias: T;
  /** A dropout mask for the probabilities. */
  dropped: T | null;
  /** Added to the scores, with a gradient: [batch or 1, heads, queries, length]. */
  scores: T | null;
}
const scaleOf = (H: number, { heads, terms = 1 }: AttentionShape) => 1 / Math.sqrt((H / heads) * terms);
/** [batch*n, H] to [batch, heads, n, D] */
const splitHeads = (x: T, n: number, { batch, heads }: AttentionShape) =>
  transpose(reshape(x, [batch, n, heads, dims(x)[1] / heads]), [0, 2, 1, 3]);

/** softmax(q·kᵀ/√D + scores + bias)·v with dropped probabilities; q is [batch*queries, H], k and v [batch*length, H]. */
export const attention = (q: T, k: T, v: T, { bias, dropped, scores: added }: AttentionInputs, shape: AttentionShape): T =>
  custom(
    (q, k, v) => {
      const { batch, queries, length } = shape;
      const H = dims(q)[1];
      const alpha = scaleOf(H, shape);
      const join = (x: T, n: number) => reshape(transpose(x, [0, 2, 1, 3]), [batch * n, H]);
      const joinTransposed = (x: T, n: number) => reshape(transpose(x, [0, 3, 1, 2]), [batch * n, H]);
      const [Q, K, V] = [splitHeads(q, queries, shape), splitHeads(k, length, shape), splitHeads(v, length, shape)];
      const products = matMul(Q, K, { transB: true, alpha });
      const P = tf.keep(tf.softmax(add(added ? add(products, added) : products, bias)));
      const drop = () => (dropped ? mul(P, dropped) : P);
      const O = matMul(drop(), V);
      return {
        value: join(O, queries),
        gradFunc: (dy) => {
          const dO = splitHeads(dy, queries, shape);
          const dP = matMul(dO, V, { transB: true });
          const delta = tf.keep(tf.sum(mul(dO, O), -1, true));
          const again = drop();
          const dS = dropped ? sub(mul(dP, again), mul(P, delta)) : mul(sub(dP, delta), P);
          // The gradients of k and v are made transposed: the long side of a small product is its fast one.
          const gradients = [
            join(matMul(dS, K, { alpha }), queries),
            joinTransposed(matMul(Q, dS, { transA: true, alpha }), length),
            joinTransposed(matMul(dO, again, { transA: true }), length),
          ];
          if (!added) return gradients;
          return [...gradients, dims(added)[0] === batch ? dS : tf.keep(tf.sum(dS, 0, true))];
        },
      };
    },
    q,
    k,
    v,
    ...(added ? [added] : []),
  );

/**
 * Scores of tokens on relative positions, [batch, heads, queries, length]: x [batch*rows, H] are the queries or the keys, `positions`
 * [2·length, H] what they meet at each distance.
 */
export const relativeScores = (x: T, positions: T, { to, back, kept, rows }: Picks, shape: AttentionShape): T =>
  custom(
    (x, positions) => {
      const { batch, queries, length, heads } = shape;
      const H = dims(x)[1];
      const alpha = scaleOf(H, shape);
      const X = splitHeads(x, rows, shape);
      const E = splitHeads(positions, 2 * length, { ...shape, batch: 1 });
      const flat = reshape(matMul(X, E, { transB: true, alpha }), [batch * heads, rows * 2 * length]);
      return {
        value: reshape(tf.gather(flat, to as tf.Tensor1D, 1), [batch, heads, queries, length]),
        gradFunc: (dy) => {
          const picked = tf.keep(tf.gather(reshape(dy, [batch * heads, queries * length]), back as tf.Tensor1D, 1));
          const dS = reshape(mul(picked, kept), [batch, heads, rows, 2 * length]);
          const dE = tf.keep(tf.sum(matMul(dS, X, { transA: true, alpha }), 0));
          return [
            reshape(transpose(matMul(dS, E, { alpha }), [0, 2, 1, 3]), [batch * rows, H]),
            reshape(transpose(dE, [1, 0, 2]), [2 * length, H]),
          ];
        },
      };
    },
    x,
    positions,
  );

/** Rows `ids` [n] of a small table [rows, width]. A product with ones and zeros sums the gradient, in one order whatever the threads. */
export const lookUp = (table: T, ids: T): T =>
  custom((table) => {
    const rows = tf.range(0, dims(table)[0], 1, 'int32');
    return {
      value: tf.keep(tf.gather(table, ids as tf.Tensor1D)),
      gradFunc: (dy) => [gemm(tf.keep(tf.cast(tf.equal(tf.reshape(ids, [dims(ids)[0], 1]), rows), 'float32')), dy, { transA: true })],
    };
  }, table);

/** An activation by itself. */
export const activate = (x: T, activation: Activation): T =>
  custom((x) => {
    const { scale, factor, open } = ACTIVATIONS[activation];
    const times = (y: T, by: number) => (by === 1 ? y : mul(y, scalar(by)));
    const { value, slope } = open(times(x, scale));
    return { value: tf.keep(tf.reshape(times(value, factor), x.shape)), gradFunc: (dy) => [mul(dy, times(slope(), scale * factor))] };
  }, x);

/** The first row of each example: [batch*length, H] → [batch, H]. */
export const firstToken = (x: T, [batch, length]: [number, number]): T =>
  custom((x) => {
    const H = dims(x)[1];
    return {
      value: tf.keep(tf.gather(reshape(x, [batch, length, H]), tf.keep(tf.scalar(0, 'int32')), 1)),
      gradFunc: (dy) => {
        const first = tf.cast(tf.equal(tf.range(0, length, 1, 'int32'), tf.scalar(0, 'int32')), 'float32');
        return [reshape(mul(reshape(dy, [batch, 1, H]), tf.keep(tf.reshape(first, [length, 1]))), [batch * length, H])];
      },
    };
  }, x);

export interface LossOptions {
  /** Share of each target that is spread evenly over all classes, in [0, 1). */
  labelSmoothing: number;
  /** Weight of each class; null: all weigh the same. */
  classWeights: readonly number[] | null;
  /** A yes or no for each class, in place of one class of all: binary cross-entropy, without smoothing or weights. */
  binary?: boolean;
}
const PLAIN_LOSS: LossOptions = { labelSmoothing: 0, classWeights: null };

/** What each row's probabilities are measured against: `hot` [rows, classes], smoothed and weighted. A row of zeros stays one. */
function targetsOf(hot: T, { labelSmoothing, classWeights }: LossOptions): T {
  const counted = () => tf.keep(tf.sum(hot, 1, true));
  const smoothed = labelSmoothing ? add(mul(hot, scalar(1 - labelSmoothing)), mul(counted(), scalar(labelSmoothing / dims(hot)[1]))) : hot;
  return classWeights ? mul(smoothed, tf.keep(tf.tensor1d([...classWeights]))) : smoothed;
}

/**
 * Σ −log softmax(logits)[label] · weight over the rows; a label outside [0, classes) counts nothing. `weight` is a scalar. With smoothing and
 * class weights: torch.nn.CrossEntropyLoss(weight, label_smoothing), which divides by the sum of the labels' weights.
 */
export const crossEntropy = (logits: T, labels: T, weight: T, options: LossOptions = PLAIN_LOSS): T =>
  custom((logits) => {
    const classes = tf.range(0, dims(logits)[1], 1, 'int32');
    const hot = tf.keep(tf.cast(tf.equal(tf.reshape(labels, [dims(labels)[0], 1]), classes), 'float32'));
    const targets = targetsOf(hot, options);
    return {
      value: tf.keep(
        tf.neg(tf.mul(tf.sum(tf.mul(targets, operator('LogSoftmax', [logits], logits.shape, { axis: { int: -1 } }))), weight)),
      ),
      gradFunc: (dy) => {
        const counted = tf.sum(targets, 1, true);
        return [tf.keep(tf.mul(tf.sub(tf.mul(tf.softmax(logits as tf.Tensor2D), counted), targets), tf.mul(weight, dy)))];
      },
    };
  }, logits);

/**
 * Σ −log p(target) · weight over all cells, where p = sigmoid(logits); logits and targets (0 or 1) are [rows, classes], `weight` is a scalar.
 * torch.nn.BCEWithLogitsLoss where the weight is 1 / (rows · classes).
 */
export const binaryCrossEntropy = (logits: T, targets: T, weight: T): T =>
  custom((logits) => {
    // −log p is softplus of the logit towards the wrong answer, which stays exact where p rounds to 0 or 1.
    const wrong = mul(logits, sub(scalar(1), mul(targets, scalar(2))));
    return {
      value: tf.keep(tf.mul(tf.sum(operator('Softplus', [wrong], dims(wrong))), weight)),
      gradFunc: (dy) => [mul(sub(operator('Sigmoid', [logits], dims(logits)), targets), tf.keep(tf.mul(weight, dy)))],
    };
  }, logits);
