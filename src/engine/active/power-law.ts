/**
 * How an error falls with the labels that were learned from: error(n) = a + b · n^−c (Hestness et al. 2017, Deep Learning Scaling is Predictable,
 * Empirically; Viering and Loog 2021, The Shape of Learning Curves: a Review).
 */
export interface PowerLaw {
  /** What is left however many labels there are, in [0, 1]. */
  a: number;
  /** 0: the error does not fall. */
  b: number;
  /** How fast it falls, in [0.1, 2]. */
  c: number;
}
export interface ErrorPoint {
  /** Labels. */
  n: number;
  /** In [0, 1]. */
  error: number;
  /** Above 0: what its squared distance from the curve counts. */
  weight: number;
}

const [SLOWEST, FASTEST] = [0.1, 2];
/** Exponents that are tried before the best one is looked for between its neighbours. */
const GRID = 20;
/** Each step narrows the neighbours to 62 %. */
const STEPS = 22;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export const errorAt = ({ a, b, c }: PowerLaw, n: number): number => a + b * n ** -c;

/**
 * The curve of least weighted squares, a ≥ 0 and b ≥ 0: SciPy's `curve_fit` within these bounds. For an exponent the other two follow from a linear
 * problem (variable projection, Golub and Pereyra 1973), so that one number is searched for. Points of one size alone give a level, b = 0.
 */
export function fitPowerLaw(points: readonly ErrorPoint[]): PowerLaw {
  const residual = (logC: number) => projected(points, Math.exp(logC)).squares;
  const [first, last] = [Math.log(SLOWEST), Math.log(FASTEST)];
  const step = (last - first) / (GRID - 1);
  const grid = Array.from({ length: GRID }, (_, at) => first + at * step);
  const values = grid.map(residual);
  const best = grid[values.indexOf(Math.min(...values))];
  const logC = goldenSection(residual, Math.max(first, best - step), Math.min(last, best + step));
  // At the ends of what is searched the grid's own point may be the best.
  return projected(points, Math.exp(residual(logC) <= Math.min(...values) ? logC : best)).law;
}

/** The best curve of an exponent, and Σ weight · (error − curve)². */
function projected(points: readonly ErrorPoint[], c: number): { law: PowerLaw; squares: number } {
  // Powers of shares of the largest size, so that neither they nor b are beyond what a double tells apart.
  const largest = Math.max(...points.map(({ n }) => n));
  const powers = points.map(({ n }) => (n / largest) ** -c);
  // Σ w, Σ w·u, Σ w·e, Σ w·u², Σ w·u·e of powers u and errors e.
  let [w, u, e, uu, ue] = [0, 0, 0, 0, 0];
  for (const [at, { error, weight }] of points.entries()) {
    w += weight;
    u += weight * powers[at];
    e += weight * error;
    uu += weight * powers[at] ** 2;
    ue += weight * powers[at] * error;
  }
  const spread = uu - (u * u) / w;
  // Of one size alone the spread is what rounding leaves.
  let b = spread > 1e-12 * uu ? Math.max(0, (ue - (u * e) / w) / spread) : 0;
  let a = (e - b * u) / w;
  if (a < 0) [a, b] = [0, ue / uu];
  let squares = 0;
  for (const [at, { error, weight }] of points.entries()) squares += weight * (error - a - b * powers[at]) ** 2;
  return { law: { a, b: b * largest ** c, c }, squares };
}

/** Where a function with one minimum between two places has it (Kiefer 1953). */
function goldenSection(value: (x: number) => number, low: number, high: number): number {
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [value(left), value(right)];
  for (let step = 0; step < STEPS; step++) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = value(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = value(right);
    }
  }
  return (low + high) / 2;
}
