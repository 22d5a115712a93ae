/**
 * Gradients of the tfjs kernels that models use outside their hand-written blocks (models/blocks.ts). tfjs-core's own table can not be
 * imported by name from plain Node.
 */
import * as tf from '@tensorflow/tfjs-core';

type Saved = tf.Tensor[];
type Rule = Pick<tf.GradConfig, 'inputsToSave' | 'outputsToSave'> & {
  /** `dy`: an array for kernels with several outputs. */
  gradient: (dy: tf.Tensor & tf.Tensor[], saved: Saved, attributes: tf.NamedAttrMap) => Record<string, () => tf.Tensor>;
};

/** Sums away what broadcasting `shape` repeated. */
function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length ? tf.sum(dy, axes) : dy, shape);
}

const TABLE: Record<string, Rule> = {
  Add: {
    inputsToSave: ['a', 'b'],
    gradient: (dy, [a, b]) => ({ a: () => unbroadcast(dy, a.shape), b: () => unbroadcast(dy, b.shape) }),
  },
  Multiply: {
    inputsToSave: ['a', 'b'],
    gradient: (dy, [a, b]) => ({ a: () => unbroadcast(tf.mul(dy, b), a.shape), b: () => unbroadcast(tf.mul(dy, a), b.shape) }),
  },
  Reshape: { inputsToSave: ['x'], gradient: (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) }) },
  Transpose: {
    gradient: (dy, _, attributes) => ({ x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(attributes.perm as number[])) }),
  },
  SplitV: { gradient: (dy, _, attributes) => ({ x: () => tf.concat(dy, attributes.axis as number) }) },
  Identity: { gradient: (dy) => ({ x: () => tf.cast(dy, 'float32') }) },
  Tanh: { outputsToSave: [true], gradient: (dy, [y]) => ({ x: () => tf.mul(tf.sub(1, tf.square(y)), dy) }) },
};
for (const [kernelName, { gradient, ...saves }] of Object.entries(TABLE))
  tf.registerGradient({
    kernelName,
    ...saves,
    gradFunc: (dy, saved, attributes) => gradient(dy as tf.Tensor & tf.Tensor[], saved, attributes),
  });
