/**
 * Activations of the feed-forward block, split so that constant factors go into the matrix products: with s = scale·u,
 * act(u) = factor · value(s) and act'(u) = factor · scale · slope(s).
 */
import * as tf from '@tensorflow/tfjs-core';
import { operator } from '../graph/index.ts';
import type { Activation } from './family.ts';

type T = tf.Tensor;
export const scalar = (value: number) => tf.keep(tf.scalar(value));
const binary = (op: string) => (a: T, b: T) => operator(op, [a, b], tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape));
export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
const div = binary('Div');
const map = (op: string) => (x: T) => operator(op, [x], x.shape);

interface Opened {
  value: T;
  slope: () => T;
  /** `value` made once more. */
  again: () => T;
}
interface Rule {
  scale: number;
  factor: number;
  open(s: T): Opened;
}
/** u·Φ(u) = s(1 + erf s)/√2 with s = u/√2 (Hendrycks and Gimpel 2016). */
const gelu: Rule = {
  scale: Math.SQRT1_2,
  factor: Math.SQRT1_2,
  open(s) {
    // Twice Φ is made once more for the gradients rather than kept: a sixth of a layer's memory for one pass of fifty.
    const twice = () => add(map('Erf')(s), scalar(1));
    let made: T | null = null;
    const again = () => (made ??= twice());
    return {
      value: mul(s, twice()),
      again: () => mul(s, again()),
      slope: () => add(again(), mul(div(s, map('Exp')(mul(s, s))), scalar(2 / Math.sqrt(Math.PI)))),
    };
  },
};
/** ½u(1 + tanh(√(2/π)(u + 0.044715u³))). */
const geluNew: Rule = {
  scale: 1,
  factor: 0.5,
  open(u) {
    const k = Math.sqrt(2 / Math.PI);
    const square = mul(u, u);
    const t = map('Tanh')(mul(u, add(mul(square, scalar(k * 0.044715)), scalar(k))));
    const a = add(t, scalar(1));
    const value = () => mul(u, a);
    const slope = () => add(a, mul(mul(u, sub(scalar(1), mul(t, t))), add(mul(square, scalar(3 * k * 0.044715)), scalar(k))));
    return { value: value(), again: value, slope };
  },
};
const relu: Rule = {
  scale: 1,
  factor: 1,
  open(u) {
    const value = map('Relu')(u);
    return { value, again: () => value, slope: () => tf.keep(tf.cast(tf.greater(u, scalar(0)), 'float32')) };
  },
};
export const ACTIVATIONS: Record<Activation, Rule> = { gelu, gelu_new: geluNew, relu };
