/** Whether two runs differ by more than chance, on the same examples. */
import { mulberry32 } from '../text/random.ts';

/** Draws of every resampling. */
export const DRAWS = 10_000;

/** What both runs add to the counts of a metric on one example: each [cells]. */
export interface PairedCounts {
  first: Float64Array;
  second: Float64Array;
}

/** Examples that count alike are one kind; resampling only counts kinds. */
interface Kinds {
  kindOf: Uint32Array;
  counts: PairedCounts[];
}

/**
 * Exact two-sided McNemar test: the probability, were both runs equally good, of a split of the disagreements at least as uneven
 * as this one. Equals SciPy's binomtest(fixed, fixed + broken).pvalue; computed in whole numbers, so exact at any size.
 */
export function mcnemarExact(fixed: number, broken: number): number {
  const disagreements = fixed + broken;
  if (fixed === broken) return 1;
  let binomial = 1n;
  let tail = 0n;
  for (let k = 0; k <= Math.min(fixed, broken); k++) {
    tail += binomial;
    binomial = (binomial * BigInt(disagreements - k)) / BigInt(k + 1);
  }
  return timesPowerOfTwo(tail, 1 - disagreements);
}

/** value · 2^exponent as a double, though `value` may be beyond the largest double. */
function timesPowerOfTwo(value: bigint, exponent: number): number {
  const excess = Math.max(0, value.toString(16).length * 4 - 64);
  return Number(value >> BigInt(excess)) * 2 ** (excess + exponent);
}

/**
 * Approximate randomisation (Noreen, 1989): both runs' answers change places on a random half of the examples, many times over;
 * the p-value is (1 + how often the metric then differs at least as much as it did) / (1 + draws).
 */
export function approximateRandomisation(
  examples: PairedCounts[],
  metric: (counts: Float64Array) => number,
  { draws = DRAWS, seed = 1 } = {},
): number {
  const random = mulberry32(seed);
  const [first, second] = [sum(examples, 'first'), sum(examples, 'second')];
  const observed = Math.abs(metric(second) - metric(first));
  const changes = examples.map((example) => sparseDifference(example)).filter(({ cells }) => cells.length > 0);
  let extreme = 0;
  for (let draw = 0; draw < draws; draw++) {
    const [a, b] = [first.slice(), second.slice()];
    for (const { cells, by } of changes) {
      if (random() < 0.5) continue;
      for (let entry = 0; entry < cells.length; entry++) {
        a[cells[entry]] += by[entry];
        b[cells[entry]] -= by[entry];
      }
    }
    // Sums in another order may differ in the last bits.
    if (Math.abs(metric(b) - metric(a)) >= observed - 1e-12) extreme++;
  }
  return (extreme + 1) / (draws + 1);
}

function sparseDifference({ first, second }: PairedCounts): { cells: Uint32Array; by: Float64Array } {
  const cells = Uint32Array.from([...first.keys()].filter((cell) => first[cell] !== second[cell]));
  return { cells, by: Float64Array.from(cells, (cell) => second[cell] - first[cell]) };
}

function sum(examples: PairedCounts[], run: keyof PairedCounts): Float64Array {
  const total = new Float64Array(examples[0]?.[run].length ?? 0);
  for (const example of examples) for (let cell = 0; cell < total.length; cell++) total[cell] += example[run][cell];
  return total;
}

/** What samples of the examples say of a difference. */
export interface Sampled {
  interval: [low: number, high: number];
  /** Two-sided: twice the share of samples on the rarer side of no difference, that itself included (Efron and Tibshirani 1993, 15.4). */
  pValue: number;
}

/**
 * Paired percentile bootstrap: the 95 % interval of the difference (second − first) of each metric, over `draws` samples of the
 * examples with replacement. A metric that gives NaN on a sample (a label not in it) leaves that sample out; all NaN: [0, 0].
 */
export function pairedBootstrap(
  examples: PairedCounts[],
  metrics: ((counts: Float64Array) => number)[],
  { draws = DRAWS, seed = 1 } = {},
): Sampled[] {
  const random = mulberry32(seed);
  const kinds = kindsOf(examples);
  const differences = metrics.map((): number[] => []);
  const drawn = new Uint32Array(kinds.counts.length);
  for (let draw = 0; draw < draws && examples.length > 0; draw++) {
    drawn.fill(0);
    for (let example = 0; example < examples.length; example++) drawn[kinds.kindOf[Math.floor(random() * examples.length)]]++;
    const [first, second] = weightedSums(kinds.counts, drawn);
    metrics.forEach((metric, index) => {
      const difference = metric(second) - metric(first);
      if (!Number.isNaN(difference)) differences[index].push(difference);
    });
  }
  return differences.map((values) => {
    const sorted = Float64Array.from(values).sort();
    return { interval: [percentile(sorted, 0.025), percentile(sorted, 0.975)], pValue: twoSided(sorted) };
  });
}

/** One is added to both counts, as to those of `approximateRandomisation`: no number of draws shows that something never happens. */
function twoSided(differences: Float64Array): number {
  const [notAbove, notBelow] = [differences.filter((value) => value <= 0), differences.filter((value) => value >= 0)];
  return Math.min(1, (2 * (1 + Math.min(notAbove.length, notBelow.length))) / (1 + differences.length));
}

function kindsOf(examples: PairedCounts[]): Kinds {
  const byKey = new Map<string, number>();
  const counts: PairedCounts[] = [];
  const kindOf = Uint32Array.from(examples, (example) => {
    const key = `${sparseKey(example.first)}|${sparseKey(example.second)}`;
    const known = byKey.get(key);
    if (known !== undefined) return known;
    byKey.set(key, counts.length);
    return counts.push(example) - 1;
  });
  return { kindOf, counts };
}

function sparseKey(counts: Float64Array): string {
  return [...counts.entries()].flatMap(([cell, count]) => (count === 0 ? [] : [`${cell}:${count}`])).join(' ');
}

function weightedSums(counts: PairedCounts[], weights: Uint32Array): [Float64Array, Float64Array] {
  const [first, second] = [new Float64Array(counts[0].first.length), new Float64Array(counts[0].first.length)];
  counts.forEach((kind, index) => {
    const weight = weights[index];
    if (weight === 0) return;
    for (let cell = 0; cell < first.length; cell++) {
      first[cell] += weight * kind.first[cell];
      second[cell] += weight * kind.second[cell];
    }
  });
  return [first, second];
}

/** Linear between the neighbours, as NumPy's default. */
export function percentile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}
