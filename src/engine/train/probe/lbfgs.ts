/**
 * Minimizing a smooth convex function: L-BFGS (Liu and Nocedal 1989; the two loops of Nocedal and Wright, Numerical Optimization, algorithm 7.4)
 * with an initial inverse Hessian that the caller knows, and step lengths by the bisection of Lewis and Overton (2013) on the weak Wolfe
 * conditions. No randomness, one order of sums: the same input gives the same bits.
 */
export interface Minimization {
  /** The value at `x`; leaves the gradient in `gradient`. */
  evaluate(x: Float64Array, gradient: Float64Array): number;
  /** Overwrites a gradient with an inverse Hessian's guess times it: symmetric and positive definite. */
  precondition(gradient: Float64Array): void;
  /** Ends where the quadratic model promises a decrease of less than this share of the value. */
  tolerance: number;
  maxIterations: number;
}
export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
  evaluations: number;
  /** False where `maxIterations` came first. */
  converged: boolean;
}
interface Pair {
  step: Float64Array;
  change: Float64Array;
  curvature: number;
}
const MEMORY = 20;
const SUFFICIENT = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 30;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
function addScaled(y: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
}
/** −H·gradient by the pairs, oldest first. */
function direction(gradient: Float64Array, pairs: Pair[], precondition: Minimization['precondition']): Float64Array {
  const d = gradient.slice();
  const factors = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, curvature } = pairs[i];
    factors[i] = dot(step, d) / curvature;
    addScaled(d, -factors[i], change);
  }
  precondition(d);
  for (const [i, { step, change, curvature }] of pairs.entries()) addScaled(d, factors[i] - dot(change, d) / curvature, step);
  for (let i = 0; i < d.length; i++) d[i] = -d[i];
  return d;
}
interface Point {
  x: Float64Array;
  value: number;
  gradient: Float64Array;
}
/** A point along `d` that meets the weak Wolfe conditions; null where rounding leaves none to be found. */
function search(evaluate: (x: Float64Array) => Point, { x, value, gradient }: Point, d: Float64Array): Point | null {
  const slope = dot(gradient, d);
  let [low, high, length] = [0, Infinity, 1];
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const next = evaluate(x.map((coordinate, i) => coordinate + length * d[i]));
    if (!(next.value <= value + SUFFICIENT * length * slope)) high = length;
    else if (dot(next.gradient, d) < CURVATURE * slope) low = length;
    else return next;
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return null;
}

/** From `start`, which is not changed. */
export function minimize(start: Float64Array, { evaluate, precondition, tolerance, maxIterations }: Minimization): Minimum {
  let evaluations = 0;
  const at = (x: Float64Array): Point => {
    const gradient = new Float64Array(x.length);
    evaluations += 1;
    return { x, value: evaluate(x, gradient), gradient };
  };
  const pairs: Pair[] = [];
  let point = at(start.slice());
  let iterations = 0;
  let converged = false;
  for (; iterations < maxIterations; iterations++) {
    const d = direction(point.gradient, pairs, precondition);
    converged = -dot(point.gradient, d) <= 2 * tolerance * point.value;
    if (converged) break;
    const next = search(at, point, d);
    // Nothing lower that doubles can tell apart: this is the minimum, as far as there is one.
    if (!next) return { x: point.x, value: point.value, iterations, evaluations, converged: true };
    const step = next.x.map((coordinate, i) => coordinate - point.x[i]);
    const change = next.gradient.map((coordinate, i) => coordinate - point.gradient[i]);
    const curvature = dot(step, change);
    if (curvature > 0) pairs.push({ step, change, curvature });
    if (pairs.length > MEMORY) pairs.shift();
    point = next;
  }
  return { x: point.x, value: point.value, iterations, evaluations, converged };
}
