/** Relative positions: a number for each distance between two tokens, and its symbolic form in a graph. */
import * as tf from '@tensorflow/tfjs-core';

type T = tf.Tensor;
/** The numbers of the distances −positions … positions − 1, in that order. */
export const numbersOf = (positions: number, number: (distance: number) => number): Int32Array =>
  Int32Array.from({ length: 2 * positions }, (_, at) => number(at - positions));
const range = (size: number) => tf.keep(tf.range(0, size, 1, 'int32'));

/** int32 [queries, length]: key − query. */
export const distances = (queries: number, length: number): T =>
  tf.keep(tf.sub(tf.reshape(range(length), [1, length]), tf.reshape(range(queries), [queries, 1])));
/** `numbers` of distances, in their shape. */
export const numbered = (numbers: Int32Array, distance: T): T =>
  tf.keep(tf.gather(tf.tensor1d(numbers, 'int32'), tf.add(distance, tf.scalar(numbers.length / 2, 'int32')) as tf.Tensor1D));
