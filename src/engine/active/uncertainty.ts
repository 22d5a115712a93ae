/** How unsure probabilities are (Settles 2009, Active Learning Literature Survey, section 3.1). */

/** What probabilities [n, classes] are of: `one` of the classes, whose row sums to 1, or each class by itself (`several`). */
export type Kind = 'one' | 'several';

const nats = (p: number): number => (p > 0 ? -p * Math.log(p) : 0);

/**
 * Entropy of each row as a share of the largest there is: [n], in [0, 1]. Of several labels: the mean over them.
 * One class alone has no entropy: 0.
 */
export function entropies(probabilities: Float32Array, classes: number, kind: Kind): Float32Array {
  const of = (row: Float32Array) => {
    if (kind === 'several') return row.reduce((sum, p) => sum + nats(p) + nats(1 - p), 0) / (classes * Math.LN2);
    return classes < 2 ? 0 : row.reduce((sum, p) => sum + nats(p), 0) / Math.log(classes);
  };
  return byRow(probabilities, classes, of);
}

/**
 * How clearly each row decides: [n], in [0, 1]. Of one label: the largest probability less the second largest. Of several: the smallest
 * distance from 0.5, doubled.
 */
export function margins(probabilities: Float32Array, classes: number, kind: Kind): Float32Array {
  const of = (row: Float32Array) => {
    if (kind === 'several') return 2 * row.reduce((least, p) => Math.min(least, Math.abs(p - 0.5)), 0.5);
    const [first, second = 0] = [...row].sort((a, b) => b - a);
    return first - second;
  };
  return byRow(probabilities, classes, of);
}

/** How far apart two sets of probabilities are, in [0, 1]: of one label their total variation distance, of several the largest difference. */
export function disagreement(a: readonly number[], b: readonly number[], kind: Kind): number {
  const differences = a.map((p, at) => Math.abs(p - b[at]));
  return kind === 'one' ? differences.reduce((sum, difference) => sum + difference, 0) / 2 : Math.max(0, ...differences);
}

const byRow = (values: Float32Array, width: number, of: (row: Float32Array) => number): Float32Array =>
  Float32Array.from({ length: values.length / width }, (_, row) => of(values.subarray(row * width, (row + 1) * width)));
