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

/** The symbolic size as a scalar: as a plain number it would be the stand-in. */
const sizeOf = (length: number): T => tf.keep(tf.sum(tf.ones([length], 'int32')));
/** int32 [2·length]: −length … length − 1. */
export const spanOf = (length: number): T => tf.keep(tf.sub(range(2 * length), sizeOf(length)));

/** Picks entries of a flat dimension; each is picked once at most, so a gradient is picked back. */
export interface Picks {
  /** int32 [queries*length] into [rows*2·length]. */
  to: T;
  /** int32 [rows*2·length] into [queries*length], and 1 where the entry was picked at all. */
  back: T;
  kept: T;
  rows: number;
}
/** From scores by distance, [rows, 2·length] as `spanOf` has them, to scores by key, [queries, length]; a row for each query, or for each key. */
export function picksOf(queries: number, length: number): { byQuery: Picks; byKey: Picks } {
  const size = sizeOf(length);
  const [query, key] = [tf.reshape(range(queries), [queries, 1]), tf.reshape(range(length), [1, length])];
  const column = tf.add(distances(queries, length), size);
  const row = (index: T) => tf.mul(tf.mul(index, size), tf.scalar(2, 'int32'));
  const flat = (x: T, entries: number) => tf.keep(tf.reshape(x, [entries]));
  const distance = tf.reshape(spanOf(length), [1, 2 * length]);
  const within = (x: T, end: T) => tf.mul(tf.cast(tf.greater(x, tf.scalar(-1, 'int32')), 'int32'), tf.cast(tf.greater(end, x), 'int32'));
  function picks(to: T, rows: number, [from, other, end]: [query: T, key: T, end: [T, T]]): Picks {
    const valid = tf.mul(within(from, end[0]), within(other, end[1]));
    const back = tf.mul(tf.add(tf.mul(from, size), other), valid);
    const entries = rows * 2 * length;
    return { to: flat(to, queries * length), back: flat(back, entries), kept: flat(tf.cast(valid, 'float32'), entries), rows };
  }
  const end: [T, T] = [queries === 1 ? tf.scalar(1, 'int32') : size, size];
  const keys = tf.reshape(range(length), [length, 1]);
  return {
    byQuery: picks(tf.add(row(query), column), queries, [query, tf.add(query, distance), end]),
    byKey: picks(tf.add(row(key), column), length, [tf.sub(keys, distance), keys, end]),
  };
}
