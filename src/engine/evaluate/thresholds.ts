/** From which probability on a label is given, where a text may carry several. */

/** Without examples of a label to tune by. */
export const USUAL_THRESHOLD = 0.5;

/**
 * By label the threshold with the highest F1 on these examples: a label is given where its score is the threshold or above. All cuts between two
 * neighbouring scores are tried, at 0.5 where it lies between them and half way otherwise; of equally good ones the nearest to 0.5 is taken, of
 * those the lower. A label that no example has keeps 0.5. `scores`: [examples][labels]; `expected`: indexes of each example's labels.
 */
export function tuneThresholds(scores: number[][], expected: number[][], labels: number): number[] {
  return Array.from({ length: labels }, (_, label) => {
    const having = expected.map((indexes) => indexes.includes(label));
    const column = scores.map((row, example) => ({ score: row[label], has: having[example] }));
    return bestThreshold(column.sort((a, b) => b.score - a.score));
  });
}

/** `examples`: from the highest score down. */
function bestThreshold(examples: { score: number; has: boolean }[]): number {
  const positives = examples.filter(({ has }) => has).length;
  let best = { threshold: USUAL_THRESHOLD, f1: 0 };
  let right = 0;
  examples.forEach(({ score, has }, index) => {
    if (has) right++;
    const below = examples[index + 1]?.score ?? 0;
    // Equal scores go together; of a score of 0 nothing is below.
    if (score === below && index + 1 < examples.length) return;
    const f1 = (2 * right) / (index + 1 + positives);
    const threshold = below < USUAL_THRESHOLD && score >= USUAL_THRESHOLD ? USUAL_THRESHOLD : (below + score) / 2;
    const nearer =
      distance(threshold) < distance(best.threshold) || (distance(threshold) === distance(best.threshold) && threshold < best.threshold);
    if (f1 > best.f1 || (f1 === best.f1 && f1 > 0 && nearer)) best = { threshold, f1 };
  });
  return best.threshold;
}

const distance = (threshold: number): number => Math.abs(threshold - USUAL_THRESHOLD);
