/** Krippendorff's α, for any number of annotators of whom each may have left texts out. */
import type { Statistic } from './kinds.ts';

/** How much two answers differ, in [0, 1]; 0 for equal ones. */
export type Distance<A> = (a: A, b: A) => number;

export const nominal: Distance<string> = (a, b) => (a === b ? 0 : 1);

/**
 * How much two sets of labels differ: 1 − Jaccard × monotonicity, which is 1 for equal sets, 2/3 where one is in the other, 1/3 where they
 * overlap, 0 else (Passonneau 2006, "Measuring Agreement on Set-valued Items"). Two empty sets are equal. NLTK's masi_distance, unrounded.
 */
export const masi: Distance<string[]> = (a, b) => {
  const common = a.filter((label) => b.includes(label)).length;
  const union = a.length + b.length - common;
  if (common === union) return 0;
  const monotonicity = common === Math.min(a.length, b.length) ? 2 / 3 : common > 0 ? 1 / 3 : 0;
  return 1 - (common / union) * monotonicity;
};

interface Kind {
  /** Of the pairs of answers in it, per answer: Σ distance / (answers − 1). */
  observed: number;
  /** Answers in it, by place: once for each annotator who gave it. */
  answers: number[];
}

/**
 * 1 − observed / expected disagreement (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). `kinds`: the answers that a kind of text
 * got; those with fewer than two count for nothing. NaN where no answer differs from another.
 */
export function krippendorffAlpha<A>(kinds: A[][], distance: Distance<A>, key: (answer: A) => string): Statistic {
  const places = new Map<string, number>();
  const distinct: A[] = [];
  const placeOf = (answer: A) => {
    const known = places.get(key(answer));
    if (known !== undefined) return known;
    places.set(key(answer), distinct.length);
    return distinct.push(answer) - 1;
  };
  const coincidences = kinds.map((answers): Kind => {
    if (answers.length < 2) return { observed: 0, answers: [] };
    const sum = answers.reduce((all, a) => all + answers.reduce((own, b) => own + distance(a, b), 0), 0);
    return { observed: sum / (answers.length - 1), answers: answers.map(placeOf) };
  });
  const distances = distinct.map((a) => Float64Array.from(distinct, (b) => distance(a, b)));
  return (counts) => {
    const totals = new Float64Array(distinct.length);
    let [observed, all] = [0, 0];
    coincidences.forEach((kind, index) => {
      observed += counts[index] * kind.observed;
      all += counts[index] * kind.answers.length;
      for (const answer of kind.answers) totals[answer] += counts[index];
    });
    let expected = 0;
    for (const [a, row] of distances.entries()) {
      if (totals[a] > 0) expected += totals[a] * row.reduce((sum, between, b) => sum + totals[b] * between, 0);
    }
    return 1 - ((all - 1) * observed) / expected;
  };
}
