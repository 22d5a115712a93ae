/** What probabilities answer: indexes of the likeliest label, or of several those that are more likely than not. */
export function answersOf(probabilities: readonly number[], several: boolean): number[] {
  if (several) return probabilities.flatMap((p, index) => (p >= 0.5 ? [index] : []));
  return probabilities.length === 0 ? [] : [probabilities.indexOf(Math.max(...probabilities))];
}
