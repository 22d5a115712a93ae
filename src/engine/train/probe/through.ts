/**
 * Values of a head's dense layer that let what it reads pass through, so that a probe on its output is one on the encoder's own. Exact it need not
 * be: the probe is fitted to what the layer gives, whatever that is. It must only not lose anything.
 */
import type { Tensor } from '../../models/base.ts';
import type { HeadSpecification } from '../../models/family.ts';

type Dense = NonNullable<HeadSpecification['dense']>;
/** Of the largest deviation from the mean: near 0 tanh and GELU are their tangents, to a share of about this. */
const SMALL = 0.1;
/** Where a normalization follows and takes the scale away: well above its epsilon. */
const NORMALIZED = 0.5;

/** Mean [d] of rows [n, d], and the largest deviation from it. */
function centreOf(rows: Float32Array, d: number): { mean: Float64Array; reach: number } {
  const mean = new Float64Array(d);
  rows.forEach((value, at) => (mean[at % d] += value));
  mean.forEach((sum, j) => (mean[j] = sum / (rows.length / d)));
  const reach = rows.reduce((most, value, at) => Math.max(most, Math.abs(value - mean[at % d])), 0);
  return { mean, reach: reach || 1 };
}

/**
 * Values of `head.dense` and `head.norm`, by role, for rows [n, hidden] that it reads. tanh and GELU: scale · (x − mean), with a scale at which they are
 * all but straight. ReLU: 1 + ½ · (x − mean) / reach, which is positive up to twice the reach. Without biases and before a normalization, which takes each
 * row's own mean and scale away: scale · x.
 */
export function passThrough({ activation, norm }: Dense, biases: boolean, rows: Float32Array, hidden: number): Map<string, Tensor> {
  const { mean, reach } = centreOf(rows, hidden);
  const scale = (activation === 'relu' ? 1 / 2 : norm ? NORMALIZED : SMALL) / reach;
  const offset = activation === 'relu' ? 1 : 0;
  const weight = new Float32Array(hidden * hidden);
  for (let j = 0; j < hidden; j++) weight[j * hidden + j] = scale;
  const vector = (valueAt: (j: number) => number): Tensor => ({
    shape: [hidden],
    data: Float32Array.from({ length: hidden }, (_, j) => valueAt(j)),
  });
  const values = new Map<string, Tensor>([['head.dense.weight', { shape: [hidden, hidden], data: weight }]]);
  if (biases)
    values.set(
      'head.dense.bias',
      vector((j) => offset - scale * mean[j]),
    );
  if (norm)
    values.set(
      'head.norm.weight',
      vector(() => 1),
    );
  if (norm && biases)
    values.set(
      'head.norm.bias',
      vector(() => 0),
    );
  return values;
}
