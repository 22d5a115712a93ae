/** What changed between the confusion matrices of two runs. */
import type { Flip } from '../../../shared/domain.ts';

/**
 * Second minus first, in texts: `[labeled][predicted]`. Exact: the texts two runs answer differently are all among the flips, and the
 * others cancel out. Classification only.
 */
export function confusionDifference(flips: Flip[], labels: string[]): number[][] {
  const matrix = labels.map(() => labels.map(() => 0));
  const add = (labeled: string | null, predicted: string | null, by: number) => {
    const [row, column] = [labels.indexOf(labeled ?? ''), labels.indexOf(predicted ?? '')];
    if (row >= 0 && column >= 0) matrix[row][column] += by;
  };
  for (const { example, first, second } of flips) {
    add(example.annotation.label, first.label, -1);
    add(example.annotation.label, second.label, 1);
  }
  return matrix;
}
