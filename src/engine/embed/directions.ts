/** The directions along which features differ most: a few numbers that keep most of what many say (principal components, Hotelling 1933). */
import { mulberry32 } from '../text/index.ts';
import { meanOf, scatterOf } from '../train/probe/index.ts';

/** Passes after which the directions say no more of a head's answers than before. */
const PASSES = 12;
/** Share of the mean variance that is added to each direction, so that there are `k` also of fewer rows. */
const RIDGE = 1e-6;

/**
 * Orthonormal, for features [n, d]: [k, d], found by orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2.4) from the same beginning each
 * time. They span the space of the leading components; in itself each need not be one.
 */
export function leadingDirections(features: Float32Array, d: number, k: number): Float32Array {
  const rows = { features, n: features.length / d, d };
  const scatter = scatterOf(rows, meanOf(rows), rows.n);
  let trace = 0;
  for (let j = 0; j < d; j++) trace += scatter[j * d + j];
  for (let j = 0; j < d; j++) {
    scatter[j * d + j] += (RIDGE * (trace || 1)) / d;
    for (let other = 0; other < j; other++) scatter[other * d + j] = scatter[j * d + other];
  }
  const random = mulberry32(1);
  let directions = Float64Array.from({ length: k * d }, () => random() - 0.5);
  orthonormalize(directions, k, d);
  for (let pass = 0; pass < PASSES; pass++) {
    directions = times(directions, scatter, k, d);
    orthonormalize(directions, k, d);
  }
  return Float32Array.from(directions);
}

/** [k, d] · [d, d] */
function times(a: Float64Array, b: Float64Array, k: number, d: number): Float64Array<ArrayBuffer> {
  const product = new Float64Array(k * d);
  for (let row = 0; row < k; row++)
    for (let inner = 0; inner < d; inner++) {
      const factor = a[row * d + inner];
      for (let j = 0; j < d; j++) product[row * d + j] += factor * b[inner * d + j];
    }
  return product;
}

/** Modified Gram–Schmidt, in place. */
function orthonormalize(rows: Float64Array, k: number, d: number): void {
  for (let row = 0; row < k; row++) {
    const own = rows.subarray(row * d, (row + 1) * d);
    for (let before = 0; before < row; before++) {
      const other = rows.subarray(before * d, (before + 1) * d);
      let product = 0;
      for (let j = 0; j < d; j++) product += own[j] * other[j];
      for (let j = 0; j < d; j++) own[j] -= product * other[j];
    }
    const length = Math.hypot(...own);
    for (let j = 0; j < d; j++) own[j] /= length;
  }
}
