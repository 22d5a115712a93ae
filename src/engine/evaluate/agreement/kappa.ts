import type { Statistic } from './kinds.ts';

/**
 * Cohen's κ (1960) of two annotators, unweighted: (observed − expected) / (1 − expected) agreement, where the expected one is of two who keep
 * their own shares of each answer. Equals scikit-learn's cohen_kappa_score. NaN where both gave one and the same answer throughout.
 */
export function cohenKappa(kinds: [first: string, second: string][]): Statistic {
  const places = new Map<string, number>();
  const place = (answer: string) => {
    const known = places.get(answer) ?? places.size;
    places.set(answer, known);
    return known;
  };
  const pairs = kinds.map(([first, second]) => [place(first), place(second)]);
  return (counts) => {
    const [first, second] = [new Float64Array(places.size), new Float64Array(places.size)];
    let [same, texts] = [0, 0];
    pairs.forEach(([a, b], kind) => {
      const count = counts[kind];
      texts += count;
      first[a] += count;
      second[b] += count;
      if (a === b) same += count;
    });
    const expected = first.reduce((sum, count, answer) => sum + count * second[answer], 0) / texts ** 2;
    return (same / texts - expected) / (1 - expected);
  };
}
