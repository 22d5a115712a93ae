/** Weights of classes in the training loss. */

/**
 * scikit-learn's `compute_class_weight('balanced')`: n / (k · count), where n labels are of k classes. `labels`: the training split's, −100
 * for none. A class without a training example weighs 1.
 */
export function balancedWeights(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) if (label >= 0) counts[label] += 1;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (present * count) : 1));
}
