/** The Cholesky factorization of a symmetric positive definite matrix [n, n], row-major (Golub and Van Loan, Matrix Computations, 4.2). */

/** Overwrites the lower triangle of `a` with L, where a = L·Lᵀ; the upper triangle is neither read nor written. */
export function factorize(a: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    const r = row * n;
    for (let column = 0; column <= row; column++) {
      const c = column * n;
      let sum = a[r + column];
      for (let k = 0; k < column; k++) sum -= a[r + k] * a[c + k];
      a[r + column] = column === row ? Math.sqrt(sum) : sum / a[c + column];
    }
  }
}
/** Overwrites x [n] with (L·Lᵀ)⁻¹·x. */
export function solve(factor: Float64Array, n: number, x: Float64Array): void {
  for (let row = 0; row < n; row++) {
    const r = row * n;
    let sum = x[row];
    for (let k = 0; k < row; k++) sum -= factor[r + k] * x[k];
    x[row] = sum / factor[r + row];
  }
  // By rows of L, so that memory is read in order.
  for (let row = n - 1; row >= 0; row--) {
    const r = row * n;
    const value = (x[row] /= factor[r + row]);
    for (let k = 0; k < row; k++) x[k] -= factor[r + k] * value;
  }
}
