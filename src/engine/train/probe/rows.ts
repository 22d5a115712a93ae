/** Passes over the features [n, d]: the products that a probe's loss and gradient are made of, in doubles. */
export interface Rows {
  /** [n, d], row-major. */
  features: Float32Array;
  n: number;
  d: number;
}

/** Rows at a time: their scores stay in the processor's cache between the two products. */
export const BLOCK = 64;

/** scores [rows, k] of the rows from `first`: features · weightsᵀ + bias, weights [k, d]. */
export function scoreRows(
  { features, d }: Rows,
  first: number,
  rows: number,
  { weights, bias }: { weights: Float64Array; bias: Float64Array },
  scores: Float64Array,
): void {
  const k = bias.length;
  for (let row = 0; row < rows; row++) {
    const x = (first + row) * d;
    const out = row * k;
    let c = 0;
    // Four classes a pass: each feature is read and converted once for all of them.
    for (; c + 4 <= k; c += 4) {
      const w0 = c * d;
      const [w1, w2, w3] = [w0 + d, w0 + 2 * d, w0 + 3 * d];
      let [s0, s1, s2, s3] = [bias[c], bias[c + 1], bias[c + 2], bias[c + 3]];
      for (let j = 0; j < d; j++) {
        const value = features[x + j];
        s0 += value * weights[w0 + j];
        s1 += value * weights[w1 + j];
        s2 += value * weights[w2 + j];
        s3 += value * weights[w3 + j];
      }
      scores[out + c] = s0;
      scores[out + c + 1] = s1;
      scores[out + c + 2] = s2;
      scores[out + c + 3] = s3;
    }
    for (; c < k; c++) scores[out + c] = bias[c] + product(features, x, weights, c * d, d);
  }
}
/** In four sums, which a processor adds side by side. */
function product(features: Float32Array, x: number, weights: Float64Array, w: number, d: number): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 4 <= d; j += 4) {
    a += features[x + j] * weights[w + j];
    b += features[x + j + 1] * weights[w + j + 1];
    c += features[x + j + 2] * weights[w + j + 2];
    e += features[x + j + 3] * weights[w + j + 3];
  }
  for (; j < d; j++) a += features[x + j] * weights[w + j];
  return a + b + (c + e);
}
/** Adds residualsᵀ · features to gradient [k, d] and the residuals to that of the bias [k]. `residuals`: [rows, k], of the rows from `first`. */
export function addGradient(
  { features, d }: Rows,
  first: number,
  rows: number,
  residuals: Float64Array,
  gradient: Float64Array,
  biasGradient: Float64Array,
): void {
  const k = biasGradient.length;
  for (let c = 0; c < k; c++) {
    const g = c * d;
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const [r0, r1, r2, r3] = [0, 1, 2, 3].map((at) => residuals[(row + at) * k + c]);
      const x0 = (first + row) * d;
      const [x1, x2, x3] = [x0 + d, x0 + 2 * d, x0 + 3 * d];
      biasGradient[c] += r0 + r1 + (r2 + r3);
      for (let j = 0; j < d; j++)
        gradient[g + j] += r0 * features[x0 + j] + r1 * features[x1 + j] + (r2 * features[x2 + j] + r3 * features[x3 + j]);
    }
    for (; row < rows; row++) {
      const r = residuals[row * k + c];
      const x = (first + row) * d;
      biasGradient[c] += r;
      for (let j = 0; j < d; j++) gradient[g + j] += r * features[x + j];
    }
  }
}
/** Mean of each feature over the rows: [d]. */
export function meanOf({ features, n, d }: Rows): Float64Array {
  const mean = new Float64Array(d);
  for (let row = 0; row < n; row++) for (let j = 0; j < d; j++) mean[j] += features[row * d + j];
  return mean.map((sum) => sum / n);
}
/** Σ (x − mean)(x − mean)ᵀ, the lower triangle of [d, d], from about `most` of the rows, evenly spaced, scaled up to all. */
export function scatterOf({ features, n, d }: Rows, mean: Float64Array, most: number): Float64Array {
  const scatter = new Float64Array(d * d);
  const stride = Math.max(1, Math.floor(n / most));
  const used = Math.ceil(n / stride);
  const block = new Float64Array(4 * d);
  for (let from = 0; from < used; from += 4) {
    block.fill(0);
    for (let at = 0; at < Math.min(4, used - from); at++)
      for (let j = 0; j < d; j++) block[at * d + j] = features[(from + at) * stride * d + j] - mean[j];
    addOuter(block, d, scatter);
  }
  return scatter.map((sum) => (sum * n) / used);
}
/** Adds the outer products of four rows, the lower triangle of them. */
function addOuter(block: Float64Array, d: number, scatter: Float64Array): void {
  for (let row = 0; row < d; row++) {
    const [a, b, c, e] = [block[row], block[d + row], block[2 * d + row], block[3 * d + row]];
    const s = row * d;
    for (let j = 0; j <= row; j++) scatter[s + j] += a * block[j] + b * block[d + j] + (c * block[2 * d + j] + e * block[3 * d + j]);
  }
}
