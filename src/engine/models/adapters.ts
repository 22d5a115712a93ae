/** Matrices with low-rank adapters beside them (LoRA, Hu et al. 2021): W·x + alpha/rank · B·(A·x), as peft computes and names them. */
import * as tf from '@tensorflow/tfjs-core';
import { activate, custom, feedForward, gatedFeedForward, gemm, linear } from './blocks.ts';
import type { Activation, Adapters, Encoder, EncoderConfig } from './family.ts';
import type { Parameter } from './parameters.ts';

type T = tf.Tensor;
interface Adapter {
  /** [rank, in] */
  a: T;
  /** [out, rank] */
  b: T;
  scale: number;
}
/** A matrix [out, in] as the layers use it. */
export interface Dense {
  weight: T;
  bias: T | null;
  adapter: Adapter | null;
}
const [A, B] = ['lora_A', 'lora_B'];
/** The layers that have matrices to adapt. */
export const numberedLayers = ({ groups }: Pick<EncoderConfig, 'groups'>) => Array.from({ length: groups }, (_, layer) => `${layer}`);

/** alpha is twice the rank, as is usual, so that a change of the rank does not ask for another learning rate. */
export const adaptersOfRank = (rank: number) => ({ rank, alpha: 2 * rank });
const scaleOf = ({ rank, alpha }: Adapters) => alpha / rank;

/**
 * The adapters of the layers' matrices: A uniform within 1/√in (Kaiming and He's with a = √5, as peft draws it), B zero, so that nothing changes at first.
 * `adapts` is the role of the matrix.
 */
export function adaptersOf(matrices: Parameter[], { rank, layers }: Adapters): Parameter[] {
  return matrices
    .filter(({ layer, shape }) => shape.length === 2 && layers.includes(layer))
    .flatMap((matrix) => {
      const [out, width] = matrix.shape;
      const part = (kind: string, shape: number[], fresh: Parameter['fresh']): Parameter => ({
        ...matrix,
        role: matrix.role.replace(/weight$/, kind),
        name: matrix.name.replace(/weight$/, `${kind}.weight`),
        shape,
        pretrained: false,
        adapts: matrix.role,
        fresh,
      });
      return [part(A, [rank, width], { mean: 0, deviation: 0, reach: width ** -0.5 }), part(B, [out, rank], { mean: 0, deviation: 0 })];
    });
}

/** The matrix `role` of a layer, with its bias where there is one and its adapter where the layer has them. */
export function denseOf({ p, adapters }: Encoder, layer: string, role: string, hasBias = true): Dense {
  const adapter = adapters?.layers.includes(layer) ? { a: p(`${role}.${A}`), b: p(`${role}.${B}`), scale: scaleOf(adapters) } : null;
  return { weight: p(`${role}.weight`), bias: hasBias ? p(`${role}.bias`) : null, adapter };
}
/** A matrix without a bias that is several in one, above each other: each of them. What they read is adapted once for all. */
export function partsOf({ weight, adapter }: Dense, count: number): Dense[] {
  const weights = tf.split(weight, count, 0);
  const bs = adapter && tf.split(adapter.b, count, 0);
  return weights.map((part, at) => ({ weight: part, bias: null, adapter: adapter && { ...adapter, b: bs![at] } }));
}

/** y + scale · (x·Aᵀ)·Bᵀ. W has no gradient: beside a frozen one a step makes two thirds of the products that a trained one takes. */
const addLowRank = (y: T, x: T, { a, b, scale }: Adapter): T =>
  custom(
    (y, x, a, b) => {
      const low = gemm(x, a, { transB: true });
      return {
        value: gemm(low, b, { transB: true, alpha: scale, add: y }),
        gradFunc: (dy) => {
          const back = gemm(dy, b, { alpha: scale });
          return [dy, gemm(back, a), gemm(back, x, { transA: true }), gemm(dy, low, { transA: true, alpha: scale })];
        },
      };
    },
    y,
    x,
    a,
    b,
  );
export function dense(x: T, { weight, bias, adapter }: Dense): T {
  const y = linear(x, weight, bias);
  return adapter ? addLowRank(y, x, adapter) : y;
}
/** down(act(up(x))). */
export function denseFeedForward(x: T, up: Dense, down: Dense, activation: Activation): T {
  if (up.adapter || down.adapter) return dense(activate(dense(x, up), activation), down);
  return feedForward(x, up.weight, up.bias!, down.weight, down.bias!, activation);
}
/** down(act(up(x)) ∘ gate(x) [∘ dropped]), without biases. */
export function denseGatedFeedForward(x: T, up: Dense, gate: Dense, down: Dense, dropped: T | null, activation: Activation): T {
  if (!up.adapter && !down.adapter) return gatedFeedForward(x, up.weight, gate.weight, down.weight, dropped, activation);
  const gated = tf.mul(activate(dense(x, up), activation), dense(x, gate));
  return dense(dropped ? tf.mul(gated, dropped) : gated, down);
}

/** W + scale · B·A: [out, in]. */
export function merged(weight: Float32Array, a: Float32Array, b: Float32Array, adapters: Adapters): Float32Array {
  const { rank } = adapters;
  const width = a.length / rank;
  const scale = scaleOf(adapters);
  const sum = Float32Array.from(weight);
  for (let row = 0; row < sum.length / width; row++)
    for (let k = 0; k < rank; k++) {
      const factor = scale * b[row * rank + k];
      for (let j = 0; j < width; j++) sum[row * width + j] += factor * a[k * width + j];
    }
  return sum;
}
/** The roles of a matrix's two adapters. */
export const adapterRoles = (role: string): [a: string, b: string] => [role.replace(/weight$/, A), role.replace(/weight$/, B)];
